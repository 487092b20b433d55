// The bidder's page against the mock bridge.

import assert from "node:assert/strict";
import { test } from "node:test";
import { desk, phone, small } from "./browser.mjs";
import { begin, bids, live, member, sees, settled, stage, until } from "./stage.mjs";

const standing = "[data-testid=standing]";
const price = "[data-testid=price]";
const first = ".bid-button >> nth=0";

test("an invitation asks for the name once, leaves the address bar, and is remembered", () =>
  stage({ path: "/room?sale=demo&invite=welcome", storage: null }, async ({ page, server, sale }) => {
    await page.fill("input[autocomplete=name]", "Chi");
    assert.equal(new URL(page.url()).search, "?sale=demo");
    await page.click("button[type=submit]");
    await live(page);
    await sees(page, ".top-who", "Chi");
    await page.reload();
    await live(page);
    await sees(page, ".top-who", "Chi");
    assert.equal(server.joins.length, 1);
    assert.equal(sale.people.length, 3);
  }));

test("a wrong invitation is refused in words and does not stop the next try", () =>
  stage({ path: "/room?sale=demo&invite=wrong", storage: null }, async ({ page }) => {
    await page.fill("input[autocomplete=name]", "Chi");
    await page.click("button[type=submit]");
    await sees(page, ".form-error", "unknown, used up or expired");
    assert.equal(await page.isEnabled("button[type=submit]"), true);
  }));

test("without an invitation a public sale can be watched, but not bid on", () =>
  stage({ storage: null, prepare: ({ sale }) => begin(sale) }, async ({ page }) => {
    await live(page);
    await sees(page, ".top-who", "Watching");
    assert.equal(await page.locator("[data-testid=dock]").count(), 0);
  }));

test("a private sale asks for an invitation", () =>
  stage({ storage: null, definition: { public: false } }, async ({ page }) => {
    await sees(page, "h1", "This sale is by invitation");
  }));

test("an expired token is renewed as the same participant", () =>
  stage({ storage: member({ token: "expired" }) }, async ({ page, server, sale }) => {
    await live(page);
    assert.deepEqual(server.joins, [{ invite: "welcome", name: "Ana", id: "join-ana" }]);
    assert.equal(sale.people.length, 2);
  }));

test("the lobby shows who is here, and the first lot comes by itself after its 3-2-1", () =>
  stage({}, async ({ page, sale }) => {
    await sees(page, "[data-testid=lobby]", "1 bidder is here");
    sale.begin();
    await sees(page, "[data-testid=next]", "Lot 1: Brass desk lamp");
    await sees(page, "[data-testid=next] .countdown-text", "0:0");
    sale.open();
    await sees(page, price, "€1,000");
    await sees(page, ".lot-description", "Weighted foot");
  }));

test("a press sends the displayed amount with a new id, locks, and ends in winning", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, server }) => {
    await live(page);
    await settled(page);
    server.faults.delayMs = 400;
    await page.click(first);
    await page.waitForSelector("[data-testid=dock][data-locked=yes]");
    await sees(page, standing, "You are winning");
    await until(() => bids(server).length === 1, "one bid");
    const { body } = bids(server)[0];
    assert.deepEqual([body.sale, body.lot, body.amount], ["demo", "l1", 100_000]);
    assert.match(body.id, /^[0-9a-f]{32}$/);
  }));

test("rapid taps send one bid of the displayed amount (F18)", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, server, sale }) => {
    await live(page);
    await settled(page);
    server.faults.delayMs = 300;
    await page.evaluate(() => {
      const button = document.querySelector(".bid-button");
      for (let tap = 0; tap < 8; tap++) button.click();
    });
    await sees(page, standing, "You are winning");
    await page.waitForTimeout(500); // long enough for a second command to be seen
    assert.equal(bids(server).length, 1);
    assert.equal(sale.lot.price, 100_000);
  }));

test("a press that meets a price changed a moment ago is held back and told", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, server, sale, ben }) => {
    await live(page);
    await settled(page);
    await page.evaluate(() => {
      const press = new MutationObserver(() => {
        press.disconnect();
        document.querySelector(".bid-button").click();
      });
      press.observe(document.querySelector("[data-testid=price]"), { subtree: true, characterData: true, childList: true });
    });
    sale.acceptBid(ben, 100_000);
    await sees(page, ".toast", "The price has just changed");
    assert.equal(bids(server).length, 0);
  }));

