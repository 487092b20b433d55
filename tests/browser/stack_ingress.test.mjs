// The room behind a real nginx: one that refuses every WebSocket, and one that passes them. A person notices neither.

import assert from "node:assert/strict";
import { test } from "node:test";
import { saleOf } from "../e2e/harness.mjs";
import { PLAIN, UPGRADE, needNginx, startNginx } from "../e2e/nginx.mjs";
import { desk } from "./browser.mjs";
import { Stack, press, sees, standing } from "./stack_world.mjs";

needNginx();

// From here on the page keeps every state of its connection that it has shown.
const remember = (page) => page.evaluate(() => {
  const seen = new Set();
  const look = () => {
    seen.add(document.querySelector("[data-testid=status]")?.dataset.liveness ?? "nothing");
    if (document.querySelector("[data-testid=not-live]")) seen.add("banner");
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-liveness"] });
  look();
  globalThis.shownStates = () => [...seen];
});

async function playBehind(stack, locations, transport) {
  const { house } = stack;
  const url = await startNginx(house, locations);
  const sale = await house.createSale(saleOf("ingress", { lots: 2, duration: 3000, gap: 500, rules: { unsold_rounds: 0 } }));
  const ana = await stack.bidder(sale, "Ana", { url });
  const ben = await stack.bidder(sale, "Ben", { url, options: desk });
  const hall = await stack.hall(sale, { url });
  const all = [ana, ben, hall];
  const using = (page) => page.waitForSelector(`[data-testid=status][data-transport=${transport}]`);
  await Promise.all(all.map(using));
  await Promise.all(all.map(remember));
  await house.command(sale, "begin");
  await press(ana, 1000);
  await press(ben, 1100);
  await sees(ana, standing, "You are outbid by Ben");
  await sees(hall, "[data-testid=leader]", "2 Ben");
  await sees(ana, "[data-testid=lot-card]", "Lot 2 of 2");
  await press(ana, 1000);
  await sees(ana, "[data-testid=complete]", "You won 1 for €10");
  await sees(ben, "[data-testid=complete]", "You won 1 for €11");
  await Promise.all(all.map(using));
  for (const page of all) assert.deepEqual(await page.evaluate(() => globalThis.shownStates()), ["live"]);
  const results = await house.results(sale);
  assert.deepEqual(results.lots.map(({ price, winner }) => [price, winner.name]), [[1100, "Ben"], [1000, "Ana"]]);
}

test("behind an nginx that answers 403 to every upgrade the room plays on by polling, and says that it is live (F3)", { timeout: 60_000 }, () =>
  Stack.play((stack) => playBehind(stack, `if ($http_upgrade) { return 403; } location / { ${PLAIN} }`, "polling")));

test("behind an nginx that passes upgrades the room ends on websocket", { timeout: 60_000 }, () =>
  Stack.play((stack) => playBehind(stack, `location / { ${UPGRADE} }`, "websocket")));
