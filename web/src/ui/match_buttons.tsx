// The answer of whoever is asked about a right to match: its holder, or the winner who may raise once.

import { useState } from "preact/hooks";
import type { SaleConnection } from "../connection";
import type { Model } from "../model";
import type { Money } from "../money";
import { askedToMatch } from "../questions";
import { fit } from "./fit";
import { useOwnCommand } from "./own_command";
import type { ShowToast } from "./toasts";

interface Props {
  connection: SaleConnection;
  model: Model;
  money: Money;
  toast: ShowToast;
  off: boolean;
}

// This person is the one who is asked now.
export function isAsked(model: Model): boolean {
  const me = model.you?.participant?.id;
  return me !== undefined && model.lot !== null && askedToMatch(model.lot) === me;
}

function Holder({ off, ...props }: Props) {
  const { busy, run } = useOwnCommand(props);
  const { model, money } = props;
  const { lot } = model;
  if (!lot) return null;
  const amount = money.format(lot.price ?? lot.opening);
  const closed = off || busy;
  return (
    <div class="dock-answer" data-testid="match">
      <button type="button" class="button bid-button button-primary" disabled={closed} onClick={() => void run("match_lot", "your answer", "You have matched the price.", { lot: lot.id, accept: true })}>
        <span class="bid-label">Match</span>
        <span class={`bid-amount num${fit(amount)}`}>{amount}</span>
      </button>
      <button type="button" class="button bid-button" disabled={closed} onClick={() => void run("match_lot", "your answer", "You have declined.", { lot: lot.id, accept: false })}>
        Decline
      </button>
    </div>
  );
}

function Winner({ off, ...props }: Props) {
  const { busy, run } = useOwnCommand(props);
  const { model, money } = props;
  const [text, setText] = useState("");
  const { lot } = model;
  if (!lot) return null;
  const amount = money.parse(text);
  const closed = off || busy;
  const tooLow = amount !== null && amount < lot.ask;
  const submit = (event: Event) => {
    event.preventDefault();
    if (amount === null || tooLow || closed) return;
    void run("raise_match", "your raise", `You have raised to ${money.format(amount)}.`, { lot: lot.id, amount });
  };
  return (
    <form class="dock-own" data-testid="raise" onSubmit={submit}>
      <label class="visually-hidden" for="raise-amount">
        Your last raise in {money.code}
      </label>
      <input id="raise-amount" class="field num" type="text" inputMode="decimal" autoComplete="off" placeholder={`From ${money.plain(lot.ask)}`} value={text} maxLength={24} aria-invalid={tooLow ? "true" : undefined} onInput={(event) => setText(event.currentTarget.value)} />
      <button type="submit" class="button button-primary" disabled={closed || amount === null || tooLow}>
        Raise
      </button>
      <button type="button" class="button" disabled={closed} onClick={() => void run("raise_match", "your answer", "You have not raised.", { lot: lot.id })}>
        No raise
      </button>
    </form>
  );
}

export function MatchButtons(props: Props) {
  if (!isAsked(props.model)) return null;
  return props.model.lot?.match?.stage === "winner" ? <Winner {...props} /> : <Holder {...props} />;
}