test("outbid is said in words, with the one who leads and what it takes", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, sale, ana, ben }) => {
    await live(page);
    sale.acceptBid(ana, 100_000);
    await sees(page, standing, "You are winning at €1,000");
    assert.equal(await page.isDisabled(first), true);
    sale.acceptBid(ben, 120_000);
    await sees(page, standing, "You are outbid by Ben, paddle 2. Bid €1,300 to lead again.");
    await sees(page, "[data-testid=spoken]", "");
    assert.match(await page.textContent("[data-testid=spoken]"), /You are outbid\. The next bid is €1,300/);
    assert.equal(await page.locator(`${standing} svg`).count(), 1);
  }));

test("a refusal is a toast with the facts", () =>
  stage({ prepare: ({ sale, ben }) => (begin(sale), sale.acceptBid(ben, 100_000)) }, async ({ page, server }) => {
    await live(page);
    await settled(page);
    server.faults.refuse = "BELOW_ASK";
    await page.click(first);
    await sees(page, ".toast", "€1,100 is too low; the next bid must be at least €1,100. The price is €1,000 (led by Ben, paddle 2).");
    await page.waitForSelector("[data-testid=dock][data-locked=no]");
  }));

test("an own amount is shown on its button before it is sent, and limits are kept", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, server }) => {
    await live(page);
    await settled(page);
    await page.fill("#own-amount", "900");
    await sees(page, ".dock-hint", "At least €1,000");
    await page.fill("#own-amount", "99999");
    await sees(page, ".dock-hint", "At most €9,800");
    assert.equal(await page.isDisabled(".own-button"), true);
    await page.fill("#own-amount", "1,234.50");
    await sees(page, ".own-button", "Bid €1,234.50");
    await page.press("#own-amount", "Enter");
    await sees(page, price, "€1,234.50");
    assert.equal(bids(server)[0].body.amount, 123_450);
  }));

test("a lost answer is asked for again with the same id (F15)", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, server, sale }) => {
    await live(page);
    await settled(page);
    server.faults.dropAcks = 2;
    server.tickOnly();
    await page.click(first);
    await sees(page, ".dock-hint", "Asking again");
    await page.waitForSelector("[data-testid=dock]:not(:has(.dock-pending))");
    const ids = bids(server).map((command) => command.body.id);
    assert.equal(ids.length, 3);
    assert.equal(new Set(ids).size, 1);
    assert.equal(sale.lot.bids, 1);
    assert.equal(await page.locator(".toast").count(), 0);
  }));

test("no answer at all is called unknown, after the receipt was asked for", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, server }) => {
    await live(page);
    await settled(page);
    server.faults.dropCommands = 10;
    server.tickOnly();
    await page.click(first);
    await sees(page, ".toast", "The auction has no record of your bid of €1,000", 15_000);
    assert.equal(new Set(bids(server).map((command) => command.body.id)).size, 1);
    assert.equal(bids(server).length, 4);
    assert.deepEqual(server.receiptsAsked, [bids(server)[0].body.id]);
  }));

test("the countdown is right though the device's clock is an hour off", () =>
  stage({ clock: () => Date.now() + 3_600_000, prepare: ({ sale }) => begin(sale) }, async ({ page, sale }) => {
    await live(page);
    const shown = await page.waitForFunction(() => /^0:(\d\d)$/.exec(document.querySelector(".countdown-text")?.textContent ?? "")?.[1]);
    const left = (sale.lot.ends_at - sale.now()) / 1000;
    assert.ok(Math.abs(Number(await shown.jsonValue()) - left) < 1.5);
  }));

test("a pause freezes the exact time and a resume goes on with it (F23)", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, sale }) => {
    await live(page);
    sale.pause();
    await page.waitForSelector("[data-testid=paused]");
    const text = `0:${(Math.ceil(sale.frozenMs / 100) / 10).toFixed(1).padStart(4, "0")}`;
    await sees(page, ".countdown-text", text);
    await page.waitForTimeout(1200); // the time that a broken pause would have lost
    assert.equal(await page.textContent(".countdown-text"), text);
    assert.equal(await page.isDisabled(first), true);
    sale.resume();
    await page.waitForSelector("[data-testid=paused]", { state: "detached" });
    await page.waitForSelector(".countdown[data-state=running]");
  }));

