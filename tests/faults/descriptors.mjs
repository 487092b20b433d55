// A bridge that may open 128 descriptors, and 300 connections: those beyond its limit wait without costing anything, and are served
// when others leave.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import net from 'node:net';
import { BridgeWorld } from '../e2e/bridge_world.mjs';
import { within } from '../e2e/engine_world.mjs';

const LIMIT = 128;
const CONNECTIONS = 300;
const SPARE = 64; // for broker, files, log, the loop

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const cpuMs = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

async function eventually(what, look, ms = 20000) {
  const end = Date.now() + ms;
  while (!look()) {
    assert.ok(Date.now() < end, `not within ${ms} ms: ${what()}`);
    await pause(20);
  }
}

// A connection that asks once and stays.
class Guest {
  constructor(port) {
    this.isServed = false;
    this.isOver = false;
    this.socket = net.connect(port, '127.0.0.1', () => this.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'));
    this.socket.on('data', (data) => { this.isServed ||= data.toString().startsWith('HTTP/1.1 200 '); });
    this.socket.on('error', () => { this.isOver = true; });
    this.socket.on('close', () => { this.isOver = true; });
  }
}

const world = await BridgeWorld.create({ engine: false });
try {
  const bridge = await world.startBridge({ under: ['prlimit', `--nofile=${LIMIT}:${LIMIT}`], live: false });
  const { pid } = bridge.child;
  assert.match(bridge.log, new RegExp(`descriptors: ${LIMIT}, of them for connections: ${LIMIT - SPARE}`));
  const port = Number(new URL(bridge.url).port);

  const guests = Array.from({ length: CONNECTIONS }, () => new Guest(port));
  const served = () => guests.filter((guest) => guest.isServed).length;
  await eventually(() => `${served()} served`, () => served() >= LIMIT - SPARE - 4);
  await pause(300); // whoever else is let in
  const most = descriptors(pid);
  assert.ok(most <= LIMIT - 32, `${most} descriptors are open: none are left for others`);
  const cpuBefore = cpuMs(pid);
  await pause(1500);
  const cpu = cpuMs(pid) - cpuBefore;
  assert.ok(cpu <= 150, `${cpu} ms of CPU in 1500 ms at the limit`);

  // What needs a descriptor at the limit has one: the way back to the broker.
  await world.broker.kill();
  await world.startBroker();
  await bridge.logged(/broker: connected [^]*broker: connected /);

  // Each one that leaves lets another one in.
  await eventually(() => `${served()} of ${CONNECTIONS} served`, () => {
    for (const guest of guests) if (guest.isServed) guest.socket.destroy();
    return guests.every((guest) => guest.isServed || guest.isOver);
  });
  assert.equal(served(), CONNECTIONS);

  await eventually(() => `${descriptors(pid)} descriptors`, () => descriptors(pid) < 40);
  assert.equal((await bridge.http('GET', '/metrics')).status, 200);
  const ended = within(5000, 'the bridge ends', bridge.exited);
  bridge.child.kill('SIGTERM');
  assert.deepEqual(await ended, { code: 0, signal: null });
  console.log(`ok: ${most} descriptors at most, ${cpu} ms of CPU in 1500 ms at the limit`);
} finally {
  await world.end();
}

// A soft limit below the hard one is raised.
const roomy = await BridgeWorld.create({ engine: false });
try {
  const bridge = await roomy.startBridge({ under: ['prlimit', '--nofile=100:400'], live: false });
  assert.match(bridge.log, /descriptors: 400, of them for connections: 336/);
} finally {
  await roomy.end();
}
