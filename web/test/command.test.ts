import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { InFlight, attemptsMax, newCommandId, runCommand } from "../src/command";
import type { CommandLink, Sent } from "../src/command";
import { Money } from "../src/money";
import type { Result } from "../src/protocol";
import { refusalText } from "../src/refusal";

// Browsers and Node 20 have it; Node 18 keeps it in a module.
if (!("crypto" in globalThis)) Object.assign(globalThis, { crypto: webcrypto });

const silence: Sent = { kind: "silence" };
const answer = (result: Result): Sent => ({ kind: "answer", result });
const accepted = answer({ ok: true, seq: 5, epoch: 1 });
const refused = (code: string) => answer({ ok: false, error: { code, message: code } });

class Link implements CommandLink {
  readonly ids: unknown[] = [];
  receipts = 0;

  constructor(
    private readonly answers: Sent[],
    private readonly recorded: Sent | { kind: "none" } = silence,
    private readonly connected: boolean[] = [],
  ) {}

  ready(): Promise<boolean> {
    return Promise.resolve(this.connected.shift() ?? true);
  }

  send(_event: string, body: Record<string, unknown>): Promise<Sent> {
    this.ids.push(body["id"]);
    return Promise.resolve(this.answers.shift() ?? silence);
  }

  receipt(): Promise<Sent | { kind: "none" }> {
    this.receipts++;
    return Promise.resolve(this.recorded);
  }
}

const bid = (link: CommandLink) => runCommand(link, "place_bid", { lot: "l1", amount: 100, id: "c1" });

test("an answer ends the command at once", async () => {
  const link = new Link([accepted]);
  assert.equal((await bid(link)).kind, "accepted");
  assert.deepEqual(link.ids, ["c1"]);
});

test("silence is answered with the same id again (F15)", async () => {
  const link = new Link([silence, silence, accepted]);
  assert.equal((await bid(link)).kind, "accepted");
  assert.deepEqual(link.ids, ["c1", "c1", "c1"]);
});

test("TIMEOUT means unknown, so the same id is sent again", async () => {
  const link = new Link([refused("TIMEOUT"), accepted]);
  assert.equal((await bid(link)).kind, "accepted");
});

test("a refusal is final and not sent again", async () => {
  const link = new Link([refused("BELOW_ASK"), accepted]);
  const outcome = await bid(link);
  assert.equal(outcome.kind === "refused" && outcome.error.code, "BELOW_ASK");
  assert.equal(link.ids.length, 1);
});

test("ENGINE_OFFLINE at the first try means that nothing was done", async () => {
  const outcome = await bid(new Link([refused("ENGINE_OFFLINE")]));
  assert.equal(outcome.kind === "refused" && outcome.error.code, "ENGINE_OFFLINE");
});

test("ENGINE_OFFLINE after a silence says nothing about the first try", async () => {
  const link = new Link([silence, refused("ENGINE_OFFLINE"), refused("ENGINE_OFFLINE"), refused("ENGINE_OFFLINE")], accepted);
  assert.equal((await bid(link)).kind, "accepted");
  assert.equal(link.receipts, 1);
});

test("after all tries the receipt decides", async () => {
  const link = new Link([], refused("LOT_CLOSED"));
  const outcome = await bid(link);
  assert.equal(link.ids.length, attemptsMax);
  assert.equal(outcome.kind === "refused" && outcome.error.code, "LOT_CLOSED");
});

test("without a receipt the outcome is called unknown, never refused", async () => {
  assert.deepEqual(await bid(new Link([], silence)), { kind: "unknown", recorded: null });
  assert.deepEqual(await bid(new Link([], { kind: "none" })), { kind: "unknown", recorded: false });
});

test("without a connection at the press nothing is sent, now or later", async () => {
  const link = new Link([accepted], silence, [false]);
  assert.deepEqual(await bid(link), { kind: "unsent" });
  assert.equal(link.ids.length, 0);
});

test("a connection lost after the first try is waited for", async () => {
  const link = new Link([silence, accepted], silence, [true, false, true]);
  assert.equal((await bid(link)).kind, "accepted");
  assert.equal(link.ids.length, 2);
});

test("one command at a time for one subject; a second press does nothing (F18, L10)", async () => {
  const inFlight = new InFlight();
  let finish: (value: string) => void = () => {};
  let runs = 0;
  const first = inFlight.run("l1", () => {
    runs++;
    return new Promise<string>((resolve) => (finish = resolve));
  });
  assert.equal(await inFlight.run("l1", () => Promise.resolve(String(++runs))), null);
  assert.equal(await inFlight.run("l2", () => Promise.resolve("other")), "other");
  finish("done");
  assert.equal(await first, "done");
  assert.equal(runs, 1);
  assert.equal(inFlight.isBusy("l1"), false);
});

test("a subject is free again after a failure", async () => {
  const inFlight = new InFlight();
  await assert.rejects(inFlight.run("l1", () => Promise.reject(new Error("x"))));
  assert.equal(inFlight.isBusy("l1"), false);
});

test("command ids are random and fit the protocol", () => {
  const ids = new Set(Array.from({ length: 100 }, newCommandId));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{1,64}$/);
});

test("a refusal is told with the facts that decided it", () => {
  const money = new Money({ code: "EUR", minor_digits: 2 }, "en-US");
  const leader = { id: "p7", paddle: "7", name: "Ana" };
  const text = refusalText({ code: "BELOW_ASK", message: "", price: 130_000, ask: 140_000, leader }, money, 120_000);
  assert.equal(text, "€1,200 is too low; the next bid must be at least €1,400. The price is €1,300 (led by Ana, paddle 7).");
  const limit = refusalText({ code: "RESERVE_FOR_ROSTER", message: "", max_bid: 18_500 }, money);
  assert.match(limit, /€185\./);
  assert.equal(refusalText({ code: "SOMETHING_NEW", message: "A new reason." }, money), "A new reason.");
});
