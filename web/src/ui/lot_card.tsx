// The lot being sold: what it is, what it costs now, how long it stays open, and whether this person is winning.

import { useEffect, useState } from "preact/hooks";
import type { SaleConnection, View } from "../connection";
import { catalogueLot, isOpen } from "../model";
import type { Model } from "../model";
import type { Money } from "../money";
import { deadline, hasLeader, lastResult, shownDeadline, standing } from "../questions";
import type { Standing } from "../questions";
import { Countdown } from "./countdown";
import { fit } from "./fit";
import { Icon } from "./icons";
import type { IconName } from "./icons";
import { isAsked } from "./match_buttons";
import { Awards, OwnState } from "./own_state";
import { PersonTag, leaderText } from "./person";
import { useMovingPrice } from "./price_buttons";
import { isMoving, matchTitle, noLeaderText, priceLabel, resultWords, waitingTitle, warningWords } from "./words";

// Only pictures by http or https; anything else in the field is not an address of a picture.
export function safeImage(address: string | undefined): string | null {
  if (!address) return null;
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

export function LotImage({ address }: { address: string | undefined }) {
  const url = safeImage(address);
  const [broken, setBroken] = useState(false);
  useEffect(() => setBroken(false), [url]);
  if (!url || broken) return null;
  return <img class="lot-image" src={url} alt="" loading="lazy" referrerpolicy="no-referrer" onError={() => setBroken(true)} />;
}

const standings: Record<Standing, { icon: IconName; title: string } | null> = {
  none: null,
  winning: { icon: "check", title: "You are winning" },
  outbid: { icon: "alert", title: "You are outbid" },
  watching: { icon: "eye", title: "You have not bid on this lot" },
};

export function StandingBanner({ model, money }: { model: Model; money: Money }) {
  const state = standing(model);
  const words = standings[state];
  if (!words || !model.lot) return null;
  const { price, ask, leader } = model.lot;
  const facts =
    state === "winning" && price !== null
      ? `at ${money.format(price)}`
      : state === "outbid" && leader
        ? `by ${leaderText(leader)}. Bid ${money.format(ask)} to lead again.`
        : "";
  return (
    <div class={`standing standing-${state}`} data-testid="standing" data-standing={state}>
      <span class="standing-icon">
        <Icon name={words.icon} size={state === "watching" ? 18 : 22} />
      </span>
      <span>
        <b>{words.title}</b> {facts}
      </span>
    </div>
  );
}

const startBarMs = 600_000; // a sale may be announced for next week: the bar is of the last ten minutes

// The bar is full at the longest time that this clock has shown.
export function clockTotalMs(model: Model): number {
  const { rules } = model.info;
  switch (model.clock) {
    case "gap":
      return Math.max(1000, rules.gap_ms);
    case "nomination":
      return Math.max(1000, rules.nomination?.time_ms ?? 0);
    case "names":
      return Math.max(1000, rules.accelerated?.time_ms ?? 0);
    case "start":
      return startBarMs;
    case "lot":
    case "none":
      break;
  }
  if (model.lot?.phase === "matching") return Math.max(1000, rules.match?.time_ms ?? 0);
  return Math.max(1000, rules.lot_duration_ms, model.lot?.remaining_ms ?? 0);
}

// What the time of the current clock stands for; when nothing proves it, not more than it is.
export function clockLabel(model: Model, view: View): string {
  if (view.liveness !== "live") return "Last known";
  if (model.phase === "paused") return "Paused with";
  if (model.clock === "gap" || model.clock === "start") return "Starts in";
  if (model.clock === "nomination" || model.clock === "names") return "Time to name";
  if (model.lot?.phase === "matching") return "Time to answer";
  return model.lot?.format === "japanese" ? "Enter within" : "Closes in";
}

interface Props {
  model: Model;
  view: View;
  money: Money;
  connection: SaleConnection;
}

function Clock({ model, view, connection }: Props) {
  const stale = view.liveness !== "live";
  const shown = shownDeadline(model, connection.now());
  if (shown.kind === "none") return null;
  return (
    <div class="clock">
      <span class="label">{clockLabel(model, view)}</span>
      <Countdown deadline={shown} now={() => connection.now()} totalMs={clockTotalMs(model)} stale={stale} />
    </div>
  );
}

function reserveText(reserve: string): string | null {
  return reserve === "not_met" ? "Reserve not met" : reserve === "met" ? "Reserve met" : null;
}

const shortText = 140;

function Description({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const long = text.length > shortText;
  return (
    <div>
      <p class={`lot-description${long && !whole ? " lot-description-short" : ""}`}>{text}</p>
      {long && (
        <button type="button" class="button button-quiet button-text" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? "Less" : "More about this lot"}
        </button>
      )}
    </div>
  );
}

function OpenLot(props: Props) {
  const { model, money } = props;
  const { lot } = model;
  if (!lot) return null;
  const row = catalogueLot(model, lot.id);
  const reserve = hasLeader(lot) ? reserveText(lot.reserve) : null;
  const warned = warningWords(model, lot);
  const asked = matchTitle(model, lot, money);
  const moving = isMoving(lot);
  const moved = useMovingPrice(model, props.connection);
  const amount = money.format(moving ? moved : (lot.price ?? lot.opening));
  const quantity = lot.quantity ?? 1;
  const nobody = noLeaderText(lot);
  return (
    <>
      <div class="lot-head">
        <div class="lot-meta">
          <span class="num">
            Lot {lot.no} <span class="muted">of {model.lotsTotal}</span>
          </span>
          {row?.category && <span class="chip">{row.category}</span>}
          {lot.round > 0 && <span class="chip">offered again</span>}
          {reserve && <span class={`chip chip-${lot.reserve}`}>{reserve}</span>}
          {warned !== null && <span class="chip chip-not_met">{warned}</span>}
          {quantity > 1 && <span class="chip num">{quantity} pieces</span>}
          {lot.extensions > 0 && <span class="chip num">extended {lot.extensions}×</span>}
        </div>
        <h1 class="lot-title">{lot.title}</h1>
      </div>
      <LotImage address={row?.image} />
      <div class="lot-figures">
        <div class="price" data-testid="price" data-price={lot.price ?? ""}>
          <span class="label">{priceLabel(lot)}</span>
          <span class={`price-amount num${lot.price === null && !moving ? " price-opening" : ""}${fit(amount)}`}>{amount}</span>
        </div>
        <Clock {...props} />
        <div class="price-by">
          {lot.leader ? (
            <PersonTag person={lot.leader} me={model.you?.participant?.id} />
          ) : (
            nobody && <span class="muted">{nobody}</span>
          )}
          {lot.bids > 0 && (
            <span class="muted num">
              {lot.bids} {lot.bids === 1 ? "bid" : "bids"}
            </span>
          )}
        </div>
      </div>
      {asked !== null && (
        <div class={`standing ${isAsked(model) ? "standing-asked" : "standing-watching"}`} data-testid="asked">
          <b>{asked}</b>
        </div>
      )}
      {asked === null && <StandingBanner model={model} money={money} />}
      <OwnState model={model} money={money} />
      {row?.description && <Description key={lot.id} text={row.description} />}
    </>
  );
}

function ResultCard({ model, money }: { model: Model; money: Money }) {
  const result = lastResult(model);
  if (!result) return null;
  const me = model.you?.participant?.id;
  const bought = me === undefined ? undefined : result.awards.find((award) => award.winner?.id === me);
  const mine = bought !== undefined || (result.winner !== null && result.winner.id === me);
  return (
    <div class={`result ${result.kind !== "sold" ? "result-unsold" : mine ? "result-mine" : "result-sold"}`} data-testid="result">
      <span class="result-word">{mine && result.kind === "sold" ? "You won" : resultWords[result.kind]}</span>
      <span class="result-title">
        Lot {result.no}: {result.title}
      </span>
      {result.price !== null && (
        <span class="result-price">
          <b class="num">{money.format(result.price)}</b>
          {result.winner ? <PersonTag person={result.winner} me={me} /> : <Awards awards={result.awards} me={me} />}
        </span>
      )}
    </div>
  );
}

function NextLotCard(props: Props) {
  const { model, view, connection, money } = props;
  const { next } = model;
  const waiting = waitingTitle(model);
  return (
    <>
      <ResultCard model={model} money={money} />
      {waiting !== null ? (
        <div class="next" data-testid="waiting">
          <span class="label">{clockLabel(model, view)}</span>
          <h1 class="lot-title">{waiting}</h1>
          <Countdown deadline={deadline(model)} now={() => connection.now()} totalMs={clockTotalMs(model)} stale={view.liveness !== "live"} />
        </div>
      ) : next ? (
        <div class="next" data-testid="next">
          <span class="label">{model.phase === "paused" ? "Paused before" : "Next"}</span>
          <h1 class="lot-title">
            Lot {next.no}: {next.title}
          </h1>
          <p class="muted num">Opens at {money.format(next.opening)}</p>
          <Countdown
            deadline={deadline(model)}
            now={() => connection.now()}
            totalMs={clockTotalMs(model)}
            stale={view.liveness !== "live"}
          />
          <LotImage address={catalogueLot(model, next.id)?.image} />
        </div>
      ) : (
        <p class="empty">The next step comes in a moment.</p>
      )}
    </>
  );
}

// The console and the hall are here too, but they are nobody who bids.
function hereText(model: Model): string | null {
  if (!model.lobby) return null;
  const { count, ids } = model.lobby;
  const known = new Set(model.participants.map((one) => one.id));
  const bidders = ids.filter((id) => known.has(id)).length;
  if (bidders === 0) return count === 1 ? "1 person is here" : `${count} people are here`;
  const watching = count - bidders;
  return `${bidders} ${bidders === 1 ? "bidder is" : "bidders are"} here${watching > 0 ? `, ${watching} watching` : ""}`;
}

function startText(at: number): string {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  return date.toLocaleString([], today ? time : { ...time, weekday: "short", day: "numeric", month: "short" });
}

function Lobby({ model, view, connection }: Props) {
  const here = hereText(model);
  const start = deadline(model);
  return (
    <div class="lobby" data-testid="lobby">
      <span class="lobby-icon">
        <Icon name="people" size={32} />
      </span>
      <h1 class="lot-title">The sale has not begun</h1>
      <p class="lobby-count">
        {here === null ? "Waiting for the auctioneer." : <b class="num">{here}</b>}
      </p>
      {start.kind === "running" && (
        <div class="lobby-start" data-testid="starts">
          <span class="label">Starts at {startText(start.endsAt)}, in</span>
          <Countdown deadline={start} now={() => connection.now()} totalMs={clockTotalMs(model)} stale={view.liveness !== "live"} />
        </div>
      )}
      <p class="muted">
        {model.lotsTotal} {model.lotsTotal === 1 ? "lot" : "lots"}. This page goes on by itself when {start.kind === "running" ? "the time has come" : "the auctioneer begins"}.
      </p>
    </div>
  );
}

const completeWords = {
  no_lots_left: "Every lot has been offered.",
  rosters_full: "Every roster is full.",
  nobody_can_afford: "Nobody can afford another lot.",
};

export function CompleteCard({ model, money }: { model: Model; money: Money }) {
  const me = model.you?.participant?.id;
  const mine = model.lots.filter((lot) => lot.phase === "sold" && lot.winner?.id === me && me !== undefined);
  const withdrawn = model.lots.filter((lot) => lot.phase === "withdrawn").length;
  const shared = model.lots.some((lot) => lot.phase === "sold" && lot.winner === null); // of lots with several buyers, the list does not tell them
  const spent = shared ? (model.you?.spent ?? 0) : mine.reduce((sum, lot) => sum + (lot.price ?? 0), 0);
  return (
    <div class="lobby" data-testid="complete">
      <span class="lobby-icon">
        <Icon name="check" size={32} />
      </span>
      <h1 class="lot-title">The sale is complete</h1>
      <p class="muted">{model.completeReason ? completeWords[model.completeReason] : "Thank you for taking part."}</p>
      <dl class="purse purse-center">
        <div>
          <dt>Sold</dt>
          <dd class="num">{model.sold}</dd>
        </div>
        <div>
          <dt>Unsold</dt>
          <dd class="num">{Math.max(model.unsold, model.lotsTotal - model.sold - withdrawn)}</dd>
        </div>
        {me && (
          <div>
            <dt>{shared ? "You spent" : "You won"}</dt>
            <dd class="num">{shared ? money.format(spent) : mine.length === 0 ? "0" : `${mine.length} for ${money.format(spent)}`}</dd>
          </div>
        )}
      </dl>
      {mine.length > 0 && (
        <ul class="won">
          {mine.map((lot) => (
            <li key={lot.id}>
              <span>
                Lot {lot.no}: {lot.title}
              </span>
              <b class="num">{money.format(lot.price ?? 0)}</b>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function LotCard(props: Props) {
  const { model, money } = props;
  const open = model.lot !== null && isOpen(model.lot.phase);
  return (
    <section class={`card lot-card lot-card-${model.phase}`} aria-label="Current lot" data-testid="lot-card" data-phase={model.phase}>
      {model.phase === "paused" && (
        <div class="banner banner-warn" data-testid="paused">
          <Icon name="pause" />
          <span>Paused by the auctioneer. The time left is kept.</span>
        </div>
      )}
      {model.phase === "lobby" ? (
        <Lobby {...props} />
      ) : model.phase === "complete" ? (
        <CompleteCard model={model} money={money} />
      ) : open ? (
        <OpenLot {...props} />
      ) : (
        <NextLotCard {...props} />
      )}
    </section>
  );
}
