// Buttons of a lot whose price moves with time: buy at the falling price, or hold and release the button of a rising one.

import { useEffect, useState } from "preact/hooks";
import { newCommandId, runCommand } from "../command";
import type { SaleConnection } from "../connection";
import type { Model } from "../model";
import type { Money } from "../money";
import { movesInMs, priceNow } from "../price_clock";
import type { CommandEvent } from "../protocol";
import { refusalText, unknownText, unsentText } from "../refusal";
import { fit } from "./fit";
import type { ShowToast } from "./toasts";

interface Props {
  connection: SaleConnection;
  model: Model;
  money: Money;
  toast: ShowToast;
  off: boolean;
}

// The price of the shown lot, drawn again when it moves.
export function useMovingPrice(model: Model, connection: SaleConnection): number {
  const [, draw] = useState(0);
  const { lot } = model;
  const nowMs = connection.now();
  const running = model.phase === "live" && lot !== null;
  useEffect(() => {
    if (!running || !lot) return;
    const waitMs = movesInMs(lot, connection.now());
    if (waitMs === null) return;
    const timer = setTimeout(() => draw((count) => count + 1), Math.max(10, waitMs));
    return () => clearTimeout(timer);
  });
  return lot ? priceNow(lot, nowMs) : 0;
}

export function PriceButtons({ connection, model, money, toast, off }: Props) {
  const [busy, setBusy] = useState(false);
  const price = useMovingPrice(model, connection);
  const { lot } = model;
  if (!lot) return null;
  const run = async (event: CommandEvent, what: string, members: Record<string, unknown>) => {
    if (busy) return;
    setBusy(true);
    try {
      const outcome = await runCommand(connection, event, { lot: lot.id, ...members, id: newCommandId() });
      if (outcome.kind === "refused") toast("bad", refusalText(outcome.error, money, price));
      else if (outcome.kind === "unsent") toast("bad", unsentText);
      else if (outcome.kind === "unknown") toast("warn", unknownText(outcome.recorded, what));
    } finally {
      setBusy(false);
    }
  };
  const dutch = lot.format === "dutch";
  const left = lot.clock?.quantity_left;
  return (
    <div class="dock-quick" data-testid="moving-price" data-price={price}>
      <button type="button" class="button bid-button button-primary" disabled={off || busy} onClick={() => void run("place_bid", `your bid of ${money.format(price)}`, { amount: price })}>
        <span class="bid-label">{dutch ? `Buy now${left !== undefined && left > 1 ? `, ${left} left` : ""}` : "Hold the button"}</span>
        <span class={`bid-amount num${fit(money.format(price))}`}>{money.format(price)}</span>
      </button>
      {!dutch && (
        <button type="button" class="button bid-button" disabled={off || busy} onClick={() => void run("pass_lot", "releasing the button", {})}>
          <span class="bid-label">Release</span>
        </button>
      )}
    </div>
  );
}
