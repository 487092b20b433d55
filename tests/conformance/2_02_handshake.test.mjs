// 2.2 of the protocol notes: the handshake.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Server, isReference, it, packets } from "./harness.mjs";
import { POLLING, RawSocket, WEBSOCKET, isError, upgraded } from "./wire.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000"];
let server;
let hooked;
let lab;
before(async () => {
  [server, hooked, lab] = await Promise.all([
    Server.start("engineio", ...QUIET),
    Server.start("engineio", ...QUIET, "--hooks", "--initial-packet", "welcome"),
    Server.start("lab", ...QUIET, "--connect-timeout-ms", "20000"),
  ]);
});
after(() => Promise.all([server.stop(), hooked.stop(), lab.stop()]));

describe("2.2 handshake", { concurrency: 8 }, () => {
  it("2.2 the response has exactly the five members, and the headers of the reference server", async () => {
    const response = await server.request("GET", `name=b%20c&${POLLING}&t=abc`);
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(response.headers["cache-control"], "no-store");
    assert.equal(Number(response.headers["content-length"]), response.body.length);
    assert.equal(response.body[0], "0");
    const open = JSON.parse(response.body.slice(1));
    assert.deepEqual(Object.keys(open), ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]);
    assert.match(open.sid, /^[A-Za-z0-9_-]{20}$/);
    assert.deepEqual(open.upgrades, ["websocket"]);
    assert.equal(open.pingInterval, 25000);
    assert.equal(open.pingTimeout, 20000);
    assert.equal(open.maxPayload, 1000000);
  });
  it("2.2 the profile's intervals are 300 and 200", async () => {
    const fast = await Server.start("engineio");
    const { pingInterval, pingTimeout, maxPayload } = await fast.open();
    assert.deepEqual({ pingInterval, pingTimeout, maxPayload }, { pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
    await fast.stop();
  });
  it("2.2 a direct WebSocket is offered no upgrade", async () => {
    const ws = server.ws();
    const open = JSON.parse((await ws.next()).slice(1));
    assert.deepEqual(Object.keys(open), ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]);
    assert.deepEqual(open.upgrades, []);
    ws.close();
  });
  it("2.2 an upgrade is refused where WebSocket is switched off", async () => {
    const other = await Server.start("engineio", "--no-websocket");
    await other.open();
    if (!isReference) assert.equal((await other.ws().refused).body, "Transport unknown");
    isError(await other.request("GET", WEBSOCKET), 400, 0);
    await other.stop();
  });
  it("2.2 no upgrade is offered where WebSocket is switched off", async () => {
    const other = await Server.start("engineio", "--no-websocket");
    const { upgrades } = await other.open();
    await other.stop();
    assert.deepEqual(upgrades, []);
  });
  it("2.2 polling is refused where it is switched off", async () => {
    const other = await Server.start("engineio", "--no-polling");
    isError(await other.request("GET", POLLING), 400, 0);
    const ws = other.ws();
    assert.match(await ws.next(), /^0\{/);
    ws.close();
    await other.stop();
  });
  it("2.2 without allowUpgrades none is offered, and one that comes anyway is accepted", async () => {
    const other = await Server.start("engineio", "--no-upgrades");
    const { sid, upgrades } = await other.open();
    assert.deepEqual(upgrades, []);
    const ws = await upgraded(other, sid);
    ws.send("4x");
    assert.equal(await ws.packet(), "4x");
    ws.close();
    await other.stop();
  });
  it("2.2 maxPayload is the option's", async () => {
    const other = await Server.start("engineio", "--max-payload", "1234");
    assert.equal((await other.open()).maxPayload, 1234);
    await other.stop();
  });
  it("2.2 no two sids are alike, and they have no common beginning", async () => {
    const sids = await Promise.all(Array.from({ length: 200 }, async () => (await server.open()).sid));
    assert.equal(new Set(sids).size, 200);
    assert.ok(new Set(sids.map((sid) => sid.slice(0, 4))).size > 190);
  });
  it("2.2 the sid is never the id of a socket", async () => {
    const { sid } = await lab.open();
    await lab.post(sid, "40");
    const [reply] = packets((await lab.poll(sid)).body);
    assert.match(reply, /^40\{"sid":"[A-Za-z0-9_-]{20}"\}$/);
    assert.notEqual(JSON.parse(reply.slice(2)).sid, sid);
  });
  it("2.2 an initial packet comes with the open packet, in one body or as the next frame", async () => {
    const response = await hooked.request("GET", POLLING);
    const [open, initial] = packets(response.body);
    assert.match(open, /^0\{/);
    assert.equal(initial, "4welcome");
    const ws = hooked.ws();
    assert.match(await ws.next(), /^0\{/);
    assert.equal(await ws.next(), "4welcome");
    ws.close();
  });
  it("2.2 what the application sends when a session opens comes with the next GET", async () => {
    const client = await Server.start("engineio-client");
    const response = await client.request("GET", POLLING);
    assert.equal(packets(response.body).length, 1);
    const { sid } = JSON.parse(response.body.slice(1));
    assert.equal((await client.poll(sid)).body, "4hi");
    await client.stop();
  });
  it("2.2 the query may come in any order, and parameters of the client's own before it", async () => {
    for (const query of [`a=1&${POLLING}`, "transport=polling&b=%20&EIO=4&c", `${POLLING}&sid=`]) {
      assert.equal((await server.request("GET", query)).status, 200, query);
    }
  });
  it("2.2 the handshake object has headers, time, address, xdomain, secure, issued, url, query and auth", async () => {
    const socket = lab.ws(`a=1&${WEBSOCKET}&b=c%20d&a=2`, { headers: { "X-Own": "own", Origin: "http://a.example" } });
    await socket.next();
    socket.send('40{"token":"t"}');
    await socket.packet();
    await socket.packet();
    const now = Date.now();
    socket.send('421["handshake"]');
    const [handshake] = JSON.parse((await socket.packet()).slice(3));
    assert.equal(handshake.headers["x-own"], "own");
    assert.equal(handshake.headers.host, `127.0.0.1:${lab.port}`);
    assert.equal(typeof handshake.time, "string");
    assert.ok(Math.abs(Date.parse(handshake.time) - now) < 5000, handshake.time);
    assert.match(handshake.address, /^(::ffff:)?127\.0\.0\.1$/);
    assert.equal(handshake.xdomain, true);
    assert.equal(handshake.secure, false);
    assert.ok(Math.abs(handshake.issued - now) < 5000);
    assert.equal(handshake.url, `/socket.io/?a=1&${WEBSOCKET}&b=c%20d&a=2`);
    assert.deepEqual(handshake.query, { a: "2", EIO: "4", transport: "websocket", b: "c d" });
    assert.deepEqual(handshake.auth, { token: "t" });
    socket.close();
    const plain = lab.ws();
    await plain.next();
    plain.send("40");
    await plain.packet();
    await plain.packet();
    plain.send('421["handshake"]');
    const [other] = JSON.parse((await plain.packet()).slice(3));
    assert.equal(other.xdomain, false);
    assert.deepEqual(other.auth, {});
    plain.close();
  });
  it("2.2 the open packet is the first frame of a WebSocket, behind the 101", async () => {
    const raw = await RawSocket.open(server);
    assert.match(raw.head, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(raw.head, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=(\r\n|$)/i);
    assert.doesNotMatch(raw.head, /Sec-WebSocket-(Protocol|Extensions)/i);
    const first = await raw.frame();
    assert.equal(first.opcode, 1);
    assert.equal(first.masked, false);
    assert.match(first.text, /^0\{"sid":/);
    await raw.end();
  });
});
