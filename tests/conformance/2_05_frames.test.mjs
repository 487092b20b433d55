// 2.5 of the protocol notes, the frames: RFC 6455 by hand, and permessage-deflate (RFC 7692).
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Server, eventually, it } from "./harness.mjs";
import { BINARY, CLOSE, CONTINUED, PING, PONG, RawSocket, TEXT, WEBSOCKET, frame } from "./wire.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000"];
let server;
let deflating;
before(async () => {
  [server, deflating] = await Promise.all([Server.start("engineio", ...QUIET), Server.start("engineio", ...QUIET, "--permessage-deflate")]);
});
after(() => Promise.all([server.stop(), deflating.stop()]));

const connect = async (from = server, headers) => {
  const raw = await RawSocket.open(from, WEBSOCKET, headers);
  assert.match(raw.head, /^HTTP\/1\.1 101 /);
  await raw.frame();
  return raw;
};

describe("2.5 RFC 6455: messages", { concurrency: 8 }, () => {
  it("2.5 fragments are one message, with control frames between them", async () => {
    const raw = await connect();
    await raw.send(Buffer.concat([frame(TEXT, "4fr", { fin: false }), frame(PING, "x"), frame(CONTINUED, "ag", { fin: false }), frame(PONG, "y"), frame(CONTINUED, "ment")]));
    const pong = await raw.frame();
    assert.deepEqual([pong.opcode, pong.text], [PONG, "x"]);
    assert.equal((await raw.frame()).text, "4fragment");
    await raw.end();
  });
  it("2.5 empty fragments, and a character of UTF-8 cut between two", async () => {
    const raw = await connect();
    const text = Buffer.from("4é😀");
    await raw.send(frame(TEXT, "", { fin: false }));
    for (const byte of text) await raw.send(frame(CONTINUED, Buffer.from([byte]), { fin: false }));
    await raw.send(frame(CONTINUED, ""));
    assert.equal((await raw.frame()).text, "4é😀");
    await raw.end();
  });
  it("2.5 frames in segments of one byte, and many frames in one segment", async () => {
    const raw = await connect();
    for (const byte of Buffer.concat([frame(TEXT, "4one"), frame(BINARY, Buffer.from([1, 2]))])) await raw.send(Buffer.from([byte]));
    assert.equal((await raw.frame()).text, "4one");
    assert.deepEqual((await raw.frame()).data, Buffer.from([1, 2]));
    await raw.send(Buffer.concat(Array.from({ length: 100 }, (_, i) => frame(TEXT, `4${i}`))));
    for (let i = 0; i < 100; i++) assert.equal((await raw.frame()).text, `4${i}`);
    await raw.end();
  });
  it("2.5 each mask is taken, a mask of zeros too", async () => {
    const raw = await connect();
    for (const mask of [Buffer.alloc(4), Buffer.alloc(4, 255), Buffer.from([0x80, 0, 1, 0x7f])]) {
      await raw.send(frame(TEXT, "4masked text", { mask }));
      assert.equal((await raw.frame()).text, "4masked text");
    }
    await raw.end();
  });
  it("2.5 a ping is answered with its own bytes, also 125 of them and none", async () => {
    const raw = await connect();
    for (const text of ["", "ping", "p".repeat(125)]) {
      await raw.send(frame(PING, text));
      const pong = await raw.frame();
      assert.deepEqual([pong.opcode, pong.text, pong.fin], [PONG, text, true]);
    }
    await raw.end();
  });
});

