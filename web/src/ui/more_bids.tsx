// What a bidder may do with a lot besides a bid: a maximum that the auction bids up to for him, the fixed price, and passing.

import { useState } from "preact/hooks";
import type { SaleConnection } from "../connection";
import type { Model } from "../model";
import type { Money } from "../money";
import { hasLeader, ownMaximum } from "../questions";
import { useOwnCommand } from "./own_command";
import type { ShowToast } from "./toasts";

interface Props {
  connection: SaleConnection;
  model: Model;
  money: Money;
  toast: ShowToast;
  off: boolean;
}

export function MoreBids(props: Props) {
  const { model, money, off } = props;
  const { busy, run } = useOwnCommand(props);
  const [text, setText] = useState("");
  const { lot } = model;
  if (!lot) return null;
  if (!hasLeader(lot)) return null;
  const own = ownMaximum(model);
  const max = money.parse(text);
  const closed = off || busy;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (max === null || closed) return;
    if (await run("set_max_bid", "your maximum", `The auction bids for you up to ${money.format(max)}. Nobody else sees it.`, { lot: lot.id, max })) setText("");
  };
  return (
    <details class="dock-more" data-testid="more-bids">
      <summary class="button button-quiet">
        {own === null ? "Maximum, pass …" : <span class="num">Your maximum: {money.format(own)}</span>}
      </summary>
      {model.info.rules.maximum_bids !== false && (
        <form class="dock-own" onSubmit={(event) => void submit(event)}>
          <label class="visually-hidden" for="own-max">
            Your maximum in {money.code}
          </label>
          <input id="own-max" class="field num" type="text" inputMode="decimal" enterKeyHint="send" autoComplete="off" placeholder="Your maximum" value={text} maxLength={24} onInput={(event) => setText(event.currentTarget.value)} />
          <button type="submit" class="button own-button" disabled={closed || max === null}>
            Set maximum
          </button>
        </form>
      )}
      <div class="controls">
        {own !== null && (
          <button type="button" class="button" disabled={closed} onClick={() => void run("withdraw_max_bid", "taking back your maximum", "Your maximum is taken back as far as it may be.", { lot: lot.id })}>
            Take the maximum back
          </button>
        )}
        {typeof lot.buy_now === "number" && (
          <button type="button" class="button button-primary" data-testid="buy-now" disabled={closed} onClick={() => void run("buy_now", "the purchase", "It is yours.", { lot: lot.id })}>
            Buy now <span class="num">{money.format(lot.buy_now)}</span>
          </button>
        )}
        <button type="button" class="button" disabled={closed || lot.leader?.id === model.you?.participant?.id} onClick={() => void run("pass_lot", "passing", "You have passed on this lot.", { lot: lot.id })}>
          Pass
        </button>
      </div>
    </details>
  );
}
