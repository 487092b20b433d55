// A sale as people live it: two bidders in their browsers, the auctioneer at the console, the hall on the wall.

import assert from "node:assert/strict";
import { test } from "node:test";
import { saleOf } from "../e2e/harness.mjs";
import { desk } from "./browser.mjs";
import { Stack, allSee, clockIsRight, clockText, frozenText, press, sees, standing } from "./stack_world.mjs";

const definition = saleOf("evening", {
  lots: 3, duration: 9000, gap: 4000, title: "An evening sale", rules: { unsold_rounds: 0 }, roster: { budget: 10_000, slots: 2, minimum: 1000 },
});

async function open(stack) {
  const sale = await stack.house.createSale(definition);
  const ana = await stack.bidder(sale, "Ana");
  const ben = await stack.bidder(sale, "Ben", { options: desk });
  const staff = await stack.console(sale);
  const hall = await stack.hall(sale);
  return { stack, sale, ana, ben, staff, hall, all: [ana, ben, staff, hall] };
}

async function lobby({ ana, ben, staff, hall, all }) {
  await sees(ana, ".top-who", "Ana · paddle 1");
  await sees(ben, ".top-who", "Ben · paddle 2");
  await sees(ana, "[data-testid=lobby]", "2 bidders are here, 2 watching");
  await staff.click("text=Begin the sale");
  await allSee([ana, hall], "[data-testid=next]", "Lot 1: Lot 1");
  await sees(staff, "[data-testid=stage]", "Next: lot 1");
  await allSee(all.slice(0, 2), "[data-testid=price]", "Opens at €10");
  await sees(hall, "[data-testid=hall-lot]", "No bids yet");
}

async function bidding({ ana, ben, staff, hall }) {
  await press(ana, 1000);
  await sees(ana, standing, "You are winning at €10");
  await allSee([staff, hall], "[data-testid=leader]", "1 Ana");
  await sees(ben, "[data-testid=price]", "€10");
  await press(ben, 1100);
  await sees(ana, standing, "You are outbid by Ben, paddle 2. Bid €12 to lead again.");
  await allSee([staff, hall], "[data-testid=leader]", "2 Ben");
  await sees(ben, "[data-testid=purse]", "Max. bid €90");
  await sees(hall, ".hall-amount", "€11");
}

// F23: every screen shows exactly the time that is kept, for as long as the pause lasts.
async function pausing({ stack, sale, ana, ben, staff, hall, all }) {
  await staff.click("text=Pause");
  await Promise.all([ana, ben].map((page) => page.waitForSelector("[data-testid=paused]")));
  await sees(hall, ".hall-strip", "Paused");
  const { state } = await stack.snapshot(sale);
  assert.deepEqual([state.phase, state.clock, state.lot.ends_at, state.lot.price], ["paused", "lot", null, 1100]);
  const kept = frozenText(state.lot.remaining_ms);
  await allSee(all, ".countdown[data-state=frozen] .countdown-text", kept);
  assert.equal(await ana.getAttribute("[data-testid=dock]", "data-locked"), "yes");
  await ana.waitForTimeout(1500); // the pause itself: what a broken one would lose
  assert.deepEqual(await Promise.all(all.map(clockText)), all.map(() => kept));
  await staff.click("text=Resume");
  await Promise.all(all.map((page) => page.waitForSelector(".countdown[data-state=running]")));
  const { lot } = (await stack.snapshot(sale)).state;
  await Promise.all(all.map((page) => clockIsRight(page, lot.ends_at)));
  const resumed = (await stack.house.events(sale)).find(({ name }) => name === "auction_resumed").payload;
  assert.deepEqual([resumed.remaining_ms, resumed.ends_at - resumed.at, resumed.ends_at], [state.lot.remaining_ms, state.lot.remaining_ms, lot.ends_at]);
}

async function winning({ ana, ben, staff, hall }) {
  await press(ana, 1200);
  await sees(ben, standing, "You are outbid by Ana, paddle 1");
  await sees(ana, "[data-testid=result]", "You won", 12_000);
  await sees(ben, "[data-testid=result]", "Sold");
  await sees(hall, "[data-testid=splash]", "Sold");
  await sees(staff, "[data-testid=leader]", "Sold to Ana, paddle 1 for €12");
  await sees(ana, "[data-testid=purse]", "Left €88 Max. bid €88 Roster 1/2");
  await sees(ben, "[data-testid=purse]", "Left €100 Max. bid €90 Roster 0/2");
  await allSee([ben, staff], ".person-row", "1 of 2 slots €88");
}

async function stepping({ ana, ben, staff, hall }) {
  const next = staff.locator("[data-testid=next]:enabled");
  await sees(staff, "[data-testid=next]", "Start lot 2 now");
  await next.click();
  await press(ben, 1000);
  await sees(staff, "[data-testid=next]", "Sell lot 2 now to Ben, paddle 2 for €10");
  await next.click();
  await sees(ben, "[data-testid=result]", "You won");
  await sees(staff, "[data-testid=next]", "Start lot 3 now");
  await next.click();
  await sees(hall, "[data-testid=hall-lot]", "Lot 3 of 3");
  await sees(staff, "[data-testid=next]", "Pass lot 3");
  await next.click();
  await sees(ana, "[data-testid=complete]", "You won 1 for €12");
  await sees(ben, "[data-testid=complete]", "You won 1 for €10");
  await sees(hall, ".hall-quiet", "2 of 3 lots sold");
}

test("two people bid against each other on the real stack; console and hall show the same (F23, F25, L10)", { timeout: 90_000 }, () =>
  Stack.play(async (stack) => {
    const evening = await open(stack);
    await lobby(evening);
    await bidding(evening);
    await pausing(evening);
    await winning(evening);
    await stepping(evening);
    const results = await stack.house.results(evening.sale);
    assert.deepEqual(results.lots.map(({ phase, price, winner }) => [phase, price, winner?.name ?? null]), [["sold", 1200, "Ana"], ["sold", 1000, "Ben"], ["unsold", null, null]]);
    assert.deepEqual(results.participants.map(({ name, spent, roster }) => [name, spent, roster.taken]), [["Ana", 1200, 1], ["Ben", 1000, 1]]);
  }));
