import assert from "node:assert/strict";
import { test } from "node:test";
import { clockUnknown, engineNow, wantsRoundTrip, withRoundTrip, withStamp } from "../src/clock";

const trip = (sentAtMs: number, outMs: number, backMs: number, offsetMs: number) => {
  const engineMs = sentAtMs + outMs + offsetMs;
  return {
    sentAtMs,
    receivedAtMs: sentAtMs + outMs + backMs,
    engineReceivedMs: engineMs,
    engineSentMs: engineMs,
    uncertaintyMs: 0,
  };
};

test("before anything was heard, engine time is unknown", () => {
  assert.equal(engineNow(clockUnknown, 5), null);
});

test("the first stamp gives a lower bound, and the largest of several is the estimate", () => {
  let clock = withStamp(clockUnknown, 1_000_000, 100);
  assert.equal(engineNow(clock, 100), 1_000_000);
  clock = withStamp(clock, 1_001_300, 1500); // 100 ms later on its way than the first
  assert.equal(engineNow(clock, 1500), 1_001_400);
  clock = withStamp(clock, 1_002_050, 2100); // 50 ms faster than the first
  assert.equal(engineNow(clock, 2100), 1_002_050);
});

test("a round trip replaces stamps, and the smallest round trip wins", () => {
  let clock = withStamp(clockUnknown, 1_000_000, 100);
  clock = withRoundTrip(clock, trip(200, 300, 100, 5000));
  assert.equal(clock.offsetMs, 5100); // in the middle of 400 ms, though the way out took 300
  clock = withRoundTrip(clock, trip(1000, 10, 10, 5000));
  assert.equal(clock.offsetMs, 5000);
  clock = withRoundTrip(clock, trip(2000, 200, 0, 5000));
  assert.equal(clock.offsetMs, 5000);
});

test("a late tick does not move the clock backwards (F10)", () => {
  let clock = withRoundTrip(clockUnknown, trip(0, 10, 10, 1_000_000));
  clock = withStamp(clock, 1_000_500, 3500);
  assert.equal(engineNow(clock, 3500), 1_003_500);
});

test("a stamp from the future of the estimate shows that the local clock stood still", () => {
  let clock = withRoundTrip(clockUnknown, trip(0, 10, 10, 1_000_000));
  clock = withStamp(clock, 1_061_000, 1000); // the device slept for a minute
  assert.equal(engineNow(clock, 1000), 1_061_000);
  assert.equal(wantsRoundTrip(clock, 1000), true);
});

test("two round trips that can't both be right: the newer one is believed", () => {
  let clock = withRoundTrip(clockUnknown, trip(0, 5, 5, 1_000_000));
  clock = withRoundTrip(clock, trip(1000, 50, 50, 990_000));
  assert.equal(clock.offsetMs, 990_000);
});

test("an old estimate is worth less than a fresh one of the same quality", () => {
  let clock = withRoundTrip(clockUnknown, trip(0, 10, 10, 1_000_000));
  clock = withRoundTrip(clock, trip(600_000, 12, 12, 1_000_030));
  assert.equal(clock.offsetMs, 1_000_030);
});

test("values that are no numbers change nothing (F27)", () => {
  const clock = withRoundTrip(clockUnknown, trip(0, 10, 10, 1000));
  assert.equal(withStamp(clock, Number.NaN, 10), clock);
  assert.equal(withRoundTrip(clock, { ...trip(0, 1, 1, 0), engineSentMs: Number.NaN }), clock);
});

test("a good estimate is renewed once a minute, a poor one at once", () => {
  const clock = withRoundTrip(clockUnknown, trip(0, 10, 10, 1000));
  assert.equal(wantsRoundTrip(clock, 30_000), false);
  assert.equal(wantsRoundTrip(clock, 61_000), true);
  assert.equal(wantsRoundTrip(clockUnknown, 0), true);
});
