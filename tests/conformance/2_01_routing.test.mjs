// 2.1 of the protocol notes: which request gets which answer.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe } from "node:test";
import { Server, eventually, it, sleep } from "./harness.mjs";
import { MESSAGES, POLLING, RawSocket, WEBSOCKET, isEmpty, isError, upgraded } from "./wire.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000"];
let server;
let hooked;
let v3;
before(async () => {
  [server, hooked, v3] = await Promise.all([
    Server.start("engineio", ...QUIET),
    Server.start("engineio", ...QUIET, "--hooks"),
    Server.start("engineio", ...QUIET, "--eio3"),
  ]);
});
after(() => Promise.all([server.stop(), hooked.stop(), v3.stop()]));

describe("2.1 codes", { concurrency: 8 }, () => {
  for (const name of ["", "&transport=", "&transport=abc", "&transport=__proto__", "&transport=constructor", "&transport=webtransport", "&transport=POLLING"]) {
    it(`2.1 code 0: transport ${name || "missing"}`, async () => {
      isError(await server.request("GET", `EIO=4${name}`), 400, 0);
    });
  }
  it("2.1 code 1: a sid that is in no table, whatever its length", async () => {
    for (const sid of ["abcdefghijklmnopqrst", "x", "a".repeat(21), "../../etc/passwd00000", "__proto__", "constructor"]) {
      isError(await server.request("GET", `${POLLING}&sid=${sid}`), 400, 1);
    }
  });
  it("2.1 code 1: also after the close", async () => {
    const { sid } = await server.open();
    await server.post(sid, "1");
    isError(await server.poll(sid), 400, 1);
    isError(await server.post(sid, "4x"), 400, 1);
  });
  it("2.1 code 2: no sid and a method other than GET", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      isError(await server.request(method, POLLING), 400, 2);
    }
    assert.equal((await server.request("HEAD", POLLING)).status, 400);
  });
  it("2.1 code 3: websocket without an upgrade", async () => {
    isError(await server.request("GET", WEBSOCKET), 400, 3);
  });
  it("2.1 code 3: the transport differs from the session's", async () => {
    const { sid } = await server.open();
    isError(await server.request("GET", `${WEBSOCKET}&sid=${sid}`), 400, 3);
    const ws = await upgraded(server, sid);
    await eventually(async () => (await server.poll(sid)).status === 400);
    isError(await server.poll(sid), 400, 3);
    isError(await server.post(sid, "4x"), 400, 3);
    ws.close();
  });
  it("2.1 code 3: a request of another protocol version than its session, or of none", async () => {
    const { sid } = await server.open();
    isError(await server.request("GET", `EIO=3&transport=polling&sid=${sid}`), 400, 3);
    isError(await server.request("GET", `transport=polling&sid=${sid}`), 400, 3);
    const old = await v3.request("GET", "EIO=3&transport=polling");
    const sid3 = /"sid":"([^"]+)"/.exec(old.body)[1];
    isError(await v3.poll(sid3), 400, 3);
  });
  it("2.1 code 3: a bad Origin, by its bytes", async () => {
    const text = await server.raw(
      [Buffer.from(`GET ${server.path}?${POLLING} HTTP/1.1\r\nHost: x\r\nOrigin: a\x01b\r\nConnection: close\r\n\r\n`, "latin1")],
    );
    assert.match(text, /^HTTP\/1\.1 400 |^$/);
    assert.doesNotMatch(text, /<html/i);
  });
  it("2.1 code 3: a middleware that failed", async () => {
    isError(await hooked.request("GET", `${POLLING}&check=fail`), 400, 3);
    const refused = await hooked.ws(`${WEBSOCKET}&check=fail`).refused;
    assert.equal(refused.body, "Bad request");
  });
  it("2.1 code 4: Forbidden, or the string that the application gave, also when it decides later", async () => {
    isError(await hooked.request("GET", `${POLLING}&deny`), 403, 4);
    isError(await hooked.request("GET", `${POLLING}&deny=not+today`), 403, 4, "not today");
    isError(await hooked.request("GET", `${POLLING}&deny=slowly&later=40`), 403, 4, "slowly");
    assert.equal((await hooked.request("GET", `${POLLING}&later=40`)).status, 200);
  });
  it("2.1 code 4: is asked of handshakes only", async () => {
    const { sid } = await hooked.open();
    const response = await hooked.request("POST", `${POLLING}&sid=${sid}&deny`, { body: "4x" });
    assert.equal(response.body, "ok");
    assert.equal((await hooked.request("GET", `${POLLING}&sid=${sid}&deny`)).body, "4x");
  });
  it("2.1 code 5: another version than 4, or none", async () => {
    for (const query of ["transport=polling", "EIO=3&transport=polling", "EIO=5&transport=polling", "EIO=44&transport=polling", "EIO=&transport=polling"]) {
      isError(await server.request("GET", query), 400, 5);
    }
  });
});

