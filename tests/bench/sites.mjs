// The auction services that are compared, whole: each with its ledger in a fresh folder; for bids with one sale whose lots are all open
// for an hour.
import { execFileSync, spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bin, held } from "./processes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const peersFolder = fileURLToPath(new URL("peers/", import.meta.url));
const SALE = "bench";
const startMs = 20000;

const base64url = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

function sign(secret, claims) {
  const body = { sub: "root", sale: "*", role: "admin", name: "", exp: Math.floor(Date.now() / 1000) + 3600, ...claims };
  const signed = `${base64url({ alg: "HS256", typ: "JWT", kid: "k1" })}.${base64url(body)}`;
  return `${signed}.${createHmac("sha256", Buffer.from(secret, "hex")).update(signed).digest("base64url")}`;
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

async function untilListening(port) {
  const end = Date.now() + startMs;
  while (!(await accepts(port))) {
    if (Date.now() > end) throw new Error(`nothing listens on ${port}`);
    await delay(10);
  }
}

// Resolves with what `pattern` finds in the output of a program that goes on running.
async function said(child, stream, pattern, name) {
  let text = "";
  let late;
  try {
    return await new Promise((resolve, reject) => {
      late = setTimeout(() => reject(new Error(`${name} did not say ${pattern} in time: ${text}`)), startMs);
      child.once("error", reject);
      child.once("close", (code) => reject(new Error(`${name} ended with ${code}: ${text}`)));
      child[stream].setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
        const found = pattern.exec(text);
        if (found) resolve(found);
      });
    });
  } finally {
    clearTimeout(late);
  }
}

class Site {
  constructor(pin) {
    this.pin = pin;
    this.folder = mkdtempSync(join(tmpdir(), "lotcast-bids-"));
    this.children = [];
    this.ports = [];
  }

  start(command) {
    const [program, ...args] = held(command, 0, this.pin);
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    child.ended = new Promise((resolve) => child.once("close", resolve));
    child.stdout.resume();
    child.stderr.resume();
    this.children.push(child);
    return child;
  }

  writeTokens(tokens) {
    this.tokens = join(this.folder, "tokens");
    writeFileSync(this.tokens, tokens.map((token) => `${token}\n`).join(""));
  }

  get pids() {
    return this.children.map((child) => child.pid);
  }

