// Three bridges behind an nginx that sends each request to the next of them, under real browsers: people play a sale while every bridge is
// restarted, and their pages are never loaded again, never wrong, and live again within seconds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { saleOf } from "../e2e/harness.mjs";
import { needProxies, ofAll, relayed, startFront } from "../cluster/cluster.mjs";
import { desk } from "./browser.mjs";
import { Stack, allSee, live, press, sees } from "./stack_world.mjs";

needProxies("nginx");

test("people play on while three bridges behind one address are restarted one after the other", { timeout: 90_000 }, () =>
  Stack.play(async (stack) => {
    const { house } = stack;
    const url = await startFront(house, "nginx");
    const sale = await house.createSale(saleOf("rolling", { lots: 1, duration: 60_000, rules: { unsold_rounds: 0 } }));
    const ana = await stack.bidder(sale, "Ana", { url, websocket: false });
    const ben = await stack.bidder(sale, "Ben", { url, options: desk });
    const hall = await stack.hall(sale, { url });
    const all = [ana, ben, hall];
    await Promise.all(all.map((page) => page.waitForSelector(`[data-testid=status][data-transport=${page === ana ? "polling" : "websocket"}]`)));
    for (const page of all) await page.evaluate(() => (globalThis.sameDocument = true));
    await house.command(sale, "begin");
    let amount = 1000;
    const turn = async () => {
      const [bidder, other] = amount % 200 === 0 ? [ana, ben] : [ben, ana];
      await press(bidder, amount);
      await sees(other, "[data-testid=price]", `Current bid €${amount / 100}`);
      await sees(hall, ".hall-amount", `€${amount / 100}`);
      amount += 100;
    };
    await turn();
    await turn();
    assert.ok((await ofAll(house, (bridge) => relayed(bridge, "polls", "in"))) > 0, "nothing was relayed");
    for (const bridge of house.bridges) {
      await bridge.stop();
      await bridge.start();
      await house.untilReady();
      await Promise.all(all.map((page) => live(page, 5000)));
      await turn();
      await turn();
    }
    await house.command(sale, "next", { lot: "l1" });
    await sees(ben, "[data-testid=complete]", `You won 1 for €${(amount - 100) / 100}`);
    await allSee([ana], "[data-testid=complete]", "You won 0");
    for (const page of all) assert.equal(await page.evaluate(() => globalThis.sameDocument), true, "a page was loaded again");
    const bids = (await house.events(sale)).filter(({ name }) => name === "bid_update").map(({ payload }) => payload.amount);
    assert.deepEqual(bids, Array.from({ length: 8 }, (_, i) => 1000 + 100 * i));
  }, { bridges: 3, bridgeArgs: ["--drain-ms", "1000"] }));
