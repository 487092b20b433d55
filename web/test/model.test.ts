import assert from "node:assert/strict";
import { test } from "node:test";
import { applyDurable, applyEphemeral, fromSnapshot, withFocus, withLotsPage, withMaximum, withYou } from "../src/model";
import { askedToMatch, bidsOnLot, deadline, lastResult, ownButton, ownMaximum, ownOffer, ownStatus, purse, shownDeadline, standing } from "../src/questions";
import type { Model, Verdict } from "../src/model";
import { movesInMs, priceNow } from "../src/price_clock";
import type { CatalogueLot, DurableEvents, DurableName, Lot, Participant, Snapshot, You } from "../src/protocol";

const ana = { id: "p1", paddle: "1", name: "Ana" };
const ben = { id: "p2", paddle: "2", name: "Ben" };

function participant(person: typeof ana, change: Partial<Participant> = {}): Participant {
  return { ...person, status: "accepted", budget: 200, spent: 0, held: 0, roster: { taken: 0, slots: 16 }, ...change };
}

function row(no: number, change: Partial<CatalogueLot> = {}): CatalogueLot {
  return { id: `l${no}`, no, title: `Lot ${no}`, image: "", category: "", opening: 10, phase: "pending", price: null, winner: null, bids: 0, round: 0, ...change };
}

function openLot(no: number, change: Partial<Lot> = {}): Lot {
  return {
    id: `l${no}`, no, title: `Lot ${no}`, phase: "open", opening: 10, price: null, ask: 10, leader: null, bids: 0,
    started_at: 1000, ends_at: 31_000, remaining_ms: 30_000, extensions: 0, round: 0, reserve: "none", ...change,
  };
}

function snapshot(change: Partial<Snapshot> = {}, state: Partial<Snapshot["state"]> = {}): Snapshot {
  const head = { seq: 10, epoch: 2 };
  return {
    ...head, live: true, now: 1000,
    info: {
      ...head, id: "demo", title: "Demo", currency: { code: "EUR", minor_digits: 0 }, phase: "live", public: true, visibility: "names",
      rules: {
        lot_duration_ms: 30_000, gap_ms: 3000, soft_close: { window_ms: 0, amount_ms: 0, type: "reset", max_extensions: 0 }, unsold_rounds: 1,
        strict: false, increments: { kind: "flat", step: 1 }, roster: { budget: 200, slots: 16, minimum: 1 },
      },
    },
    state: { ...head, phase: "live", now: 1000, clock: "lot", lot: openLot(1), next: null, lots_total: 3, sold: 0, unsold: 0, remaining_lots: 3, ...state },
    lots: [row(1, { phase: "open" }), row(2), row(3)], lots_total: 3,
    participants: [participant(ana), participant(ben)], participants_total: 2, recent_bids: [], ...change,
  };
}

const you: You = { seq: 10, epoch: 2, participant: ana, role: "bidder", leading: [], budget: 200, spent: 0, held: 0, roster: { taken: 0, slots: 16 }, max_bid: 185 };

function start(): Model {
  return withYou(fromSnapshot(snapshot(), null), you);
}

// Applies an event that follows at once, and demands that it was simply applied.
function next<Name extends DurableName>(model: Model, name: Name, members: Omit<DurableEvents[Name], "seq" | "epoch" | "at">, want: Verdict = "applied"): Model {
  const event = { seq: model.seq + 1, epoch: model.epoch, at: 2000, ...members } as DurableEvents[Name];
  const step = applyDurable(model, name, event);
  assert.equal(step.verdict, want, name);
  return step.model;
}

function bid(model: Model, by: typeof ana, amount: number, previous: typeof ana | null, endsAt = 31_000): Model {
  return next(model, "bid_update", {
    lot: "l1", bid: "b1", by, amount, price: amount, ask: amount + 1, leader: by, previous_leader: previous, bids: (model.lot?.bids ?? 0) + 1,
    ends_at: endsAt, remaining_ms: 20_000, reserve: "none",
  });
}

