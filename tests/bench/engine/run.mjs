// Measures the core and the engine in rounds, and writes the figures as JSON for render.mjs.
//
//   node tests/bench/engine/run.mjs [--bin build/release/bin] [--rounds 3] [--realtime] --out tests/bench/engine/figures.json
//
// --realtime: single bids and closes, which want an idle CPU and use little of it, run before everything else on the machine (chrt -r, as root).
// Build with optimisation and without sanitizers. Exit code 1: a case failed, or no work was done.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: { bin: { type: "string", default: "build/release/bin" }, rounds: { type: "string", default: "3" }, out: { type: "string" }, realtime: { type: "boolean" } },
});

const cases = [
  ["single", "1000", "0"],
  ...[1, 10, 100, 500].map((inFlight) => ["rate", `${inFlight}`, "3", "0"]),
  ["late", "100", "10", "20", "0"],
];

// "rate in_flight=10 bids_per_s=9000" to {name, in_flight, bids_per_s}
function parse(line) {
  const [name, ...pairs] = line.split(" ");
  return { name, ...Object.fromEntries(pairs.map((pair) => [pair.split("=")[0], Number(pair.split("=")[1])])) };
}

function measure(program, args) {
  const before = options.realtime && ["single", "late"].includes(args[1]) ? ["chrt", "-r", "10"] : [];
  const [command, ...rest] = [...before, `${options.bin}/${program}`, ...args];
  const text = execFileSync(command, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const load = Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);
  process.stdout.write(text);
  return text.trim().split("\n").map((line) => ({ ...parse(line), load }));
}

const report = {
  machine: {
    cpu: cpus()[0].model,
    cpus: cpus().length,
    kernel: /^\d+\.\d+/.exec(release())[0],
    broker: /mosquitto version \S+/.exec(execFileSync("sh", ["-c", "mosquitto -h || true"], { encoding: "utf8" }))[0],
    realtime: options.realtime === true,
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  },
  rounds: [],
};
for (let round = 0; round < Number(options.rounds); round++) {
  const figures = measure("bench_core", []);
  for (const one of cases) figures.push(...measure("bench_engine", [`${options.bin}/auction-svc`, ...one]));
  report.rounds.push(figures);
  if (options.out) writeFileSync(options.out, `${JSON.stringify(report, null, 1)}\n`);
}
