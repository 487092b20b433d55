// The big screen of the hall: nothing to press, readable from the last row.

import { useEffect, useMemo } from "preact/hooks";
import { SaleConnection } from "../connection";
import type { View } from "../connection";
import type { ComponentChildren } from "preact";
import { catalogueLot, isOpen } from "../model";
import type { Model } from "../model";
import { Money } from "../money";
import type { Award, Lot, Person } from "../protocol";
import { deadline, lastResult, shownDeadline } from "../questions";
import type { LotResult } from "../questions";
import { saleFromAddress, takeFragmentToken } from "../session";
import { Countdown } from "../ui/countdown";
import { fit } from "../ui/fit";
import { LotImage, clockLabel, clockTotalMs, safeImage } from "../ui/lot_card";
import { useMovingPrice } from "../ui/price_buttons";
import { Message, mount } from "../ui/shell";
import { StatusPill } from "../ui/status";
import { useView } from "../ui/view";
import { isMoving, isSealed, matchTitle, noLeaderText, priceLabel, resultWords, waitingTitle, warningWords } from "../ui/words";

interface Props {
  view: View;
  model: Model;
  money: Money;
  connection: SaleConnection;
}

function Paddle({ person }: { person: Person }) {
  return (
    <span class="hall-leader" data-testid="leader">
      <span class="hall-paddle num">{person.paddle}</span>
      <span class="hall-name">{person.name ?? ""}</span>
    </span>
  );
}

function HallClock({ view, model, connection }: Props) {
  return (
    <Countdown deadline={shownDeadline(model, connection.now())} now={() => connection.now()} totalMs={clockTotalMs(model)} stale={view.liveness !== "live"} />
  );
}

function OpenLot(props: Props) {
  const { model, money } = props;
  const { lot } = model;
  const moved = useMovingPrice(model, props.connection);
  if (!lot) return null;
  const moving = isMoving(lot);
  const amount = money.format(moving ? moved : (lot.price ?? lot.opening));
  const image = safeImage(catalogueLot(model, lot.id)?.image);
  const warned = warningWords(model, lot);
  const asked = matchTitle(model, lot, money);
  return (
    <div class={`hall-lot${image ? " hall-lot-pictured" : ""}`} data-testid="hall-lot">
      <div class="hall-head">
        <span class="hall-no num">
          Lot {lot.no} <span class="muted">of {model.lotsTotal}</span>
          {warned !== null && (
            <span class="hall-warned" data-testid="warned">
              {warned}
            </span>
          )}
        </span>
        <h1 class="hall-title">{lot.title}</h1>
      </div>
      {image && <LotImage address={image} />}
      <div class="hall-price">
        <span class="hall-label">{priceLabel(lot)}</span>
        <span class={`hall-amount num${fit(amount)}`}>{amount}</span>
        {lot.leader ? <Paddle person={lot.leader} /> : <span class="hall-leader muted">{noLeaderText(lot)}</span>}
      </div>
      <div class="hall-side">
        {shownDeadline(model, props.connection.now()).kind !== "none" && <span class="hall-label">{clockLabel(model, props.view)}</span>}
        <HallClock {...props} />
        <span class="hall-ask num">{asked ?? sideText(lot, money)}</span>
      </div>
    </div>
  );
}

// What stands below the clock: the next bid, or how many pieces there are.
function sideText(lot: Lot, money: Money): string {
  const reserve = lot.reserve === "not_met" ? "reserve not met" : lot.reserve === "met" ? "reserve met" : "";
  const quantity = lot.quantity ?? 1;
  const left = lot.clock?.quantity_left;
  const pieces = quantity > 1 ? (left === undefined ? `${quantity} pieces` : `${left} of ${quantity} pieces left`) : "";
  const next = isMoving(lot) || isSealed(lot) || lot.phase !== "open" ? "" : `Next bid ${money.format(lot.ask)}`;
  return [next, pieces, isSealed(lot) ? "" : reserve].filter((part) => part !== "").join(" · ");
}

const buyersShown = 4;

function Buyers({ awards }: { awards: Award[] }) {
  if (awards.length === 0) return <span class="hall-leader muted">to several buyers</span>;
  return (
    <span class="hall-buyers" data-testid="buyers">
      {awards.slice(0, buyersShown).map((award, index) => (
        <span key={index} class="hall-leader num">
          {award.winner && <span class="hall-paddle num">{award.winner.paddle}</span>}× {award.quantity}
        </span>
      ))}
      {awards.length > buyersShown && <span class="hall-leader muted num">and {awards.length - buyersShown} more</span>}
    </span>
  );
}