const soldTo = (winner: typeof ana, price: number): Omit<DurableEvents["sold"], "seq" | "epoch" | "at"> => ({
  lot: "l1", no: 1, title: "Lot 1", price, winner, bids: 1, reason: "time", sold: 1, unsold: 0, lots_total: 3,
  winner_state: participant(winner, { spent: price, roster: { taken: 1, slots: 16 } }),
});

test("a bid changes price, ask, leader, history and what the leader holds", () => {
  const model = bid(start(), ben, 12, null);
  assert.deepEqual([model.lot?.price, model.lot?.ask, model.lot?.leader?.id], [12, 13, "p2"]);
  assert.deepEqual(model.recentBids, [{ lot: "l1", by: ben, amount: 12, at: 2000 }]);
  assert.deepEqual(model.participants.map((one) => one.held), [0, 12]);
  assert.equal(model.lots[0]?.price, 12);
});

test("winning, outbid and watching", () => {
  let model = start();
  assert.equal(standing(model), "watching");
  model = bid(model, ben, 12, null);
  assert.equal(standing(model), "watching");
  model = bid(model, ana, 13, ben);
  assert.equal(standing(model), "winning");
  model = bid(model, ben, 14, ana);
  assert.equal(standing(model), "outbid");
});

test("outbid stays outbid when more bids follow than the history keeps", () => {
  let model = bid(start(), ana, 13, null);
  for (let amount = 14; amount < 50; amount++) model = bid(model, ben, amount, ben);
  assert.equal(standing(model), "outbid");
});

test("an older or repeated event changes nothing (F10, F12, L1)", () => {
  const model = bid(bid(start(), ana, 13, null), ben, 14, ana);
  const event = {
    seq: 11, epoch: 2, at: 1, lot: "l1", bid: "b1", by: ana, amount: 13, price: 13, ask: 14, leader: ana, previous_leader: null, bids: 1,
    ends_at: 5, remaining_ms: 5, reserve: "none" as const,
  };
  const step = applyDurable(model, "bid_update", event);
  assert.equal(step.verdict, "old");
  assert.equal(step.model, model);
});

test("an event of a lower epoch is dropped once the higher epoch has begun before it", () => {
  let model = next(start(), "epoch_started", { first_seq: 11, reason: "engine_start" });
  model = { ...model, epoch: 3, firstSeq: 11 };
  const step = applyDurable(model, "notice", { seq: 12, epoch: 2, at: 1, text: "from the dead", by: null });
  assert.equal(step.verdict, "old");
});

test("a higher epoch goes on with the same numbers (L4)", () => {
  const step = applyDurable(start(), "epoch_started", { seq: 11, epoch: 3, at: 1, first_seq: 11, reason: "engine_start" });
  assert.equal(step.verdict, "applied");
  assert.deepEqual([step.model.seq, step.model.epoch, step.model.firstSeq], [11, 3, 11]);
});

test("a higher epoch that goes back in the numbers asks for a snapshot", () => {
  const step = applyDurable(start(), "epoch_started", { seq: 8, epoch: 3, at: 1, first_seq: 8, reason: "engine_start" });
  assert.equal(step.verdict, "gap");
});

test("a missed event is noticed, and the newer one is still shown", () => {
  const model = start();
  const step = applyDurable(model, "lot_started", { seq: model.seq + 3, epoch: 2, at: 1, lot: openLot(2) });
  assert.equal(step.verdict, "gap");
  assert.equal(step.model.lot?.id, "l2");
});

test("a bid for a lot that is not on the screen asks for a snapshot instead of changing it (L2)", () => {
  const model = start();
  const step = applyDurable(model, "bid_update", {
    seq: 11, epoch: 2, at: 1, lot: "l9", bid: "b1", by: ben, amount: 99, price: 99, ask: 100, leader: ben, previous_leader: null, bids: 1,
    ends_at: 9, remaining_ms: 9, reserve: "none",
  });
  assert.equal(step.verdict, "refresh");
  assert.equal(step.model.lot?.price, null);
});

