// The broker, which carries what bridges say to each other, dies and comes back while polls hang at other bridges than their sessions'.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { needPrograms, saleOf } from '../e2e/harness.mjs';
import { Node, RecoveringTab, Session, needProxies, noBidLost, question, startFront, upTo, withCluster } from './cluster.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');
needProxies('nginx');

test('the broker dies and comes back: polls at other bridges are held, nobody is disconnected, all see the truth and no bid is lost', { timeout: 60000 }, () => withCluster(async (house) => {
  const url = await startFront(house, 'nginx');
  const sale = await house.createSale(saleOf('broker', { lots: 2, duration: 60000, rules: { outage_threshold_ms: 500, unsold_rounds: 0 } }));
  const tabs = [];
  for (const i of upTo(6)) {
    const person = await house.join(sale, `Poller ${i}`);
    tabs.push(new RecoveringTab(io, house, sale, { name: `polling-${i}`, url, mode: 'polling', token: person.token }));
  }
  await Promise.all(tabs.map((tab) => tab.ready()));
  await house.command(sale, 'begin');
  await Promise.all(tabs.map((tab) => tab.until(() => tab.open, 8000, 'the first lot')));
  assert.ok((await tabs[0].bid(1000)).ok);
  await house.broker.kill();
  const bid = tabs[1].bid(1100); // in the outage: refused or unknown, and asked again until it is answered
  await Promise.all(house.bridges.map((bridge) => bridge.line(/broker: lost/, 5000, 0)));
  await house.startBroker();
  await house.untilReady();
  assert.ok((await bid).ok, JSON.stringify(await bid));
  await Promise.all(tabs.map((tab) => tab.until(() => tab.open?.price === 1100, 10000, `${tab.name} to see 11.00`)));
  await house.command(sale, 'next', { lot: 'l1' });
  await Promise.all(tabs.map((tab) => tab.until(() => tab.open?.id === 'l2', 10000, `${tab.name} to see lot 2`)));
  await house.command(sale, 'next', { lot: 'l2' });
  await Promise.all(tabs.map((tab) => tab.until(() => tab.phase === 'complete', 10000, `${tab.name} to see the end`)));
  const [results, events] = [await house.results(sale), await house.events(sale)];
  for (const tab of tabs) {
    assert.deepEqual([tab.disconnects, tab.connects], [[], 1], tab.describe());
    tab.agreesWith(results); // after a fresh snapshot, which the end of an outage brings
  }
  noBidLost(tabs, events);
}));

test('posts and polls that the broker lost are asked again, and none is done twice', { timeout: 60000 }, () => withCluster(async (house) => {
  const [a, b, c] = house.bridges.map((bridge) => new Node(bridge));
  const session = await (await Session.open(a)).connect([b]);
  const poll = c.poll(session.sid);
  await house.broker.kill();
  const posts = (async () => {
    for (const n of upTo(3)) await session.post(b, question(n));
  })();
  await house.startBroker();
  await posts;
  await session.take((await poll).body, c);
  await session.until([c, b], () => session.acks.length >= 3);
  assert.deepEqual(session.acks, [1, 2, 3]);
}));