const violations = {
  "a frame that is not masked": frame(TEXT, "4x", { mask: null }),
  "a reserved bit": frame(TEXT, "4x", { rsv: 4 }),
  "another reserved bit": frame(TEXT, "4x", { rsv: 2 }),
  "an unknown opcode": frame(3, "x"),
  "an unknown control opcode": frame(11, "x"),
  "a continuation of nothing": frame(CONTINUED, "x"),
  "a new message inside of a message": Buffer.concat([frame(TEXT, "4x", { fin: false }), frame(TEXT, "4y")]),
  "a fragmented ping": frame(PING, "x", { fin: false }),
  "a ping of 126 bytes": frame(PING, "x".repeat(126)),
  "a length of 64 bits with the highest bit": frame(BINARY, "", { length: 2 ** 63, form: 64 }),
};
describe("2.5 RFC 6455: violations", { concurrency: 8 }, () => {
  for (const [name, bytes] of Object.entries(violations)) {
    it(`2.5 ${name} closes with 1002`, async () => {
      const raw = await connect();
      await raw.send(bytes);
      const code = await raw.closeCode();
      assert.ok(code === 1002 || (name.includes("64 bits") && code === 1009), String(code));
      await eventually(() => raw.ended);
    });
  }
  for (const [name, data] of Object.entries({
    "invalid UTF-8": [0x34, 0xc3, 0x28],
    "a surrogate in UTF-8": [0x34, 0xed, 0xa0, 0x80],
    "an overlong form": [0x34, 0xc0, 0xaf],
    "more than U+10FFFF": [0x34, 0xf4, 0x90, 0x80, 0x80],
    "UTF-8 that breaks off": [0x34, 0xf0, 0x9f, 0x98],
  })) {
    it(`2.5 ${name} in a text closes with 1007`, async () => {
      const raw = await connect();
      await raw.send(frame(TEXT, Buffer.from(data)));
      assert.equal(await raw.closeCode(), 1007);
    });
  }
  it("2.5 invalid UTF-8 across fragments closes with 1007", async () => {
    const raw = await connect();
    await raw.send(Buffer.concat([frame(TEXT, Buffer.from([0x34, 0xc3]), { fin: false }), frame(CONTINUED, "(")]));
    assert.equal(await raw.closeCode(), 1007);
  });
  it("2.5 a length beyond the limit closes with 1009 before the payload comes", async () => {
    for (const bytes of [frame(BINARY, "", { length: 1000001 }), frame(TEXT, "", { length: 2 ** 40, form: 64 })]) {
      const raw = await connect();
      await raw.send(bytes);
      assert.equal(await raw.closeCode(), 1009);
    }
  });
  it("2.5 close codes that nobody may send are answered with 1002, the others echoed", async () => {
    for (const [code, expected] of [[1000, 1000], [1001, 1001], [3000, 3000], [4999, 4999], [1004, 1002], [1005, 1002], [1006, 1002], [999, 1002], [5000, 1002], [1016, 1002]]) {
      const raw = await connect();
      await raw.send(frame(CLOSE, Buffer.from([code >> 8, code & 255])));
      assert.equal(await raw.closeCode(), expected, String(code));
    }
    const half = await connect();
    await half.send(frame(CLOSE, "x"));
    assert.equal(await half.closeCode(), 1002);
    const text = await connect();
    await text.send(frame(CLOSE, Buffer.from([0x03, 0xe8, 0xff])));
    assert.equal(await text.closeCode(), 1007);
    const none = await connect();
    await none.send(frame(CLOSE));
    assert.equal(await none.closeCode(), 1005);
  });
  it("2.5 nothing behind a close frame is looked at", async () => {
    const raw = await connect();
    await raw.send(Buffer.concat([frame(CLOSE, Buffer.from([0x03, 0xe8])), frame(TEXT, "4late")]));
    const seen = [];
    for (let next = await raw.frame(); next; next = await raw.frame()) seen.push(next.opcode);
    assert.deepEqual(seen, [CLOSE]);
  });
});

