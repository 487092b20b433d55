// The lists beside a lot: catalogue with owners and prices, everybody's budget and roster, bids of the current lot.

import { useState } from "preact/hooks";
import { Component } from "preact";
import type { ComponentChildren } from "preact";
import { isOpen, isParallel } from "../model";
import type { Model } from "../model";
import type { Money } from "../money";
import type { CatalogueLot, Participant } from "../protocol";
import { askedToMatch, bidsOnLot } from "../questions";
import { fit } from "./fit";
import { PersonTag } from "./person";

// Long lists are drawn in part: a sale may have 10,000 lots.
const windowSize = 120;

function useWindow<T>(items: T[], anchor: number): { part: T[]; before: number; after: number; earlier: () => void; later: () => void } {
  const [extra, setExtra] = useState({ before: 0, after: 0 });
  const center = Math.max(0, anchor);
  const from = Math.max(0, Math.min(center - 30, items.length - windowSize) - extra.before);
  const to = Math.min(items.length, Math.max(from + windowSize, center + 90) + extra.after);
  return {
    part: items.slice(from, to),
    before: from,
    after: items.length - to,
    earlier: () => setExtra((now) => ({ ...now, before: now.before + windowSize })),
    later: () => setExtra((now) => ({ ...now, after: now.after + windowSize })),
  };
}

const phaseWords: Record<CatalogueLot["phase"], string> = {
  pending: "To come",
  open: "Open now",
  closing: "Closing",
  matching: "Right to match",
  sold: "Sold",
  unsold: "Unsold",
  withdrawn: "Withdrawn",
};

interface LotRowProps {
  lot: CatalogueLot;
  current: boolean;
  me: string | undefined;
  money: Money;
  show: ((lot: string) => void) | undefined; // of many open lots, look at this one
}

// Draws again only when its lot has changed.
class LotRow extends Component<LotRowProps> {
  override shouldComponentUpdate(next: LotRowProps): boolean {
    return next.lot !== this.props.lot || next.current !== this.props.current || next.me !== this.props.me;
  }

  render({ lot, current, me, money, show }: LotRowProps) {
    const mine = (lot.winner !== null && lot.winner.id === me) || (lot.leader !== null && lot.leader !== undefined && lot.leader.id === me);
    return (
      <li class={`row lot-row lot-${lot.phase}${mine ? " row-mine" : ""}`} aria-current={current ? "true" : undefined}>
        <span class="row-no num">{lot.no}</span>
        <span class="row-main">
          <span class="row-title">{lot.title}</span>
          <span class="row-sub">
            {lot.winner ? <PersonTag person={lot.winner} me={me} /> : lot.phase === "sold" && (lot.winners ?? 0) > 1 ? `Sold to ${lot.winners} buyers` : phaseWords[lot.phase]}
            {show && !current && isOpen(lot.phase) && (
              <button type="button" class="button button-small" onClick={() => show(lot.id)}>
                Show
              </button>
            )}
            {lot.round > 0 && lot.phase !== "sold" && <span class="chip">offered again</span>}
          </span>
        </span>
        <span class={`row-amount num${fit(money.format(lot.price ?? lot.opening))}`}>
          {lot.price !== null && lot.phase !== "unsold" ? (
            <b>{money.format(lot.price)}</b>
          ) : (
            <span class="muted">from {money.format(lot.opening)}</span>
          )}
        </span>
      </li>
    );
  }
}

export function Panel({ title, count, children }: { title: string; count?: string; children: ComponentChildren }) {
  return (
    <section class="panel" aria-label={title}>
      <h2 class="panel-title">
        {title}
        {count && <span class="panel-count num">{count}</span>}
      </h2>
      {children}
    </section>
  );
}

function More({ count, label, run }: { count: number; label: string; run: () => void }) {
  return count > 0 ? (
    <button type="button" class="button button-quiet more" onClick={run}>
      {label} ({count})
    </button>
  ) : null;
}

export function LotsPanel({ model, money, more, show }: { model: Model; money: Money; more: () => void; show?: (lot: string) => void }) {
  const current = model.clock === "gap" ? model.next?.id : model.lot && isOpen(model.lot.phase) ? model.lot.id : undefined;
  const me = model.you?.participant?.id;
  const rows = useWindow(model.lots, model.lots.findIndex((lot) => lot.id === current));
  const later = rows.after + Math.max(0, model.lotsTotal - model.lots.length);
  return (
    <Panel title="Lots" count={`${model.sold + model.unsold} of ${model.lotsTotal}`}>
      {model.lots.length === 0 && <p class="empty">No lots yet.</p>}
      <More count={rows.before} label="Earlier lots" run={rows.earlier} />
      <ol class="rows">
        {rows.part.map((lot) => (
          <LotRow key={lot.id} lot={lot} current={lot.id === current} me={me} money={money} show={isParallel(model) ? show : undefined} />
        ))}
      </ol>
      <More
        count={later}
        label="Later lots"
        run={() => {
          rows.later();
          if (rows.after <= windowSize) more();
        }}
      />
    </Panel>
  );
}

