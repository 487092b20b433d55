// Figures of the engine over MQTT; not part of the tests: LOTCAST_BIN=build/release/bin node tests/e2e/engine_bench.mjs

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { World } from './engine_world.mjs';

const SECONDS = 5;
const SYNC_TIMES = `import os, sys, time
f = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)
os.write(f, bytes(500 * 4096))
os.fsync(f)
times = []
for i in range(500):
    os.pwrite(f, b"x" * 4096, i * 4096)
    start = time.perf_counter()
    os.fdatasync(f)
    times.append(time.perf_counter() - start)
print(sorted(times)[250] * 1000)`; // overwriting, as a write-ahead log does

function percentile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))].toFixed(3);
}

function memoryKb() {
  return Number(readFileSync(`/proc/${world.engine.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
}

function cpuSeconds() {
  const fields = readFileSync(`/proc/${world.engine.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const world = await World.create();
try {
  console.log(`fdatasync of 4 KiB: p50 ${Number(execFileSync('python3', ['-c', SYNC_TIMES, `${world.folder}/sync`])).toFixed(3)} ms`);
  await world.startEngine();
  const bridge = await world.bridge();
  const people = await bridge.sale('bench', { bidders: 2, rules: { lot_duration_ms: 3600000 } });
  await bridge.must('bench', 'begin');
  await bridge.event('bench', 'lot_started');
  console.log(`RSS at rest: ${memoryKb()} KiB`);

  let amount = 1000;
  const times = [];
  for (let i = 0; i < 1000; i++) {
    const start = performance.now();
    const result = await bridge.bid('bench', people[i % 2], 'l1', (amount += 100));
    if (!result.ok) throw new Error(JSON.stringify(result));
    times.push(performance.now() - start);
  }
  console.log(`single bid, command to answer: p50 ${percentile(times, 0.5)} p99 ${percentile(times, 0.99)} ms`);

  for (const inFlight of [10, 100, 500]) {
    let accepted = 0, refused = 0, turn = 0;
    const cpu = cpuSeconds();
    const end = Date.now() + SECONDS * 1000;
    const latencies = [];
    const one = async () => {
      while (Date.now() < end) {
        const start = performance.now();
        const result = await bridge.bid('bench', people[turn++ % 2], 'l1', (amount += 100));
        latencies.push(performance.now() - start);
        result.ok ? accepted++ : refused++;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    console.log(`${inFlight} in flight: ${Math.round(accepted / SECONDS)} accepted and ${Math.round(refused / SECONDS)} refused a second, ` +
      `p50 ${percentile(latencies, 0.5)} p99 ${percentile(latencies, 0.99)} ms, engine CPU ${((cpuSeconds() - cpu) / SECONDS * 100).toFixed(0)} %`);
    bridge.messages.length = 0;
    bridge.events.length = 0;
  }
  console.log(`RSS afterwards: ${memoryKb()} KiB`);
} finally {
  await world.end();
}