test("the clock follows bid, extension and tick, and an older tick is ignored (L4, L5)", () => {
  let model = bid(start(), ben, 12, null, 40_000);
  model = next(model, "anti_snipe", { lot: "l1", ends_at: 41_000, remaining_ms: 10_000, extended_ms: 10_000, extensions: 1 });
  assert.deepEqual(deadline(model), { kind: "running", clock: "lot", endsAt: 41_000 });
  const old = applyEphemeral(model, "tick", { seq: 10, epoch: 2, lot: "l1", clock: "lot", ends_at: 31_000, now: 3000, remaining_ms: 1 });
  assert.equal(old.verdict, "old");
  const fresh = applyEphemeral(model, "tick", { seq: model.seq, epoch: 2, lot: "l1", clock: "lot", ends_at: 42_000, now: 3000, remaining_ms: 1 });
  assert.deepEqual(deadline(fresh.model), { kind: "running", clock: "lot", endsAt: 42_000 });
});

test("a tick that knows of newer events says that something is missing (L5)", () => {
  const model = start();
  const step = applyEphemeral(model, "tick", { seq: 14, epoch: 2, lot: "l2", clock: "lot", ends_at: 9, now: 3000, remaining_ms: 1 });
  assert.equal(step.verdict, "ahead");
  assert.deepEqual(deadline(step.model), deadline(model));
});

test("a pause freezes the exact time and a resume goes on with it (F23)", () => {
  let model = next(start(), "auction_paused", { clock: "lot", lot: "l1", remaining_ms: 25_000 });
  assert.deepEqual(deadline(model), { kind: "frozen", clock: "lot", remainingMs: 25_000 });
  const tick = applyEphemeral(model, "tick", { seq: model.seq, epoch: 2, lot: "l1", clock: "lot", ends_at: 31_000, now: 3000, remaining_ms: 1 });
  assert.deepEqual(deadline(tick.model), { kind: "frozen", clock: "lot", remainingMs: 25_000 });
  model = next(model, "auction_resumed", { reason: "command", gap_ms: 0, clock: "lot", lot: "l1", ends_at: 325_000, remaining_ms: 25_000 });
  assert.deepEqual(deadline(model), { kind: "running", clock: "lot", endsAt: 325_000 });
});

test("a pause between lots freezes the count and a resume goes on (L11)", () => {
  let model = next(start(), "unsold", { lot: "l1", no: 1, title: "Lot 1", price: null, bids: 0, reason: "no_bids", sold: 0, unsold: 1, lots_total: 3 });
  assert.deepEqual(deadline(model), { kind: "none" });
  model = applyEphemeral(model, "next_lot_countdown", { seq: model.seq, epoch: 2, lot: "l2", no: 2, title: "Lot 2", starts_at: 9000, now: 6000, remaining_ms: 3000 }).model;
  assert.deepEqual(deadline(model), { kind: "running", clock: "gap", endsAt: 9000 });
  model = next(model, "auction_paused", { clock: "gap", lot: "l2", remaining_ms: 1700 });
  assert.deepEqual(deadline(model), { kind: "frozen", clock: "gap", remainingMs: 1700 });
  model = next(model, "auction_resumed", { reason: "command", gap_ms: 0, clock: "gap", lot: "l2", ends_at: 99_000, remaining_ms: 1700 });
  assert.deepEqual(deadline(model), { kind: "running", clock: "gap", endsAt: 99_000 });
});

test("sold: owner and price in the list, the winner's purse, and no lead any more", () => {
  const model = next(bid(start(), ana, 100, null), "sold", soldTo(ana, 100));
  assert.deepEqual([model.lots[0]?.phase, model.lots[0]?.winner?.id, model.lots[0]?.price], ["sold", "p1", 100]);
  assert.deepEqual([model.you?.spent, model.you?.held, model.you?.leading], [100, 0, []]);
  assert.equal(standing(model), "none");
  assert.equal(lastResult(model)?.price, 100);
});

