// The formats as people meet them: maxima against each other, a falling price bought by two, a hall sold by hand, a bid taken back, many lots at once,
// lots that are named, a right to match, sealed offers and the button of a rising price.

import assert from "node:assert/strict";
import { test } from "node:test";
import { saleOf } from "../e2e/harness.mjs";
import { Stack, allSee, press, sees, standing } from "./stack_world.mjs";

const listed = (id, lots, more) => ({ ...saleOf(id, { duration: 60_000, ...more }), lots });
const touchMin = 44;

// LOTCAST_PICTURES is the beginning of the names of pictures to look at.
const picture = async (page, name) => {
  const stem = process.env.LOTCAST_PICTURES;
  if (stem) await page.screenshot({ path: `${stem}${name}.png` });
};

// Everything that can be pressed is large enough for a finger, lies within the screen's width, and covers nothing else that can be pressed.
async function fitsThumbs(page) {
  const faults = await page.evaluate((min) => {
    const boxes = [...document.querySelectorAll("button, input, summary, label.naming-choice")]
      .filter((node) => node.checkVisibility() && !node.closest(".visually-hidden, .toasts") && !(node.matches("input") && node.closest("label")))
      .map((node) => ({ name: (node.innerText || node.placeholder || node.id).replace(/\s+/g, " "), dock: node.closest(".dock") !== null, box: node.getBoundingClientRect() }));
    const faults = boxes
      .filter(({ box }) => box.height < min || box.width < min || box.left < 0 || box.right > innerWidth)
      .map(({ name, box }) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)} at ${Math.round(box.left)}`);
    boxes.forEach((one, i) => {
      for (const other of boxes.slice(i + 1)) {
        const [a, b] = [one.box, other.box];
        const apart = a.right <= b.left + 0.5 || b.right <= a.left + 0.5 || a.bottom <= b.top + 0.5 || b.bottom <= a.top + 0.5;
        if (one.dock === other.dock && !apart) faults.push(`${one.name} lies over ${other.name}`); // the page moves under the dock
      }
    });
    if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is wider than the screen");
    return faults;
  }, touchMin);
  assert.deepEqual(faults, []);
}

async function setMaximum(page, amount) {
  if (!(await page.locator("#own-max").isVisible())) await page.click("[data-testid=more-bids] > summary");
  await page.fill("#own-max", amount);
  await page.click("text=Set maximum");
  await sees(page, "[data-testid=more-bids] > summary", `Your maximum: €${amount}`);
}

const begin = (staff) => staff.click("text=Begin the sale");
const controls = "[data-testid=lot-controls]";

test("maxima bid against each other, an undo is seen by the room, and the loser's maximum is never told", { timeout: 90_000 }, () =>
  Stack.play(async (stack) => {
    const sale = await stack.house.createSale(saleOf("maxima", { lots: 1, duration: 60_000, gap: 100, rules: { unsold_rounds: 0 } }));
    const ana = await stack.bidder(sale, "Ana");
    const ben = await stack.bidder(sale, "Ben");
    const staff = await stack.console(sale);
    await begin(staff);
    await allSee([ana, ben], "[data-testid=price]", "Opens at €10");
    await setMaximum(ana, "40");
    await sees(ana, standing, "You are winning at €10");
    await setMaximum(ben, "25");
    await allSee([ana, ben], "[data-testid=price]", "€26");
    await sees(ana, standing, "You are winning at €26");
    await sees(ben, standing, "You are outbid by Ana");
    await fitsThumbs(ben);
    await picture(ben, "maximum");
    assert.ok(!(await ben.evaluate(() => document.body.innerText)).includes("€40"));
    await setMaximum(ben, "50");
    await sees(ben, standing, "You are winning at €41");
    await staff.click(`${controls} > summary`);
    await staff.click("text=Undo the last bid");
    await sees(ana, standing, "You are winning at €26");
    await sees(staff, "[data-testid=leader]", "1 Ana");
    const { lot } = (await stack.snapshot(sale)).state;
    assert.deepEqual([lot.price, lot.leader.name], [2600, "Ana"]);
    assert.ok((await stack.house.events(sale)).some(({ name, payload }) => name === "bid_retracted" && payload.price === 2600));
  }));

test("two people buy pieces of a lot whose price falls; the hall tells both", { timeout: 90_000 }, () =>
  Stack.play(async (stack) => {
    const rules = { format: "dutch", price_step: 50, price_tick_ms: 1500, soft_close: null, unsold_rounds: 0 };
    const sale = await stack.house.createSale(listed("flowers", [{ title: "Tulips, crate of 80", opening: 9000, quantity: 3 }, { title: "Roses", opening: 5000 }], { gap: 4000, rules }));
    const ana = await stack.bidder(sale, "Ana");
    const ben = await stack.bidder(sale, "Ben");
    const hall = await stack.hall(sale);
    const staff = await stack.console(sale);
    await begin(staff);
    await allSee([ana, ben], ".bid-button", "Buy 1 of 3 left, each");
    await sees(hall, "[data-testid=hall-lot]", "3 of 3 pieces left");
    const price = async () => Number(await ana.getAttribute("[data-testid=moving-price]", "data-price"));
    const first = await price();
    await ana.waitForFunction((was) => Number(document.querySelector("[data-testid=moving-price]").dataset.price) < was, first);
    await fitsThumbs(ana);
    await picture(ana, "dutch");
    await picture(hall, "dutch-hall");
    await ana.fill("#pieces", "2");
    await ana.click(".bid-button.button-primary");
    await sees(ben, ".bid-button", "Buy now"); // one is left
    await ben.click(".bid-button.button-primary");
    await sees(ana, "[data-testid=result]", "You won");
    await sees(ben, "[data-testid=result]", "You won");
    await sees(hall, "[data-testid=buyers]", "1 × 2 2 × 1");
    await picture(hall, "dutch-sold");
    await picture(ben, "dutch-won");
    await sees(staff, "[data-testid=leader]", "Sold to 2 buyers");
    const { lots } = await stack.house.results(sale);
    assert.deepEqual(lots.slice(0, 2).map(({ quantity, winner }) => [quantity, winner.name]), [[2, "Ana"], [1, "Ben"]]);
  }));

test("the console sells a live lot by the gavel with a bid from the floor and an absentee maximum; one lot is withdrawn", { timeout: 90_000 }, () =>
  Stack.play(async (stack) => {
    const sale = await stack.house.createSale(saleOf("salesroom", { lots: 3, gap: 4000, rules: { format: "live", soft_close: null, unsold_rounds: 0 } }));
    const ana = await stack.bidder(sale, "Ana");
    const ben = await stack.bidder(sale, "Ben");
    const hall = await stack.hall(sale);
    const staff = await stack.console(sale);
    await staff.click(`${controls} > summary`);
    await staff.fill("#absentee-lot", "2");
    await staff.fill("#absentee-paddle", "2");
    await staff.fill("#absentee-max", "30");
    await staff.click("text=Absentee maximum on lot 2");
    await sees(ben, ".top-who", "Ben · paddle 2");
    await staff.click("text=Take the gavel");
    await begin(staff);
    await sees(hall, "[data-testid=hall-lot]", "Lot 1 of 3");
    await press(ana, 1000);
    await staff.fill("#floor-paddle", "2");
    await staff.click("[data-testid=floor] button");
    await sees(ana, standing, "You are outbid by Ben");
    await press(ana, 1200);
    await staff.click("text=Fair warning");
    await sees(hall, "[data-testid=warned]", "Going once");
    await staff.click("text=Fair warning");
    await allSee([hall, staff], "[data-testid=warned]", "Going twice");
    await sees(ana, ".lot-meta", "Going twice");
    await picture(hall, "live-hall");
    await picture(staff, "live-console");
    await staff.click(`${controls} >> text="Sell"`);
    await sees(ana, "[data-testid=result]", "You won");
    await sees(hall, "[data-testid=splash]", "Sold");
    await staff.click("[data-testid=next]:enabled");
    await sees(ben, standing, "You are winning at €10"); // the maximum that the clerk was given
    await staff.click("text=Withdraw the lot");
    await sees(hall, "[data-testid=splash]", "Withdrawn");
    await sees(ben, "[data-testid=result]", "Withdrawn");
    await picture(hall, "withdrawn-hall");
    const second = await stack.console(sale);
    await sees(second, ".banner", "Another console holds the gavel.");
    await staff.click("[data-testid=next]:enabled");
    await sees(hall, "[data-testid=hall-lot]", "No bids yet");
    await second.click("text=Pass in");
    await sees(second, ".toast", "Another console holds the gavel");
    await staff.click("text=Pass in");
    await sees(ana, "[data-testid=complete]", "You won 1 for €12");
    const { lots } = await stack.house.results(sale);
    assert.deepEqual(lots.map(({ phase, winner }) => [phase, winner?.name ?? null]), [["sold", "Ana"], ["withdrawn", null], ["unsold", null]]);
  }));

test("lots that are open together are looked at and bid on one by one", { timeout: 90_000 }, () =>
  Stack.play(async (stack) => {
    const sale = await stack.house.createSale(saleOf("many", { lots: 3, duration: 60_000, rules: { flow: "parallel", stagger_ms: 5000, unsold_rounds: 0 } }));
    const ana = await stack.bidder(sale, "Ana");
    const ben = await stack.bidder(sale, "Ben");
    const staff = await stack.console(sale);
    await begin(staff);
    await sees(ana, ".lot-meta", "Lot 1 of 3");
    await press(ana, 1000);
    const show = (page, title) => page.locator(".lot-row", { hasText: title }).getByRole("button", { name: "Show" }).click();
    await show(ana, "Lot 3");
    await sees(ana, ".lot-meta", "Lot 3 of 3");
    await sees(ana, standing, "You have not bid on this lot");
    await ana.waitForFunction(() => scrollY === 0); // the lot is in sight, not the list
    await fitsThumbs(ana);
    await picture(ana, "parallel");
    await press(ana, 1000);
    await sees(ben, "[data-testid=price]", "€10");
    await press(ben, 1100);
    await sees(ana, ".lot-meta", "Lot 3 of 3"); // a bid on another lot does not take this one away
    await show(ana, "Lot 1");
    await sees(ana, standing, "You are outbid by Ben");
    const { lots } = await stack.snapshot(sale);
    assert.deepEqual(lots.map(({ price, leader }) => [price, leader?.name ?? null]), [[1100, "Ben"], [null, null], [1000, "Ana"]]);
  }));

test("lots are named in turn, a right to match is answered, and unsold lots come again by name", { timeout: 90_000 }, () =>
  Stack.play(async (stack) => {
    const sale = await stack.house.createSale(listed("draft", [{ title: "Keeper", opening: 1000, match_holder: "p2" }, { title: "Wing", opening: 1000 }], {
      gap: 100, rules: { soft_close: null, unsold_rounds: 1 },
      nomination: { order: "straight", time_ms: 30_000, nominator_bids: false }, match: { mode: "raise", time_ms: 30_000 }, accelerated: { time_ms: 20_000 },
      roster: { budget: 100_000, slots: 3, minimum: 100 },
    }));
    const ana = await stack.bidder(sale, "Ana");
    const ben = await stack.bidder(sale, "Ben");
    const hall = await stack.hall(sale);
    const staff = await stack.console(sale);
    await begin(staff);
    await sees(ana, "[data-testid=waiting]", "It is your turn to name a lot");
    await allSee([ben, hall], "[data-testid=waiting], [data-testid=next]", "Ana, paddle 1 names the next lot");
    await sees(staff, "[data-testid=stage]", "Ana, paddle 1 names the next lot");
    await fitsThumbs(ana);
    await picture(ana, "nominate");
    await picture(hall, "nominate-hall");
    await ana.click("[aria-label='Nominate lot 1, Keeper']");
    await press(ana, 1000);
    await staff.click("[data-testid=next]:enabled");
    await allSee([ana, staff], "[data-testid=asked]", "Ben, paddle 2 is asked to match €10");
    await sees(ben, "[data-testid=asked]", "You are asked to match €10");
    await fitsThumbs(ben);
    await picture(ben, "match");
    await picture(hall, "match-hall");
    await ben.click("[data-testid=match] .button-primary");
    await sees(ana, "[data-testid=asked]", "You are asked to raise above €10, once");
    await fitsThumbs(ana);
    await picture(ana, "raise");
    await ana.fill("#raise-amount", "15");
    await ana.click("[data-testid=raise] .button-primary");
    await sees(ben, "[data-testid=asked]", "You are asked to match €15");
    await ben.click("text=Decline");
    await sees(staff, ".row-title", "Keeper");
    await sees(ben, "[data-testid=nominate]", "Wing");
    await sees(ana, "[data-testid=purse]", "Roster 1/3");
    await ben.click("[aria-label='Nominate lot 2, Wing']");
    await sees(staff, "[data-testid=next]", "Pass lot 2");
    await staff.click("[data-testid=next]:enabled");
    await allSee([ana, ben], "[data-testid=names]", "Wing");
    await ben.click(".naming-choice");
    await fitsThumbs(ben);
    await picture(ben, "names");
    await ben.click("text=Submit 1 lot");
    await sees(ben, ".naming-submit", "Submitted");
  }));

test("who waits for approval may look on until the console lets him in, and a sale begins by its clock", { timeout: 90_000 }, () =>
  Stack.play(async (stack) => {
    const at = Date.now() + 25_000;
    const sale = await stack.house.createSale(saleOf("desk", { lots: 1, duration: 60_000, registration: "approval", start: { mode: "at", at } }));
    const ana = await stack.bidder(sale, "Ana");
    const ben = await stack.bidder(sale, "Ben");
    const staff = await stack.console(sale);
    await allSee([ana, ben], "[data-testid=pending]", "The auctioneer has not let you in yet");
    await ana.waitForSelector("[data-testid=starts] .countdown[data-state=running]");
    await fitsThumbs(ana);
    await picture(ana, "pending");
    await picture(staff, "pending-console");
    await staff.click("[aria-label='Approve Ana']");
    await ana.waitForSelector("[data-testid=pending]", { state: "detached" });
    await staff.click("[aria-label='Block Ben']");
    await sees(ben, "#dock-hint", "The auctioneer has blocked your bids.");
    await sees(ana, "[data-testid=price]", "Opens at €10", 30_000);
    await press(ana, 1000);
  }));

test("sealed offers are seen by their owner alone, and the last one who holds the button of a rising price has it", { timeout: 90_000 }, () =>
  Stack.play(async (stack) => {
    const sale = await stack.house.createSale(listed("silent", [
      { title: "Orchids", opening: 1000, quantity: 3, rules: { format: "uniform" } },
      { title: "Rare bulb", opening: 1000, duration_ms: 6000, rules: { format: "japanese", price_step: 100, price_tick_ms: 2500 } },
    ], { gap: 3000, rules: { soft_close: null, unsold_rounds: 0 } }));
    const ana = await stack.bidder(sale, "Ana");
    const ben = await stack.bidder(sale, "Ben");
    const hall = await stack.hall(sale);
    const staff = await stack.console(sale);
    await begin(staff);
    await sees(ana, "[data-testid=own-offer]", "You have made no sealed bid");
    const offer = async (page, amount, pieces) => {
      await page.fill("#own-amount", amount);
      await page.fill("#pieces", pieces);
      await page.click(".own-button");
      await sees(page, "[data-testid=own-offer]", `Your sealed bid: €${amount}${pieces === "1" ? "" : `, ${pieces} pieces`}`);
    };
    await offer(ana, "20", "2");
    await offer(ben, "15", "1");
    await sees(hall, "[data-testid=hall-lot]", "Nobody sees a bid before the close");
    await fitsThumbs(ana);
    await picture(ana, "sealed");
    await picture(hall, "sealed-hall");
    await ana.reload();
    await sees(ana, "[data-testid=own-offer]", "Your sealed bid: €20, 2 pieces");
    assert.ok(!(await ben.evaluate(() => document.body.innerText)).includes("€20"));
    await staff.click("[data-testid=next]:enabled");
    await allSee([ana, ben], "[data-testid=result]", "You won Lot 1: Orchids €15");
    await allSee([ana, ben], ".bid-button", "Hold the button");
    await fitsThumbs(ana);
    await picture(ana, "japanese");
    for (const page of [ana, ben]) {
      await page.click("[data-testid=moving-price] .button-primary");
      await sees(page, "[data-testid=own-button]", "You hold the button");
    }
    await ben.waitForFunction(() => Number(document.querySelector("[data-testid=moving-price]").dataset.price) > 1000, undefined, { timeout: 15_000 });
    await fitsThumbs(ben);
    await picture(ben, "button");
    await ben.click("text=Release at");
    await sees(ana, "[data-testid=complete]", "You spent €41");
    await sees(ben, "[data-testid=complete]", "You spent €15");
    await picture(ana, "complete");
  }));