describe("2.5 permessage-deflate", { concurrency: 8 }, () => {
  const offer = (extension) => ({ "Sec-WebSocket-Extensions": extension });
  const agreed = (raw) => /^Sec-WebSocket-Extensions: *(.*)$/im.exec(raw.head)?.[1];
  it("2.5 deflate is off by default: an offer is ignored", async () => {
    const raw = await RawSocket.open(server, WEBSOCKET, offer("permessage-deflate; client_max_window_bits"));
    assert.match(raw.head, /^HTTP\/1\.1 101 /);
    assert.equal(agreed(raw), undefined);
    await raw.end();
    const ws = server.ws(WEBSOCKET, { perMessageDeflate: true });
    await ws.opened;
    assert.equal(ws.ws.extensions, "");
    ws.close();
  });
  it("2.5 deflate that is on is not used without an offer", async () => {
    const raw = await connect(deflating);
    assert.equal(agreed(raw), undefined);
    await raw.send(frame(TEXT, "4" + "x".repeat(5000)));
    const back = await raw.frame();
    assert.deepEqual([back.rsv, back.text.length], [0, 5001]);
    await raw.end();
  });
  it("2.5 an offer is answered with the parameters it had, client_max_window_bits without a value is not echoed", async () => {
    for (const [extension, expected] of [
      ["permessage-deflate", "permessage-deflate"],
      ["permessage-deflate; client_max_window_bits", "permessage-deflate"],
      ["permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"],
      ["permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"],
      ["permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover"],
      ["foo, permessage-deflate", "permessage-deflate"],
    ]) {
      const raw = await RawSocket.open(deflating, WEBSOCKET, offer(extension));
      assert.match(raw.head, /^HTTP\/1\.1 101 /, extension);
      assert.equal(agreed(raw), expected, extension);
      await raw.end();
    }
  });
  it("2.5 an invalid parameter is HTTP 400", async () => {
    for (const bad of ["server_max_window_bits=7", "server_max_window_bits=16", "foo=1", "server_no_context_takeover=1", "client_max_window_bits=x"]) {
      const raw = await RawSocket.open(deflating, WEBSOCKET, offer(`permessage-deflate; ${bad}`));
      assert.match(raw.head, /^HTTP\/1\.1 400 /, bad);
    }
  });
  it("2.5 the threshold is 1,024 bytes: smaller messages are not compressed", async () => {
    const raw = await connect(deflating, offer("permessage-deflate; server_no_context_takeover"));
    await raw.send(frame(TEXT, "4" + "x".repeat(1000)));
    assert.equal((await raw.frame()).rsv, 0);
    await raw.send(frame(TEXT, "4" + "x".repeat(2000)));
    const large = await raw.frame();
    assert.equal(large.rsv, 4);
    assert.ok(large.data.length < 100);
    assert.equal(inflateRawSync(Buffer.concat([large.data, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: 2 }).toString(), "4" + "x".repeat(2000));
    await raw.end();
  });
  it("2.5 compressed messages of the client are read, whole, in fragments, with a control frame between", async () => {
    const raw = await connect(deflating, offer("permessage-deflate; client_no_context_takeover; server_no_context_takeover"));
    const packed = deflateRawSync(Buffer.from("4compressed é"), { finishFlush: 2 }).subarray(0, -4);
    await raw.send(frame(TEXT, packed, { rsv: 4 }));
    assert.equal((await raw.frame()).text, "4compressed é");
    await raw.send(Buffer.concat([frame(TEXT, packed.subarray(0, 4), { rsv: 4, fin: false }), frame(PING, "p"), frame(CONTINUED, packed.subarray(4))]));
    assert.equal((await raw.frame()).opcode, PONG);
    assert.equal((await raw.frame()).text, "4compressed é");
    await raw.send(frame(TEXT, "4plain"));
    assert.equal((await raw.frame()).text, "4plain");
    await raw.end();
  });
  it("2.5 a real client keeps its window through many messages, both ways", async () => {
    const ws = deflating.ws(WEBSOCKET, { perMessageDeflate: { threshold: 0 } });
    await ws.next();
    assert.equal(ws.ws.extensions, "permessage-deflate");
    for (let i = 0; i < 30; i++) {
      const text = `4${i} ${"the same text again and again ".repeat(i * 10)}`;
      ws.send(text);
      assert.equal(await ws.next(), text);
      ws.send(Buffer.from(text));
      assert.deepEqual(await ws.next(), Buffer.from(text));
    }
    ws.close();
  });
  it("2.5 a message that inflates beyond the limit closes with 1009", async () => {
    const raw = await connect(deflating, offer("permessage-deflate"));
    const bomb = deflateRawSync(Buffer.alloc(50_000_000, 0x34), { finishFlush: 2 }).subarray(0, -4);
    await raw.send(frame(TEXT, bomb, { rsv: 4 }));
    assert.equal(await raw.closeCode(), 1009);
  });
  it("2.5 compressed bytes that are none close the connection", async () => {
    const raw = await connect(deflating, offer("permessage-deflate"));
    await raw.send(frame(TEXT, Buffer.alloc(20, 0xff), { rsv: 4 }));
    assert.match(String(await raw.closeCode()), /^100[267]$/);
  });
  it("2.5 a continuation with the compressed bit closes with 1002", async () => {
    const raw = await connect(deflating, offer("permessage-deflate"));
    await raw.send(Buffer.concat([frame(TEXT, "4a", { fin: false }), frame(CONTINUED, "b", { rsv: 4 })]));
    assert.equal(await raw.closeCode(), 1002);
  });
});
