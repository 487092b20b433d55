// Where a bid is made: quick amounts, an amount of one's own, and what the last press has led to.
//
// Order: the amount sent is the one that stood on the button when the finger went down; after a press all buttons lock until the answer (F18)

import { useEffect, useRef, useState } from "preact/hooks";
import { InFlight, newCommandId, runCommand } from "../command";
import type { Outcome } from "../command";
import type { Liveness, SaleConnection } from "../connection";
import { quickBids } from "../ladder";
import { isOpen } from "../model";
import type { Model } from "../model";
import type { Money } from "../money";
import { ownOffer, ownStatus, purse, standing } from "../questions";
import { refusalText, unknownText, unsentText } from "../refusal";
import { fit } from "./fit";
import { MatchButtons } from "./match_buttons";
import { MoreBids } from "./more_bids";
import { Pieces, piecesOf } from "./pieces";
import { PriceButtons } from "./price_buttons";
import type { ShowToast } from "./toasts";
import { isMoving, isMyTurn, isSealed, matchTitle, waitingTitle } from "./words";

interface Props {
  connection: SaleConnection;
  model: Model;
  money: Money;
  liveness: Liveness;
  toast: ShowToast;
}

interface Pending {
  amount: number;
  attempt: number;
}

// A press this soon after the amounts have changed was aimed at what stood there before.
const changeGuardMs = 250;

const inFlight = new InFlight();

function tell(outcome: Outcome, amount: number, money: Money, toast: ShowToast, again: () => void): void {
  switch (outcome.kind) {
    case "accepted":
      return;
    case "unsent":
      toast("bad", unsentText);
      return;
    case "unknown":
      toast("warn", unknownText(outcome.recorded, `your bid of ${money.format(amount)}`));
      return;
    case "refused": {
      const confirm = outcome.error.code === "ABOVE_SANITY";
      const text = refusalText(outcome.error, money, amount);
      if (confirm) toast("warn", text, { label: `Bid ${money.format(amount)}`, run: again });
      else toast("bad", text);
    }
  }
}

function useBidding({ connection, money, toast }: Props) {
  const [pending, setPending] = useState<Pending | null>(null);
  const bid = async (lot: string, amount: number, confirm: boolean, quantity?: number): Promise<boolean> => {
    const outcome = await inFlight.run(lot, async () => {
      const body = { lot, amount, id: newCommandId(), ...(confirm ? { confirm: true } : {}), ...(quantity === undefined ? {} : { quantity }) };
      try {
        return await runCommand(connection, "place_bid", body, (attempt) => setPending({ amount, attempt }));
      } finally {
        setPending(null);
      }
    });
    if (!outcome) return false;
    tell(outcome, amount, money, toast, () => void bid(lot, amount, true, quantity));
    if (outcome.kind === "accepted" && "sealed" in outcome.result) connection.offered(lot, amount, quantity);
    return outcome.kind === "accepted";
  };
  return { pending, bid };
}

interface AmountButtonProps {
  amount: number;
  primary: boolean;
  label: string;
  disabled: boolean;
  reason: string | undefined;
  money: Money;
  press: (amount: number, pressedAtMs: number) => void;
}

function AmountButton({ amount, primary, label, disabled, reason, money, press }: AmountButtonProps) {
  const down = useRef<{ amount: number; atMs: number } | null>(null);
  return (
    <button
      type="button"
      class={`button bid-button${primary ? " button-primary" : ""}`}
      disabled={disabled}
      title={reason}
      data-amount={amount}
      onPointerDown={() => {
        down.current = { amount, atMs: performance.now() };
      }}
      onClick={() => {
        const pressed = down.current ?? { amount, atMs: performance.now() };
        down.current = null;
        press(pressed.amount, pressed.atMs);
      }}
    >
      <span class="bid-label">{label}</span>
      <span class={`bid-amount num${fit(money.format(amount))}`}>{money.format(amount)}</span>
    </button>
  );
}