test("a bridge without its engine is shown as not live, and bids are held back", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, sale }) => {
    await live(page);
    sale.emit("connection_degraded", { live: false }, false);
    await page.waitForSelector("[data-testid=not-live]");
    assert.equal(await page.isDisabled(first), true);
    sale.emit("connection_restored", {}, false);
    await page.waitForSelector("[data-testid=not-live]", { state: "detached" });
  }));

test("silence while a clock runs is shown within seconds, and heals", () =>
  stage({ prepare: ({ sale, server }) => (begin(sale), server.tickOnly()) }, async ({ page, server }) => {
    await live(page);
    server.faults.mute = true;
    const from = Date.now();
    await page.waitForSelector("[data-testid=status][data-liveness=silent]", { timeout: 9000 });
    assert.ok(Date.now() - from <= 5000);
    assert.equal(await page.isDisabled(first), true);
    server.faults.mute = false;
    await live(page);
  }));

test("a question that is not answered is shown within five seconds, also while no clock runs, and heals", () =>
  stage({}, async ({ page, server }) => {
    await live(page);
    await page.waitForTimeout(2100); // a page asks for the time every 2 s at most
    server.faults.deafTime = true;
    const from = Date.now();
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))); // as who comes back to the page
    await page.waitForSelector("[data-testid=status][data-liveness=silent]", { timeout: 9000 });
    assert.ok(Date.now() - from <= 5000);
    server.faults.deafTime = false;
    await live(page);
  }));

test("after a lost connection the page shows what has changed without a reload (L5, L7, L8)", () =>
  stage({ prepare: ({ sale, ben }) => (begin(sale), sale.acceptBid(ben, 100_000)) }, async ({ page, server, sale }) => {
    await live(page);
    await sees(page, price, "€1,000");
    server.faults.mute = true;
    for (const socket of server.io.sockets.sockets.values()) socket.conn.close();
    await page.waitForSelector("[data-testid=status][data-liveness=offline]");
    sale.close();
    sale.countIn();
    sale.open();
    server.faults.mute = false;
    await live(page);
    await sees(page, ".lot-title", "Two oak chairs");
    await sees(page, price, "Opens at €500");
    await sees(page, ".lot-sold", "Ben");
  }));

test("a missed event is repaired by one snapshot (L14)", () =>
  stage({ prepare: ({ sale, server }) => (begin(sale), server.tickOnly()) }, async ({ page, server, sale, ben }) => {
    await live(page);
    server.faults.mute = true;
    sale.acceptBid(ben, 100_000);
    server.faults.mute = false;
    await sees(page, price, "€1,000");
    await sees(page, ".person-row", "leads €1,000");
  }));

test("where websockets are refused the sale is live by polling (F3)", () =>
  stage({ server: { connectTransports: ["polling"] }, prepare: ({ sale }) => begin(sale) }, async ({ page, server }) => {
    await live(page);
    await page.waitForSelector("[data-testid=status][data-transport=polling]");
    await settled(page);
    await page.click(first);
    await sees(page, standing, "You are winning");
    assert.equal(bids(server).length, 1);
  }));

test("where websockets open and then pass nothing on, the sale goes on by polling (F3)", () =>
  stage({ prepare: ({ sale, server }) => (sale.begin(), sale.open(120_000), server.tickOnly()) }, async ({ page, server, sale, ben }) => {
    server.faults.deafWebsocket = true;
    for (let deaf = 0; deaf < 2; deaf++) {
      await page.waitForSelector("[data-testid=status][data-liveness=silent]", { timeout: 15_000 });
      await live(page);
    }
    await page.waitForSelector("[data-testid=status][data-transport=polling]");
    await page.waitForTimeout(6500); // longer than a third deaf websocket could stay unnoticed
    await page.waitForSelector("[data-testid=status][data-liveness=live][data-transport=polling]", { timeout: 100 });
    sale.acceptBid(ben, 100_000);
    await sees(page, price, "€1,000");
  }));

test("where websockets pass the transport in use is shown", () =>
  stage({}, async ({ page }) => {
    await page.waitForSelector("[data-testid=status][data-transport=websocket]");
  }));