  // Those who depend on others go first.
  async stop() {
    for (const child of this.children.reverse()) {
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await child.ended;
      clearTimeout(killer);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// Lotcast as up.sh runs it, but for the rate limit, which is there to keep such clients away. Resolves with the key of its tokens.
async function startLotcast(site, programs, bridges = 1) {
  const folder = (name) => join(site.folder, name);
  const port = await freePort();
  const credentials = folder("credentials");
  execFileSync(join(root, "broker-config/make-credentials"), [credentials]);
  mkdirSync(folder("broker"));
  const settings = [port, join(credentials, "mosquitto.passwd"), join(root, "broker-config/lotcast.acl"), folder("broker")];
  writeFileSync(folder("mosquitto.conf"), execFileSync(join(root, "broker-config/render"), ["127.0.0.1", ...settings.map(String)]));
  site.start(["mosquitto", "-c", folder("mosquitto.conf")]);
  await untilListening(port);
  const broker = ["--broker", `127.0.0.1:${port}`];
  const user = (name) => ["--user", name, "--password-file", join(credentials, `${name}.password`)];
  await said(site.start([`${programs}/auction-svc`, ...broker, ...user("engine"), "--data", folder("ledger")]), "stderr", /ready/, "auction-svc");
  for (let i = 0; i < bridges; i++) {
    const bridge = site.start([`${programs}/auction-bridge`, "--listen", "127.0.0.1:0", ...broker, ...user("bridge"),
      "--key-file", join(credentials, "jwt.keys"), "--rate-per-s", "100000", "--rate-burst", "100000"]);
    const found = await said(bridge, "stderr", /listening on http:\/\/127\.0\.0\.1:(\d+)[^]*live: /, "auction-bridge");
    site.ports.push(Number(found[1]));
  }
  return /^k1 (\w+)/.exec(readFileSync(join(credentials, "jwt.keys"), "utf8"))[1];
}

async function startAuction(site, programs, lots, bridges = 1) {
  const secret = await startLotcast(site, programs, bridges);
  site.writeTokens(await openSale(site.ports[0], sign(secret, {}), lots));
}

async function ask(port, method, path, token, body) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

// Creates and begins the sale; the tokens of two bidders for each lot.
async function openSale(port, admin, lots) {
  const rules = {
    flow: "parallel", lot_duration_ms: 3600000, gap_ms: 0, soft_close: { window_ms: 0, amount_ms: 0, type: "reset", max_extensions: 0 },
    increments: { kind: "flat", step: 1, align: false },
  };
  const list = Array.from({ length: lots }, (_, i) => ({ title: `Lot ${i + 1}`, opening: 1 }));
  await ask(port, "POST", "/api/sales", admin, { id: SALE, title: "Bench", currency: { code: "EUR", minor_digits: 2 }, public: true, lots: list, rules });
  const { invite } = await ask(port, "POST", `/api/sales/${SALE}/invites`, admin, { role: "bidder", uses: 0 });
  const tokens = [];
  for (let i = 0; i < 2 * lots; i++) {
    tokens.push((await ask(port, "POST", `/api/sales/${SALE}/join`, null, { invite, name: `Person ${i + 1}`, id: `join-${i}` })).token);
  }
  await ask(port, "POST", `/api/sales/${SALE}/commands`, admin, { op: "begin_auction", id: "begin" });
  return tokens;
}

async function startNode(site, lots, more) {
  const secret = randomBytes(32).toString("hex");
  const peer = site.start([process.execPath, join(peersFolder, "auction_peer.mjs"), "--data", site.folder, "--secret", secret, "--lots", String(lots), ...more]);
  site.ports.push(Number((await said(peer, "stdout", /listening on (\d+)/, "auction_peer"))[1]));
  site.writeTokens(Array.from({ length: 2 * lots }, (_, i) => sign(secret, { sub: `p${i + 1}`, sale: SALE, role: "bidder" })));
}

async function startFalse(site, lots, mistake) {
  const peer = site.start([process.execPath, join(peersFolder, "auction_false.mjs"), mistake]);
  site.ports.push(Number((await said(peer, "stdout", /listening on (\d+)/, "auction_false"))[1]));
  site.writeTokens(Array.from({ length: 2 * lots }, () => "none"));
}

const baseBin = process.env.LOTCAST_BASE_BIN; // of an older build, for comparison

const starts = {
  auction: (site, lots) => startAuction(site, bin, lots),
  auction_base: (site, lots) => startAuction(site, baseBin, lots),
  auction_right: (site, lots) => startAuction(site, bin, lots, 2),
  auction_wrong: (site, lots) => startAuction(site, bin, lots, 2),
  auction_node: (site, lots) => startNode(site, lots, []),
  auction_node_group: (site, lots) => startNode(site, lots, ["--group"]),
  ...Object.fromEntries(["lost", "doubled", "unordered", "refused"].map((mistake) => [`auction_${mistake}`, (site, lots) => startFalse(site, lots, mistake)])),
  bridge_alone: (site) => startLotcast(site, bin),
  bridge_base: (site) => startLotcast(site, baseBin),
  bridge_right: (site) => startLotcast(site, bin, 2),
  bridge_wrong: (site) => startLotcast(site, bin, 2),
};

// Why a site cannot run here; undefined when it can.
export function siteMissing(peer) {
  if (peer.startsWith("auction_node") && !existsSync(join(peersFolder, "node_modules/better-sqlite3"))) {
    return "better-sqlite3 is not installed (npm ci --prefix tests/bench/peers)";
  }
  if (peer.endsWith("_base") && !baseBin) return "LOTCAST_BASE_BIN names no other build";
  return undefined;
}

export const isSite = (peer) => peer in starts;
export const isAuction = (peer) => peer.startsWith("auction");

// Runs `use({ports, pids, tokens, sale})` while the service runs.
export async function withSite(peer, lots, pin, use) {
  const site = new Site(pin);
  try {
    await starts[peer](site, lots);
    return await use({ ports: site.ports, pids: site.pids.join(","), tokens: site.tokens, sale: SALE });
  } finally {
    await site.stop();
  }
}
