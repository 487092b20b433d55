// The lot being sold: what it is, what it costs now, how long it stays open, and whether this person is winning.

import { useEffect, useState } from "preact/hooks";
import type { SaleConnection, View } from "../connection";
import { catalogueLot, isOpen } from "../model";
import { deadline, hasLeader, lastResult, standing } from "../questions";
import type { Model } from "../model";
import type { Standing } from "../questions";
import type { Money } from "../money";
import { Countdown } from "./countdown";
import { fit } from "./fit";
import { Icon } from "./icons";
import type { IconName } from "./icons";
import { PersonTag, leaderText } from "./person";
import { useMovingPrice } from "./price_buttons";

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

// The bar is full at the longest time that this clock has shown.
export function clockTotalMs(model: Model): number {
  const { rules } = model.info;
  if (model.clock === "gap") return Math.max(1000, rules.gap_ms);
  return Math.max(1000, rules.lot_duration_ms, model.lot?.remaining_ms ?? 0);
}

// What the time of the current clock stands for; when nothing proves it, not more than it is.
export function clockLabel(model: Model, view: View): string {
  if (view.liveness !== "live") return "Last known";
  if (model.phase === "paused") return "Paused with";
  return model.clock === "gap" ? "Starts in" : "Closes in";
}

interface Props {
  model: Model;
  view: View;
  money: Money;
  connection: SaleConnection;
}

function Clock({ model, view, connection }: Props) {
  const stale = view.liveness !== "live";
  if (deadline(model).kind === "none") return null;
  return (
    <div class="clock">
      <span class="label">{clockLabel(model, view)}</span>
      <Countdown deadline={deadline(model)} now={() => connection.now()} totalMs={clockTotalMs(model)} stale={stale} />
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
  const stage = model.warned?.lot === lot.id ? model.warned.stage : (lot.warned ?? 0);
  const warned = lot.phase === "closing" ? "Closing" : stage === 2 ? "Going twice" : stage === 1 ? "Going once" : null;
  const moving = lot.format === "dutch" || lot.format === "japanese";
  const sealed = lot.format === "sealed_first" || lot.format === "vickrey" || lot.format === "uniform";
  const moved = useMovingPrice(model, props.connection);
  const amount = money.format(moving ? moved : (lot.price ?? lot.opening));
  const label = moving ? (lot.format === "dutch" ? "Falls, now" : "Rises, now") : sealed ? "Sealed bids, from" : lot.price === null ? "Opens at" : "Current bid";
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
          {lot.extensions > 0 && <span class="chip num">extended {lot.extensions}×</span>}
        </div>
        <h1 class="lot-title">{lot.title}</h1>
      </div>
      <LotImage address={row?.image} />
      <div class="lot-figures">
        <div class="price" data-testid="price" data-price={lot.price ?? ""}>
          <span class="label">{label}</span>
          <span class={`price-amount num${lot.price === null && !moving ? " price-opening" : ""}${fit(amount)}`}>{amount}</span>
        </div>
        <Clock {...props} />
        <div class="price-by">
          {lot.leader ? (
            <PersonTag person={lot.leader} me={model.you?.participant?.id} />
          ) : (
            <span class="muted">{lot.house ? "The house bids for the seller" : sealed ? "Nobody sees a bid before the close" : moving ? "" : "No bids yet"}</span>
          )}
          {lot.bids > 0 && (
            <span class="muted num">
              {lot.bids} {lot.bids === 1 ? "bid" : "bids"}
            </span>
          )}
        </div>
      </div>
      <StandingBanner model={model} money={money} />
      {row?.description && <Description key={lot.id} text={row.description} />}
    </>
  );
}

function ResultCard({ model, money }: { model: Model; money: Money }) {
  const result = lastResult(model);
  if (!result) return null;
  const mine = result.winner !== null && result.winner.id === model.you?.participant?.id;
  return (
    <div class={`result ${result.price === null ? "result-unsold" : mine ? "result-mine" : "result-sold"}`} data-testid="result">
      <span class="result-word">{result.price === null ? "Unsold" : mine ? "You won" : "Sold"}</span>
      <span class="result-title">
        Lot {result.no}: {result.title}
      </span>
      {result.price !== null && (
        <span class="result-price">
          <b class="num">{money.format(result.price)}</b>
          {result.winner && <PersonTag person={result.winner} me={model.you?.participant?.id} />}
        </span>
      )}
    </div>
  );
}

function NextLotCard(props: Props) {
  const { model, view, connection, money } = props;
  const { next } = model;
  return (
    <>
      <ResultCard model={model} money={money} />
      {next ? (
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

function Lobby({ model }: { model: Model }) {
  const here = hereText(model);
  return (
    <div class="lobby" data-testid="lobby">
      <span class="lobby-icon">
        <Icon name="people" size={32} />
      </span>
      <h1 class="lot-title">The sale has not begun</h1>
      <p class="lobby-count">
        {here === null ? "Waiting for the auctioneer." : <b class="num">{here}</b>}
      </p>
      <p class="muted">
        {model.lotsTotal} {model.lotsTotal === 1 ? "lot" : "lots"}. This page goes on by itself when the auctioneer begins.
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
  const spent = mine.reduce((sum, lot) => sum + (lot.price ?? 0), 0);
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
          <dd class="num">{Math.max(model.unsold, model.lotsTotal - model.sold)}</dd>
        </div>
        {me && (
          <div>
            <dt>You won</dt>
            <dd class="num">{mine.length === 0 ? "0" : `${mine.length} for ${money.format(spent)}`}</dd>
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
        <Lobby model={model} />
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