// Why no bid can be made now; null when one can.
function blockedReason(model: Model, liveness: Liveness, money: Money): string | null {
  if (model.deleted || model.phase === "complete") return "The sale is over.";
  if (liveness === "offline" || liveness === "connecting") return "Waiting for the connection.";
  if (liveness !== "live") return "Not live: bids are held back.";
  const status = ownStatus(model);
  if (status === "blocked") return "The auctioneer has blocked your bids.";
  if (status === "pending") return "The auctioneer has not let you in yet.";
  if (model.phase === "lobby") return model.clock === "start" ? "Bidding opens when the time has come." : "Bidding opens when the auctioneer begins.";
  if (model.phase === "paused") return "Paused by the auctioneer.";
  if (isMyTurn(model)) return "Choose a lot above.";
  const waiting = waitingTitle(model);
  if (waiting !== null) return `${waiting}.`;
  if (!model.lot || !isOpen(model.lot.phase)) return "The next lot opens in a moment.";
  const asked = matchTitle(model, model.lot, money);
  if (asked !== null) return `${asked}.`;
  if (model.lot.phase === "closing") return "The time is over; bids that came before it are counted.";
  if (model.you?.passed?.includes(model.lot.id)) return "You have passed on this lot; that is final.";
  if (standing(model) === "winning") return "You lead. Bid again once you are outbid.";
  const own = purse(model);
  if (own?.roster && own.roster.taken >= own.roster.slots) return "Your roster is full.";
  if (own && own.maxBid !== null && own.maxBid < model.lot.ask) return "The asking price is above what you may still bid.";
  return null;
}

function PurseLine({ model, money }: { model: Model; money: Money }) {
  const own = purse(model);
  if (!own || (own.left === null && !own.roster)) return null;
  return (
    <dl class="purse" data-testid="purse">
      {own.left !== null && (
        <div>
          <dt>Left</dt>
          <dd class="num">{money.format(own.left)}</dd>
        </div>
      )}
      {own.maxBid !== null && (
        <div>
          <dt>Max. bid</dt>
          <dd class="num">{money.format(own.maxBid)}</dd>
        </div>
      )}
      {own.roster && (
        <div>
          <dt>Roster</dt>
          <dd class="num">
            {own.roster.taken}/{own.roster.slots}
          </dd>
        </div>
      )}
    </dl>
  );
}

function pendingText(pending: Pending, money: Money): string {
  const amount = money.format(pending.amount);
  return pending.attempt === 1 ? `Sending ${amount} …` : `No answer yet for ${amount}. Asking again (${pending.attempt - 1}) …`;
}

