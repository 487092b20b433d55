// 2.7 of the protocol notes: from polling to WebSocket, in every order of frames.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { RS, Server, eventually, it, packets } from "./harness.mjs";
import { CLOSE, RawSocket, TEXT, WEBSOCKET, frame, isError, isGone, probe, upgraded } from "./wire.mjs";

let server;
before(async () => {
  server = await Server.start("engineio", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000");
});
after(() => server.stop());

const raise = async (sid, from = server) => {
  const ws = from.ws(`${WEBSOCKET}&sid=${sid}`);
  await ws.opened;
  return ws;
};

describe("2.7 upgrade", { concurrency: 8 }, () => {
  it("2.7 2probe is answered with 3probe, and may be repeated", async () => {
    const { sid } = await server.open();
    const ws = await raise(sid);
    for (let i = 0; i < 3; i++) {
      ws.send("2probe");
      assert.equal(await ws.next(), "3probe");
    }
    ws.send("5");
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    ws.close();
  });
  it("2.7 after the probe a hanging GET is answered with 6, and so is each that follows", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    const ws = await probe(server, sid);
    assert.equal((await hanging.answer).body, "6");
    assert.equal((await server.poll(sid)).body, "6");
    assert.equal((await server.poll(sid)).body, "6");
    ws.send("5");
    ws.send("4done");
    assert.equal(await ws.next(), "4done");
    ws.close();
  });
  it("2.7 a hanging GET is answered with 6 within 150 ms of the probe", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    const ws = await probe(server, sid);
    const begin = performance.now();
    await hanging.answer;
    assert.ok(performance.now() - begin < 250, `${performance.now() - begin} ms`);
    ws.close();
  });
  it("2.7 a client that never hears of its probe does not poll in circles", async () => {
    const { sid } = await server.open();
    const ws = await probe(server, sid);
    let polls = 0;
    const end = Date.now() + 500;
    while (Date.now() < end) {
      await server.poll(sid);
      polls++;
    }
    assert.ok(polls <= 7, `${polls} polls in 500 ms`);
    ws.close();
  });
  it("2.7 POSTs are accepted after the probe", async () => {
    const { sid } = await server.open();
    const ws = await probe(server, sid);
    assert.equal((await server.post(sid, "4late post")).body, "ok");
    ws.send("5");
    assert.equal(await ws.next(), "4late post");
    ws.close();
  });
  it("2.7 until 5 what is sent goes to polling, then the rest to the WebSocket in order", async () => {
    const { sid } = await server.open();
    const ws = await probe(server, sid);
    await server.post(sid, "4one");
    assert.equal((await server.poll(sid)).body, "4one");
    await server.post(sid, ["4two", "4three"].join(RS));
    ws.send("5");
    ws.send("4four");
    assert.deepEqual([await ws.next(), await ws.next(), await ws.next()], ["4two", "4three", "4four"]);
    ws.close();
  });
  it("2.7 a GET that hangs at 5 is answered, GET and POST are code 3 from then on", async () => {
    const { sid } = await server.open();
    const ws = await raise(sid);
    const hanging = await server.hang(sid);
    ws.send("5");
    assert.equal((await hanging.answer).body, "6");
    isError(await server.poll(sid), 400, 3);
    isError(await server.post(sid, "4x"), 400, 3);
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    ws.close();
  });
  it("2.7 5 without a probe is accepted", async () => {
    const { sid } = await server.open();
    const ws = await raise(sid);
    ws.send("5");
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    ws.close();
  });
  it("2.7 2probe, 5 and a message in one segment, before any GET", async () => {
    const { sid } = await server.open();
    const raw = await RawSocket.open(server, `${WEBSOCKET}&sid=${sid}`);
    await raw.send(Buffer.concat(["2probe", "5", "4hello"].map((packet) => frame(TEXT, packet))));
    assert.equal((await raw.frame()).text, "3probe");
    assert.equal((await raw.frame()).text, "4hello");
    await raw.end();
  });
  it("2.7 2probe, 5 and a message in segments of one byte", async () => {
    const { sid } = await server.open();
    const raw = await RawSocket.open(server, `${WEBSOCKET}&sid=${sid}`);
    for (const byte of Buffer.concat(["2probe", "5", "4hello"].map((packet) => frame(TEXT, packet)))) await raw.send(Buffer.from([byte]));
    assert.equal((await raw.frame()).text, "3probe");
    assert.equal((await raw.frame()).text, "4hello");
    await raw.end();
  });
  it("2.7 the handshake and 2probe, 5 and a message in one segment", async () => {
    const { sid } = await server.open();
    const head = `GET ${server.path}?${WEBSOCKET}&sid=${sid} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    const text = await server.raw([Buffer.concat([Buffer.from(head), ...["2probe", "5", "4hello"].map((packet) => frame(TEXT, packet))])], { until: /4hello/ });
    assert.match(text, /^HTTP\/1\.1 101 [^]*3probe[^]*4hello/);
  });
  for (const first of ["4hello", "2", "1", "garbage", "3", "6", "0", Buffer.from([1])]) {
    it(`2.7 ${JSON.stringify(first)} as the first packet closes only the probing WebSocket`, async () => {
      const { sid } = await server.open();
      const ws = await raise(sid);
      ws.send(first);
      assert.equal(await ws.next(), undefined);
      await server.post(sid, "4still polling");
      assert.equal((await server.poll(sid)).body, "4still polling");
    });
  }
  it("2.7 any other packet behind the probe closes only the probing WebSocket, too", async () => {
    const { sid } = await server.open();
    const ws = await probe(server, sid);
    ws.send("4early");
    assert.equal(await ws.next(), undefined);
    await server.post(sid, "4still polling");
    assert.equal((await server.poll(sid)).body, "4still polling");
  });
  it("2.7 a lost probe leaves the polling as it was, and another may follow", async () => {
    const { sid } = await server.open();
    for (let i = 0; i < 3; i++) {
      const lost = await eventually(async () => {
        const ws = await raise(sid);
        ws.send("2probe");
        return (await ws.next()) === "3probe" ? ws : undefined;
      });
      lost.ws.terminate();
      await lost.closed;
    }
    const ws = await eventually(async () => {
      const next = await raise(sid);
      next.send("2probe");
      return (await next.next()) === "3probe" ? next : undefined;
    });
    ws.send("5");
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    ws.close();
  });
  it("2.7 a second probe beside the first gets 101 and then a close", async () => {
    const { sid } = await server.open();
    const first = await raise(sid);
    const second = await RawSocket.open(server, `${WEBSOCKET}&sid=${sid}`);
    assert.match(second.head, /^HTTP\/1\.1 101 /);
    assert.equal((await second.frame()).opcode, CLOSE);
    await second.end();
    first.send("2probe");
    assert.equal(await first.next(), "3probe");
    first.close();
  });
  it("2.7 an upgrade that is not completed in upgradeTimeout is given up, the session polls on, a new probe is taken", async () => {
    const quick = await Server.start("engineio", "--upgrade-timeout-ms", "150", "--ping-interval-ms", "25000");
    const { sid } = await quick.open();
    const begin = performance.now();
    const ws = await probe(quick, sid);
    assert.equal(await ws.next(), undefined);
    assert.ok(performance.now() - begin >= 148);
    await quick.post(sid, "4on");
    assert.equal((await quick.poll(sid)).body, "4on");
    const again = await upgraded(quick, sid);
    again.send("4x");
    assert.equal(await again.next(), "4x");
    again.close();
    await quick.stop();
  });
  it("2.7 a WebSocket that never says anything is given up after upgradeTimeout", async () => {
    const quick = await Server.start("engineio", "--upgrade-timeout-ms", "150", "--ping-interval-ms", "25000");
    const { sid } = await quick.open();
    const ws = await raise(sid, quick);
    assert.equal(await ws.next(), undefined);
    await quick.post(sid, "4on");
    assert.equal((await quick.poll(sid)).body, "4on");
    await quick.stop();
  });
  it("2.7 a session that closes takes its probing WebSocket with it", async () => {
    const { sid } = await server.open();
    const ws = await probe(server, sid);
    await server.post(sid, "1");
    assert.equal(await ws.next(), undefined);
    await isGone(server, sid);
  });
  it("2.7 a poll that is pending gets what is sent while the probe is on its way", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    const ws = await raise(sid);
    await server.post(sid, "4now");
    assert.equal((await hanging.answer).body, "4now");
    ws.close();
  });
  for (let at = 0; at <= 6; at++) {
    it(`2.7 messages 1..50 both ways with the upgrade after POST ${at * 8} arrive once and in order`, async () => {
      const { sid } = await server.open();
      const got = [];
      let polling = true;
      const polls = (async () => {
        while (polling) {
          const response = await server.poll(sid);
          if (response.status !== 200) return;
          got.push(...packets(response.body).filter((packet) => packet[0] === "4"));
        }
      })();
      for (let i = 1; i <= 50 - (50 - at * 8); i++) await server.post(sid, `4${i}`);
      const ws = await probe(server, sid);
      polling = false; // the client stops polling when its last GET is answered
      await polls;
      ws.send("5");
      for (let i = at * 8 + 1; i <= 50; i++) ws.send(`4${i}`);
      while (got.length < 50) got.push(await ws.next());
      assert.deepEqual(got, Array.from({ length: 50 }, (_, i) => `4${i + 1}`));
      ws.close();
    });
  }
  it("2.7 an upgraded session that is cut has nothing left", async () => {
    const { sid } = await server.open();
    const ws = await upgraded(server, sid);
    ws.send("4x");
    await ws.next();
    ws.ws.terminate();
    await eventually(async () => JSON.parse((await server.poll(sid)).body).code === 1);

  });
});
