// Seeded storm: while bots play, engine, bridge and broker are killed again and again at moments that the seed chooses. Whatever happens, each
// bid has one answer, the ledger has exactly the acknowledged bids, nobody sees a gap or a falling price, and all agree on the end.
// usage: storm.mjs [SEED] [KILLS]
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { House, needPrograms, saleOf } from '../e2e/harness.mjs';
import { outcome } from '../e2e/follower.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');
const seed = Number(process.argv[2] ?? 1);
const kills = Number(process.argv[3] ?? 8);

// mulberry32: the same moments for the same seed.
let state = seed;
function chance() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const lasts = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

test(`storm of seed ${seed}: ${kills} kills`, { timeout: 280000 }, async () => {
  const house = await House.open({ bridges: 2 });
  let failed = true;
  try {
    const sale = await house.createSale(saleOf('storm', { lots: 12, duration: 2500, gap: 300, step: 50, rules: { outage_threshold_ms: 500 } }));
    const bots = [];
    for (const [i, bridge] of house.bridges.entries()) {
      bots.push(await house.startBots(sale, { bidders: 6, transport: 'mixed', seed: seed * 10 + i, url: bridge.url, more: ['--max-seconds', '240', '--think-max-ms', '120', '--quiet'] }));
    }
    const listener = await house.listen([`lotcast/v1/sale/${sale.id}/participants/0`]);
    await listener.until(() => listener.messages().some(({ payload }) => JSON.parse(payload).total === 12), 20000, 'all bots');
    await house.command(sale, 'begin');
    for (let i = 0; i < kills; i++) {
      await lasts(300 + chance() * 2500);
      const victim = [house.engine, house.bridges[0], house.bridges[1], house.broker][Math.floor(chance() * 4)];
      await victim.kill();
      await lasts(chance() * 1200);
      await (victim === house.broker ? house.startBroker() : victim.start());
    }
    const reports = await Promise.all(bots.map((program) => program.finish()));
    await house.untilReady(); // the last kill may have come after the end
    const results = await house.results(sale);
    const truth = results.lots.map((lot) => outcome(lot.id, lot.phase, lot.price, lot.winner?.id ?? null)).sort();
    const bids = (await house.events(sale)).filter(({ name }) => name === 'bid_update');
    for (const report of reports) {
      assert.equal(report.end, 'auction_complete');
      for (const bot of report.bots) {
        assert.deepEqual(bot.lots.map((lot) => outcome(lot.id, lot.phase, lot.price, lot.winner)).sort(), truth, bot.name);
        assert.equal(bot.bids.accepted, bids.filter(({ payload }) => payload.by.id === bot.participant).length, `${bot.name}: acknowledged bids and bids in the ledger`);
      }
    }
    await house.engine.stop();
    const sum = (member) => reports.reduce((all, report) => all + report.bids[member], 0);
    console.log(`${sum('sent')} bids, ${sum('accepted')} accepted, ${sum('resent')} sent again, ${sum('repeated')} answered from a receipt, ${sum('answered_twice')} twice; ${house.verify(sale.id).trim()}`);
    failed = false;
  } finally {
    await house.close({ failed });
  }
});