describe("2.1 the order of the checks", { concurrency: 8 }, () => {
  it("2.1 order: the transport before the sid", async () => {
    isError(await server.request("GET", "EIO=4&transport=abc&sid=unknown"), 400, 0);
  });
  it("2.1 order: the sid before the version, and before the method", async () => {
    isError(await server.request("GET", "EIO=3&transport=polling&sid=unknown"), 400, 1);
    isError(await server.request("PUT", `${POLLING}&sid=unknown`), 400, 1);
  });
  it("2.1 order: the transport of the session before its version", async () => {
    const { sid } = await hooked.open();
    const before = hooked.log.length;
    isError(await hooked.request("GET", `EIO=3&transport=websocket&sid=${sid}`), 400, 3);
    await eventually(() => hooked.log.slice(before).some((line) => line === "refused: 3 Bad request TRANSPORT_MISMATCH"));
  });
  it("2.1 order: the method before the version, and before the application's decision", async () => {
    isError(await server.request("POST", "EIO=3&transport=polling"), 400, 2);
    isError(await hooked.request("POST", `${POLLING}&deny`), 400, 2);
    isError(await server.request("POST", WEBSOCKET), 400, 2);
  });
  it("2.1 order: a websocket without an upgrade before the application's decision, this before the version", async () => {
    isError(await hooked.request("GET", `${WEBSOCKET}&deny`), 400, 3);
    isError(await hooked.request("GET", "EIO=3&transport=polling&deny"), 403, 4);
  });
  it("2.1 order: the middleware first of all", async () => {
    isError(await hooked.request("GET", "transport=abc&check=fail"), 400, 3);
  });
});

describe("2.1 empty bodies and paths", { concurrency: 8 }, () => {
  it("2.1 empty body: a known sid with PUT, DELETE or HEAD is a 500, and the session lives on", async () => {
    const { sid } = await server.open();
    for (const method of ["PUT", "DELETE", "HEAD"]) {
      isEmpty(await server.request(method, `${POLLING}&sid=${sid}`), 500);
    }
    assert.equal((await server.post(sid, "4x")).body, "ok");
    assert.equal((await server.poll(sid)).body, "4x");
  });
  it("2.1 the path is a prefix, and needs its slash (F1)", async () => {
    assert.equal((await server.request("GET", `${server.path}foo/bar?${POLLING}`)).status, 200);
    const response = await server.request("GET", `/engine.io?${POLLING}`);
    assert.equal(response.status, 404);
    assert.doesNotMatch(response.body, /<html/i);
  });
  it("2.1 without addTrailingSlash the path needs no slash", async () => {
    const bare = await Server.start("engineio", "--no-slash");
    assert.equal((await bare.request("GET", `/engine.io?${POLLING}`)).status, 200);
    assert.equal((await bare.request("GET", `/engine.io/?${POLLING}`)).status, 200);
    await bare.stop();
  });
  it("2.1 no answer on the path is HTML (F1), and an error has CORS headers and no cache-control", async () => {
    for (const [method, query] of [["GET", ""], ["GET", POLLING], ["POST", "x"], ["OPTIONS", POLLING], ["GET", `${POLLING}&sid=x`]]) {
      const response = await server.request(method, query);
      assert.doesNotMatch(response.body, /</);
      assert.equal(response.headers["access-control-allow-origin"], "*");
    }
  });
  it("2.1 a parameter that comes twice counts by its last value", async () => {
    assert.equal((await server.request("GET", `EIO=3&EIO=4&transport=abc&transport=polling`)).status, 200);
    isError(await server.request("GET", `EIO=4&transport=polling&transport=abc`), 400, 0);
  });
  it("2.1 parameters are decoded", async () => {
    assert.equal((await server.request("GET", `%45IO=%34&transport=poll%69ng`)).status, 200);
  });
});

