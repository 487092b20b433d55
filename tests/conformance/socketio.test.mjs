// Socket.IO v5 on the wire, named by the section of the protocol notes that each test covers.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { RS, Server, eventually, packets, sleep } from "./harness.mjs";

const WEBSOCKET = "EIO=4&transport=websocket";
let server;
let lab;

before(async () => {
  server = await Server.start("socketio", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000");
  lab = await Server.start("lab", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000", "--pending-bytes", "1000000", "--ring-events", "8");
});
after(async () => {
  await server.stop();
  await lab.stop();
});

const open = async (from = server) => {
  const ws = from.ws();
  assert.match(await ws.next(), /^0\{/);
  return ws;
};
const connect = async (from = server, nsp = "") => {
  const ws = await open(from);
  ws.send(nsp ? `40${nsp},` : "40");
  const reply = await ws.packet();
  assert.match(reply, new RegExp(`^40${nsp ? `${nsp},` : ""}\\{"sid":"[A-Za-z0-9_-]{20}"\\}$`));
  assert.equal(await ws.packet(), nsp ? `42${nsp},["auth",{}]` : '42["auth",{}]');
  return ws;
};
let acks = 100;
const ask = async (ws, ...event) => {
  const id = acks++;
  ws.send(`42${id}${JSON.stringify(event)}`);
  for (;;) {
    const message = await ws.packet();
    if (message === undefined) throw new Error("closed");
    if (typeof message === "string" && message.startsWith(`43${id}[`)) return JSON.parse(message.slice(2 + String(id).length))[0];
    (ws.kept ??= []).push(message);
  }
};
const closes = async (ws) => assert.equal(await ws.packet(), undefined);
const lives = async (ws) => {
  ws.send('427["message-with-ack",1]');
  assert.equal(await ws.packet(), "437[1]");
};

describe("2.13 connect and namespaces", () => {
  it("the sid of a socket is not the sid of its transport", async () => {
    const ws = server.ws();
    const eio = JSON.parse((await ws.next()).slice(1)).sid;
    ws.send("40");
    assert.notEqual(JSON.parse((await ws.packet()).slice(2)).sid, eio);
    ws.close();
  });
  it("hands the auth object on, in the root and in another namespace", async () => {
    for (const nsp of ["", "/custom,"]) {
      const ws = await open();
      ws.send(`40${nsp}{"token":"123","a":[1,{"b":null}]}`);
      assert.match(await ws.packet(), /^40/);
      assert.equal(await ws.packet(), `42${nsp}["auth",{"token":"123","a":[1,{"b":null}]}]`);
      ws.close();
    }
  });
  it('takes "40/," for the root', async () => {
    const ws = await open();
    ws.send("40/,");
    assert.match(await ws.packet(), /^40\{"sid"/);
    ws.close();
  });
  it("refuses an unknown namespace and goes on", async () => {
    const ws = await open();
    for (const nsp of ["/random", "/custom?a=b", "/Custom"]) {
      ws.send(`40${nsp}`);
      assert.equal(await ws.packet(), `44${nsp},{"message":"Invalid namespace"}`);
    }
    ws.send("40/custom,");
    assert.match(await ws.packet(), /^40\/custom,\{"sid"/);
    ws.close();
  });
  for (const auth of ["abc", "[]", "null", '"x"', "{} x", "{"]) {
    it(`closes at the auth ${auth}`, async () => {
      const ws = await open();
      ws.send(`40${auth}`);
      await closes(ws);
    });
  }
  it("closes at a second CONNECT, and at packets for a namespace that was not joined", async () => {
    for (const packet of ["40", '42/custom,["message",1]', '43/custom,1["x"]', "41/custom,", '44{"message":"x"}', '44"x"']) {
      const ws = await connect();
      ws.send(packet);
      await closes(ws);
    }
    const ws = await open();
    ws.send('42["message",1]');
    await closes(ws);
  });
  it("closes who connects to no namespace in time, also after refusals", async () => {
    const begin = performance.now();
    const silent = await open();
    const refused = await open();
    refused.send("40/random");
    await refused.packet();
    await closes(silent);
    await closes(refused);
    assert.ok(performance.now() - begin > 980);
  });
  it("a connection whose last namespace was left stays, and may connect again with a new sid", async () => {
    const ws = await open();
    ws.send("40");
    const first = await ws.packet();
    await ws.packet();
    ws.send("41");
    await sleep(1100);
    ws.send("40");
    const second = await ws.packet();
    assert.match(second, /^40\{"sid"/);
    assert.notEqual(first, second);
    ws.close();
  });
  it("leaving one namespace leaves the others alone", async () => {
    const ws = await connect();
    ws.send("40/custom,");
    await ws.packet();
    await ws.packet();
    ws.send("41/custom,");
    await lives(ws);
    ws.close();
  });
  it("an event behind a CONNECT that is not answered yet closes", async () => {
    const ws = await open(lab);
    ws.send("40/lab-pending,");
    ws.send('42/lab-pending,["x"]');
    await closes(ws);
  });
  it("more namespaces than the limit are refused", async () => {
    const ws = await open(lab);
    for (let i = 0; i < 32; i++) ws.send(`40/lab-pending${i ? i : ""},`);
    ws.send("40/lab-more,");
    let message;
    do message = await ws.packet();
    while (!message.startsWith("44"));
    assert.equal(message, '44/lab-more,{"message":"Too many namespaces"}');
    ws.close();
  });
  it("a violation over polling delivers what was answered before, then 6 and 1", async () => {
    const { sid } = await server.open();
    await server.post(sid, ["40", '421["message-with-ack","a"]', "40"].join(RS));
    const got = packets((await server.poll(sid)).body);
    assert.match(got[0], /^40\{/);
    assert.deepEqual(got.slice(1), ['42["auth",{}]', '431["a"]']);
    assert.equal((await server.poll(sid)).body, `6${RS}1`);
    assert.equal((await server.poll(sid)).status, 400);
  });
});

describe("2.12 packet grammar", () => {
  const bad = ["", "7", "x", "42{}", "42[]", "42[null]", "42[true]", '42["a"', '42["a"]x', '42["a",]', '42["a" "b"]', '42["\\x"]', "42[\"\t\"]",
    '42["connect"]', '42["connect_error"]', '42["disconnect"]', '42["disconnecting"]', '42["newListener"]', '42["removeListener"]',
    '42["\\u0063onnect"]', '42[01]', "42[1.]", "42[.5]", "42[+1]", "42[1e]", "42[NaN]", "41{}", '41"x"', "431", '431{}', "431null", '43', "42999999999999999999[\"a\"]",
    "45", "451", "45a-", "451.23-", "45-", "450-[\"a\"]", "4511-[\"a\"]", "451-", "451-[]", '45-1["a"]', '451-{"a":1}', '471["a"]', `42["a",${"[".repeat(70)}${"]".repeat(70)}]`];
  for (const packet of bad) {
    it(`closes at ${packet.slice(0, 40)}`, async () => {
      const ws = await connect();
      ws.send(packet.startsWith("4") ? packet : `4${packet}`);
      await closes(ws);
    });
  }
  it("tolerates an event without a payload, number names, spaces, deep values and leading zeros of an id", async () => {
    const ws = await connect();
    ws.send("42");
    ws.send("42[5]");
    ws.send("42[-1.5e+3,2]");
    ws.send('42 ["x"]'.replace(" ", ""));
    ws.send('42[ "message" , 1.50 , { "a" : [ ] } ]');
    assert.match(await ws.packet(), /^42\["message-back",1\.50 , \{ "a" : \[ \] \} ?\]$/);
    ws.send('42012["message-with-ack",1]');
    assert.equal(await ws.packet(), "4312[1]");
    ws.send(`42["message",${"[".repeat(40)}${"]".repeat(40)}]`);
    assert.match(await ws.packet(), /^42\["message-back",\[{40}\]{40}\]$/);
    ws.close();
  });
  it("unescapes names, and passes arguments on byte for byte", async () => {
    const ws = await connect();
    ws.send('42["mess\\u0061ge","\\ud83d\\ude00 \\u00e9 😀 é \\n",1e2,-0]');
    assert.equal(await ws.packet(), '42["message-back","\\ud83d\\ude00 \\u00e9 😀 é \\n",1e2,-0]');
    ws.close();
  });
});

describe("2.12 binary", () => {
  it("echoes attachments, in events and in acknowledgements", async () => {
    const ws = await connect();
    ws.send('452-["message",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}]');
    ws.send(Buffer.from([1, 2, 3]));
    ws.send(Buffer.from([]));
    assert.equal(await ws.packet(), '452-["message-back",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}]');
    assert.deepEqual(await ws.packet(), Buffer.from([1, 2, 3]));
    assert.deepEqual(await ws.packet(), Buffer.from([]));
    ws.send('451-789["message-with-ack",{"_placeholder":true,"num":0}]');
    ws.send(Buffer.from([4]));
    assert.equal(await ws.packet(), '461-789[{"_placeholder":true,"num":0}]');
    assert.deepEqual(await ws.packet(), Buffer.from([4]));
    ws.close();
  });
  it("takes a binary acknowledgement", async () => {
    const ws = await connect();
    ws.send('42["emit-with-ack",1]');
    const event = await ws.packet();
    const id = /^42(\d+)\["emit-with-ack",1\]$/.exec(event)[1];
    ws.send(`461-${id}[{"_placeholder":true,"num":0},"x"]`);
    ws.send(Buffer.from([9]));
    assert.equal(await ws.packet(), '451-["emit-with-ack",{"_placeholder":true,"num":0},"x"]');
    assert.deepEqual(await ws.packet(), Buffer.from([9]));
    ws.close();
  });
  it("takes and sends them over polling", async () => {
    const { sid } = await server.open();
    await server.post(sid, ["40", '451-["message",{"_placeholder":true,"num":0}]', "bAQIDBA=="].join(RS));
    const got = [];
    while (got.length < 4) got.push(...packets((await server.poll(sid)).body));
    assert.deepEqual(got.slice(2), ['451-["message-back",{"_placeholder":true,"num":0}]', "bAQIDBA=="]);
    await server.post(sid, "1");
  });
  it("the same attachment may be used twice, and placeholders in a plain event are data", async () => {
    const ws = await connect();
    ws.send('451-["message",{"_placeholder":true,"num":0},{"num":0,"_placeholder":true}]');
    ws.send(Buffer.from([1]));
    assert.match(await ws.packet(), /^451-/);
    await ws.packet();
    ws.send('42["message",{"_placeholder":true,"num":7}]');
    assert.equal(await ws.packet(), '42["message-back",{"_placeholder":true,"num":7}]');
    ws.close();
  });
  for (const placeholder of ['"num":1', '"num":-1', '"num":"0"', '"num":0.5', '"x":1', '"num":null']) {
    it(`closes at a placeholder with ${placeholder}`, async () => {
      const ws = await connect();
      ws.send(`451-["message",{"_placeholder":true,${placeholder}}]`);
      ws.send(Buffer.from([1]));
      await closes(ws);
    });
  }
  it("closes at text between header and attachment, and at an attachment without a header", async () => {
    const first = await connect();
    first.send('451-["message",{"_placeholder":true,"num":0}]');
    first.send('42["message",1]');
    await closes(first);
    const second = await connect();
    second.send(Buffer.from([1]));
    await closes(second);
  });
  it("a heartbeat between header and attachment is fine", async () => {
    const ws = await connect();
    ws.send('451-["message",{"_placeholder":true,"num":0}]');
    ws.send("3");
    ws.send(Buffer.from([1]));
    assert.match(await ws.packet(), /^451-/);
    ws.close();
  });
  it("ten attachments are taken, and attachments have a limit in sum", async () => {
    const ws = await connect();
    const args = Array.from({ length: 10 }, (_, i) => `{"_placeholder":true,"num":${i}}`).join();
    ws.send(`4510-["message",${args}]`);
    for (let i = 0; i < 10; i++) ws.send(Buffer.from([i]));
    assert.equal(await ws.packet(), `4510-["message-back",${args}]`);
    for (let i = 0; i < 10; i++) assert.deepEqual(await ws.packet(), Buffer.from([i]));
    ws.send(`4510-["message",${args}]`);
    for (let i = 0; i < 5; i++) ws.send(Buffer.alloc(999999));
    await closes(ws);
  });
  it("a connection that ends in the middle of a packet leaves nothing behind", async () => {
    const ws = await connect();
    ws.send('453-["message",{"_placeholder":true,"num":0}]');
    ws.send(Buffer.from([1]));
    ws.ws.terminate();
  });
});

describe("2.14 acknowledgements", () => {
  it("answers with the arguments, and with none", async () => {
    const ws = await connect();
    ws.send('42456["message-with-ack",1,"2",{"3":[false]}]');
    assert.equal(await ws.packet(), '43456[1,"2",{"3":[false]}]');
    ws.send('420["message-with-ack"]');
    assert.equal(await ws.packet(), "430[]");
    ws.send('42/,5["message-with-ack",1]');
    assert.equal(await ws.packet(), "435[1]");
    ws.close();
  });
  it("ignores answers that nobody asked for, or asked for once", async () => {
    const ws = await connect();
    ws.send('4399["x"]');
    ws.send('43["x"]');
    ws.send('42["emit-with-ack"]');
    const id = /^42(\d+)/.exec(await ws.packet())[1];
    ws.send(`43${id}["once"]`);
    assert.equal(await ws.packet(), '42["emit-with-ack","once"]');
    ws.send(`43${id}["twice"]`);
    await lives(ws);
    ws.close();
  });
  it("an event without an id gets no answer", async () => {
    const ws = await connect();
    ws.send('42["message-with-ack",1]');
    await lives(ws);
    ws.close();
  });
});

describe("2.14 rooms", () => {
  it("an event reaches the members of its room and nobody else (F7), each once", async () => {
    const [a, b, c] = [await connect(lab), await connect(lab), await connect(lab)];
    assert.equal(await ask(a, "join", "x"), true);
    assert.equal(await ask(a, "join", "x"), true);
    assert.equal(await ask(b, "join", "x"), true);
    assert.equal(await ask(c, "join", "y"), true);
    assert.equal(await ask(c, "size", "x"), 2);
    c.send('42["to","x",1,{"a":2}]');
    c.send('42["to","y","other"]');
    assert.equal(await a.packet(), '42["news",1,{"a":2}]');
    assert.equal(await b.packet(), '42["news",1,{"a":2}]');
    assert.equal(await c.packet(), '42["news","other"]');
    assert.equal(await ask(b, "leave", "x"), true);
    assert.equal(await ask(b, "leave", "x"), true);
    assert.equal(await ask(c, "size", "x"), 1);
    a.close();
    await eventually(async () => (await ask(c, "size", "x")) === 0);
    for (const ws of [b, c]) {
      assert.deepEqual(ws.kept ?? [], []);
      ws.close();
    }
  });
  it("rooms of one name in two namespaces are two rooms", async () => {
    const ws = await connect(lab);
    ws.send("40/lab-a,");
    await ws.packet();
    await ws.packet();
    await ask(ws, "join", "x");
    ws.send('42/lab-a,1["join","x"]');
    assert.equal(await ws.packet(), "43/lab-a,1[true]");
    ws.send('42/lab-a,["to","x",1]');
    assert.equal(await ws.packet(), '42/lab-a,["news",1]');
    await ask(ws, "size", "x");
    assert.deepEqual(ws.kept ?? [], []);
    ws.close();
  });
  it("acknowledgements, direct events and two rooms come in the order in which they were made", async () => {
    const ws = await connect(lab);
    await ask(ws, "join", "one");
    await ask(ws, "join", "two");
    const sent = [];
    for (let i = 0; i < 8; i++) {
      ws.send(`42["to","${i % 2 ? "one" : "two"}",${i}]`);
      sent.push(`42["news",${i}]`);
      ws.send(`42["message",${i}]`);
      sent.push(`42["message-back",${i}]`);
    }
    for (const expected of sent) assert.equal(await ws.packet(), expected);
    ws.close();
  });
  it("reaches members over polling, in one body with acknowledgements, in order", async () => {
    const { sid } = await lab.open();
    await lab.post(sid, ["40", '421["join","p"]', '42["to","p",1]', '42["message",2]', '42["to","p",3]'].join(RS));
    const got = packets((await lab.poll(sid)).body);
    assert.deepEqual(got.slice(2), ["431[true]", '42["news",1]', '42["message-back",2]', '42["news",3]']);
    await lab.post(sid, "1");
  });
  it("a volatile event is dropped for a poller that does not poll, and reaches one that does", async () => {
    const { sid } = await lab.open();
    await lab.post(sid, ["40", '421["join","v"]'].join(RS));
    await lab.poll(sid);
    await lab.post(sid, ['42["tick","v",1]', '42["to","v",2]', '42["tick","v",3]'].join(RS));
    assert.equal((await lab.poll(sid)).body, '42["news",2]');
    const hanging = lab.poll(sid);
    await sleep(20);
    await lab.post(sid, '42["tick","v",4]');
    assert.equal((await hanging).body, '42["tick",4]');
    await lab.post(sid, "1");
  });
  it("a member that falls out of the ring is told, and goes on with the newest", async () => {
    const { sid } = await lab.open();
    await lab.post(sid, ["40", '421["join","slow"]'].join(RS));
    await lab.poll(sid);
    await lab.post(sid, Array.from({ length: 20 }, (_, i) => `42["to","slow",${i}]`).join(RS));
    assert.equal((await lab.poll(sid)).body, '42["lagged"]');
    await lab.post(sid, '42["to","slow",20]');
    assert.equal((await lab.poll(sid)).body, '42["news",20]');
    await lab.post(sid, "1");
  });
  it("missed volatile events are no lag", async () => {
    const { sid } = await lab.open();
    await lab.post(sid, ["40", '421["join","ticks"]'].join(RS));
    await lab.poll(sid);
    await lab.post(sid, Array.from({ length: 20 }, (_, i) => `42["tick","ticks",${i}]`).join(RS));
    await lab.post(sid, '42["to","ticks",1]');
    assert.equal((await lab.poll(sid)).body, '42["news",1]');
    await lab.post(sid, "1");
  });
});

describe("2.8 close", () => {
  it("a disconnect by the server comes behind what the room was sent before (F24)", async () => {
    const ws = await connect(lab);
    await ask(ws, "join", "k");
    ws.send('42["kick","k"]');
    assert.equal(await ws.packet(), '42["last",1]');
    assert.equal(await ws.packet(), "41");
    ws.send("40");
    assert.match(await ws.packet(), /^40/);
    ws.close();
    const { sid } = await lab.open();
    await lab.post(sid, ["40", '421["join","k"]', '42["kick","k"]'].join(RS));
    const got = packets((await lab.poll(sid)).body);
    assert.deepEqual(got.slice(2), ["431[true]", '42["last",1]', "41"]);
  });
  it("a close by the server delivers first: over WebSocket a close frame, over polling 6 and 1", async () => {
    const ws = await connect(lab);
    ws.send('42["close"]');
    assert.equal(await ws.packet(), '42["last",1]');
    assert.equal(await ws.packet(), "41");
    await closes(ws);
    const { sid } = await lab.open();
    await lab.post(sid, "40");
    await lab.poll(sid);
    const hanging = lab.poll(sid);
    await sleep(20);
    await lab.post(sid, '42["close"]');
    assert.equal((await hanging).body, `42["last",1]${RS}41`);
    assert.equal((await lab.poll(sid)).body, `6${RS}1`);
    assert.equal((await lab.poll(sid)).status, 400);
  });
  it("a client that does not read what it is sent is cut off at its limit", async () => {
    const { sid } = await lab.open();
    await lab.post(sid, "40");
    await lab.poll(sid);
    await lab.post(sid, '42["flood"]');
    await eventually(async () => (await lab.poll(sid)).status === 400);
    assert.match(lab.log.join("\n"), new RegExp(`${sid.slice(0, 6)} closed: forced server close`));
  });
  it("the log tells how a connection opened, upgraded and closed", async () => {
    const { sid } = await lab.open();
    const ws = lab.ws(`${WEBSOCKET}&sid=${sid}`);
    await ws.opened;
    ws.send("2probe");
    await ws.next();
    ws.send("5");
    ws.ws.terminate();
    const lines = () => lab.log.filter((line) => line.startsWith(sid.slice(0, 6))).map((line) => line.slice(7));
    await eventually(() => lines().length === 3);
    assert.deepEqual(lines(), ["opened: polling", "upgraded: websocket", "closed: transport close"]);
  });
});

describe("abandoned upgrades", () => {
  it("1,000 of them leave no session behind", async () => {
    const quick = await Server.start("lab", "--ping-interval-ms", "300", "--ping-timeout-ms", "300", "--upgrade-timeout-ms", "200");
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const { sid } = await quick.open();
          const ws = quick.ws(`${WEBSOCKET}&sid=${sid}`);
          await ws.opened;
          if (i % 4 > 0) ws.send("2probe");
          if (i % 4 > 1) await ws.next();
          if (i % 4 === 3) ws.send("5");
          if (i % 2) ws.ws.terminate();
          else await ws.closed;
        }),
      );
    }
    const watcher = await connect(quick);
    const beat = setInterval(() => watcher.send("3"), 100);
    const counts = await eventually(async () => {
      const now = await ask(watcher, "counts");
      return now.sessions === 1 && now;
    });
    clearInterval(beat);
    assert.equal(counts.handshakes, 1001);
    assert.equal(counts.websocket, 1);
    assert.equal(counts.sockets, 1);
    watcher.close();
    await quick.stop();
  });
});
