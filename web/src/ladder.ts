// The amounts that the quick-bid buttons offer, from the asking price and the increments of the sale.
//
// Purity: pure
// Source: rules 3, Increment tables

import type { Increments } from "./protocol";
import { amountMax } from "./money";

// The step from a price upwards; null when this page doesn't know the table.
function step(increments: Increments, price: number): number | null {
  if (!("kind" in increments)) return null;
  if (increments.kind === "flat") return increments.step;
  let found: number | null = null;
  for (const [from, size] of increments.bands) {
    if (price >= from) found = size;
  }
  return found;
}

export function nextAmount(increments: Increments, price: number): number | null {
  const size = step(increments, price);
  if (size === null || !Number.isSafeInteger(size) || size <= 0) return null;
  const align = "align" in increments && increments.align === true;
  return align ? (Math.floor(price / size) + 1) * size : price + size;
}

// The asking price and up to `count - 1` steps above it.
export function quickBids(increments: Increments, ask: number, count: number): number[] {
  const amounts = [ask];
  while (amounts.length < count) {
    const next = nextAmount(increments, amounts[amounts.length - 1] ?? ask);
    if (next === null || next > amountMax) break;
    amounts.push(next);
  }
  return amounts;
}
