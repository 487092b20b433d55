// Each program killed in the middle of a lot while people look at it: the pages say so, come back by themselves, and show the truth.

import assert from "node:assert/strict";
import { test } from "node:test";
import { saleOf } from "../e2e/harness.mjs";
import { desk } from "./browser.mjs";
import { Stack, allSee, clockIsRight, live, notLive, press, sees } from "./stack_world.mjs";

const seenWithinMs = 5000;
const outageMs = 4500; // long enough for every way back to have reached its longest delays

async function open(stack) {
  const definition = saleOf("faults", { lots: 1, duration: 16_000, rules: { outage_threshold_ms: 500, unsold_rounds: 0 } });
  const sale = await stack.house.createSale(definition);
  const ana = await stack.bidder(sale, "Ana");
  const ben = await stack.bidder(sale, "Ben", { options: desk, websocket: false });
  const staff = await stack.console(sale);
  const hall = await stack.hall(sale);
  const all = [ana, ben, staff, hall];
  await Promise.all(all.map((page) => page.waitForSelector(`[data-testid=status][data-transport=${page === ben ? "polling" : "websocket"}]`)));
  for (const page of all) await page.evaluate(() => (globalThis.sameDocument = true));
  await stack.house.command(sale, "begin");
  await press(ana, 1000);
  await press(ben, 1100);
  await allSee([staff, hall], "[data-testid=leader]", "2 Ben");
  return { stack, sale, ana, ben, staff, hall, all };
}

// Within five seconds of the restart every page shows the truth of the API.
async function rightAgain({ stack, sale, all, ana, ben, staff, hall }, restartedAt) {
  await Promise.all(all.map((page) => live(page)));
  await allSee([ana, ben], "[data-testid=price]", "Current bid €11");
  await sees(hall, ".hall-amount", "€11");
  await allSee([staff, hall], "[data-testid=leader]", "2 Ben");
  const { state, live: isLive } = await stack.snapshot(sale);
  assert.deepEqual([isLive, state.phase, state.lot.price, state.lot.leader.name], [true, "live", 1100, "Ben"]);
  await Promise.all(all.map((page) => clockIsRight(page, state.lot.ends_at)));
  const took = Date.now() - restartedAt;
  assert.ok(took <= seenWithinMs, `right again after ${took} ms`);
  for (const page of all) assert.equal(await page.evaluate(() => globalThis.sameDocument), true, "the page was loaded again");
  return took;
}

// A last bid by pressing, the close at its time, and everything acknowledged in the results.
async function finish({ stack, sale, ana, ben, staff, hall }) {
  await press(ana, 1200);
  await sees(ben, "[data-testid=standing]", "You are outbid by Ana");
  await sees(ana, "[data-testid=complete]", "You won 1 for €12", 20_000);
  await sees(ben, "[data-testid=complete]", "You won 0");
  await sees(staff, "[data-testid=stage]", "complete");
  await sees(hall, ".hall-quiet", "1 of 1 lots sold");
  const results = await stack.house.results(sale);
  assert.deepEqual(results.lots.map(({ phase, price, bids, winner }) => [phase, price, bids, winner.name]), [["sold", 1200, 3, "Ana"]]);
  const events = await stack.house.events(sale);
  assert.deepEqual(events.filter(({ name }) => name === "bid_update").map(({ payload }) => payload.amount), [1000, 1100, 1200]);
  const due = events.findLast(({ payload }) => payload.ends_at).payload.ends_at;
  const closed = events.find(({ name }) => name === "sold").payload;
  assert.ok(closed.reason === "time" && closed.at >= due && closed.at <= due + 150, `closed ${closed.at - due} ms after its time`);
  await stack.house.engine.stop();
  stack.house.verify(sale.id);
}

async function outage(stack, what, kill, start) {
  const play = await open(stack);
  const killedAt = Date.now();
  await kill(stack.house);
  await Promise.all(play.all.map((page) => notLive(page, seenWithinMs)));
  const noticed = Date.now() - killedAt;
  await Promise.all([play.ana, play.ben, play.hall].map((page) => page.waitForSelector("[data-testid=not-live]")));
  assert.equal(await play.ana.isDisabled(".bid-button >> nth=0"), true, "a bid can be pressed though nobody takes it");
  await play.ana.waitForTimeout(Math.max(0, killedAt + outageMs - Date.now())); // the outage itself
  const restartedAt = Date.now();
  await start(stack.house);
  const took = await rightAgain(play, restartedAt);
  console.log(`${what}: every page not live after ${noticed} ms, right again ${took} ms after the restart`);
  await finish(play);
}

test("kill -9 of the engine in the middle of a lot, with pages open (L3)", { timeout: 90_000 }, () =>
  Stack.play((stack) => outage(stack, "engine", (house) => house.engine.kill(), (house) => house.engine.start())));

// Each page went on where it was: a session that the new bridge took up, and no join that would have cost a snapshot.
async function wereRecovered(house) {
  const text = await (await fetch(`${house.url}/metrics`)).text();
  const count = (name) => Number(text.match(new RegExp(`^lotcast_bridge_${name} (\\d+)$`, "m"))[1]);
  assert.deepEqual([count("sessions_recovered_total"), count("sessions_not_recovered_total")], [4, 0]);
}

test("kill -9 of the bridge in the middle of a lot, with pages open (L5, L7)", { timeout: 90_000 }, () =>
  Stack.play((stack) => outage(stack, "bridge", (house) => house.bridge.kill(), (house) => house.bridge.start()).then(() => wereRecovered(stack.house))));

test("kill -9 of the broker in the middle of a lot, with pages open (F5)", { timeout: 90_000 }, () =>
  Stack.play((stack) => outage(stack, "broker", (house) => house.broker.kill(), (house) => house.startBroker())));
