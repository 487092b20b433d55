// Writes docs/PERFORMANCE.md and its plot from the figures of run.mjs.
//
//   node tests/bench/render.mjs [FILE]      tests/bench/figures.json by default
import { readFileSync, writeFileSync } from "node:fs";
import { cases, peerTitles } from "./cases.mjs";
import { engineSection } from "./engine/render.mjs";
import { plot } from "./plot.mjs";
import { cells, columns, median, rows, show } from "./summary.mjs";

const root = new URL("../../", import.meta.url);
const figures = process.argv[2] ?? new URL("figures.json", import.meta.url);
const report = JSON.parse(readFileSync(figures, "utf8"));

// The goals against npm socket.io and against the limit; `most` is the ratio that is allowed.
const goals = [
  { name: "connect_websocket", text: "CPU per connect, WebSocket, to npm socket.io", ratio: "toNode", most: 1 / 3 },
  { name: "connect_polling", text: "CPU per connect, polling, to npm socket.io", ratio: "toNode", most: 1 / 3 },
  { name: "connect_upgrade", text: "CPU per connect, polling and upgrade, to npm socket.io", ratio: "toNode", most: 1 / 3 },
  { name: "idle_websocket", text: "memory per idle WebSocket, to npm socket.io", ratio: "toNode", most: 1 / 3 },
  { name: "idle_polling", text: "memory per hanging poll, to npm socket.io", ratio: "toNode", most: 1 / 3 },
  { name: "single_1000", text: "CPU per delivery, single events, to the raw broadcaster", ratio: "toRaw", most: 1.1 },
  { name: "single_1000", text: "CPU per delivery, single events, to npm socket.io", ratio: "toNode", most: 0.65 },
  { name: "single_10000", text: "the same with 10,000 WebSockets, to the raw broadcaster", ratio: "toRaw", most: 1.1 },
  { name: "burst_200", text: "CPU per delivery, bursts of 10, to a raw send for each event", ratio: "toRaw", most: 0.25 },
  { name: "burst_200", text: "the same, to one raw send for the ten", ratio: "toRawTogether", most: 1.25 },
  { name: "burst_200", text: "the same, to npm socket.io", ratio: "toNode", most: 0.15 },
];

function markdownTable(lines) {
  const [head, ...body] = lines;
  const rule = head.map((_, i) => (i === 0 ? "---" : "--:"));
  return [head, rule, ...body].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function verdict(ratios, most) {
  if (ratios.length === 0) return "not measured";
  if (median(ratios) > most) return "missed";
  return Math.max(...ratios) > most ? "reached, not in each round" : "reached";
}

function goalLine({ name, text, ratio, most }) {
  const ratios = rows(name, report.cases[name]).find((row) => row.peer === "lotcast")?.[ratio] ?? [];
  const spread = `${show(Math.min(...ratios))} - ${show(Math.max(...ratios))}`;
  return [text, `at most ${show(most)}`, show(median(ratios)), spread, verdict(ratios, most)];
}

// What the table cannot show: servers that were left out, and rounds that failed (a lost connection, a delivery that was missing).
function remarks(name, results) {
  const absent = cases[name].peers.filter((peer) => !(peer in results)).map((peer) => `${peerTitles[peer]} was not measured in this case.`);
  const failed = Object.entries(results).flatMap(([peer, list]) => {
    const count = list.filter((result) => result === null).length;
    return count > 0 ? [`${peerTitles[peer]} lost connections or deliveries in ${count} of ${list.length} rounds; the figures are of the others.`] : [];
  });
  return [...absent, ...failed].map((line) => `\n${line}\n`).join("");
}

function section(name) {
  const results = report.cases[name];
  const lines = [columns(name, results), ...rows(name, results).map((row) => cells(row, results))];
  return `### ${cases[name].title}\n\n${markdownTable(lines)}\n${remarks(name, results)}`;
}

const measured = Object.keys(cases).filter((name) => name in report.cases);
const rounds = Math.max(...measured.flatMap((name) => Object.values(report.cases[name]).map((list) => list.length)));
const { machine } = report;
const missing = Object.entries(report.not_measured).map(([peer, why]) => `Not measured: ${peer} (${why}).\n`);

const text = `# Performance

Measured by \`tests/bench/\` on one machine, the servers of a case always in one run: the Socket.IO server of Lotcast, npm socket.io, python-socketio, and a raw epoll
broadcaster in C that knows no protocol, as the limit. This page is written by \`tests/bench/render.mjs\`.

![CPU and memory for each case](images/performance.svg)

## How

- ${machine.cpus} CPUs (${machine.cpu}), ${machine.memory_gib} GiB, Linux ${machine.kernel}, Node ${machine.node}; ${machine.date}, commit ${machine.commit}. The server is pinned to CPU 0, the load generator to CPU 1.
- The machine was not idle (load ${machine.load} when the last run began): so CPU time of the server is compared and not time on the wall, servers take turns in each of up to ${rounds} rounds, ratios
  are made pair by pair in a round, and every figure is the median of its rounds. Latencies and connects per second are the wall's, and worse than on a quiet machine.
- Each measurement starts a fresh server and warms it up, for the sake of those that compile while they run: 50 sessions (1,000 where connecting is measured) come and go, and a fifth of the
  events or echoes is rehearsed unmeasured. Memory is RSS after eight seconds of silence, less that of the server after the warm-up.
- The generator is C on epoll. It speaks as a browser does: masked frames, two kept connections for polling, the headers of a desktop browser, the official client's order of an
  upgrade. Every delivery is verified by its number, for each connection; one that is missing, doubled or out of order fails the run. The events are of 190 bytes.
- Latency runs from the command to broadcast until the event was read; with the next command only when all deliveries of the last have arrived.

To repeat it: \`cmake --preset release -DLOTCAST_TESTS=ON && cmake --build build/release --target bench_load bench_raw bench_lotcast\`, then
\`node tests/bench/run.mjs --out tests/bench/figures.json && node tests/bench/render.mjs\`.

## Goals

${markdownTable([["what", "goal", "median", "rounds", ""], ...goals.filter(({ name }) => name in report.cases).map(goalLine)])}

## Figures

The raw broadcaster sends each acknowledgement by itself; a server that gathers the answers of one read is cheaper. "x raw" and "x socket.io" compare the first column of figures.

${missing.join("")}${measured.map(section).join("\n")}`;

writeFileSync(new URL("docs/PERFORMANCE.md", root), text + engineSection());
writeFileSync(new URL("docs/images/performance.svg", root), plot(report));
