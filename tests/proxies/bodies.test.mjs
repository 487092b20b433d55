// Requests and answers as proxies hand them on: in chunks, whole, late, large, compressed, with headers of their own.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { io } from "socket.io-client";
import { apache } from "./apache.mjs";
import { caddy } from "./caddy.mjs";
import { haproxy } from "./haproxy.mjs";
import { eventually } from "./matrix.mjs";
import { nginx } from "./nginx.mjs";
import { Http1, Poller } from "./raw.mjs";
import { Scene } from "./scene.mjs";

const PROXIES = [nginx, haproxy, apache, caddy];
const upTo = (last) => Array.from({ length: last }, (_, i) => i + 1);
const events = (from, to) => upTo(to).slice(from - 1).map((i) => `42["message",${i}]`);

async function withPoller(proxy, options, work) {
  await Scene.play(async (scene) => {
    const server = await scene.server();
    const { url } = await proxy.start(scene, server.port, options);
    const wire = new Http1(url);
    scene.onEnd(async () => wire.end());
    await work(await new Poller(wire).open(), wire, scene, server);
  });
}

for (const proxy of PROXIES) {
  for (const streaming of [false, true]) {
    describe(`${proxy.name} ${streaming ? "that passes bodies on as they come" : "that takes a request whole"}`, () => {
      it("chunked bodies arrive whole, also when a character is split", () => withPoller(proxy, { streaming }, async (poller) => {
        const body = Buffer.from(['42["message","é€😀"]', ...events(1, 3)].join("\x1e"));
        const chunks = Array.from(body, (_, i) => body.subarray(i, i + 1)); // one byte each
        await poller.post([], { "Transfer-Encoding": "chunked" }, chunks);
        await poller.until(() => poller.numbers.length === 4);
        assert.deepEqual(poller.numbers, ["é€😀", 1, 2, 3]);
      }));
      it("a body that is announced and comes in pieces arrives whole, also after Expect: 100-continue", () => withPoller(proxy, { streaming }, async (poller) => {
        for (const headers of [{}, { Expect: "100-continue" }]) {
          const text = "x".repeat(40000);
          const packet = `42["message","${text}"]`;
          await poller.post([], { "Content-Length": packet.length, ...headers }, packet.match(/.{1,9000}/g));
          await poller.until(() => poller.numbers.length > 0);
          assert.equal(poller.numbers[0], text);
          poller.heard = [];
        }
      }));
    });
  }
  describe(proxy.name, () => {
    it("a megabyte comes through both ways, and one that is too large is refused as such; the session goes on", () => withPoller(proxy, { buffering: true }, async (poller, wire) => {
      const text = "y".repeat(990000);
      await poller.post([`42["message","${text}"]`]);
      await poller.until(() => poller.numbers.length === 1);
      assert.equal(poller.numbers[0], text);
      const { status } = await wire.ask("POST", `/socket.io/?EIO=4&transport=polling&sid=${poller.sid}`, { "Content-Length": 1000001 }, ["z".repeat(1000001)]);
      assert.equal(status, 413);
      await poller.post(['42["message",2]']);
      await poller.until(() => poller.numbers.length === 2);
    }));
    it("an answer is compressed once, whoever does it, and reads the same", () => withPoller(proxy, { buffering: true }, async (poller) => {
      const text = "compress me ".repeat(400);
      await poller.post([`42["message","${text}"]`]);
      let coded = 0;
      poller.decode = ({ headers, body }) => {
        if (headers["content-encoding"] === undefined) return body.toString();
        assert.equal(headers["content-encoding"], "gzip");
        coded++;
        return gunzipSync(body).toString();
      };
      await poller.until(() => poller.numbers.length === 1, { "Accept-Encoding": "gzip" });
      assert.equal(poller.numbers[0], text);
      assert.ok(coded > 0, "it was compressed");
    }));
    it("polls are never kept by a cache, and a preflight is answered", () => withPoller(proxy, {}, async (poller, wire) => {
      const target = `/socket.io/?EIO=4&transport=polling`;
      const [one, two] = [await wire.ask("GET", target), await wire.ask("GET", target)];
      assert.match(one.headers["cache-control"], /no-store/);
      assert.notEqual(one.body.toString(), two.body.toString());
      const preflight = await wire.ask("OPTIONS", target, { Origin: "http://a.example", "Access-Control-Request-Method": "POST" });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers["access-control-allow-origin"], "*");
    }));
    it("a client that goes away without a word, with its poll open, leaves nothing", () => Scene.play(async (scene) => {
      const server = await scene.server({ "ping-interval-ms": 500, "ping-timeout-ms": 500 });
      const { url } = await proxy.start(scene, server.port, {});
      const wire = new Http1(url);
      const direct = new Http1(server.url);
      const watcher = await new Poller(direct).open();
      scene.onEnd(async () => [wire, direct].forEach((each) => each.end()));
      const gone = await Promise.all(Array.from({ length: 20 }, () => new Poller(wire).open()));
      const counts = async () => {
        watcher.heard = [];
        await watcher.post(['421["counts"]']);
        await watcher.until((packets) => packets.some((packet) => packet.startsWith("431")));
        return JSON.parse(watcher.heard.at(-1).slice(3))[0];
      };
      const hanging = gone.map((poller) => poller.poll().catch(() => "cut"));
      assert.equal((await counts()).sessions, 21);
      wire.end();
      await Promise.all(hanging);
      await eventually(async () => (await counts()).sessions === 1);
    }));
  });
}

it("nginx with a cache of its own keeps no poll, also when a client sends no t=", () => Scene.play(async (scene) => {
  const server = await scene.server();
  const more = `proxy_cache_path ${scene.folder}/nginx-cache keys_zone=polls:1m; proxy_cache polls; proxy_cache_valid any 1m; proxy_cache_methods GET HEAD POST;`;
  const { url } = await nginx.start(scene, server.port, { buffering: true, more });
  const wire = new Http1(url);
  scene.onEnd(async () => wire.end());
  const poller = await new Poller(wire).open();
  for (let i = 1; i <= 20; i++) {
    await poller.post(events(i, i));
    await poller.until(() => poller.numbers.length === i);
  }
  assert.deepEqual(poller.numbers, upTo(20));
}));

for (const proxy of PROXIES) {
  it(`the application sees the headers that ${proxy.name} adds, and the path and query as the client sent them`, () => Scene.play(async (scene) => {
    const server = await scene.server({ profile: "socketio-client" });
    const { url } = await proxy.start(scene, server.port, {});
    const socket = io(url, { forceNew: true, transports: ["websocket"], query: { room: "é&=", token: "a b" }, extraHeaders: { "X-Own": "kept" } });
    scene.onEnd(async () => socket.disconnect());
    const { headers, query, url: path } = await socket.timeout(10000).emitWithAck("getHandshake");
    assert.equal(headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(headers["x-own"], "kept");
    assert.deepEqual([query.room, query.token, query.transport], ["é&=", "a b", "websocket"]);
    assert.match(path, /^\/socket\.io\/\?/);
  }));
}
