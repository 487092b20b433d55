// The profile `cluster` of docker/compose.yaml, which tests/docker/compose_test.py has started: official clients by each transport behind its
// nginx bid all the time while bridges are killed and stopped, while nginx starts again beside a bridge that is down, and while both bridges
// come back under other addresses. FRONT: its address; BRIDGES, NGINX: containers; INVITE, TOKEN: of the demo sale, which runs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { io } from 'socket.io-client';
import { RecoveringTab } from '../cluster/cluster.mjs';
import { MODES } from '../e2e/follower.mjs';
import { House } from '../e2e/harness.mjs';

const { FRONT, DIRECT, INVITE, TOKEN, NGINX } = process.env;
assert.ok(FRONT && DIRECT && INVITE && TOKEN && NGINX && process.env.BRIDGES, 'run this by tests/docker/compose_test.py');
const [FIRST, SECOND] = process.env.BRIDGES.split(' ');

const TABS_OF_EACH_MODE = 4; // one in two of them bids
const BID_PACE_MS = 100;
const BACK_MS = 20000;
const STRAIGHT_MS = 1000; // an answer without an attempt at an address where nobody is

const docker = async (...args) => (await promisify(execFile)('docker', args, { timeout: 60000 })).stdout.trim();
const addressOf = (container) => docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', container);
const exitCode = async (container) => Number(await docker('inspect', '-f', '{{.State.ExitCode}}', container));

async function asked(what, probe, milliseconds = 30000) {
  const deadline = performance.now() + milliseconds;
  while (!await probe()) {
    assert.ok(performance.now() < deadline, `gave up waiting for ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

const answers = (container) => docker('exec', container, 'answers', '8080', '/readyz').then(() => true, () => false);
const started = async (container) => {
  await docker('start', container);
  await asked(`${container} to be ready`, () => answers(container));
};

// Something else on the bridges' network takes the next free address, which one of them had.
async function squat(context) {
  const [image, network] = (await docker('inspect', '-f', '{{.Config.Image}} {{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}', FIRST)).split(' ');
  const container = await docker('run', '-d', '--rm', '--init', '--network', network, image, 'sleep', '600');
  context.after(() => docker('rm', '-f', container));
}

const house = Object.assign(Object.create(House.prototype), { bridges: [{ url: FRONT }], sockets: new Set() });
const sale = { id: 'demo', token: TOKEN, invite: INVITE };

async function openTabs() {
  const tabs = [];
  for (const mode of Object.keys(MODES)) {
    for (let i = 0; i < TABS_OF_EACH_MODE; i++) {
      const name = `${mode}-${i}`;
      const person = i % 2 ? null : await house.join(sale, name);
      tabs.push(new RecoveringTab(io, house, sale, { name, url: FRONT, mode, token: person?.token, options: { reconnectionDelay: 100, reconnectionDelayMax: 500 } }));
      tabs.at(-1).bids.isBidder = person !== null;
    }
  }
  await Promise.all(tabs.map((tab) => tab.ready(30000)));
  return tabs;
}

async function keepBidding(bidders, isOver) {
  for (let i = 0; !isOver(); i++) {
    const tab = bidders[i % bidders.length];
    const lot = await tab.until(() => tab.open, 30000, `${tab.name} to have a lot to bid on`);
    await tab.bid(lot.ask, { lot: lot.id });
    await new Promise((resolve) => { setTimeout(resolve, BID_PACE_MS); });
  }
}

// All are connected and have the newest event, and nginx sends nobody to an address where there is no bridge.
async function allBack(tabs, after) {
  const { seq } = await house.apiOk('GET', '/api/sales/demo').then(({ snapshot }) => snapshot);
  await Promise.all(tabs.map((tab) => tab.until(() => tab.io.connected && tab.seq >= seq, BACK_MS, `${tab.name} to be back after ${after}`)));
  await asked(`straight answers after ${after}`, async () => {
    for (let i = 0; i < 12; i++) {
      const began = performance.now();
      const { status } = await house.api('GET', '/api/sales/demo');
      if (status !== 200 || performance.now() - began > STRAIGHT_MS) return false;
    }
    return true;
  });
  console.log(`${after}: all back with event ${seq}, disconnects ${tabs.map((tab) => tab.disconnects.length).join(' ')}`);
}

async function relayedPolls() {
  const text = await (await fetch(`${DIRECT}/metrics`)).text();
  return [...text.matchAll(/^lotcast_relay_polls_total\{way="(?:in|out)"\} (\d+)$/gm)].map(([, count]) => Number(count));
}

test('two bridges behind nginx, killed, stopped and moved while people bid', { timeout: 240000 }, async (context) => {
  context.after(() => { for (const socket of house.sockets) socket.disconnect(); });
  const tabs = await openTabs();
  let isOver = false;
  const bidding = keepBidding(tabs.filter((tab) => tab.bids.isBidder), () => isOver);
  bidding.catch(() => {}); // awaited below
  await asked('upgrades', () => tabs.filter(({ name }) => !name.startsWith('polling')).every(({ transport }) => transport === 'websocket'));
  await allBack(tabs, 'begin');
  await asked('polls through the other bridge, both ways', async () => (await relayedPolls()).filter((count) => count > 0).length === 2);

  await docker('kill', SECOND);
  await allBack(tabs, 'kill of one');
  await docker('restart', NGINX);
  await asked('nginx beside a dead bridge', () => answers(NGINX));
  await allBack(tabs, 'restart of nginx beside it');
  await started(SECOND);

  await docker('stop', FIRST);
  assert.equal(await exitCode(FIRST), 0, 'a bridge that was stopped in time');
  await allBack(tabs, 'stop of the other');
  await started(FIRST);
  await allBack(tabs, 'its return');

  const before = await Promise.all([FIRST, SECOND].map(addressOf));
  await docker('kill', FIRST, SECOND);
  await squat(context);
  await squat(context);
  await Promise.all([FIRST, SECOND].map(started));
  const now = await Promise.all([FIRST, SECOND].map(addressOf));
  assert.ok(!now.some((address) => before.includes(address)), `the bridges kept an address: ${before} and ${now}`);
  await allBack(tabs, 'a change of addresses');

  isOver = true;
  await bidding;
  await house.command(sale, 'pause');
  await Promise.all(tabs.map((tab) => tab.until(() => tab.phase === 'paused', BACK_MS, `${tab.name} to see the end`)));
  const events = await house.events(sale);
  for (const tab of tabs) {
    assert.ok(tab.disconnects.length > 0, `nothing happened to ${tab.describe()}`);
    assert.equal(tab.recoveries, tab.connects - 1, `not recovered: ${tab.describe()}`);
    tab.missedNothing(events);
  }
  const kept = new Set(events.filter(({ name }) => name === 'bid_update').map(({ payload }) => payload.bid));
  const accepted = tabs.flatMap(({ bids }) => bids).filter(({ answer }) => answer?.ok).map(({ answer }) => answer.bid);
  assert.ok(accepted.length >= 20, `only ${accepted.length} bids`);
  assert.deepEqual(accepted.filter((bid) => !kept.has(bid)), [], 'acknowledged bids that the ledger does not have');
  assert.deepEqual(tabs.flatMap(({ bids }) => bids).filter(({ answer }) => !answer), [], 'bids without an answer');
  console.log(`${tabs.length} clients, ${tabs.reduce((sum, { recoveries }) => sum + recoveries, 0)} recoveries, ${accepted.length} bids accepted`);
});