test("the next lot begins without the bids, the leader and the result of the last one (L8)", () => {
  let model = next(bid(start(), ana, 100, null), "sold", soldTo(ana, 100));
  model = next(model, "lot_started", { lot: openLot(2) });
  assert.deepEqual([model.recentBids.length, model.lot?.leader, model.outcome, standing(model)], [0, null, null, "watching"]);
  assert.equal(lastResult(model), null);
});

test("the highest bid keeps the minimum for each open slot (F19)", () => {
  assert.equal(purse(start())?.maxBid, 185);
  const model = withYou(start(), { ...you, budget: 150, spent: 100, roster: { taken: 14, slots: 16 } });
  assert.equal(purse(model)?.maxBid, 49);
  assert.equal(purse(withYou(start(), { ...you, roster: { taken: 16, slots: 16 } }))?.maxBid, 0);
  assert.equal(purse(withYou(start(), { ...you, budget: null, roster: null }))?.maxBid, null);
});

test("unsold lots that are offered again are to come again", () => {
  let model = next(start(), "unsold", { lot: "l1", no: 1, title: "Lot 1", price: null, bids: 0, reason: "no_bids", sold: 0, unsold: 1, lots_total: 3 });
  model = next(model, "round_started", { round: 1, lots: ["l1"] });
  assert.deepEqual([model.lots[0]?.phase, model.lots[0]?.round, model.unsold], ["pending", 1, 0]);
});

test("reset and deletion are seen at once (F24)", () => {
  let model = next(bid(start(), ana, 100, null), "sold", soldTo(ana, 100));
  model = next(model, "auction_reset", {}, "refresh");
  assert.deepEqual([model.phase, model.sold, model.lot, model.lots[0]?.phase, model.you?.spent], ["lobby", 0, null, "pending", 0]);
  assert.equal(next(model, "auction_deleted", {}).deleted, true);
});

test("complete has no clock and no current lot (F21)", () => {
  const model = next(start(), "auction_complete", { reason: "no_lots_left", sold: 1, unsold: 2, lots_total: 3 });
  assert.deepEqual([model.phase, model.lot, deadline(model).kind], ["complete", null, "none"]);
});

test("a snapshot clears what is gone (L8)", () => {
  const before = bid(start(), ana, 100, null);
  const model = fromSnapshot(snapshot({ seq: 20, participants: [], participants_total: 0 }, { lot: null, clock: "none", phase: "lobby" }), before);
  assert.deepEqual([model.lot, model.participants.length, model.recentBids.length, model.outcome], [null, 0, 0, null]);
});

test("a snapshot of retained state that is older than the screen only marks it as not live", () => {
  const before = bid(start(), ana, 100, null);
  const model = fromSnapshot(snapshot({ live: false }), before);
  assert.deepEqual([model.live, model.lot?.price, model.seq], [false, 100, before.seq]);
});

test("a bridge that loses the engine marks the model, and a return asks for a snapshot", () => {
  const lost = applyEphemeral(start(), "connection_degraded", { live: false });
  assert.equal(lost.model.live, false);
  const back = applyEphemeral(lost.model, "connection_restored", {});
  assert.deepEqual([back.model.live, back.verdict], [true, "refresh"]);
});

test("a tick of the engine is proof that it lives, and asks for what was missed", () => {
  const lost = applyEphemeral(start(), "connection_degraded", { live: false }).model;
  const step = applyEphemeral(lost, "tick", { seq: 10, epoch: 2, lot: "l1", clock: "lot", ends_at: 32_000, now: 3000, remaining_ms: 1 });
  assert.deepEqual([step.model.live, step.verdict], [true, "refresh"]);
  const old = applyEphemeral(lost, "tick", { seq: 9, epoch: 2, lot: "l1", clock: "lot", ends_at: 32_000, now: 3000, remaining_ms: 1 });
  assert.equal(old.model.live, false);
});

