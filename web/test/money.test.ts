import assert from "node:assert/strict";
import { test } from "node:test";
import { readInvitation } from "../src/invitation";
import { nextAmount, quickBids } from "../src/ladder";
import { Money } from "../src/money";

const euro = new Money({ code: "EUR", minor_digits: 2 }, "en-US");
const lakh = new Money({ code: "lakh", minor_digits: 0 }, "en-US");

test("whole amounts are shown without decimals, others with all of them", () => {
  assert.equal(euro.format(120_000), "€1,200");
  assert.equal(euro.format(120_050), "€1,200.50");
  assert.equal(lakh.format(1250), "1,250 lakh");
});

test("the largest amount is shown exactly", () => {
  assert.equal(euro.format(999_999_999_999_999), "€9,999,999,999,999.99");
});

test("typed amounts are read with either decimal mark and either grouping", () => {
  for (const text of ["1200", "1,200", "1.200", "1 200", "€1,200.00", "1.200,00", " 1'200 "]) {
    assert.equal(euro.parse(text), 120_000, text);
  }
  assert.equal(euro.parse("1200,5"), 120_050);
  assert.equal(euro.parse("0.99"), 99);
  assert.equal(lakh.parse("12,34,567"), 1_234_567);
});

test("what is not one clear positive amount is no amount (F27, L13)", () => {
  for (const text of ["", "0", "-5", "abc", "NaN", "1e9", "1,2,3", "1.2.3.4", "12,5,0", "1..2", "1.2345", "9".repeat(20), "10000000000001"]) {
    assert.equal(euro.parse(text), null, text);
  }
  assert.equal(lakh.parse("1.5"), null);
});

test("what is put into a field can be read back", () => {
  for (const amount of [1, 99, 100, 120_050, 999_999_999_999_999]) assert.equal(euro.parse(euro.plain(amount)), amount);
});

test("quick bids start at the asking price and climb by the step of the sale", () => {
  assert.deepEqual(quickBids({ kind: "flat", step: 100 }, 1300, 3), [1300, 1400, 1500]);
});

test("aligned increments go to the next multiple", () => {
  assert.equal(nextAmount({ kind: "flat", step: 100, align: true }, 1250), 1300);
  assert.equal(nextAmount({ kind: "flat", step: 10, align: true }, 125), 130);
});

test("the step is that of the band of the price raised from, its first price included", () => {
  const bands: [number, number][] = [
    [0, 5],
    [100, 10],
    [200, 20],
  ];
  assert.deepEqual(quickBids({ kind: "bands", bands }, 95, 4), [95, 100, 110, 120]);
  assert.deepEqual(quickBids({ kind: "bands", bands }, 190, 3), [190, 200, 220]);
});

test("an unknown table, or a step of nothing, offers the asking price alone", () => {
  assert.deepEqual(quickBids({ preset: "unknown" }, 500, 3), [500]);
  assert.deepEqual(quickBids({ kind: "flat", step: 0 }, 500, 3), [500]);
});

test("an invitation is read from a link or from a code and a sale", () => {
  const found = { sale: "demo", invite: "abc_-9" };
  assert.deepEqual(readInvitation("https://host/room?sale=demo&invite=abc_-9", ""), found);
  assert.deepEqual(readInvitation(" abc_-9 ", "demo"), found);
  assert.equal(readInvitation("https://host/room?sale=demo", ""), null);
  assert.equal(readInvitation("abc", "../x"), null);
});
