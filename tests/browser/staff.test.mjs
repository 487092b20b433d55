// Console, hall and landing page against the mock bridge.

import assert from "node:assert/strict";
import { test } from "node:test";
import { desk, phone, screen } from "./browser.mjs";
import { begin, live, sees, stage, until } from "./stage.mjs";

const path = "/console?sale=demo#token=auctioneer";
const sent = (server, event) => server.commands.filter((command) => command.event === event);
const guarded = (page) => page.waitForSelector("[data-testid=next]:enabled");

test("the console takes its token out of the address bar and keeps it over a reload", () =>
  stage({ path, options: desk, storage: null }, async ({ page }) => {
    await live(page);
    assert.equal(new URL(page.url()).hash, "");
    await page.reload();
    await live(page);
    await sees(page, ".top-who", "auctioneer");
  }));

test("begin, pause, resume", () =>
  stage({ path, options: desk, storage: null }, async ({ page, sale }) => {
    await page.click("text=Begin the sale");
    await sees(page, "[data-testid=stage]", "Next: lot 1");
    sale.open();
    await page.click("text=Pause");
    await page.waitForSelector("[data-testid=stage][data-phase=paused]");
    await page.click("text=Resume");
    await page.waitForSelector("[data-testid=stage][data-phase=live]");
  }));

test("who leads is always on the screen", () =>
  stage({ path, options: desk, storage: null, prepare: ({ sale }) => begin(sale) }, async ({ page, sale, ana, ben }) => {
    await live(page);
    await sees(page, "[data-testid=leader]", "Nobody yet");
    sale.acceptBid(ana, 100_000);
    await sees(page, "[data-testid=leader]", "1 Ana");
    sale.acceptBid(ben, 110_000);
    await sees(page, "[data-testid=leader]", "2 Ben");
    sale.close();
    await sees(page, "[data-testid=leader]", "Sold to Ben, paddle 2 for €1,100");
  }));

test("next says what it will do, names the lot, and a double press does it once (L10)", () =>
  stage({ path, options: desk, storage: null, prepare: ({ sale, ben }) => (begin(sale), sale.acceptBid(ben, 100_000)) }, async ({ page, server, sale }) => {
    await guarded(page);
    await sees(page, "[data-testid=next]", "Sell lot 1 now to Ben, paddle 2 for €1,000");
    await page.dblclick("[data-testid=next]");
    await sees(page, "[data-testid=next]", "Start lot 2 now");
    await page.evaluate(() => document.querySelector("[data-testid=next]").click()); // a third press, too soon after the change
    await guarded(page);
    assert.deepEqual(sent(server, "next_lot").map((command) => command.body.lot), ["l1"]);
    await page.click("[data-testid=next]");
    await until(() => sale.lot.id === "l2", "lot 2 is open");
    assert.deepEqual(sent(server, "next_lot").map((command) => command.body.lot), ["l1", "l2"]);
  }));

test("a lost answer to next is asked for with the same id", () =>
  stage({ path, options: desk, storage: null, prepare: ({ sale }) => begin(sale) }, async ({ page, server, sale }) => {
    await guarded(page);
    server.faults.dropAcks = 1;
    await page.click("[data-testid=next]");
    await until(() => sent(server, "next_lot").length === 2, "the second try");
    const ids = sent(server, "next_lot").map((command) => command.body.id);
    assert.equal(ids[0], ids[1]);
    assert.equal(sale.lots[0].phase, "unsold");
    assert.equal(sale.lots[1].phase, "pending");
  }));

test("a refusal is told", () =>
  stage({ path, options: desk, storage: null, prepare: ({ sale, server }) => (begin(sale), (server.faults.refuse = "WRONG_PHASE")) }, async ({ page }) => {
    await live(page);
    await page.click("text=Pause");
    await sees(page, ".toast", "phase that does not allow this");
  }));

test("reset needs a second thought", () =>
  stage({ path, options: desk, storage: null, prepare: ({ sale }) => (begin(sale), sale.pause()) }, async ({ page, server }) => {
    await live(page);
    await page.click("text=Reset …");
    await page.click("text=Keep the sale");
    assert.equal(sent(server, "reset_auction").length, 0);
    await page.click("text=Reset …");
    await page.click("dialog >> text=Reset the sale");
    await page.waitForSelector("[data-testid=stage][data-phase=lobby]");
    assert.equal(sent(server, "reset_auction").length, 1);
  }));

test("an announcement reaches the room", () =>
  stage({ path, options: desk, storage: null }, async ({ page, server, context }) => {
    const room = await context.newPage();
    await room.goto(`${server.url}/room?sale=demo`);
    await live(room);
    await page.fill("#announce", "Ten minutes break");
    await page.press("#announce", "Enter");
    await sees(room, ".toast", "Ten minutes break");
    await page.waitForFunction(() => document.querySelector("#announce").value === "");
  }));

test("an invitation link for bidders can be made", () =>
  stage({ path, options: desk, storage: null }, async ({ page, server }) => {
    await live(page);
    await page.click("text=Invite bidders");
    await page.waitForSelector("#invite");
    assert.equal(await page.inputValue("#invite"), `${server.url}/room?sale=demo&invite=welcome`);
  }));

test("without a token the console shows no controls", () =>
  stage({ path: "/console?sale=demo", options: desk, storage: null }, async ({ page }) => {
    await sees(page, "h1", "The console needs a token");
  }));

test("a token that is refused is told", () =>
  stage({ path: "/console?sale=demo#token=expired", options: desk, storage: null }, async ({ page }) => {
    await sees(page, "h1", "No access to this sale");
  }));

test("the hall goes from lobby to sold without a hand", () =>
  stage({ path: "/hall?sale=demo", options: screen, storage: null }, async ({ page, sale, ben }) => {
    await sees(page, ".hall-quiet", "Autumn club auction");
    begin(sale);
    await sees(page, "[data-testid=hall-lot]", "Brass desk lamp");
    sale.acceptBid(ben, 100_000);
    await sees(page, ".hall-amount", "€1,000");
    await sees(page, "[data-testid=leader]", "2 Ben");
    sale.pause();
    await sees(page, ".hall-strip", "Paused");
    sale.resume();
    sale.close();
    await sees(page, "[data-testid=splash]", "Sold");
    sale.countIn();
    await sees(page, "[data-testid=next]", "Lot 2: Two oak chairs");
    sale.open();
    sale.close();
    await sees(page, "[data-testid=splash]", "Unsold");
    sale.complete("no_lots_left");
    await sees(page, ".hall-quiet", "1 of 6 lots sold");
  }));

test("the hall says when it is not live", () =>
  stage({ path: "/hall?sale=demo", options: screen, storage: null, prepare: ({ sale }) => begin(sale) }, async ({ page, sale }) => {
    await live(page);
    sale.emit("connection_degraded", { live: false }, false);
    await sees(page, "[data-testid=not-live]", "Not live");
  }));

test("the landing page lists public sales and takes a pasted link", () =>
  stage({ path: "/", options: phone, storage: null }, async ({ page }) => {
    await sees(page, ".sale", "Autumn club auction");
    await page.fill("input", "https://example.org/room?sale=demo&invite=welcome");
    await page.click("button:text('Join')");
    await page.waitForURL(/\/room\?sale=demo$/);
    await sees(page, "h1", "Join the sale");
  }));