test("participants join and change by id", () => {
  const joined = next(start(), "participants_changed", { change: "joined", participant: participant({ id: "p3", paddle: "3", name: "Chi" }), participants_total: 3 });
  assert.deepEqual([joined.participants.length, joined.participantsTotal], [3, 3]);
  const changed = next(joined, "participants_changed", { change: "updated", participant: participant(ana, { budget: 500 }), participants_total: 3 });
  assert.deepEqual([changed.participants.length, changed.you?.budget], [3, 500]);
});

test("a page of the catalogue adds descriptions, and does not take back what an event said", () => {
  const model = next(bid(start(), ana, 100, null), "sold", soldTo(ana, 100));
  const page = { seq: 10, epoch: 2, page: 0, pages: 1, total: 3, lots: [row(1, { phase: "open", description: "Oak." }), row(2), row(3)] };
  const after = withLotsPage(model, page, 100);
  assert.deepEqual([after.lots[0]?.description, after.lots[0]?.phase, after.lots.length], ["Oak.", "sold", 3]);
});

test("a snapshot keeps the descriptions that are known", () => {
  const page = { seq: 10, epoch: 2, page: 0, pages: 1, total: 3, lots: [row(1, { description: "Oak." })] };
  const model = fromSnapshot(snapshot({ seq: 30 }), withLotsPage(start(), page, 100));
  assert.equal(model.lots[0]?.description, "Oak.");
});

test("the count of the lobby follows presence (F25)", () => {
  const step = applyEphemeral(start(), "lobby_updated", { count: 4, ids: ["p1"] });
  assert.deepEqual(step.model.lobby, { count: 4, ids: ["p1"] });
});

function parallel(): Model {
  const open = (no: number, ends_at: number) => row(no, { phase: "open", ask: 10, leader: null, ends_at, reserve: "none" });
  const base = snapshot({ lots: [open(1, 31_000), open(2, 41_000), open(3, 51_000)] });
  base.info.rules.flow = "parallel";
  return withYou(fromSnapshot(base, null), you);
}

function bidOn(model: Model, lot: string, by: typeof ana, price: number): Model {
  return next(model, "bid_update", {
    lot, bid: "b1", by, amount: price, price, ask: price + 1, leader: by, previous_leader: null, bids: 1, ends_at: 41_000, remaining_ms: 30_000, reserve: "none",
  });
}

test("of many open lots each keeps its own price and leader, and a leader holds all of them", () => {
  let model = bidOn(parallel(), "l2", ana, 40);
  assert.equal(model.lot?.id, "l1", "the lot that is looked at stays");
  assert.equal(model.lots[1]?.price, 40);
  model = bidOn(model, "l1", ana, 15);
  assert.deepEqual(model.you?.leading, ["l2", "l1"]);
  assert.equal(model.participants[0]?.held, 55);
  model = bidOn(model, "l2", ben, 50);
  assert.deepEqual(model.you?.leading, ["l1"]);
  assert.equal(model.participants[0]?.held, 15);
  assert.equal(model.participants[1]?.held, 50);
});

test("another open lot can be looked at, also over a fresh snapshot", () => {
  const model = withFocus(bidOn(parallel(), "l2", ben, 40), "l2");
  assert.equal(model.lot?.price, 40);
  assert.equal(model.lot?.ends_at, 41_000);
  const again = snapshot({ seq: 12, lots: model.lots });
  again.info.rules.flow = "parallel";
  assert.equal(fromSnapshot(again, model).lot?.id, "l2");
});

test("one's own maximum is known until it is taken back, and is of the lot shown", () => {
  const model = withMaximum(start(), "l1", 80);
  assert.equal(ownMaximum(model), 80);
  assert.equal(ownMaximum(withMaximum(model, "l1", null)), null);
  assert.equal(ownMaximum(withMaximum(start(), "l2", 80)), null);
});

