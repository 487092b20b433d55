// A bridge that is cut off from the broker without a sign, and one that is frozen, while people look at it: within five seconds their pages
// say that they are not live, and those of the other bridge go on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { saleOf } from "../e2e/harness.mjs";
import { CutProxy } from "../faults/cut_proxy.mjs";
import { join } from "node:path";
import { desk, source } from "./browser.mjs";
import { Stack, allSee, bundle, live, notLive, press, sees } from "./stack_world.mjs";

const noticedWithinMs = 5000;
const healedWithinMs = 10_000;

async function play(work) {
  await Stack.play(async (stack) => {
    const { house } = stack;
    const proxy = await CutProxy.to(house.brokerPort);
    try {
      const cut = await house.addBridge(["--web", join(source, "web/dist"), "--bundle", bundle, "--broker", `127.0.0.1:${proxy.port}`]);
      await house.untilReady();
      const sale = await house.createSale(saleOf("cut", { lots: 1, duration: 90_000, rules: { unsold_rounds: 0 } }));
      const near = await stack.bidder(sale, "Near");
      const ana = await stack.bidder(sale, "Ana", { url: cut.url });
      const ben = await stack.bidder(sale, "Ben", { url: cut.url, options: desk, websocket: false });
      const hall = await stack.hall(sale, { url: cut.url });
      const far = [ana, ben, hall];
      for (const page of far) await page.evaluate(() => (globalThis.sameDocument = true));
      await house.command(sale, "begin");
      await press(ana, 1000);
      await work({ house, proxy, cut, sale, near, ana, ben, far });
      for (const page of far) assert.equal(await page.evaluate(() => globalThis.sameDocument), true, "a page was loaded again");
    } finally {
      proxy.close();
    }
  });
}

async function notice(pages, fault) {
  const from = Date.now();
  await fault();
  await Promise.all(pages.map((page) => notLive(page, noticedWithinMs)));
  const after = Date.now() - from;
  assert.ok(after <= noticedWithinMs, `noticed after ${after} ms`);
  await Promise.all(pages.map((page) => page.waitForSelector("[data-testid=not-live]")));
  return after;
}

async function goOn({ near, ana, ben, far }, mend) {
  assert.equal(await near.getAttribute("[data-testid=status]", "data-liveness"), "live");
  await press(near, 1100);
  for (const page of [ana, ben]) assert.equal(await page.isDisabled(".bid-button >> nth=0"), true, "a bid can be pressed though nobody takes it");
  const from = Date.now();
  await mend();
  await Promise.all(far.map((page) => live(page, healedWithinMs)));
  await allSee([ana, ben], "[data-testid=price]", "Current bid €11");
  const took = Date.now() - from;
  await press(ana, 1200);
  await sees(near, "[data-testid=standing]", "You are outbid by Ana");
  return took;
}

test("a cut between bridge and broker that nobody tells of is shown within five seconds, and heals (F5)", { timeout: 90_000 }, () =>
  play(async (scene) => {
    const noticed = await notice(scene.far, async () => scene.proxy.cut());
    const healed = await goOn(scene, async () => scene.proxy.mend());
    console.log(`cut: not live after ${noticed} ms, live again ${healed} ms after it was mended`);
  }));

test("a frozen bridge is noticed by the pages themselves, and heals", { timeout: 90_000 }, () =>
  play(async (scene) => {
    const noticed = await notice(scene.far, async () => scene.cut.signal("SIGSTOP"));
    const healed = await goOn(scene, async () => scene.cut.signal("SIGCONT"));
    console.log(`frozen: not live after ${noticed} ms, live again ${healed} ms after it went on`);
  }));
