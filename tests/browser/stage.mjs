// What the page tests share: one browser, and for each test a mock sale with a page on it that must stay free of errors.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { launch, missing, phone } from "./browser.mjs";
import { MockSale, MockServer } from "./mock_server.mjs";

const reason = missing();
if (reason) {
  console.error(`skipped: ${reason}`);
  process.exit(77);
}

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser.close();
});

export const member = (change = {}) => ({
  token: "bidder:p1", participant: { id: "p1", paddle: "1", name: "Ana" }, role: "bidder", invite: "welcome", name: "Ana", joinId: "join-ana", ...change,
});

// Opens a page on a fresh sale with the bidders Ana (p1) and Ben (p2); `storage` is what the browser remembers of it.
export async function stage({ path = "/room?sale=demo", definition = {}, options = phone, storage = member(), prepare = () => {}, clock, server: serverOptions } = {}, play) {
  const sale = new MockSale(definition, clock);
  const server = await new MockServer(sale, serverOptions).listen();
  const ana = sale.join("join-ana", "Ana");
  const ben = sale.join("join-ben", "Ben");
  prepare({ sale, server, ana, ben });
  const context = await browser.newContext(options);
  if (storage) {
    await context.addInitScript((value) => {
      if (!localStorage.getItem("lotcast.sale.demo")) localStorage.setItem("lotcast.sale.demo", value);
    }, JSON.stringify(storage));
  }
  const errors = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // A policy that the page breaks is an error; a request that fails because the test cut it is not.
    if (message.type() === "error" && !/Failed to load resource|ERR_|WebSocket connection/.test(message.text())) errors.push(message.text());
  });
  try {
    await page.goto(server.url + path);
    await play({ page, sale, server, ana, ben, context });
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
    await server.close();
  }
}

export const live = (page) => page.waitForSelector("[data-testid=status][data-liveness=live]");

export function begin(sale) {
  sale.begin();
  sale.open();
}

// Waits until the element has this text; the failure tells what it has.
export async function sees(page, selector, text, timeout = 8000) {
  try {
    await page.waitForFunction(
      ([css, want]) => [...document.querySelectorAll(css)].some((node) => (node.innerText ?? "").replace(/\s+/g, " ").includes(want)),
      [selector, text],
      { timeout },
    );
  } catch {
    const found = await page.$$eval(selector, (nodes) => nodes.map((node) => node.innerText));
    assert.fail(`"${text}" is not in ${selector}: ${JSON.stringify(found)}`);
  }
}

export async function until(condition, what, timeoutMs = 8000) {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) assert.fail(`not reached: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// The bid buttons refuse presses for a moment after the price has changed.
export const settled = (page) => page.waitForTimeout(300);
export const bids = (server) => server.commands.filter((command) => command.event === "place_bid");