function Budget({ one, money }: { one: Participant; money: Money }) {
  if (one.budget === null) {
    return <span class="row-amount num">{one.spent > 0 ? <b>{money.format(one.spent)}</b> : <span class="muted">–</span>}</span>;
  }
  const left = one.budget - one.spent;
  const part = one.budget > 0 ? Math.max(0, Math.min(1, left / one.budget)) : 0;
  return (
    <span class={`row-amount num${fit(money.format(left))}`}>
      <b>{money.format(left)}</b>
      <span class="meter" aria-hidden="true">
        <span class="meter-fill" style={{ transform: `scaleX(${part})` }} />
      </span>
    </span>
  );
}

interface PeopleProps {
  model: Model;
  money: Money;
  admit?: (one: Participant, status: Participant["status"]) => void; // lets somebody in, or blocks him
  off?: boolean;
}

// Who waits for approval stands first where somebody can give it.
function inOrder(people: Participant[], admits: boolean): Participant[] {
  if (!admits || !people.some((one) => one.status === "pending")) return people;
  return [...people.filter((one) => one.status === "pending"), ...people.filter((one) => one.status !== "pending")];
}

function Admission({ one, admit, off }: { one: Participant; admit: NonNullable<PeopleProps["admit"]>; off: boolean }) {
  const who = one.name ?? `Paddle ${one.paddle}`;
  if (one.status === "accepted") return null;
  return (
    <span class="admission">
      <button type="button" class="button button-small button-primary" disabled={off} aria-label={`Approve ${who}`} onClick={() => admit(one, "accepted")}>
        Approve
      </button>
      {one.status === "pending" && (
        <button type="button" class="button button-small button-danger" disabled={off} aria-label={`Block ${who}`} onClick={() => admit(one, "blocked")}>
          Block
        </button>
      )}
    </span>
  );
}

export function PeoplePanel({ model, money, admit, off = false }: PeopleProps) {
  const me = model.you?.participant?.id;
  const leader = model.lot && isOpen(model.lot.phase) ? model.lot.leader?.id : undefined;
  const asked = model.lot ? askedToMatch(model.lot) : null;
  const names = model.clock === "nomination" ? model.waiting?.by : null;
  const rows = useWindow(inOrder(model.participants, admit !== undefined), 0);
  const here = new Set(model.lobby?.ids ?? []);
  const hidden = model.participantsTotal - model.participants.length;
  const budgets = model.participants.some((one) => one.budget !== null);
  return (
    <Panel title={budgets ? "Bidders and budgets left" : "Bidders"} count={String(model.participantsTotal)}>
      {model.participantsTotal === 0 && <p class="empty">Nobody has joined yet.</p>}
      <ul class="rows">
        {rows.part.map((one) => (
          <li key={one.id} class={`row person-row${one.id === me ? " row-mine" : ""}`}>
            <span class="paddle num">{one.paddle}</span>
            <span class="row-main">
              <span class="row-title">
                {one.name ?? `Paddle ${one.paddle}`}
                {one.id === me && <span class="chip">you</span>}
              </span>
              <span class="row-sub">
                <span class={`presence${here.has(one.id) ? " presence-here" : ""}`}>{here.has(one.id) ? "here" : "away"}</span>
                {one.roster && (
                  <span class="num">
                    {one.roster.taken} of {one.roster.slots} slots
                  </span>
                )}
                {one.id === leader && <span class="chip chip-lead">leads{one.held > 0 ? ` ${money.format(one.held)}` : ""}</span>}
                {one.id === asked && <span class="chip chip-not_met">is asked</span>}
                {one.id === names && <span class="chip chip-not_met">names a lot</span>}
                {one.status === "blocked" && <span class="chip">blocked</span>}
                {one.status === "pending" && <span class="chip chip-not_met">not let in yet</span>}
              </span>
              {admit && <Admission one={one} admit={admit} off={off} />}
            </span>
            <Budget one={one} money={money} />
          </li>
        ))}
      </ul>
      <More count={rows.after} label="More bidders" run={rows.later} />
      {hidden > 0 && <p class="empty">and {hidden} more</p>}
    </Panel>
  );
}

export function BidsPanel({ model, money }: { model: Model; money: Money }) {
  const me = model.you?.participant?.id;
  const bids = bidsOnLot(model);
  const title = model.lot ? `Bids on lot ${model.lot.no}` : "Bids";
  return (
    <Panel title={title} count={model.lot ? String(model.lot.bids) : "0"}>
      {bids.length === 0 && <p class="empty">No bids on this lot yet.</p>}
      <ol class="rows">
        {bids.map((bid, index) => (
          <li key={`${bid.at}-${bid.amount}`} class={`row bid-row${bid.by?.id === me ? " row-mine" : ""}${index === 0 ? " row-top" : ""}`}>
            {bid.by ? <PersonTag person={bid.by} me={me} /> : <span class="muted">The house</span>}
            <time class="row-sub num" dateTime={new Date(bid.at).toISOString()}>
              {new Date(bid.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" })}
            </time>
            <span class={`row-amount num${fit(money.format(bid.amount))}`}>
              <b>{money.format(bid.amount)}</b>
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
