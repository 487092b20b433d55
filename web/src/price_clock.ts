// The price of a lot whose price moves with time, computed here as the engine computes it.
//
// Purity: pure
// Units:  amounts in minor units, times in engine milliseconds
// Source: rules 4, Dutch and Japanese

import type { Lot } from "./protocol";

// What the lot costs now. A Dutch price falls to nothing at least; where it really stops is the seller's secret.
export function priceNow(lot: Lot, nowMs: number | null): number {
  const standing = lot.price ?? lot.opening;
  const { clock } = lot;
  const atMs = clock?.frozen_at ?? nowMs;
  if (!clock || clock.tick_ms <= 0 || atMs === null) return clock?.price ?? standing;
  const ticks = Math.max(0, Math.floor((atMs - clock.from) / clock.tick_ms));
  if (lot.format === "dutch") return Math.max(0, clock.price - clock.step * ticks);
  if (lot.format === "japanese") return clock.price + clock.step * ticks;
  return standing;
}

// Milliseconds until it moves; null when it stands still.
export function movesInMs(lot: Lot, nowMs: number | null): number | null {
  const { clock } = lot;
  if (!clock || clock.tick_ms <= 0 || clock.frozen_at !== null || nowMs === null) return null;
  if (nowMs < clock.from) return clock.from - nowMs;
  return clock.tick_ms - ((nowMs - clock.from) % clock.tick_ms);
}
