// Draws the pages in their states into a folder, to be looked at: node tests/browser/pictures.mjs FOLDER [PATTERN]
// Not a test. The two pictures of the README (docs/images) are room-phone-winning and hall-open.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { desk, launch, missing, phone, screen, small } from "./browser.mjs";
import { MockSale, MockServer, defaultSale } from "./mock_server.mjs";

const folder = process.argv[2];
const pattern = new RegExp(process.argv[3] ?? "");
if (!folder || missing()) {
  console.error(missing() ?? "usage: pictures.mjs FOLDER [PATTERN]");
  process.exit(2);
}
await mkdir(folder, { recursive: true });

const names = ["Ana Lima", "Ben Okoro", "Chi Nakamura", "Dora", "Emil Sørensen", "Fatima"];
const longSale = {
  title: "Estate of the late Countess Maximiliane von Hohenstein-Wertheim, second part: clocks, lamps and instruments",
  rules: { ...defaultSale.rules, increments: { kind: "flat", step: 2_500_000_000_00, align: false }, roster: { budget: 900_000_000_000_000, slots: 16, minimum: 100_000_000_00 } },
  lots: [
    { title: "An exceptionally rare Louis XVI ormolu-mounted long-case regulator with equation of time, perpetual calendar and a movement by an unknown master", opening: 123_456_789_012_345, description: "A long description. ".repeat(20), category: "Clocks and instruments" },
    { title: "B".repeat(110), opening: 250_000_000_000_00 },
  ],
};

async function start(definition) {
  const server = await new MockServer(new MockSale(definition)).listen();
  server.tickOnly();
  return server;
}

function populate(server, longNames = false) {
  for (const [index, name] of names.entries()) server.sale.join(`join-${index}`, longNames ? `${name} of the very long family name, junior` : name);
}

function openFirst(sale) {
  sale.begin();
  sale.open();
}

const scenes = {
  lobby: () => {},
  opened: ({ sale }) => openFirst(sale),
  winning: ({ sale }) => {
    openFirst(sale);
    sale.acceptBid(sale.people[1], 100_000);
    sale.acceptBid(sale.people[2], 110_000);
    sale.acceptBid(sale.people[0], 120_000);
  },
  outbid: ({ sale }) => {
    openFirst(sale);
    sale.acceptBid(sale.people[0], 100_000);
    sale.acceptBid(sale.people[2], 110_000);
    sale.lot.ends_at = sale.now() + 7600;
  },
  won: ({ sale }) => {
    openFirst(sale);
    sale.acceptBid(sale.people[0], 130_000);
    sale.close();
    sale.countIn(9000);
  },
  sold: ({ sale }) => {
    openFirst(sale);
    sale.acceptBid(sale.people[2], 130_000);
    sale.close();
    sale.countIn(9000);
  },
  paused: ({ sale }) => {
    openFirst(sale);
    sale.acceptBid(sale.people[2], 130_000);
    sale.pause();
  },
  complete: ({ sale }) => {
    for (let lot = 0; lot < 4; lot++) {
      if (lot === 0) sale.begin();
      sale.open();
      if (lot !== 2) sale.acceptBid(sale.people[lot === 1 ? 2 : 0], sale.lot.ask);
      sale.close();
      sale.countIn();
    }
    sale.complete("rosters_full");
  },
  degraded: (server) => {
    openFirst(server.sale);
    server.sale.acceptBid(server.sale.people[2], 130_000);
    server.sale.live = false;
    server.sale.emit("connection_degraded", { live: false }, false);
    server.faults.mute = true;
  },
  toast: (server) => {
    scenes.outbid(server);
    server.faults.refuse = "BELOW_ASK";
  },
  long: (server) => {
    const { sale } = server;
    openFirst(sale);
    sale.acceptBid(sale.people[0], 123_456_789_012_345);
    sale.acceptBid(sale.people[4], 125_956_789_012_345);
  },
};

const browser = await launch();

async function shoot(name, options, definition, scene, address, storage, act) {
  if (!pattern.test(name)) return;
  const server = await start(definition);
  populate(server, definition.title !== undefined);
  const context = await browser.newContext(options);
  if (storage) {
    const member = { token: "bidder:p1", participant: null, role: "bidder", invite: "welcome", name: "Ana Lima", joinId: "join-0" };
    await context.addInitScript((value) => localStorage.setItem("lotcast.sale.demo", value), JSON.stringify(member));
  }
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(name, String(error)));
  page.on("console", (message) => message.type() === "error" && console.error(name, message.text()));
  await page.goto(server.url + address);
  if (address !== "/") await page.waitForSelector("[data-liveness=live]");
  scene(server);
  if (act) await act(page);
  await page.waitForTimeout(900);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) console.error(`${name}: ${wide} px wider than the screen`);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
  await server.close();
}

const room = "/room?sale=demo";
for (const [name, scene] of Object.entries(scenes)) {
  const definition = name === "long" ? longSale : {};
  const act = name === "toast" ? (page) => page.click(".bid-button") : undefined;
  await shoot(`room-phone-${name}`, phone, definition, scene, room, true, act);
  await shoot(`room-desk-${name}`, { ...desk, colorScheme: name === "outbid" ? "dark" : "light" }, definition, scene, room, true, act);
  await shoot(`hall-${name}`, screen, definition, scene, "/hall?sale=demo", false);
  await shoot(`console-${name}`, desk, definition, scene, "/console?sale=demo#token=auctioneer", false);
}
await shoot("room-small-long", small, longSale, scenes.long, room, true);
await shoot("room-small-winning", { ...small, colorScheme: "dark" }, {}, scenes.winning, room, true);
await shoot("room-small-viewer", small, {}, scenes.winning, room, false);
await shoot("console-phone-winning", phone, {}, scenes.winning, "/console?sale=demo#token=auctioneer", false);
await shoot("hall-open", screen, {}, scenes.winning, "/hall?sale=demo", false);
await shoot("index-phone", phone, {}, () => {}, "/", false);
await browser.close();
