// The section Engine of docs/PERFORMANCE.md, from the figures of run.mjs.
import { existsSync, readFileSync } from "node:fs";

const file = new URL("figures.json", import.meta.url);

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1];
}

function table(lines) {
  const rule = lines[0].map((_, i) => (i === 0 ? "---" : "--:"));
  return [lines[0], rule, ...lines.slice(1)].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

const whole = (value) => Math.round(value).toLocaleString("en");

// The part that a reader must know to believe a wall's figure: the median of the rounds and the best of them.
function spread(values, digits, best) {
  return `${median(values).toFixed(digits)} (${best(...values).toFixed(digits)})`;
}

export function engineSection() {
  if (!existsSync(file)) return "";
  const { machine, rounds } = JSON.parse(readFileSync(file, "utf8"));
  const of = (name, key, which = () => true) => rounds.flat().filter((one) => one.name === name && which(one)).map((one) => one[key]);
  const loads = rounds.flat().map((one) => one.load);
  const flights = [...new Set(of("rate", "in_flight"))];
  const rates = flights.map((inFlight) => {
    const which = (one) => one.in_flight === inFlight;
    const cpu = (key) => median(of("rate", key, which)).toFixed(1);
    const perSecond = of("rate", "bids_per_s", which);
    return [`${inFlight}`, `${whole(median(perSecond))} (${whole(Math.max(...perSecond))})`, spread(of("rate", "p50_ms", which), 2, Math.min),
      spread(of("rate", "p99_ms", which), 2, Math.min), cpu("engine_us"), cpu("broker_us"), cpu("generator_us"), `${median(of("rate", "engine_busy", which))} %`,
      `${median(of("rate", "broker_busy", which))} %`];
  });
  const late = (key, digits) => spread(of("late", key), digits, Math.min);
  const core = (name) => [name === "accepted" ? "decided and applied" : "refused", median(of(name, "millions_per_cpu_s")).toFixed(1), median(of(name, "ns")).toFixed(0),
    `${Math.max(...of(name, "allocations"))}`];
  return `
## Engine

Measured by \`tests/bench/engine\`: the engine, a ${machine.broker} with the settings of \`broker-config\`, and a load generator in C that speaks MQTT as a bridge does (commands,
replies, events and private notices with QoS 1), all three on the same ${machine.cpus} CPUs (${machine.cpu}), Linux ${machine.kernel}; ${machine.date}, commit ${machine.commit}.
${rounds.length} rounds; each figure is the median, in parentheses the best round. The load of the machine was ${Math.min(...loads)} to ${Math.max(...loads)} while this was measured: CPU time says more than time on the wall.${machine.realtime ? `
Single bids and closes, which use little of a CPU, therefore ran with real-time priority; the rates did not, and are those of a busy machine.` : ""}

To repeat it: \`cmake --preset release -DLOTCAST_TESTS=ON && cmake --build build/release --target auction-svc bench_core bench_engine\`, then
\`node tests/bench/engine/run.mjs --out tests/bench/engine/figures.json && node tests/bench/render.mjs\`.

### The core alone

${table([["bids", "millions per CPU second", "ns each", "allocations"], core("accepted"), core("refused")])}

Allocations are counted by the linker's wrap of malloc, calloc and realloc over 4,000,000 bids; \`bench_core\` fails when there is one. The goal is 2 million a second.

### Accepted bids over MQTT

Every bid is accepted, synced with its group, answered and heard as an event; a run fails otherwise. Four sales, 100 bidders each.

${table([["in flight", "bids/s", "answer p50 ms", "answer p99 ms", "engine CPU us per bid", "broker CPU us per bid", "generator CPU us per bid", "engine busy", "broker busy"], ...rates])}

The goal is 10,000 a second. Engine and broker have one thread each and are busy alike; with the generator they fill two CPUs. With one bid in flight the way there and back is
the limit, with ten the sync of small groups; from a hundred on it is the CPU of engine and broker.

### One bid at a time

${table([["", "p50 ms", "p99 ms"], ["bid, from command to answer", spread(of("single", "bid_p50_ms"), 3, Math.min), spread(of("single", "bid_p99_ms"), 3, Math.min)],
    ["fdatasync of 4 KiB, in the same run", spread(of("single", "sync_p50_ms"), 3, Math.min), spread(of("single", "sync_p99_ms"), 3, Math.min)],
    ["bid above sync", spread(of("single", "above_sync_p50_ms"), 3, Math.min), ""]])}

The goal is a median within 1 ms of the sync's own, on an idle machine.

### How late lots close

1,000 lots in 100 sales (10 parallel lots each, all open at once), their ends spread over 20 s; ticks and retained state go on meanwhile. Heard: when a bridge has the event.

${table([["ms after the end", "p50", "p99", "max"], ["decided", late("decided_p50_ms", 0), late("decided_p99_ms", 0), late("decided_max_ms", 0)],
    ["heard", late("heard_p50_ms", 2), late("heard_p99_ms", 2), late("heard_max_ms", 2)],
    ["fdatasync of 4 KiB, meanwhile", late("sync_p50_ms", 2), late("sync_p99_ms", 2), late("sync_max_ms", 2)]])}

The goal is 5 ms on an idle machine. A close is decided when the sync of the turn before has ended, and heard after its own. The engine was busy for ${median(of("late", "engine_busy")).toFixed(1)} % of the time.
`;
}
