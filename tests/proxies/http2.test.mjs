// HTTP/2 to the client, HTTP/1.1 to the server: all requests of a client on one connection, a poll that hangs beside the others.
import assert from "node:assert/strict";
import { once } from "node:events";
import { it } from "node:test";
import { Receiver, Sender } from "ws";
import { apache } from "./apache.mjs";
import { caddy } from "./caddy.mjs";
import { haproxy } from "./haproxy.mjs";
import { nginx } from "./nginx.mjs";
import { Http2, Poller } from "./raw.mjs";
import { Scene } from "./scene.mjs";

const upTo = (last) => Array.from({ length: last }, (_, i) => i + 1);
const events = (from, to) => upTo(to).slice(from - 1).map((i) => `42["message",${i}]`);

async function withHttp2(proxy, options, work) {
  await Scene.play(async (scene) => {
    const server = await scene.server({ "ping-interval-ms": 500, "ping-timeout-ms": 3000 });
    const { url } = await proxy.start(scene, server.port, { tls: scene.certificate(), ...options });
    const wire = new Http2(url);
    scene.onEnd(async () => wire.end());
    await once(wire.session, "remoteSettings");
    assert.equal(wire.session.alpnProtocol, "h2");
    await work(wire, server);
  });
}

for (const proxy of [nginx, haproxy, apache, caddy]) {
  for (const options of [{}, { keepAlive: false }, { buffering: true }, { streaming: true }]) {
    const how = JSON.stringify(options).replace(/[{}"]/g, "") || "as it comes";
    it(`ten clients poll over one HTTP/2 connection to ${proxy.name} (${how}): numbers both ways, once and in order`, () => withHttp2(proxy, options, async (wire) => {
      const pollers = await Promise.all(upTo(10).map(() => new Poller(wire).open()));
      await Promise.all(pollers.map(async (poller) => {
        const listening = poller.until(() => poller.numbers.length >= 50); // its GET hangs while the POSTs pass
        for (let i = 1; i <= 50; i += 5) await poller.post(events(i, i + 4));
        await listening;
        assert.deepEqual(poller.numbers, upTo(50));
        await poller.close();
      }));
    }));
  }
}

// One WebSocket on a stream of HTTP/2 (RFC 8441).
async function websocketOver(wire, path) {
  const stream = wire.session.request({
    ":method": "CONNECT",
    ":protocol": "websocket",
    ":scheme": "https",
    ":path": path,
    ":authority": wire.host,
    "sec-websocket-version": "13",
    origin: "https://127.0.0.1",
  }, { endStream: false });
  const [headers] = await once(stream, "response");
  assert.equal(headers[":status"], 200);
  const receiver = new Receiver({ isServer: false });
  const inbox = [];
  stream.pipe(receiver);
  receiver.on("message", (data) => {
    const packet = data.toString();
    if (packet === "2") sender.send("3", { mask: true, fin: true, opcode: 1 });
    else inbox.push(packet);
    stream.emit("packet");
  });
  const sender = new Sender(stream);
  return {
    inbox,
    send: (text) => sender.send(text, { binary: false, mask: true, fin: true, compress: false }),
    async until(check) {
      while (!check(inbox)) await once(stream, "packet");
    },
    end: () => stream.close(),
  };
}

for (const proxy of [haproxy, apache].filter(({ can }) => can.extendedConnect)) {
  it(`a WebSocket over HTTP/2 through ${proxy.name} (RFC 8441): an upgrade of a session, numbers both ways`, () => withHttp2(proxy, {}, async (wire) => {
    assert.equal(wire.session.remoteSettings.enableConnectProtocol, true);
    const poller = await new Poller(wire).open();
    await poller.post(events(1, 20));
    const ws = await websocketOver(wire, `/socket.io/?EIO=4&transport=websocket&sid=${poller.sid}`);
    ws.send("2probe");
    const polling = poller.until(() => poller.numbers.length === 20);
    await ws.until((packets) => packets.includes("3probe"));
    await polling;
    ws.send("5");
    for (const packet of events(21, 50)) ws.send(packet);
    const numbers = () => ws.inbox.flatMap((packet) => (packet.startsWith('42["message-back"') ? [JSON.parse(packet.slice(2))[1]] : []));
    await ws.until(() => numbers().length === 30);
    assert.deepEqual([...poller.numbers, ...numbers()], upTo(50));
    ws.end();
  }));
}