test("what takes money or order back asks for a fresh snapshot", () => {
  next(start(), "bid_retracted", { lot: "l1" }, "refresh");
  const withdrawn = next(
    start(), "lot_withdrawn", { lot: "l1", no: 1, title: "Lot 1", reason: "staff", text: "damaged", sold: 0, unsold: 0, lots_total: 3 }, "refresh",
  );
  assert.deepEqual([lastResult(withdrawn)?.kind, lastResult(withdrawn)?.price, withdrawn.lots[0]?.phase], ["withdrawn", null, "withdrawn"]);
  next(start(), "lot_reopened", { lot: "l1" }, "refresh");
});

test("a price that moves with time is computed from its clock, and stands still while it is frozen", () => {
  const clock = { price: 1000, from: 10_000, step: 50, tick_ms: 2000, frozen_at: null };
  const dutch = openLot(1, { format: "dutch", clock });
  assert.equal(priceNow(dutch, 9000), 1000);
  assert.equal(priceNow(dutch, 11_999), 1000);
  assert.equal(priceNow(dutch, 12_000), 950);
  assert.equal(movesInMs(dutch, 12_500), 1500);
  assert.equal(priceNow({ ...dutch, format: "japanese" }, 14_000), 1100);
  assert.equal(priceNow({ ...dutch, clock: { ...clock, frozen_at: 12_100 } }, 99_000), 950);
  assert.equal(movesInMs({ ...dutch, clock: { ...clock, frozen_at: 12_100 } }, 99_000), null);
});

test("whose turn it is to name a lot is known at once, with its clock, also while that is frozen", () => {
  let model = next(start(), "nomination_started", { by: ben, ends_at: 40_000, remaining_ms: 30_000 }, "refresh");
  assert.deepEqual([model.clock, model.waiting?.by, deadline(model)], ["nomination", "p2", { kind: "running", clock: "nomination", endsAt: 40_000 }]);
  const ticked = applyEphemeral(model, "tick", { seq: model.seq, epoch: 2, lot: null, clock: "nomination", ends_at: 41_000, now: 3000, remaining_ms: 1 }).model;
  assert.equal(ticked.waiting?.ends_at, 41_000);
  const paused = next(model, "auction_paused", { clock: "nomination", lot: null, remaining_ms: 12_000 }, "refresh");
  assert.deepEqual(deadline(paused), { kind: "frozen", clock: "nomination", remainingMs: 12_000 });
  model = next(model, "lot_nominated", { lot: "l3", no: 3, title: "Lot 3", by: ben, starts_at: 33_000, remaining_ms: 3000 }, "refresh");
  assert.deepEqual([model.waiting, model.clock, model.next?.id, model.next?.opening], [null, "gap", "l3", 10]);
  model = next(model, "names_called", { ends_at: 50_000, remaining_ms: 9000 }, "refresh");
  assert.deepEqual([deadline(model), model.waiting?.by], [{ kind: "running", clock: "names", endsAt: 50_000 }, null]);
});

test("a snapshot tells of the clock that runs in the lobby", () => {
  const model = fromSnapshot(snapshot({}, { phase: "lobby", clock: "start", lot: null, waiting: { by: null, ends_at: 90_000, remaining_ms: 1000 } }), null);
  assert.deepEqual(deadline(model), { kind: "running", clock: "start", endsAt: 90_000 });
  assert.equal(next(model, "auction_started", { lots_total: 3 }).waiting, null);
});

test("a right to match asks its holder, then the winner, then the holder again", () => {
  const offer = (stage: "holder" | "winner" | "holder_again") => ({ lot: "l1", stage, winner: ana, holder: ben, price: 12, ends_at: 60_000, remaining_ms: 20_000 });
  const asked = (["holder", "winner", "holder_again"] as const).map((stage) => {
    const model = next(bid(start(), ana, 12, null), "match_offered", offer(stage), "refresh");
    assert.deepEqual([model.lot?.phase, deadline(model)], ["matching", { kind: "running", clock: "lot", endsAt: 60_000 }]);
    return model.lot && askedToMatch(model.lot);
  });
  assert.deepEqual(asked, ["p2", "p1", "p2"]);
});