describe("2.1 upgrades that are refused", { concurrency: 8 }, () => {
  it("2.1 upgrade: a plain HTTP 400 before any 101, with the bare message as its body", async () => {
    for (const [query, code] of [
      [`${WEBSOCKET}&sid=abcdefghijklmnopqrst`, 1],
      ["EIO=4&transport=abc", 0],
      ["EIO=4", 0],
    ]) {
      const response = await server.ws(query).refused;
      assert.equal(response.status, 400);
      assert.equal(response.headers.connection, "close");
      assert.equal(response.headers["content-type"], "text/html");
      assert.equal(Number(response.headers["content-length"]), MESSAGES[code].length);
      assert.equal(response.body, MESSAGES[code]);
    }
  });
  it("2.1 upgrade: EIO=3 with the switch off is refused before the 101", async () => {
    const raw = await RawSocket.open(server, "EIO=3&transport=websocket");
    assert.match(raw.head, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.equal(raw.bytes.toString(), "Unsupported protocol version");
    await eventually(() => raw.ended);
  });
  it("2.1 upgrade: 403 is never used", async () => {
    const response = await hooked.ws(`${WEBSOCKET}&deny=no`).refused;
    assert.equal(response.status, 400);
    assert.equal(response.body, "no");
  });
  it("2.1 upgrade: the sid of another protocol version is refused with 400", async () => {
    const { sid } = await server.open();
    const response = await server.ws(`EIO=3&transport=websocket&sid=${sid}`).refused;
    assert.equal(response.body, "Bad request");
    assert.equal((await server.post(sid, "4x")).body, "ok");
  });
  it("2.1 upgrade: transport=polling in the query gets 101 and then a close", async () => {
    const ws = server.ws(POLLING);
    await ws.opened;
    assert.equal(await ws.next(), undefined);
  });
  it("2.1 upgrade: outside of the path the connection ends within a second or two", async () => {
    const socket = net.connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.write("GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
    const ended = new Promise((resolve) => socket.on("close", resolve));
    assert.notEqual(await Promise.race([ended.then(() => "ended"), sleep(2500)]), undefined);
    socket.destroy();
  });
});

describe("2.1 diagnostics", { concurrency: 8 }, () => {
  const told = async (line, act) => {
    const before = hooked.log.length;
    await act();
    await eventually(() => hooked.log.slice(before).includes(line), 2000);
  };
  it("2.1 diagnostics name what was refused: code, message, context", async () => {
    await told("refused: 0 Transport unknown", () => hooked.request("GET", "EIO=4&transport=abc"));
    await told("refused: 1 Session ID unknown", () => hooked.request("GET", `${POLLING}&sid=unknown`));
    await told("refused: 2 Bad handshake method", () => hooked.request("POST", POLLING));
    await told("refused: 3 Bad request TRANSPORT_HANDSHAKE_ERROR", () => hooked.request("GET", WEBSOCKET));
    await told("refused: 3 Bad request MIDDLEWARE_FAILURE", () => hooked.request("GET", `${POLLING}&check=fail`));
    await told("refused: 4 Forbidden", () => hooked.request("GET", `${POLLING}&deny`));
    await told("refused: 5 Unsupported protocol version", () => hooked.request("GET", "transport=polling"));
    const { sid } = await hooked.open();
    await told("refused: 3 Bad request PROTOCOL_MISMATCH", () => hooked.request("GET", `transport=polling&sid=${sid}`));
    const ws = await upgraded(hooked, sid);
    await told("refused: 3 Bad request TRANSPORT_MISMATCH", () => eventually(async () => (await hooked.poll(sid)).status === 400));
    ws.close();
  });
});
