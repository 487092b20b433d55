// Two bridges, one sale: a bid through either is heard by all (F4). Two sales at once: not one event of the other (F7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { MODES, Tab } from './follower.mjs';
import { House, needPrograms, saleOf } from './harness.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');

test('two bridges: a bid through either is heard by every client of both, and both count the lobby (F4, F6, F25)', { timeout: 90000 }, async () => {
  const house = await House.open({ bridges: 2 });
  let failed = true;
  try {
    const sale = await house.createSale(saleOf('both', { lots: 2, duration: 4000 }));
    const tabs = [];
    for (const bridge of house.bridges) {
      for (const mode of Object.keys(MODES)) {
        const person = await house.join(sale, `${bridge.name} ${mode}`, bridge);
        tabs.push(new Tab(io, house, sale, { name: `${bridge.name} ${mode}`, url: bridge.url, mode, token: person.token }));
      }
    }
    await Promise.all(tabs.map((tab) => tab.ready()));
    await Promise.all(tabs.map((tab) => tab.until(() => tab.lobby?.count === 6, 8000, `${tab.name} to count 6`)));
    await house.command(sale, 'begin');
    await Promise.all(tabs.map((tab) => tab.until(() => tab.open, 8000, 'the first lot')));
    let price = 0;
    for (const bidder of tabs) {
      const ask = bidder.open.ask;
      const sent = performance.now();
      const answer = await bidder.place(ask);
      assert.ok(answer.ok, `${bidder.name}: ${JSON.stringify(answer)}`);
      price = ask;
      await Promise.all(tabs.map((tab) => tab.until(() => tab.open?.price === price && tab.seq >= answer.seq, 2000, `${tab.name} to hear of ${price}`)));
      assert.ok(performance.now() - sent < 2000);
    }
    await Promise.all(tabs.map((tab) => tab.until(() => tab.phase === 'complete', 30000)));
    const results = await house.results(sale);
    for (const tab of tabs) tab.agreesWith(results);
    assert.equal(results.lots[0].price, price);
    failed = false;
  } finally {
    await house.close({ failed });
  }
});

test('two sales at once have no event in common (F7)', { timeout: 90000 }, async () => {
  const house = await House.open();
  let failed = true;
  try {
    const sales = [await house.createSale(saleOf('left', { lots: 6, duration: 700 })), await house.createSale(saleOf('right', { lots: 6, duration: 700, opening: 77700, step: 7700 }))];
    const tabs = sales.map((sale) => new Tab(io, house, sale, { name: sale.id }));
    await Promise.all(tabs.map((tab) => tab.ready()));
    const bots = await Promise.all(sales.map((sale, i) => house.startBots(sale, { bidders: 4, seed: 3 + i, more: ['--max-seconds', '60'] })));
    await Promise.all(tabs.map((tab) => tab.until(() => tab.names.participants_changed === 4, 10000, 'all bots')));
    await Promise.all(sales.map((sale) => house.command(sale, 'begin')));
    const reports = await Promise.all(bots.map((program) => program.finish()));
    for (const [i, sale] of sales.entries()) {
      const results = await house.results(sale);
      await tabs[i].until(() => tabs[i].phase === 'complete', 5000);
      tabs[i].agreesWith(results);
      assert.equal(reports[i].end, 'auction_complete');
      assert.equal(reports[i].checks.gaps + reports[i].checks.duplicates, 0);
      const low = sale.id === 'left';
      assert.ok([...tabs[i].lots.values()].every(({ price }) => price === null || (price < 70000) === low), 'a price of the other sale');
    }
    // A token of one sale opens nothing of the other.
    const person = await house.join(await house.createSale(saleOf('third', { lots: 1, public: false })), 'Eve');
    const eve = new Tab(io, house, { id: 'left' }, { name: 'eve', token: person.token });
    await eve.until(() => eve.wrong.length > 0 || eve.member, 5000);
    assert.ok(!eve.member.ok, 'a token of another sale joined');
    failed = false;
  } finally {
    await house.close({ failed });
  }
});
