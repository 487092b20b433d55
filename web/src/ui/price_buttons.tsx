// Buttons of a lot whose price moves with time: buy at the falling price, or hold and release the button of a rising one.

import { useEffect, useState } from "preact/hooks";
import type { SaleConnection } from "../connection";
import type { Model } from "../model";
import type { Money } from "../money";
import { movesInMs, priceNow } from "../price_clock";
import { ownButton } from "../questions";
import { fit } from "./fit";
import { useOwnCommand } from "./own_command";
import type { RunOwn } from "./own_command";
import { Pieces, piecesOf } from "./pieces";
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

function Dutch({ money, off, price, run, model }: Props & { price: number; run: RunOwn }) {
  const [text, setText] = useState("1");
  const { lot } = model;
  if (!lot) return null;
  const left = lot.clock?.quantity_left ?? lot.quantity ?? 1;
  const many = left > 1;
  const quantity = many ? piecesOf(text, left) : 1;
  const buy = () => {
    const pieces = many && quantity !== null ? { quantity } : {};
    void run("place_bid", `your bid of ${money.format(price)}`, "", { lot: lot.id, amount: price, ...pieces });
  };
  return (
    <div class={many ? "dock-pieces" : "dock-quick"} data-testid="moving-price" data-price={price}>
      {many && <Pieces text={text} change={setText} left={left} wrong={quantity === null} />}
      <button type="button" class="button bid-button button-primary" disabled={off || quantity === null} onClick={buy}>
        <span class="bid-label">{many ? `Buy ${quantity ?? ""} of ${left} left, each` : "Buy now"}</span>
        <span class={`bid-amount num${fit(money.format(price))}`}>{money.format(price)}</span>
      </button>
    </div>
  );
}

function Japanese({ money, off, price, run, model, now }: Props & { price: number; run: RunOwn; now: number | null }) {
  const { lot } = model;
  if (!lot) return null;
  const button = ownButton(model, lot);
  const late = lot.clock !== null && lot.clock !== undefined && now !== null && (lot.clock.frozen_at ?? now) >= lot.clock.from;
  const amount = money.format(price);
  return (
    <div class="dock-answer" data-testid="moving-price" data-price={price} data-button={button}>
      {button === "held" ? (
        <button type="button" class="button bid-button" disabled={off} onClick={() => void run("pass_lot", "releasing the button", "", { lot: lot.id })}>
          <span class="bid-label">Release at</span>
          <span class={`bid-amount num${fit(amount)}`}>{amount}</span>
        </button>
      ) : (
        <button type="button" class="button bid-button button-primary" disabled={off || late || button === "released"} onClick={() => void run("place_bid", `your bid of ${amount}`, "", { lot: lot.id, amount: price })}>
          <span class="bid-label">{button === "released" ? "Released" : late ? "Too late to enter" : "Hold the button from"}</span>
          <span class={`bid-amount num${fit(amount)}`}>{amount}</span>
        </button>
      )}
    </div>
  );
}

export function PriceButtons(props: Props) {
  const { connection, model, off } = props;
  const { busy, run } = useOwnCommand(props);
  const price = useMovingPrice(model, connection);
  const parts = { ...props, off: off || busy, price, run };
  return model.lot?.format === "dutch" ? <Dutch {...parts} /> : <Japanese {...parts} now={connection.now()} />;
}
