// The big screen of the hall: nothing to press, readable from the last row.

import { useEffect, useMemo } from "preact/hooks";
import { SaleConnection } from "../connection";
import type { View } from "../connection";
import { catalogueLot } from "../model";
import { deadline, lastResult } from "../questions";
import type { Model } from "../model";
import { Money } from "../money";
import type { Person } from "../protocol";
import { saleFromAddress, takeFragmentToken } from "../session";
import { Countdown } from "../ui/countdown";
import { fit } from "../ui/fit";
import { LotImage, clockLabel, clockTotalMs, safeImage } from "../ui/lot_card";
import { Message, mount } from "../ui/shell";
import { StatusPill } from "../ui/status";
import { useView } from "../ui/view";

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
    <Countdown deadline={deadline(model)} now={() => connection.now()} totalMs={clockTotalMs(model)} stale={view.liveness !== "live"} />
  );
}

function OpenLot(props: Props) {
  const { model, money } = props;
  const { lot } = model;
  if (!lot) return null;
  const amount = money.format(lot.price ?? lot.opening);
  const image = safeImage(catalogueLot(model, lot.id)?.image);
  return (
    <div class={`hall-lot${image ? " hall-lot-pictured" : ""}`} data-testid="hall-lot">
      <div class="hall-head">
        <span class="hall-no num">
          Lot {lot.no} <span class="muted">of {model.lotsTotal}</span>
        </span>
        <h1 class="hall-title">{lot.title}</h1>
      </div>
      {image && <LotImage address={image} />}
      <div class="hall-price">
        <span class="hall-label">{lot.price === null ? "Opens at" : "Current bid"}</span>
        <span class={`hall-amount num${fit(amount)}`}>{amount}</span>
        {lot.leader ? <Paddle person={lot.leader} /> : <span class="hall-leader muted">No bids yet</span>}
      </div>
      <div class="hall-side">
        <span class="hall-label">{clockLabel(model, props.view)}</span>
        <HallClock {...props} />
        <span class="hall-ask num">
          Next bid {money.format(lot.ask)}
          {lot.reserve === "not_met" ? " · reserve not met" : lot.reserve === "met" ? " · reserve met" : ""}
        </span>
      </div>
    </div>
  );
}

function Between(props: Props) {
  const { model, money } = props;
  const result = lastResult(model);
  const { next } = model;
  const amount = result && result.price !== null ? money.format(result.price) : "";
  return (
    <div class="hall-between">
      {result && (
        <div class={`splash ${result.price === null ? "splash-unsold" : "splash-sold"}`} data-testid="splash">
          <span class="splash-word">{result.price === null ? "Unsold" : "Sold"}</span>
          <span class="hall-title">
            Lot {result.no}: {result.title}
          </span>
          {result.price !== null && (
            <span class="splash-facts">
              <span class={`hall-amount num${fit(amount)}`}>{amount}</span>
              {result.winner && <Paddle person={result.winner} />}
            </span>
          )}
        </div>
      )}
      {next && (
        <div class="hall-next" data-testid="next">
          <span class="hall-next-lot">
            <span class="hall-label">{model.phase === "paused" ? "Paused before" : "Next"}</span>
            <span class="hall-title">
              Lot {next.no}: {next.title}
            </span>
          </span>
          <HallClock {...props} />
        </div>
      )}
    </div>
  );
}

function Quiet({ title, text }: { title: string; text: string }) {
  return (
    <div class="hall-quiet">
      <h1>{title}</h1>
      <p>{text}</p>
    </div>
  );
}

function Scene(props: Props) {
  const { model } = props;
  if (model.phase === "lobby") {
    const here = model.lobby?.count ?? null;
    const lots = `${model.lotsTotal} ${model.lotsTotal === 1 ? "lot" : "lots"}`;
    return <Quiet title={model.info.title} text={here === null ? `${lots}. The sale begins soon.` : `${lots}. ${here} here. The sale begins soon.`} />;
  }
  if (model.phase === "complete") {
    return <Quiet title="The sale is complete" text={`${model.sold} of ${model.lotsTotal} lots sold. Thank you.`} />;
  }
  return model.lot?.phase === "open" ? <OpenLot {...props} /> : <Between {...props} />;
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
