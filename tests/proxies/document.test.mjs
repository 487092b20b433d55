// The proxies as docs/OPERATIONS.md configures them, by those very lines, before a whole Lotcast of two bridges: a sale is played through
// each, without sticky sessions.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import https from "node:https";
import path from "node:path";
import { it } from "node:test";
import { io } from "socket.io-client";
import { Tab } from "../e2e/follower.mjs";
import { House, SOURCE, needPrograms, saleOf } from "../e2e/harness.mjs";
import { apache } from "./apache.mjs";
import { caddy } from "./caddy.mjs";
import { haproxy } from "./haproxy.mjs";
import { nginx } from "./nginx.mjs";
import { Scene } from "./scene.mjs";

needPrograms("auction-svc", "auction-bridge", "auctionctl");

const document = readFileSync(path.join(SOURCE, "docs/OPERATIONS.md"), "utf8");

// The lines of the document, with what belongs to a place of one's own put in; each of it has to be there.
function snippet(language, places) {
  const blocks = [...document.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter((block) => block[1] === language);
  assert.equal(blocks.length, 1, `one block of ${language}`);
  return Object.entries(places).reduce((text, [from, to]) => {
    assert.equal(text.split(from).length, 2, `${from} stands once in the block of ${language}`);
    return text.replace(from, () => to);
  }, blocks[0][2]);
}

// `one` with each of the bridges in the place of the document's.
const each = (one, bridges, between) => ({ [one]: bridges.map((bridge, i) => one.replace("127.0.0.1:8080", bridge).replace("bridge1", `bridge${i + 1}`)).join(between) });

const certificate = (tls) => ({ "/etc/lotcast/fullchain.pem": tls.cert, "/etc/lotcast/privkey.pem": tls.key });
const configurations = [
  [nginx, (bridges, port, tls) => snippet("nginx", { ...certificate(tls), ...each("server 127.0.0.1:8080 max_fails=0;", bridges, " "), "listen 443": `listen 127.0.0.1:${port}` })],
  [haproxy, (bridges, port, tls) => snippet("haproxy", { "/etc/lotcast/both.pem": tls.pem, ...each("    server bridge1 127.0.0.1:8080 check inter 1s fall 2 rise 1\n", bridges, ""), ":443": `127.0.0.1:${port}` })],
  [apache, ([bridge], port, tls) => snippet("apache", { ...certificate(tls), "127.0.0.1:8080": bridge, "*:443": `127.0.0.1:${port}` })],
  [caddy, (bridges, port, tls) => snippet("caddy", { ...each("127.0.0.1:8080", bridges, " "), "auction.example {": `https://127.0.0.1:${port} {\n  tls ${tls.cert} ${tls.key}` })],
];

async function withHouse(work) {
  const house = await House.open({ bridges: 2, bridgeArgs: ["--trust-forwarded"] });
  const scene = await Scene.open();
  let failed = true;
  try {
    await work(house, scene);
    failed = false;
  } finally {
    await scene.close(failed);
    await house.close({ failed });
  }
}

async function playThrough(house, url, name) {
  const sale = await house.createSale(saleOf(`behind-${name}`, { lots: 2, duration: 900 }));
  const modes = ["polling", "upgrade", "websocket"];
  const tabs = await Promise.all(modes.map(async (mode) => {
    const person = await house.join(sale, `By ${mode}`);
    const tab = new Tab(io, house, sale, { name: `${mode} behind ${name}`, url, mode, token: person.token, options: { rejectUnauthorized: false } });
    tab.given = [];
    tab.io.on("lot_started", () => tab.given.push(tab.place(tab.open.ask)));
    return tab;
  }));
  await Promise.all(tabs.map((tab) => tab.ready(15000)));
  await tabs[1].until(() => tabs[1].transport === "websocket", 15000, `an upgrade behind ${name}`);
  await house.command(sale, "begin");
  await Promise.all(tabs.map((tab) => tab.until(() => tab.phase === "complete", 30000, `${tab.name} to see the end`)));
  const results = await house.results(sale);
  for (const tab of tabs) {
    tab.agreesWith(results);
    assert.deepEqual([tab.disconnects, tab.errors, tab.connects], [[], [], 1], tab.describe());
    assert.equal((await Promise.all(tab.given)).length, 2);
  }
  assert.equal(results.lots.filter(({ phase }) => phase === "sold").length, 2);
}

// One request to the interface from an address of the loopback's own.
function ask(url, agent, from, headers = {}) {
  return new Promise((resolve, reject) => {
    https.get(`${url}/api/sales`, { agent, localAddress: from, headers }, (response) => response.resume().on("end", () => resolve(response.statusCode))).on("error", reject);
  });
}

// The limit for each address is the client's (--trust-forwarded), and what a client claims to be does not help it.
async function addressIsTheClients(url) {
  const agents = Object.fromEntries(["127.0.0.2", "127.0.0.3"].map((from) => [from, new https.Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false })]));
  const statuses = new Set();
  for (let i = 0; i < 60 && !statuses.has(429); i++) {
    const claims = { "X-Forwarded-For": `10.0.0.${i}` };
    for (const status of await Promise.all(Array.from({ length: 100 }, () => ask(url, agents["127.0.0.2"], "127.0.0.2", claims)))) statuses.add(status);
  }
  assert.ok(statuses.has(429), `one address has a limit: ${[...statuses]}`);
  assert.notEqual(await ask(url, agents["127.0.0.3"], "127.0.0.3"), 429, "another one has its own");
  for (const agent of Object.values(agents)) agent.destroy();
}

for (const [proxy, configuration] of configurations) {
  it(`${proxy.name} as the document says: a sale by polling and WebSockets over TLS, and limits for the client's address`, { timeout: 90000 }, () => withHouse(async (house, scene) => {
    const tls = scene.certificate();
    const { url } = await proxy.start(scene, house.bridge.port, { tls, whole: (port) => configuration(house.bridges.map((bridge) => `127.0.0.1:${bridge.port}`), port, tls) });
    await playThrough(house, url, proxy.name);
    await addressIsTheClients(url);
  }));
}