test("sold, won, unsold and complete are shown, with owner and price in the list", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, sale, ana, ben }) => {
    await live(page);
    sale.acceptBid(ana, 100_000);
    sale.close();
    sale.countIn();
    await sees(page, "[data-testid=result]", "You won");
    await sees(page, ".lot-sold", "You");
    await sees(page, "[data-testid=purse]", "Left €9,000");
    sale.open();
    sale.acceptBid(ben, 50_000);
    sale.close();
    await sees(page, "[data-testid=result]", "Sold");
    sale.countIn();
    sale.open();
    sale.close();
    await sees(page, "[data-testid=result]", "Unsold");
    sale.complete("no_lots_left");
    await sees(page, "[data-testid=complete]", "You won 1 for €1,000");
    assert.equal(await page.locator("[data-testid=dock]").count(), 0);
  }));

test("reset and deletion are seen without a reload (F24)", () =>
  stage({ prepare: ({ sale }) => begin(sale) }, async ({ page, sale }) => {
    await live(page);
    sale.pause();
    sale.reset();
    await page.waitForSelector("[data-testid=lobby]");
    sale.emit("auction_deleted", {});
    await sees(page, "h1", "This sale has been deleted");
  }));

test("text from others is text, and a picture is an address by http or nothing", () =>
  stage(
    {
      definition: { lots: [{ title: "<img src=x onerror=alert(1)>", opening: 100, image: "javascript:alert(1)" }] },
      prepare: ({ sale }) => begin(sale),
    },
    async ({ page, sale }) => {
      await live(page);
      await sees(page, ".lot-title", "<img src=x onerror=alert(1)>");
      sale.emit("notice", { text: "<b>bold</b>", by: null });
      await sees(page, ".toast", "<b>bold</b>");
      assert.equal(await page.locator("img").count(), 0);
    },
  ));

test("the sound is off at first, its switch is remembered", () =>
  stage({}, async ({ page }) => {
    await live(page);
    await page.click("[aria-label='Sound is off']");
    await page.waitForSelector("[aria-label='Sound is on']");
    await page.reload();
    await page.waitForSelector("[aria-label='Sound is on']");
  }));

for (const [amount, opening] of Object.entries({ "€10,250,000,000": 1_025_000_000_000, "€9,000,000,000,000.45": 900_000_000_000_045 })) {
  test(`an amount like ${amount} stays on one line at 360 px, beside or above the clock`, () =>
    stage({ options: small, definition: { lots: [{ title: "Regulator", opening }], rules: { roster: null } }, prepare: ({ sale }) => (begin(sale), (sale.lot.ends_at = sale.now() + 9900)) }, async ({ page }) => {
      await live(page);
      await sees(page, price, amount);
      await page.waitForFunction(() => /^0:0\d\.\d$/.test(document.querySelector(".countdown-text").textContent));
      const broken = await page.$$eval(".bid-amount, .price-amount", (nodes) =>
        nodes
          .filter((node) => {
            const range = document.createRange();
            range.selectNodeContents(node);
            const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
            return lines.size !== 1 || range.getBoundingClientRect().right > node.parentElement.getBoundingClientRect().right + 1;
          })
          .map((node) => node.textContent),
      );
      assert.deepEqual(broken, []);
      const over = await page.evaluate(() => {
        const [figure, clock] = [".price-amount", ".countdown-text"].map((css) => {
          const range = document.createRange();
          range.selectNodeContents(document.querySelector(css));
          return range.getBoundingClientRect();
        });
        return figure.right > clock.left && figure.bottom > clock.top + 4 && clock.bottom > figure.top + 4;
      });
      assert.equal(over, false, "the clock lies over the price");
    }));
}

for (const [name, options] of Object.entries({ "360 px": small, "390 px": phone, "a desk": desk })) {
  test(`on ${name} nothing is cut off at the side and everything to press is 44 px or more`, () =>
    stage({ options, prepare: ({ sale, ben }) => (begin(sale), sale.acceptBid(ben, 100_000)) }, async ({ page, sale }) => {
      await live(page);
      const check = async (state) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${state}: ${wide} px too wide`);
        const few = await page.$$eval("button, input, a", (nodes) =>
          nodes
            .map((node) => [node.textContent || node.id, node.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && (box.height < 44 || box.width < 44))
            .map(([text, box]) => `${text} ${box.width}x${box.height}`),
        );
        assert.deepEqual(few, [], state);
      };
      await check("open");
      sale.close();
      sale.countIn();
      await page.waitForSelector("[data-testid=result]");
      await check("gap");
      sale.pause();
      await page.waitForSelector("[data-testid=paused]");
      await check("paused");
    }));
}
