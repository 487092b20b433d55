// 2.16 of the protocol notes: Engine.IO v3 and Socket.IO v4, as clients 1.x and 2.x speak them.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe } from "node:test";
import { Server, eventually, it, sleep } from "./harness.mjs";
import { isError } from "./wire.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000", "--eio3"];
const POLL = "EIO=3&transport=polling";
const B64 = "&b64=1";
let echo;
let lab;
before(async () => {
  [echo, lab] = await Promise.all([Server.start("engineio", ...QUIET), Server.start("lab", ...QUIET)]);
});
after(() => Promise.all([echo.stop(), lab.stop()]));

// Bytes of a response.
const fetchBytes = (server, method, target, { body, headers } = {}) =>
  new Promise((resolve, reject) => {
    const request = http.request({ port: server.port, host: "127.0.0.1", method, path: `${server.path}?${target}`, headers, agent: false }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on("error", reject);
    request.end(body);
  });
const units = (packet) => `${packet.length}:${packet}`; // String.length counts UTF-16 code units
const parse = (body) => {
  const got = [];
  for (let rest = body; rest.length > 0; ) {
    const colon = rest.indexOf(":");
    const size = Number(rest.slice(0, colon));
    assert.ok(Number.isInteger(size), body);
    got.push(rest.slice(colon + 1, colon + 1 + size));
    rest = rest.slice(colon + 1 + size);
  }
  return got;
};
const openV3 = async (server, extra = B64) => {
  const response = await server.request("GET", `${POLL}${extra}`);
  assert.equal(response.status, 200, response.body);
  const [open] = parse(response.body);
  assert.equal(open[0], "0");
  return JSON.parse(open.slice(1)).sid;
};
const get = async (server, sid) => parse((await server.request("GET", `${POLL}${B64}&sid=${sid}`)).body);
const post = (server, sid, body, headers = {}) => server.request("POST", `${POLL}${B64}&sid=${sid}`, { body, headers });
// The next poll, or the one behind the answer that was left, is an error.
const gone = async (server, sid) => {
  let response = await server.request("GET", `${POLL}&sid=${sid}`);
  if (response.status === 200 && response.body === "1:1") response = await server.request("GET", `${POLL}&sid=${sid}`);
  isError(response, 400, 1);
};
const upgradedV3 = async (server, sid) => {
  const ws = server.ws(`EIO=3&transport=websocket&sid=${sid}`);
  await ws.opened;
  ws.send("2probe");
  assert.equal(await ws.next(), "3probe");
  ws.send("5");
  return ws;
};

describe("2.16 Engine.IO v3 over polling", { concurrency: 8 }, () => {
  it("2.16 anything but EIO=4 counts as 3", async () => {
    for (const query of ["EIO=3&transport=polling", "transport=polling", "EIO=2&transport=polling", "EIO=5&transport=polling"]) {
      const response = await echo.request("GET", `${query}${B64}`);
      assert.match(response.body, /^\d+:0\{"sid":"[A-Za-z0-9_-]{20}","upgrades":\["websocket"\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000\}$/, query);
    }
  });
  it("2.16 v4 clients are served on the same port", async () => {
    const { sid } = await echo.open();
    await echo.post(sid, "4x");
    assert.equal((await echo.poll(sid)).body, "4x");
  });
  it("2.16 a payload has the length of each packet in UTF-16 code units", async () => {
    const sid = await openV3(echo);
    const sent = ['4["echo","é€😀"]', "4", "4a:b"];
    assert.equal((await post(echo, sid, sent.map(units).join(""))).body, "ok");
    assert.deepEqual(await get(echo, sid), sent);
  });
  for (const body of ["5:4a", "1:4a", "x:4a", "4a", "", ":4a", "-1:4a", "2:4", "02147483648:4", "2:4a3"]) {
    it(`2.16 the payload ${JSON.stringify(body)} ends the session`, async () => {
      const sid = await openV3(echo);
      assert.match(String((await post(echo, sid, body)).status), /^(200|400)$/);
      await gone(echo, sid);
    });
  }
  it("2.16 with b64=1 binary is b, the type and base64", async () => {
    const sid = await openV3(echo);
    await post(echo, sid, "10:b4AQIDBA==2:4a");
    assert.deepEqual(await get(echo, sid), ["b4AQIDBA==", "4a"]);
  });
  it("2.16 without b64 any binary makes the response application/octet-stream, with lengths as bytes 0 to 9", async () => {
    const sid = await openV3(echo, "");
    await echo.request("POST", `${POLL}&sid=${sid}`, { body: `10:b4AQIDBA==${units("4é")}` });
    const response = await fetchBytes(echo, "GET", `${POLL}&sid=${sid}`);
    assert.equal(response.headers["content-type"], "application/octet-stream");
    assert.deepEqual([...response.body], [1, 5, 255, 4, 1, 2, 3, 4, 0, 3, 255, 0x34, 0xc3, 0xa9]);
  });
  it("2.16 without b64 text alone stays text", async () => {
    const sid = await openV3(echo, "");
    await echo.request("POST", `${POLL}&sid=${sid}`, { body: units("4é") });
    const response = await fetchBytes(echo, "GET", `${POLL}&sid=${sid}`);
    assert.equal(response.headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(response.body.toString(), "2:4é");
  });
  it("2.16 a POST of application/octet-stream is read", async () => {
    const sid = await openV3(echo);
    const body = Buffer.from([1, 4, 255, 4, 1, 2, 3, 0, 3, 255, 0x34, 0xc3, 0xa9, 0, 1, 2, 255, ...Buffer.from("4abcdefghijk")]);
    const response = await fetchBytes(echo, "POST", `${POLL}${B64}&sid=${sid}`, { body, headers: { "Content-Type": "application/octet-stream" } });
    assert.equal(response.body.toString(), "ok");
    assert.deepEqual(await get(echo, sid), ["b4AQID", "4é", "4abcdefghijk"]);
  });
  for (const bytes of [[0, 255], [1, 9, 255, 4], [2, 1, 255, 4], [0, 1, 1], [0, 10, 255, 4], [0, ...Array(400).fill(9), 255]]) {
    it(`2.16 the binary payload [${bytes.slice(0, 5)}] ends the session, and the server goes on`, async () => {
      const sid = await openV3(echo);
      const response = await fetchBytes(echo, "POST", `${POLL}&sid=${sid}`, { body: Buffer.from(bytes), headers: { "Content-Type": "application/octet-stream" } });
      assert.match(String(response.status), /^(200|400)$/);
      await gone(echo, sid);
    });
  }
  it("2.16 j makes the response JSONP, with U+2028 and U+2029 escaped", async () => {
    const response = await echo.request("GET", `${POLL}${B64}&j=7`);
    assert.match(response.body, /^___eio\[7\]\("\d+:0\{\\"sid\\":\\"[^"\\]{20}\\",.*\}"\);$/);
    const sid = /sid\\":\\"([^\\]+)/.exec(response.body)[1];
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    const body = `d=${encodeURIComponent(units("4a\u2028b\u2029\"\\"))}`;
    assert.equal((await echo.request("POST", `${POLL}${B64}&j=7&sid=${sid}`, { body, headers: form })).body, "ok");
    const jsonp = await echo.request("GET", `${POLL}${B64}&j=7&sid=${sid}`);
    assert.equal(jsonp.body, '___eio[7]("7:4a\\u2028b\\u2029\\"\\\\");');
    assert.match(jsonp.headers["content-type"], /^text\/(plain|javascript); charset=UTF-8$/);
  });
  it("2.16 a POST by JSONP has the payload in the field d, with doubled backslashes before n undone", async () => {
    const open = await echo.request("GET", `${POLL}${B64}&j=0`);
    const sid = /sid\\":\\"([^\\]+)/.exec(open.body)[1];
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const talk = async (text) => {
      const body = `d=${encodeURIComponent(text)}`;
      assert.equal((await echo.request("POST", `${POLL}${B64}&j=0&sid=${sid}`, { body, headers })).body, "ok");
      const response = await echo.request("GET", `${POLL}${B64}&j=0&sid=${sid}`);
      return parse(JSON.parse(/^___eio\[0\]\((".*")\);$/.exec(response.body)[1]));
    };
    assert.deepEqual(await talk(units("4é +&=")), ["4é +&="]);
    // the client writes a newline as backslash n, and a backslash before an n as two
    assert.deepEqual(await talk("4:4a\\nb"), ["4a\nb"]);
    assert.deepEqual(await talk("5:4a\\\\nb"), ["4a\\nb"]);
  });
  it("2.16 the client pings, the server answers", async () => {
    const sid = await openV3(echo);
    await post(echo, sid, "1:2");
    assert.deepEqual(await get(echo, sid), ["3"]);
    await post(echo, sid, "6:2probe");
    assert.match((await get(echo, sid))[0], /^3(probe)?$/);
  });
  it("2.16 a pong of the client ends the session", async () => {
    const sid = await openV3(echo);
    await post(echo, sid, "1:3");
    await gone(echo, sid);
  });
  it("2.16 the session ends at interval + timeout after the last ping, and the server pings by itself never", async () => {
    const fast = await Server.start("engineio", "--eio3");
    const ws = fast.ws("EIO=3&transport=websocket");
    await ws.next();
    const begin = performance.now();
    for (let i = 0; i < 3; i++) {
      await sleep(250);
      ws.send("2");
      assert.equal(await ws.next(), "3");
    }
    const last = performance.now();
    assert.equal(await ws.next(), undefined);
    assert.ok(performance.now() - last >= 480, `${performance.now() - last} ms`);
    assert.ok(performance.now() - begin >= 1230);
    await fast.stop();
  });
  it("2.16 a close packet by POST", async () => {
    const sid = await openV3(echo);
    await post(echo, sid, "1:1");
    await gone(echo, sid);
  });
  it("2.16 two GETs at once end the session", async () => {
    const sid = await openV3(echo);
    const hanging = await echo.hang(sid, `${POLL}${B64}`);
    assert.equal((await echo.request("GET", `${POLL}${B64}&sid=${sid}`)).status, 400);
    await hanging.answer;
    await gone(echo, sid);
  });
});

describe("2.16 Engine.IO v3 over WebSocket", { concurrency: 8 }, () => {
  it("2.16 a binary frame begins with the type of the packet", async () => {
    const ws = echo.ws("EIO=3&transport=websocket");
    assert.match(await ws.next(), /^0\{"sid":/);
    ws.send(Buffer.from([4, 1, 2, 3]));
    assert.deepEqual(await ws.next(), Buffer.from([4, 1, 2, 3]));
    ws.send("4é😀");
    assert.equal(await ws.next(), "4é😀");
    ws.close();
  });
  it("2.16 with b64 binary is text: b, the type and base64", async () => {
    const ws = echo.ws(`EIO=3&transport=websocket${B64}`);
    await ws.next();
    ws.send("b4AQID");
    assert.equal(await ws.next(), "b4AQID");
    ws.close();
  });
  it("2.16 an upgrade, with the rest in order", async () => {
    const sid = await openV3(echo);
    await post(echo, sid, "2:4a2:4b");
    const ws = await upgradedV3(echo, sid);
    assert.deepEqual([await ws.next(), await ws.next()], ["4a", "4b"]);
    ws.send("2");
    assert.equal(await ws.next(), "3");
    ws.close();
  });
  it("2.16 a hanging GET is freed by the probe", async () => {
    const sid = await openV3(echo);
    const hanging = await echo.hang(sid, `${POLL}${B64}`);
    const ws = echo.ws(`EIO=3&transport=websocket&sid=${sid}`);
    await ws.opened;
    ws.send("2probe");
    assert.equal(await ws.next(), "3probe");
    assert.equal((await hanging.answer).body, "1:6");
    ws.send("5");
    ws.close();
  });
  for (const packet of ["9", "x", Buffer.from([9])]) {
    it(`2.16 the unknown type ${JSON.stringify(packet)} closes`, async () => {
      const ws = echo.ws("EIO=3&transport=websocket");
      await ws.next();
      ws.send(packet);
      assert.equal(await ws.next(), undefined);
    });
  }
});

// A v4 socket over WebSocket: what comes after the open packet.
const connectV3 = async (query = "EIO=3&transport=websocket") => {
  const ws = lab.ws(query);
  ws.engine = JSON.parse((await ws.next()).slice(1)).sid;
  assert.equal(await ws.next(), "40");
  assert.equal(await ws.next(), '42["auth",{}]');
  return ws;
};

describe("2.16 Socket.IO v4", { concurrency: 8 }, () => {
  it("2.16 the root is connected without being asked: the first poll after the open gives 2:40", async () => {
    const sid = await openV3(lab);
    const got = await get(lab, sid);
    assert.equal(got[0], "40");
    while (got.length < 2) got.push(...(await get(lab, sid)));
    assert.equal(got[1], '42["auth",{}]');
  });
  it("2.16 the sid of the root's socket is the session's, of another one /nsp# before it", async () => {
    const ws = await connectV3();
    ws.send('421["rooms"]');
    assert.equal(await ws.next(), `431[["${ws.engine}"]]`);
    ws.send("40/custom,");
    assert.equal(await ws.next(), "40/custom,");
    await ws.next();
    ws.send('42/custom,2["rooms"]');
    assert.equal(await ws.next(), `43/custom,2[["/custom#${ws.engine}"]]`);
    ws.close();
  });
  it("2.16 a namespace may have a query, which is its auth", async () => {
    const ws = await connectV3();
    ws.send("40/custom?a=b&c=d%20e,");
    assert.equal(await ws.next(), "40/custom,");
    assert.equal(await ws.next(), '42/custom,["auth",{"a":"b","c":"d e"}]');
    ws.close();
  });
  it("2.16 ERROR has the data or the message of a refusal, and an object for an unknown namespace", async () => {
    const ws = await connectV3();
    ws.send("40/lab-deny-plain,");
    assert.equal(await ws.next(), '44/lab-deny-plain,"denied"');
    ws.send("40/lab-deny,");
    assert.equal(await ws.next(), '44/lab-deny,{"code":7}');
    ws.close();
    const other = await Server.start("socketio", ...QUIET);
    const plain = other.ws("EIO=3&transport=websocket");
    for (let i = 0; i < 3; i++) await plain.next();
    plain.send("40/unknown,");
    assert.equal(await plain.next(), '44/unknown,{"message":"Invalid namespace"}');
    plain.close();
    await other.stop();
  });
  it("2.16 events, acknowledgements and rooms work as in v5", async () => {
    const ws = await connectV3();
    ws.send('42["message",1,"é"]');
    assert.equal(await ws.next(), '42["message-back",1,"é"]');
    ws.send('427["message-with-ack",{"a":1}]');
    assert.equal(await ws.next(), '437[{"a":1}]');
    ws.send('42["emit-with-ack",1]');
    const id = /^42(\d+)\["emit-with-ack",1\]$/.exec(await ws.next())[1];
    ws.send(`43${id}["x"]`);
    assert.equal(await ws.next(), '42["emit-with-ack","x"]');
    ws.send('428["join","v3"]');
    assert.equal(await ws.next(), "438[true]");
    ws.send('42["to","v3",5]');
    assert.equal(await ws.next(), '42["news",5]');
    ws.close();
  });
  it("2.16 binary events have their placeholders, and bytes with the type before them", async () => {
    const ws = await connectV3();
    ws.send('451-["message",{"_placeholder":true,"num":0}]');
    ws.send(Buffer.from([4, 1, 2]));
    assert.equal(await ws.next(), '451-["message-back",{"_placeholder":true,"num":0}]');
    assert.deepEqual(await ws.next(), Buffer.from([4, 1, 2]));
    ws.close();
  });
  it("2.16 binary events over polling", async () => {
    const sid = await openV3(lab);
    const got = [];
    while (got.length < 2) got.push(...(await get(lab, sid)));
    await post(lab, sid, `${units('451-["message",{"_placeholder":true,"num":0}]')}6:b4AQI=`);
    got.length = 0;
    while (got.length < 2) got.push(...(await get(lab, sid)));
    assert.deepEqual(got, ['451-["message-back",{"_placeholder":true,"num":0}]', "b4AQI="]);
  });
  it("2.16 clients of both protocols are in one room", async () => {
    const v3 = await connectV3();
    v3.send('421["join","mixed"]');
    assert.equal(await v3.next(), "431[true]");
    const v4 = lab.ws();
    await v4.next();
    v4.send("40");
    await v4.packet();
    await v4.packet();
    v4.send('421["join","mixed"]');
    assert.equal(await v4.packet(), "431[true]");
    v4.send('451-["bcast","","mixed","",{"_placeholder":true,"num":0}]');
    v4.send(Buffer.from([9]));
    assert.equal(await v4.packet(), '451-["news",{"_placeholder":true,"num":0}]');
    assert.deepEqual(await v4.packet(), Buffer.from([9]));
    assert.equal(await v3.next(), '451-["news",{"_placeholder":true,"num":0}]');
    assert.deepEqual(await v3.next(), Buffer.from([4, 9]));
    v3.close();
    v4.close();
  });
  it("2.16 a disconnect of either side", async () => {
    const ws = await connectV3();
    ws.send("40/custom,");
    await ws.next();
    await ws.next();
    ws.send("41/custom,");
    ws.send('42["kick","nobody"]');
    assert.equal(await ws.next(), "41");
    await eventually(() => lab.log.some((line) => line.startsWith(`${ws.engine.slice(0, 6)} disconnected: server namespace disconnect`)));
    ws.close();
  });
  it("2.16 without the switch v3 is code 5", async () => {
    const off = await Server.start("socketio");
    isError(await off.request("GET", POLL), 400, 5);
    await off.stop();
  });
});