function Splash({ result, money }: { result: LotResult; money: Money }) {
  const amount = result.price === null ? "" : money.format(result.price);
  return (
    <div class={`splash ${result.kind === "sold" ? "splash-sold" : "splash-unsold"}`} data-testid="splash">
      <span class="splash-word">{resultWords[result.kind]}</span>
      <span class="hall-title">
        Lot {result.no}: {result.title}
      </span>
      {result.price !== null && (
        <span class="splash-facts">
          <span class={`hall-amount num${fit(amount)}`}>{amount}</span>
          {result.winner ? <Paddle person={result.winner} /> : <Buyers awards={result.awards} />}
        </span>
      )}
    </div>
  );
}

function Between(props: Props) {
  const { model, money } = props;
  const result = lastResult(model);
  const { next } = model;
  const waiting = waitingTitle(model);
  const label = waiting !== null ? clockLabel(model, props.view) : model.phase === "paused" ? "Paused before" : "Next";
  return (
    <div class="hall-between">
      {result && <Splash result={result} money={money} />}
      {(waiting !== null || next) && (
        <div class="hall-next" data-testid="next">
          <span class="hall-next-lot">
            <span class="hall-label">{label}</span>
            <span class="hall-title">{waiting ?? `Lot ${next?.no}: ${next?.title}`}</span>
          </span>
          <HallClock {...props} />
        </div>
      )}
      {!result && waiting === null && !next && <Quiet title={model.info.title} text="The next lot comes in a moment." />}
    </div>
  );
}

function Quiet({ title, text, children }: { title: string; text: string; children?: ComponentChildren }) {
  return (
    <div class="hall-quiet">
      <h1>{title}</h1>
      <p>{text}</p>
      {children}
    </div>
  );
}

function Scene(props: Props) {
  const { model } = props;
  if (model.phase === "lobby") {
    const here = model.lobby?.count ?? null;
    const lots = `${model.lotsTotal} ${model.lotsTotal === 1 ? "lot" : "lots"}`;
    const facts = here === null ? `${lots}.` : `${lots}. ${here} here.`;
    if (deadline(model).kind === "none") return <Quiet title={model.info.title} text={`${facts} The sale begins soon.`} />;
    return (
      <Quiet title={model.info.title} text={`${facts} The sale begins in`}>
        <HallClock {...props} />
      </Quiet>
    );
  }
  if (model.phase === "complete") {
    return <Quiet title="The sale is complete" text={`${model.sold} of ${model.lotsTotal} lots sold. Thank you.`} />;
  }
  return model.lot && isOpen(model.lot.phase) ? <OpenLot {...props} /> : <Between {...props} />;
}

function Hall({ connection }: { connection: SaleConnection }) {
  const view = useView(connection);
  const { model } = view;
  const currency = model?.info.currency;
  const money = useMemo(() => new Money(currency ?? { code: "", minor_digits: 0 }), [currency?.code, currency?.minor_digits]);
  useEffect(() => {
    if (model) document.title = `${model.info.title} · Hall`;
  }, [model?.info.title]);
  if (view.denied) return <Message title="This sale can’t be shown">{view.denied.message}</Message>;
  if (model?.deleted) return <Message title="This sale has been deleted" />;
  if (!model) return <Message title="Connecting to the sale …" />;
  return (
    <div class="hall" data-phase={model.phase} data-liveness={view.liveness}>
      <header class="hall-top">
        <span class="hall-sale">{model.info.title}</span>
        <span class="hall-count num">
          {model.sold} sold · {model.unsold} unsold · {model.lotsTotal} lots
        </span>
        <StatusPill view={view} />
      </header>
      {view.liveness !== "live" && (
        <div class="hall-strip hall-strip-bad" role="alert" data-testid="not-live">
          Not live: this screen is waiting for the auction
        </div>
      )}
      {model.phase === "paused" && <div class="hall-strip hall-strip-warn">Paused</div>}
      <main class="hall-scene">
        <Scene view={view} model={model} money={money} connection={connection} />
      </main>
      {model.notice && <footer class="hall-notice">{model.notice.text}</footer>}
    </div>
  );
}

function HallPage({ sale }: { sale: string }) {
  const token = useMemo(() => takeFragmentToken(sale), [sale]);
  const connection = useMemo(() => new SaleConnection({ sale, token: () => token }), [sale, token]);
  useEffect(() => {
    connection.start();
    return () => connection.stop();
  }, [connection]);
  return <Hall connection={connection} />;
}

const sale = saleFromAddress();
mount(() => (sale === null ? <Message title="There is no such sale" /> : <HallPage sale={sale} />));
