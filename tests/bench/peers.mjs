// Starts the servers that are compared, each in a process of its own on a free port.
import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bin, generate, held } from "./processes.mjs";
import { isAuction, isSite, siteMissing, withSite } from "./sites.mjs";

const peersFolder = fileURLToPath(new URL("peers/", import.meta.url));

// As up.sh starts the bridge.
const huge = ["env", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1"];

// Debian's Python is the one that has Debian's packages.
const commands = {
  raw: [`${bin}/bench_raw`, "each"],
  raw_together: [`${bin}/bench_raw`, "together"],
  raw_lossy: [`${bin}/bench_raw`, "lossy"],
  lotcast: [...huge, `${bin}/bench_lotcast`],
  lotcast_pings: [`${bin}/bench_lotcast`, "0", "1000"], // each second
  lotcast_base: [`${process.env.LOTCAST_BASE_BIN}/bench_lotcast`], // of an older build
  socketio: [process.execPath, `${peersFolder}socketio_peer.mjs`],
  python: ["/usr/bin/python3", `${peersFolder}python_peer.py`],
};

// Why a peer cannot run here; undefined when it can.
export function peerMissing(peer) {
  if (isSite(peer)) return siteMissing(peer);
  if (peer !== "python") return undefined;
  try {
    execFileSync("/usr/bin/python3", ["-c", "import aiohttp, socketio"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "python3-aiohttp and python3-socketio are not installed";
  }
}

// Runs `use(port, pid)` while the peer serves.
export async function withPeer(peer, pin, use) {
  const [program, ...args] = held(commands[peer], 0, pin);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    const port = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => reject(new Error(`${peer} ended with ${code}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const ready = /^listening on (\d+)$/.exec(line);
        if (ready) resolve(Number(ready[1]));
      });
    });
    return await use(port, child.pid);
  } finally {
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(killer);
  }
}

// That what was asked for was done; the generator itself fails for a delivery that is missing.
function verify(plan, result) {
  const sessions = (plan.websockets ?? 0) + (plan.pollings ?? 0) + (plan.upgrades ?? 0);
  const wanted = { connect: sessions, echo: plan.echoes ?? 0, broadcast: (plan.events ?? 0) * sessions };
  for (const [phase, count] of Object.entries(wanted)) {
    if (result[phase].count !== count) throw new Error(`${phase}: ${result[phase].count} of ${count}`);
    if (count > 0 && !(result[phase].server_cpu_us > 0)) throw new Error(`${phase}: no work was done`);
  }
  return result;
}

// Each bid that was placed was accepted and heard by everybody: the generator fails otherwise.
function verifyBids(result) {
  if (!(result.bids > 0)) throw new Error("no bid was placed");
  if (result.last.count !== result.bids || result.ack.count !== result.bids) throw new Error(`${result.last.count} of ${result.bids} bids were heard by all`);
  if (!result.server_cpu_us.every((used) => used > 0)) throw new Error("a server did no work");
  return result;
}

const limits = { "deadline-ms": 120000 };

// Of two bridges the second gets everything behind the handshake, where it is to be the wrong one.
const ways = (peer, [port, other]) => ({ port, ...(peer.endsWith("_wrong") ? { "later-port": other } : {}) });

function measureBids(peer, plan, pin) {
  return withSite(peer, plan.lots, pin, async ({ ports, pids, tokens, sale }) =>
    verifyBids(await generate("bench_bids", { ...limits, ...plan, ...ways(peer, ports), pids, tokens, sale }, pin)));
}

function measureBridge(peer, plan, pin) {
  return withSite(peer, 0, pin, async ({ ports, pids }) =>
    verify(plan, await generate("bench_load", { ...limits, ...plan, ...ways(peer, ports), pid: pids }, pin)));
}

export async function measure(peer, plan, pin) {
  if (isSite(peer)) return isAuction(peer) ? measureBids(peer, plan, pin) : measureBridge(peer, plan, pin);
  return verify(plan, await withPeer(peer, pin, (port, pid) => generate("bench_load", { ...limits, ...plan, port, pid }, pin)));
}