test("the button of a japanese lot is held from its press until it is released for good", () => {
  let model: Model = { ...start(), lot: openLot(1, { format: "japanese", ends_at: null }) };
  const button = () => model.lot && ownButton(model, model.lot);
  assert.equal(button(), "none");
  model = next(model, "bid_update", {
    lot: "l1", bid: "b1", kind: "enter", by: ana, amount: 10, price: 10, ask: 10, leader: null, previous_leader: null, bids: 1, ends_at: null, remaining_ms: 0, reserve: "none",
  });
  assert.equal(button(), "held");
  assert.equal(next(model, "lot_passed", { lot: "l1", by: ben }).you?.entered?.length, 1);
  model = next(model, "lot_passed", { lot: "l1", by: ana });
  assert.equal(button(), "released");
});

test("one's own sealed offer keeps its pieces", () => {
  assert.deepEqual(ownOffer(withMaximum(start(), "l1", 80, 3)), { lot: "l1", max: 80, quantity: 3 });
});

test("several buyers of one lot are all told", () => {
  let model = next(start(), "lot_awarded", { lot: "l1", winners: 2, awards: [{ winner: ana, quantity: 2, price: 9 }] }, "refresh");
  model = next(model, "lot_awarded", { lot: "l1", winners: 2, awards: [{ winner: ben, quantity: 1, price: 8 }] }, "refresh");
  model = next(model, "sold", { lot: "l1", no: 1, title: "Lot 1", price: 8, winner: null, bids: 2, reason: "pressed", winner_state: null, sold: 1, unsold: 0, lots_total: 3 });
  assert.deepEqual(lastResult(model)?.awards.map(({ winner, quantity }) => [winner?.id, quantity]), [["p1", 2], ["p2", 1]]);
});

test("who waits for approval is known, and a list of new participants asks for a snapshot", () => {
  const waiting = participant(ana, { status: "pending" });
  const model = next(start(), "participants_changed", { change: "updated", participant: waiting, participants_total: 2 });
  assert.equal(ownStatus(model), "pending");
  assert.equal(next(model, "participants_changed", { change: "added", participant: null, participants_total: 9 }, "refresh").participantsTotal, 9);
});

test("what a hammer or a price ends has no countdown, also while the sale is paused", () => {
  const paused: Model = { ...start(), phase: "paused", lot: openLot(1, { format: "live", ends_at: null, remaining_ms: 0 }) };
  assert.deepEqual(deadline(paused), { kind: "none" });
});

test("of many open lots, each one is outbid by itself, and only its own bids are listed", () => {
  let model = withFocus(bidOn(bidOn(bidOn(parallel(), "l1", ana, 15), "l1", ben, 20), "l2", ben, 40), "l2");
  assert.deepEqual([standing(model), bidsOnLot(model).map((one) => one.amount)], ["watching", [40]]);
  model = withFocus(model, "l1");
  assert.deepEqual([standing(model), bidsOnLot(model).map((one) => one.amount)], ["outbid", [20, 15]]);
});

test("whose only bid was undone is not outbid", () => {
  const model = next(bid(start(), ana, 12, null), "bid_retracted", { lot: "l1" }, "refresh");
  const after = fromSnapshot(snapshot({ seq: model.seq, recent_bids: [] }), model);
  assert.equal(standing(after), "watching");
});

test("a japanese lot counts down until it can't be entered any more", () => {
  const clock = { price: 10, from: 9000, step: 1, tick_ms: 1000, frozen_at: null };
  const model: Model = { ...start(), lot: openLot(1, { format: "japanese", ends_at: null, clock }) };
  assert.deepEqual(shownDeadline(model, 5000), { kind: "running", clock: "lot", endsAt: 9000 });
  assert.deepEqual(shownDeadline(model, 9000), { kind: "none" });
});
