// What the tests against the real stack share: broker, engine and bridge of the test's own, one Chromium, and pages that must stay free of errors.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before } from "node:test";
import { House, needPrograms } from "../e2e/harness.mjs";
import { desk, launch, missing, phone, screen, source } from "./browser.mjs";

needPrograms("auction-svc", "auction-bridge", "auctionctl");
const reason = missing();
if (reason) {
  console.error(`skipped: ${reason}`);
  process.exit(77);
}

export const bundle = join(source, "tests/node_modules/socket.io-client/dist");

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser.close();
});

// One test's house with the web pages, and the pages that it has opened.
export class Stack {
  errors = [];
  contexts = [];

  static async play(work, { bridges = 1, bridgeArgs = [] } = {}) {
    const stack = new Stack();
    stack.house = await House.open({ bridges, bridgeArgs: ["--web", join(source, "web/dist"), "--bundle", bundle, ...bridgeArgs] });
    let failed = true;
    try {
      await work(stack);
      assert.deepEqual(stack.errors, [], "errors in the consoles of the pages");
      failed = false;
    } finally {
      for (const context of stack.contexts) await context.close();
      await stack.house.close({ failed });
    }
  }

  // A page of a browser of its own (own storage), as another person would have.
  async page(name, path, { options = desk, url = this.house.url, websocket = true } = {}) {
    const context = await browser.newContext(options);
    this.contexts.push(context);
    if (!websocket) await context.addInitScript(() => (globalThis.WebSocket = undefined));
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on("pageerror", (error) => this.errors.push(`${name}: ${error}`));
    page.on("console", (message) => {
      // A policy that the page breaks is an error; a request that fails because the test killed its server is not.
      if (message.type() === "error" && !/Failed to load resource|ERR_|WebSocket connection/.test(message.text())) this.errors.push(`${name}: ${message.text()}`);
    });
    await page.goto(url + path);
    return page;
  }

  // A person who opens the link of the invitation and gives a name.
  async bidder(sale, name, more) {
    const page = await this.page(name, `/room?sale=${sale.id}&invite=${sale.invite}`, { options: phone, ...more });
    await page.fill("input[autocomplete=name]", name);
    await page.click("button[type=submit]");
    await live(page);
    return page;
  }

  async console(sale, more) {
    const token = await this.house.token("auctioneer", sale.id);
    const page = await this.page("console", `/console?sale=${sale.id}#token=${token}`, more);
    await live(page);
    return page;
  }

  async hall(sale, more) {
    const page = await this.page("hall", `/hall?sale=${sale.id}`, { options: screen, ...more });
    await live(page);
    return page;
  }

  // The sale as the API tells it.
  async snapshot(sale) {
    const { snapshot } = await this.house.apiOk("GET", `/api/sales/${sale.id}`, { token: sale.token });
    return snapshot;
  }
}

export const standing = "[data-testid=standing]";
export const live = (page, timeout = 10_000) => page.waitForSelector("[data-testid=status][data-liveness=live]", { timeout });
export const notLive = (page, timeout = 5000) => page.waitForSelector("[data-testid=status]:not([data-liveness=live])", { timeout });

// Waits until an element of this kind has the text; the failure tells what there is.
export async function sees(page, selector, text, timeout = 8000) {
  try {
    await page.waitForFunction(
      ([css, want]) => [...document.querySelectorAll(css)].some((node) => (node.innerText ?? "").replace(/\s+/g, " ").includes(want)),
      [selector, text],
      { timeout },
    );
  } catch {
    const found = await page.$$eval(selector, (nodes) => nodes.map((node) => node.innerText));
    const whole = await page.evaluate(() => document.body.innerText.slice(0, 600));
    assert.fail(`"${text}" is not in ${selector}: ${JSON.stringify(found)}\nthe page:\n${whole}`);
  }
}

export const allSee = (pages, selector, text, timeout) => Promise.all(pages.map((page) => sees(page, selector, text, timeout)));

// Presses the first bid button for this amount (minor units), and waits for the standing that the press leads to. A press within 250 ms of a
// new price is refused by the page, so a person looks before the press: the same here.
export async function press(page, amount) {
  const button = page.locator(`.bid-button.button-primary[data-amount="${amount}"]:enabled`);
  await button.waitFor();
  await page.waitForTimeout(300);
  await button.click();
  await page.waitForSelector("[data-testid=standing][data-standing=winning]");
}

// "1:05" and "0:07.3" in milliseconds: whole seconds are rounded up, so what was meant lies in the middle of the last one.
export function shownMs(text) {
  const [, minutes, seconds] = /^(\d+):(\d\d(?:\.\d)?)$/.exec(text) ?? [];
  assert.ok(minutes !== undefined, `no countdown: ${JSON.stringify(text)}`);
  return (Number(minutes) * 60 + Number(seconds)) * 1000 - (seconds.includes(".") ? 50 : 500);
}

export function frozenText(remainingMs) {
  const tenths = Math.ceil(remainingMs / 100);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

export const clockText = (page) => page.textContent(".countdown-text");

// The page's countdown is within a second of the truth. Engine and browser read the same machine's clock.
export async function clockIsRight(page, endsAt) {
  const [text, nowMs] = await page.evaluate(() => [document.querySelector(".countdown-text")?.textContent ?? "", Date.now()]);
  const wrong = shownMs(text) - (endsAt - nowMs);
  assert.ok(Math.abs(wrong) <= 1000, `the countdown shows ${text}, ${endsAt - nowMs} ms are left`);
}
