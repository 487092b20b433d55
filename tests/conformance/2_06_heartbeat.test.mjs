// 2.6 of the protocol notes: the heartbeat of Engine.IO v4. Times are real ones, so upper bounds leave room for a loaded machine; the
// exact ones are in the unit tests.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { RS, Server, eventually, it, sleep } from "./harness.mjs";
import { isError, probe, upgraded } from "./wire.mjs";

let fast;
before(async () => {
  fast = await Server.start("engineio"); // 300 and 200
});
after(() => fast.stop());

// A test with an upper bound of time: a machine that was stalled may try again.
const timed = (name, run) =>
  it(name, async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
  });

// Until this many milliseconds after `begin`, no earlier.
const until = async (begin, ms) => {
  while (performance.now() - begin < ms) await sleep(Math.max(1, ms - (performance.now() - begin)));
};

describe("2.6 heartbeat", { concurrency: 16 }, () => {
  timed("2.6 the first ping comes one interval after the open, the next one interval after the pong: over WebSocket", async () => {
    let before = performance.now(); // what the server counts from comes later, so no load can make a ping look early
    const ws = fast.ws();
    await ws.next();
    for (const wait of [0, 100, 150]) {
      assert.equal(await ws.next(), "2");
      const took = performance.now() - before;
      assert.ok(took >= 298 && took < 450, `${took} ms`);
      await sleep(wait);
      before = performance.now();
      ws.send("3");
    }
    ws.close();
  });
  timed("2.6 the first ping comes one interval after the open, the next one interval after the pong: over polling", async () => {
    let before = performance.now();
    const { sid } = await fast.open();
    for (let i = 0; i < 3; i++) {
      assert.equal((await fast.poll(sid)).body, "2");
      const took = performance.now() - before;
      assert.ok(took >= 298 && took < 450, `${took} ms`);
      before = performance.now();
      await fast.post(sid, "3");
    }
  });
  for (let i = 1; i <= 5; i++) {
    timed(`2.6 a poll at exactly interval + timeout after the open gets 400 (${i})`, async () => {
      await sleep(i * 37);
      const { sid } = await fast.open();
      const begin = performance.now();
      await until(begin, 500);
      isError(await fast.poll(sid), 400, 1);
    });
  }
  timed("2.6 a WebSocket without a pong is closed at interval + timeout", async () => {
    const begin = performance.now();
    const ws = fast.ws();
    await ws.next();
    assert.equal(await ws.next(), "2");
    assert.equal(await ws.next(), undefined);
    const lived = performance.now() - begin;
    assert.ok(lived >= 498 && lived < 700, `${lived} ms`);
  });
  timed("2.6 a session that answers late but in time lives", async () => {
    const { sid } = await fast.open();
    await sleep(440);
    assert.equal((await fast.poll(sid)).body, "2");
    await fast.post(sid, "3");
    assert.equal((await fast.poll(sid)).body, "2");
  });
  timed("2.6 an undelivered ping starts the clock on polling", async () => {
    const begin = performance.now();
    const { sid } = await fast.open();
    await until(begin, 420);
    assert.equal((await fast.poll(sid)).body, "2"); // was due at 300
    await until(begin, 510);
    assert.equal((await fast.poll(sid)).status, 400);
  });
  timed("2.6 only a pong is life: other packets do not put the end off", async () => {
    const begin = performance.now();
    const ws = fast.ws();
    await ws.next();
    await until(begin, 440);
    ws.send("4x");
    await ws.closed;
    const lived = performance.now() - begin;
    assert.ok(lived >= 498 && lived < 600, `${lived} ms`);
  });
  it("2.6 a client that sends all the time but no pong is closed in the end", async () => {
    const ws = fast.ws();
    await ws.next();
    const timer = setInterval(() => ws.send("4x"), 50);
    await ws.closed.finally(() => clearInterval(timer));
  });
  timed("2.6 a hanging GET is answered when the time is over", async () => {
    const { sid } = await fast.open();
    assert.equal((await fast.poll(sid)).body, "2");
    assert.equal((await fast.poll(sid)).body, "1");
    isError(await fast.poll(sid), 400, 1);
  });
  timed("2.6 an unasked pong does no harm", async () => {
    const ws = fast.ws();
    await ws.next();
    for (let i = 0; i < 6; i++) {
      ws.send("3");
      await sleep(120);
    }
    ws.send("4x");
    let got = await ws.next();
    while (got === "2") got = await ws.next();
    assert.equal(got, "4x");
    ws.close();
  });
  it("2.6 the reason is ping timeout", async () => {
    const lab = await Server.start("lab", "--ping-interval-ms", "100", "--ping-timeout-ms", "100");
    const { sid } = await lab.open();
    await eventually(() => lab.log.includes(`${sid.slice(0, 6)} closed: ping timeout`));
    await lab.stop();
  });
  timed("2.6 pings go on over polling while an upgrade is in progress", async () => {
    const { sid } = await fast.open();
    const ws = await probe(fast, sid);
    const seen = [];
    while (!seen.includes("2")) seen.push(...(await fast.poll(sid)).body.split(RS));
    ws.send("5");
    ws.send("3");
    assert.equal(await ws.next(), "2");
    ws.close();
  });
  timed("2.6 an upgraded session is pinged over its WebSocket, and lives by its pongs", async () => {
    const { sid } = await fast.open();
    const ws = await upgraded(fast, sid);
    for (let i = 0; i < 3; i++) {
      assert.equal(await ws.next(), "2");
      ws.send("3");
    }
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    ws.close();
  });
  timed("2.6 a session whose client dies in the moment of its upgrade ends", async () => {
    const { sid } = await fast.open();
    await sleep(320); // a ping is due and not answered
    const ws = await upgraded(fast, sid);
    let last;
    for (let next = await ws.next(); next !== undefined; next = await ws.next()) last = next;
    assert.ok(last === "2" || last === undefined);
    isError(await fast.poll(sid), 400, 1);
  });
});