// On a phone the dock lies over the page: the page must know how much it covers.
function useDockHeight() {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const { current } = box;
    if (!current) return;
    const observer = new ResizeObserver(() => {
      document.documentElement.style.setProperty("--dock", `${current.offsetHeight}px`);
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return box;
}

export function BidDock(props: Props) {
  const { model, money, liveness, toast } = props;
  const { pending, bid } = useBidding(props);
  const [text, setText] = useState("");
  const { lot } = model;
  const ask = lot?.ask ?? 0;
  const changed = useRef({ ask, lot: lot?.id, atMs: -Infinity });
  if (changed.current.ask !== ask || changed.current.lot !== lot?.id) {
    changed.current = { ask, lot: lot?.id, atMs: performance.now() };
  }
  useEffect(() => {
    setText("");
    setPiecesText("1");
  }, [lot?.id, lot?.round]);
  const box = useDockHeight();

  const reason = blockedReason(model, liveness, money);
  const closed = reason !== null || pending !== null;
  const limit = purse(model)?.maxBid ?? null;
  const sealed = lot !== null && isSealed(lot);
  const moving = lot !== null && isMoving(lot);
  const open = lot !== null && isOpen(lot.phase) && lot.phase !== "matching";
  const [piecesText, setPiecesText] = useState("1");
  const offers = sealed ? ownOffer(model) : null;
  const left = sealed ? (lot.quantity ?? 1) : 1;
  const pieces = left > 1 ? piecesOf(piecesText, left) : 1;
  const amounts = !open || moving ? [] : sealed ? [ask] : quickBids(model.info.rules.increments, ask, 3);
  const askText = money.plain(ask);
  const own = money.parse(text);
  const tooLow = own !== null && own < ask;
  const tooHigh = own !== null && limit !== null && own * (pieces ?? 1) > limit;

  const press = (amount: number, pressedAtMs: number) => {
    if (!lot || closed) return;
    if (pressedAtMs - changed.current.atMs < changeGuardMs) {
      toast("warn", `The price has just changed: the next bid is ${money.format(ask)}. Press again if you want it.`);
      return;
    }
    void bid(lot.id, amount, false);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!lot || closed || own === null || tooLow || tooHigh || pieces === null) return;
    if (await bid(lot.id, own, false, left > 1 ? pieces : undefined)) setText("");
  };

  const hint = pending
    ? pendingText(pending, money)
    : (reason ??
      (tooLow ? `At least ${money.format(ask)}.` : pieces === null ? `From 1 to ${left} pieces.` : tooHigh && limit !== null ? `At most ${money.format(limit)}.` : text && own === null ? "Not an amount." : ""));
  return (
    <section class="dock" ref={box} aria-label="Bid" data-testid="dock" data-locked={closed ? "yes" : "no"}>
      <PurseLine model={model} money={money} />
      <MatchButtons {...props} off={pending !== null || liveness !== "live" || model.phase !== "live"} />
      {open && moving && <PriceButtons {...props} off={closed} />}
      {amounts.length > 0 && !sealed && (
        <div class="dock-quick">
          {amounts.map((amount, index) => (
            <AmountButton
              key={index}
              amount={amount}
              primary={index === 0}
              label={index === 0 ? "Bid" : `+${index} ${index === 1 ? "step" : "steps"}`}
              disabled={closed || (limit !== null && amount > limit)}
              reason={limit !== null && amount > limit ? `Above ${money.format(limit)}, the highest you may bid` : undefined}
              money={money}
              press={press}
            />
          ))}
        </div>
      )}
      {amounts.length > 0 && (
        <form class="dock-own" onSubmit={(event) => void submit(event)}>
          <label class="visually-hidden" for="own-amount">
            Your own amount in {money.code}
          </label>
          <input
            id="own-amount"
            class="field num"
            type="text"
            inputMode="decimal"
            enterKeyHint="send"
            autoComplete="off"
            placeholder={sealed ? (left > 1 ? "Your bid for one" : offers ? "Change your bid" : "Your sealed bid") : askText.length > 7 ? `From ${askText}` : `Other amount, from ${askText}`}
            value={text}
            maxLength={24}
            disabled={reason !== null}
            aria-invalid={tooLow || tooHigh ? "true" : undefined}
            aria-describedby="dock-hint"
            onInput={(event) => setText(event.currentTarget.value)}
          />
          {left > 1 && (
            <>
              <span class="pieces-times" aria-hidden="true">
                ×
              </span>
              <Pieces text={piecesText} change={setPiecesText} left={left} wrong={pieces === null} />
            </>
          )}
          <button type="submit" class={`button own-button${sealed ? " button-primary" : ""}`} disabled={closed || own === null || tooLow || tooHigh || pieces === null}>
            {own !== null ? <span class="num">{`Bid ${money.format(own)}${left > 1 && pieces !== null ? ` × ${pieces}` : ""}`}</span> : "Bid"}
          </button>
        </form>
      )}
      {open && <MoreBids {...props} off={pending !== null || (reason !== null && standing(model) !== "winning")} />}
      <p class={`dock-hint${pending ? " dock-pending" : ""}`} id="dock-hint" role="status">
        {pending && <span class="spinner" aria-hidden="true" />}
        {hint}
      </p>
    </section>
  );
}
