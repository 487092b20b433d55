// A cut between a bridge and the broker without a sign, a bridge that lags, one that is frozen: its clients learn within 5 s that they are not
// live, bids there are refused with ENGINE_OFFLINE, nobody else notices, nothing is lost, and all heals by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { MODES, Tab } from '../e2e/follower.mjs';
import { House, needPrograms, saleOf } from '../e2e/harness.mjs';
import { CutProxy } from './cut_proxy.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');
const LEARN_MS = 5000;
const HEAL_MS = 10000;
const SOON_MS = 6000; // less than a keep-alive of MQTT takes to notice

async function withTwoBridges(work) {
  const house = await House.open();
  const proxy = await CutProxy.to(house.brokerPort);
  let failed = true;
  try {
    // The later of two --broker counts.
    const cut = await house.addBridge(['--broker', `127.0.0.1:${proxy.port}`]);
    await house.untilReady();
    const sale = await house.createSale(saleOf('cut', { lots: 1, duration: 60000 }));
    const person = { near: await house.join(sale, 'Near'), other: await house.join(sale, 'Other'), cut: await house.join(sale, 'Cut') };
    const [near, other] = ['near', 'other'].map((name) => new Tab(io, house, sale, { name, token: person[name].token }));
    const tabs = Object.keys(MODES).map((mode) => new Tab(io, house, sale, { name: `cut-${mode}`, url: cut.url, mode, token: person.cut.token }));
    const all = [near, other, ...tabs];
    await Promise.all(all.map((tab) => tab.ready()));
    await house.command(sale, 'begin');
    await Promise.all(all.map((tab) => tab.until(() => tab.open, 8000, 'the first lot')));
    await work({ house, proxy, cut, sale, near, other, tabs });
    await house.command(sale, 'next', { lot: 'l1' });
    await Promise.all(all.map((tab) => tab.until(() => tab.phase === 'complete', 10000, `${tab.name} to see the end`)));
    const results = await house.results(sale);
    for (const tab of all) tab.agreesWith(results);
    await house.engine.stop();
    house.verify(sale.id);
    failed = false;
  } finally {
    proxy.close();
    await house.close({ failed });
  }
}

async function bid(tab, amount) {
  const answer = await tab.place(amount);
  assert.ok(answer.ok, `${tab.name} bid ${amount}: ${JSON.stringify(answer)}`);
}

const metric = async (bridge, name) => Number((await (await fetch(`${bridge.url}/metrics`)).text()).match(new RegExp(`^${name} (\\S+)$`, 'm'))[1]);

test('a cut between a bridge and the broker that nobody tells of (F5)', { timeout: 90000 }, () => withTwoBridges(async ({ proxy, cut, near, tabs }) => {
  await bid(tabs[0], 1000);
  const cutAt = performance.now();
  proxy.cut();
  const unknown = tabs[1].place(1050, { id: 'into-the-hole' }); // nobody knows yet: the answer is that nobody knows
  await Promise.all(tabs.map((tab) => tab.until(() => tab.live === false, LEARN_MS - (performance.now() - cutAt), `${tab.name} to learn that it is not live`)));
  assert.ok(performance.now() - cutAt < LEARN_MS);
  assert.equal((await unknown).error.code, 'TIMEOUT');
  const refused = await Promise.all(tabs.map((tab) => tab.place(1100)));
  assert.deepEqual(refused.map((answer) => answer.error.code), tabs.map(() => 'ENGINE_OFFLINE'));
  const ready = await fetch(`${cut.url}/readyz`);
  assert.deepEqual([ready.status, (await ready.json()).broker], [503, false]);

  // The others go on.
  assert.notEqual(near.live, false);
  await bid(near, 1200);
  assert.ok(tabs.every((tab) => tab.open.price === 1000));

  proxy.mend();
  await Promise.all(tabs.map((tab) => tab.until(() => tab.live === true && tab.open?.price === 1200, SOON_MS, `${tab.name} to be live again`)));
  const again = await tabs[1].place(1050, { id: 'into-the-hole' }); // asked again: it never was a bid
  assert.equal(again.error.code, 'BELOW_ASK');
  await bid(tabs[2], 1300);
  await near.until(() => near.open.price === 1300, 2000, 'the bid through the mended bridge');
  assert.ok((await metric(cut, 'lotcast_bridge_broker_late_total')) >= 1);
}));

test('a bridge that lags behind the broker says so, and is live again when it has caught up', { timeout: 90000 }, () => withTwoBridges(async ({ proxy, cut, near, other, tabs }) => {
  await bid(near, 1000);
  await Promise.all(tabs.map((tab) => tab.until(() => tab.open.price === 1000, 5000, 'the bid')));
  const connects = await metric(cut, 'lotcast_bridge_broker_connects_total');
  proxy.slow(2600);
  const slowAt = performance.now();
  await Promise.all(tabs.map((tab) => tab.until(() => tab.live === false, LEARN_MS, `${tab.name} to learn that it is not live`)));
  assert.ok(performance.now() - slowAt < LEARN_MS);
  assert.equal((await tabs[0].place(1100)).error.code, 'ENGINE_OFFLINE');
  assert.ok((await metric(cut, 'lotcast_bridge_broker_lag_seconds')) >= 2);
  await bid(other, 1100); // what is said meanwhile comes late, and is not lost
  proxy.slow(0);
  await Promise.all(tabs.map((tab) => tab.until(() => tab.live === true, HEAL_MS, `${tab.name} to be live again`)));
  await bid(tabs[0], 1200);
  await near.until(() => near.open.price === 1200, 2000, 'the bid through the bridge that has caught up');
  // It was slow, not dead: the connection is the same.
  assert.equal(await metric(cut, 'lotcast_bridge_broker_connects_total'), connects);
}));

test('a bridge that was frozen knows that what it has is old, and nobody else noticed', { timeout: 90000 }, () => withTwoBridges(async ({ cut, near, tabs }) => {
  await bid(tabs[0], 1000);
  cut.signal('SIGSTOP');
  await bid(near, 1100);
  const frozen = tabs[1].place(1200, { id: 'into-the-ice' });
  await assert.rejects(frozen); // silence: not even a refusal
  cut.signal('SIGCONT');
  await Promise.all(tabs.map((tab) => tab.until(() => tab.live === true && tab.io.connected && tab.open?.price >= 1100, HEAL_MS, `${tab.name} to be live again`)));
  // Whatever has become of the bid in the ice, the same id tells the one outcome.
  const outcome = await tabs[1].place(1200, { id: 'into-the-ice' });
  assert.ok(outcome.ok || outcome.error.code === 'ALREADY_LEADING', JSON.stringify(outcome));
  await near.until(() => near.open.price === 1200, 2000, 'the bid of the frozen bridge, once');
}));
