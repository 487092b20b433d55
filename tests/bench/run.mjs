// Measures the servers against each other in alternating rounds, prints a table, and writes the figures as JSON.
//
//   node tests/bench/run.mjs [--rounds 3] [--cases a,b] [--peers a,b] [--out FILE]
//
// Cases that FILE has already and that are not asked for stay in it: a case is compared within itself.
// The server runs on CPU 0, the generator on CPU 1. Exit code 1: a delivery was missing, or no work was done.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { cases, pythonPlan, pythonRounds } from "./cases.mjs";
import { measure, peerMissing } from "./peers.mjs";
import { table } from "./summary.mjs";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    cases: { type: "string", default: Object.keys(cases).join(",") },
    peers: { type: "string", default: "raw,raw_together,lotcast,socketio,python,auction,auction_node,auction_node_group,bridge_base,bridge_alone,bridge_right,bridge_wrong,auction_base,auction_right,auction_wrong" },
    out: { type: "string" },
  },
});

const missing = new Map();
const chosen = options.peers.split(",").filter((peer) => {
  const why = peerMissing(peer);
  if (why) missing.set(peer, why);
  return !why;
});
const names = options.cases.split(",");
const unknown = names.filter((name) => !(name in cases));
if (unknown.length > 0) {
  console.error(`no such case: ${unknown.join(", ")}; there are ${Object.keys(cases).join(", ")}`);
  process.exit(2);
}

function machine() {
  const memory = /MemTotal:\s+(\d+)/.exec(readFileSync("/proc/meminfo", "utf8"));
  return {
    cpu: cpus()[0].model,
    cpus: cpus().length,
    memory_gib: Math.round(Number(memory[1]) / 1048576),
    kernel: /^\d+\.\d+/.exec(release())[0],
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    load: readFileSync("/proc/loadavg", "utf8").split(" ")[0],
    commit: commit(),
  };
}

function commit() {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

const before = options.out && existsSync(options.out) ? JSON.parse(readFileSync(options.out, "utf8")).cases : {};
const report = { machine: machine(), not_measured: Object.fromEntries(missing), cases: before };
const failures = [];
const rounds = Number(options.rounds);

for (const name of names) {
  const { peers, plan } = cases[name];
  const results = (report.cases[name] = {});
  const began = Date.now();
  for (let round = 0; round < Math.min(rounds, cases[name].rounds ?? rounds); round++) {
    for (const peer of peers.filter((one) => chosen.includes(one) && (one !== "python" || round < pythonRounds))) {
      try {
        (results[peer] ??= []).push(await measure(peer, peer === "python" ? pythonPlan(plan) : plan, true));
      } catch (error) {
        failures.push(`${name}, ${peer}, round ${round + 1}: ${error.message}`);
        results[peer].push(null); // so that rounds stay pairs
      }
    }
  }
  console.log(`${table(name, results)}\n(${Math.round((Date.now() - began) / 1000)} s)`);
  if (options.out) writeFileSync(options.out, `${JSON.stringify(report, null, 1)}\n`); // what is there survives an interruption
}
for (const [peer, why] of missing) console.log(`not measured: ${peer}: ${why}`);
for (const failure of failures) console.error(`FAILED ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
