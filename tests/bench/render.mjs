// Writes docs/PERFORMANCE.md and its plot from the figures of run.mjs.
//
//   node tests/bench/render.mjs [FILE]      tests/bench/figures.json by default
import { readFileSync, writeFileSync } from "node:fs";
import { cases, peerTitles } from "./cases.mjs";
import { engineSection } from "./engine/render.mjs";
import { goalLine, goals } from "./goals.mjs";
import { plot } from "./plot.mjs";
import { cells, columns, rows } from "./summary.mjs";

const root = new URL("../../", import.meta.url);
const figures = process.argv[2] ?? new URL("figures.json", import.meta.url);
const report = JSON.parse(readFileSync(figures, "utf8"));

function markdownTable(lines) {
  const [head, ...body] = lines;
  const rule = head.map((_, i) => (i === 0 ? "---" : "--:"));
  return [head, rule, ...body].map((line) => `| ${line.join(" | ")} |`).join("\n");
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
const sections = (which) => measured.filter(which).map(section).join("\n");
const rounds = Math.max(...measured.flatMap((name) => Object.values(report.cases[name]).map((list) => list.length)));
const { machine } = report;
const missing = Object.entries(report.not_measured).map(([peer, why]) => `Not measured: ${peerTitles[peer]} (${why}).\n`);
const isBid = (name) => name.startsWith("bid_");
const isRelay = (name) => name.startsWith("relay_");
const measuredGoals = goals.filter(({ name }) => name in report.cases);

const text = `# Performance

Measured by \`tests/bench/\` on one machine, the servers of a case always in one run: the Socket.IO server of Lotcast, npm socket.io, python-socketio, and a raw epoll
broadcaster in C that knows no protocol, as the limit; the whole of Lotcast against an auction in one Node process. This page is written by \`tests/bench/render.mjs\`.

![CPU and memory for each case](images/performance.svg)

## How

- ${machine.cpus} CPUs (${machine.cpu}), ${machine.memory_gib} GiB, Linux ${machine.kernel}, Node ${machine.node}; ${machine.date}, commit ${machine.commit}. The server, all processes of it, is pinned to CPU 0, the load generator to CPU 1.
- The load of the machine was ${machine.load} when the run began. CPU time of the server is compared rather than time on the wall, servers take turns in each of up to ${rounds} rounds, ratios
  are made pair by pair in a round, and every figure is the median of its rounds. Latencies, connects and bids per second are the wall's.
- Each measurement starts a fresh server and warms it up, for the sake of those that compile while they run: 50 sessions (1,000 where connecting is measured) come and go, and a fifth of the
  events or echoes is rehearsed unmeasured. Memory is RSS after eight seconds of silence, less that of the server after the warm-up.
- The generator is C on epoll. It speaks as a browser does: masked frames, two kept connections for polling, the headers of a desktop browser, the official client's order of an
  upgrade. Every delivery is verified by its number, for each connection; one that is missing, doubled or out of order fails the run. The events are of 190 bytes.
- Latency runs from the command to broadcast until the event was read; with the next command only when all deliveries of the last have arrived.
- python-socketio takes part in one round, with a fifth of the events and a tenth of the echoes: its figures are large enough.

To repeat it: \`cmake --preset release -DLOTCAST_TESTS=ON && cmake --build build/release --target auction-svc auction-bridge bench_load bench_bids bench_raw bench_lotcast\`,
\`npm ci --prefix tests/bench/peers\` (it compiles SQLite), then \`node tests/bench/run.mjs --out tests/bench/figures.json && node tests/bench/render.mjs\`. What is compared with the time before there
were several bridges needs a build of commit fe5c895, whose \`bin\` is named by LOTCAST_BASE_BIN.

## Goals

${markdownTable([["what", "goal", "median", "rounds", ""], ...measuredGoals.map((goal) => goalLine(goal, report.cases[goal.name]))])}

"Node" is the better one of the two Node auctions in each round.

## Sockets

The raw broadcaster sends each acknowledgement by itself; a server that gathers the answers of one read is cheaper. "x raw" and "x socket.io" compare the first column of figures.

${missing.join("")}${sections((name) => !isBid(name) && !isRelay(name))}
## Bids

The whole of Lotcast as \`up.sh\` runs it (mosquitto with \`broker-config\`, engine, bridge; four hops from the bid to its answer) against what a Node developer would build, \`tests/bench/peers/auction_peer.mjs\`:
socket.io 4.8 and better-sqlite3 12 in one process, no broker, a transaction for each bid in a write-ahead log with \`synchronous=FULL\`, the bidder answered before the room; and the same with the bids of one
turn of its event loop in one commit. All processes of a service share one CPU; both ledgers are on the same disk. Clients are WebSockets; two bidders take turns on each lot, all lots are open at once, and each bid has to be
accepted and heard exactly once, in order, by every client, or the run fails. "To answer": until the bidder has the acknowledgement. "To last client": until every client in the room has heard. Where bids come by the clock, they count
from the moment at which they were due.

${sections(isBid)}
## Several bridges

What a bridge costs whose neighbours could be asked, and what it costs to ask the wrong one: broker, engine and one or two bridges, with \`sync_time\` as the question, CPU of all processes. "The wrong one": the handshake is
made at one bridge, and each poll, post and upgrade that follows goes to the other. "x before" compares with commit fe5c895, which knew one bridge only. Since then a connect
also makes the pid of connection state recovery, with a MAC, and every event of a sale carries its offset.

${sections(isRelay)}`;

writeFileSync(new URL("docs/PERFORMANCE.md", root), text + engineSection());
writeFileSync(new URL("docs/images/performance.svg", root), plot(report));
