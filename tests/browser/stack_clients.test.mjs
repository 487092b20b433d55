// The unmodified official socket.io-client in Chromium, from the bridge's own bundle on the bridge's own page, follows a sale in each of its transport modes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Follower, MODES } from "../e2e/follower.mjs";
import { saleOf } from "../e2e/harness.mjs";
import { Stack, bundle } from "./stack_world.mjs";

// Runs in the page: joins at each connection, and bids once on each lot.
function follow({ sale, token, transports, step }) {
  const socket = globalThis.io({ auth: { token }, transports });
  globalThis.followed = socket;
  socket.onAny((name, payload) => globalThis.tell("event", name, payload));
  socket.on("connect", () => socket.emit("join_auction", { sale }, (answer) => globalThis.tell("joined", "", answer)));
  for (const name of ["disconnect", "connect_error"]) socket.on(name, (why) => globalThis.tell("trouble", name, String(why)));
  socket.on("lot_started", ({ lot }) => {
    const bid = { sale, lot: lot.id, amount: lot.ask + step, id: `chromium-${step}-${lot.id}-${lot.round}` };
    socket.emit("place_bid", bid, (answer) => globalThis.tell("answer", lot.id, answer));
  });
}

async function openClient(stack, sale, mode, step) {
  const { token } = await stack.house.join(sale, `Chromium ${mode}`);
  const page = await stack.page(mode, "/");
  const client = Object.assign(new Follower(mode), { page, joins: [], answers: [], trouble: [] });
  await page.exposeFunction("tell", (kind, name, value) => {
    if (kind === "event") client.event(name, value);
    else if (kind === "joined") client.joins.push(value);
    else if (kind === "answer") client.answers.push(value);
    else client.trouble.push(`${name}: ${value}`);
    client.look();
  });
  await page.addScriptTag({ url: "/socket.io/socket.io.js" });
  await page.evaluate(follow, { sale: sale.id, token, step, ...MODES[mode] });
  await client.until(() => client.joins.length === 1 && client.seq !== null, 10_000, `${mode} to have joined`);
  return client;
}

const transportOf = (client) => client.page.evaluate(() => globalThis.followed.io.engine.transport.name);

test("the official client in Chromium follows a whole sale by polling, by websocket and with an upgrade (F1, F3)", { timeout: 60_000 }, () =>
  Stack.play(async (stack) => {
    const { house } = stack;
    const sale = await house.createSale(saleOf("chromium", { lots: 4, duration: 1200 }));
    const clients = [];
    for (const [index, mode] of Object.keys(MODES).entries()) clients.push(await openClient(stack, sale, mode, index * 100));
    await clients[2].page.waitForFunction(() => globalThis.followed.io.engine.transport.name === "websocket");
    const bots = await house.startBots(sale, { bidders: 3, seed: 5, more: ["--max-seconds", "40"] });
    await clients[0].until(() => clients[0].lobby?.count === 6, 15_000, "everybody in the lobby");
    await house.command(sale, "begin");
    const report = await bots.finish();
    const results = await house.results(sale);
    assert.equal(results.phase, "complete");
    for (const client of clients) {
      await client.until(() => client.phase === "complete", 5000, `${client.name} to see the end`);
      client.agreesWith(results);
      assert.deepEqual([client.joins.length, client.joins[0].ok, client.trouble], [1, true, []], client.describe());
      assert.equal(client.answers.length, 4, "each bid has one answer");
      assert.ok(client.answers.every((answer) => answer.ok || ["BELOW_ASK", "ALREADY_LEADING"].includes(answer.error.code)), JSON.stringify(client.answers));
      assert.ok(client.names.tick > 0, "no tick was heard");
    }
    assert.deepEqual(await Promise.all(clients.map(transportOf)), ["polling", "websocket", "websocket"]);
    assert.equal(results.lots.filter(({ phase }) => phase === "sold").length, 4);
    const accepted = report.bids.accepted + clients.flatMap(({ answers }) => answers).filter(({ ok }) => ok).length;
    const bids = (await house.events(sale)).filter(({ name }) => name === "bid_update");
    assert.equal(bids.length, accepted, "acknowledged bids and bids in the ledger");
  }));

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

test("every page comes with its policy, every file with its type and nosniff, and the bundle is the official one", { timeout: 60_000 }, () =>
  Stack.play(async ({ house }) => {
    for (const path of ["/", "/room?sale=x", "/console?sale=x", "/hall?sale=x"]) {
      const { status, headers } = await fetch(house.url + path);
      assert.deepEqual([status, headers.get("content-type"), headers.get("x-content-type-options")], [200, "text/html; charset=utf-8", "nosniff"], path);
      assert.equal(headers.get("content-security-policy"), policy, path);
      assert.equal(headers.get("referrer-policy"), "no-referrer", path);
    }
    for (const path of ["/socket.io/socket.io.js", "/api/socket.io/socket.io.js"]) {
      const response = await fetch(house.url + path);
      assert.deepEqual([response.headers.get("content-type"), response.headers.get("x-content-type-options")], ["application/javascript; charset=utf-8", "nosniff"], path);
      assert.equal(await response.text(), await readFile(join(bundle, "socket.io.js"), "utf8"), path);
    }
    assert.equal((await fetch(`${house.url}/api/sales`)).headers.get("x-content-type-options"), "nosniff");
  }));
