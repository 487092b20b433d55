// The bidder's page: join, follow the lot, bid.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { joinSale } from "../api";
import { SaleConnection } from "../connection";
import type { View } from "../connection";
import type { Model } from "../model";
import { Money } from "../money";
import { deadline, ownStatus, standing } from "../questions";
import { loadMembership, saleFromAddress, saveMembership, takeInvite } from "../session";
import type { Membership } from "../session";
import { Sound } from "../sound";
import { BidDock } from "../ui/bid_dock";
import { Icon } from "../ui/icons";
import { JoinForm } from "../ui/join_form";
import { LotCard } from "../ui/lot_card";
import { Naming } from "../ui/naming";
import { BidsPanel, LotsPanel, PeoplePanel } from "../ui/panels";
import { leaderText } from "../ui/person";
import { Message, Spoken, mount, watchKeyboard } from "../ui/shell";
import { StatusBanner, StatusPill } from "../ui/status";
import { Toasts, useToasts } from "../ui/toasts";
import type { ShowToast } from "../ui/toasts";
import { isMyTurn } from "../ui/words";
import { reducedMotion, useTransitions, useView } from "../ui/view";

const sound = new Sound();

function moneyOf(model: Model | null): Money {
  return new Money(model?.info.currency ?? { code: "", minor_digits: 0 });
}

// What is said aloud when the state changes from one to the other; "" for nothing.
function spokenChange(before: Model | null, after: Model, money: Money): string {
  const { lot } = after;
  if (after.phase === "paused" && before?.phase !== "paused") return "The sale is paused.";
  if (after.phase === "live" && before?.phase === "paused") return "The sale goes on.";
  if (isMyTurn(after) && !(before && isMyTurn(before))) return "It is your turn to name a lot.";
  if (after.phase === "complete" && before?.phase !== "complete") return "The sale is complete.";
  if (after.outcome && before?.outcome !== after.outcome) {
    const { outcome } = after;
    if (outcome.kind !== "sold" || !outcome.winner) return `Lot ${outcome.no} is ${outcome.kind}.`;
    return `Lot ${outcome.no} is sold for ${money.format(outcome.price)} to ${leaderText(outcome.winner, after.you?.participant?.id)}.`;
  }
  if (!lot || lot.phase !== "open") return "";
  if (before?.lot?.id !== lot.id || before.lot.phase !== "open") {
    return `Lot ${lot.no}, ${lot.title}, is open. It opens at ${money.format(lot.opening)}.`;
  }
  const now = standing(after);
  if (now === "winning" && standing(before) !== "winning") return `You are winning at ${money.format(lot.price ?? 0)}.`;
  if (now === "outbid" && standing(before) === "winning") return `You are outbid. The next bid is ${money.format(lot.ask)}.`;
  return "";
}

function playChange(before: Model | null, after: Model): void {
  if (!before) return;
  const was = standing(before);
  const is = standing(after);
  if (is === "winning" && was !== "winning") sound.play("lead");
  else if (is === "outbid" && was === "winning") sound.play("outbid");
  else if (after.lot?.phase === "open" && (before.lot?.id !== after.lot.id || before.lot.phase !== "open")) sound.play("open");
  else if (after.outcome && before.outcome !== after.outcome) sound.play("sold");
  else if (after.clock === "gap" && after.next && after.next !== before.next && after.next.remaining_ms <= 3100) sound.play("count");
}

function toastChange(before: Model | null, after: Model, toast: ShowToast): void {
  if (!before) return;
  if (after.notice && after.notice !== before.notice) toast("info", after.notice.text);
  if (after.outageMs !== null && after.outageMs !== before.outageMs) {
    toast("info", `The auction was interrupted for ${Math.max(1, Math.round(after.outageMs / 1000))} s and goes on with the time that was left.`);
  }
  if (after.phase === "lobby" && before.phase !== "lobby") toast("info", "The sale was reset. It starts again from the lobby.");
}

function pageTitle(view: View, money: Money): string {
  const { model } = view;
  if (!model) return "Lotcast";
  const { lot } = model;
  const state = standing(model);
  if (view.liveness !== "live") return `Not live · ${model.info.title}`;
  if (isMyTurn(model)) return `Your turn to name a lot · ${model.info.title}`;
  if (lot?.phase === "open" && state === "outbid") return `Outbid · ${money.format(lot.ask)} · lot ${lot.no}`;
  if (lot?.phase === "open" && state === "winning") return `Winning · lot ${lot.no}`;
  return model.info.title;
}

const tabs = ["Lots", "Bidders", "Bids"] as const;
type Tab = (typeof tabs)[number];

function Header({ view, onBid }: { view: View; onBid: (() => void) | null }) {
  const [on, setOn] = useState(sound.on);
  const name = view.model?.you?.participant;
  return (
    <header class="top">
      <div class="top-title">
        <span class="top-sale">{view.model?.info.title ?? "Lotcast"}</span>
        <span class="top-who">
          {name ? `${name.name ?? "You"} · paddle ${name.paddle}` : "Watching"}
          {view.model?.lobby && <span class="num"> · {view.model.lobby.count} here</span>}
        </span>
      </div>
      {onBid && (
        <button type="button" class="button button-small" onClick={onBid}>
          Join
        </button>
      )}
      <StatusPill view={view} />
      <button
        type="button"
        class="icon-button"
        aria-pressed={on}
        aria-label={on ? "Sound is on" : "Sound is off"}
        title={on ? "Sound is on" : "Sound is off"}
        onClick={() => setOn(sound.toggle())}
      >
        <Icon name={on ? "sound" : "mute"} />
      </button>
    </header>
  );
}

interface RoomProps {
  connection: SaleConnection;
  bidder: boolean;
  onWantToBid: () => void;
}

function Room({ connection, bidder: joined, onWantToBid }: RoomProps) {
  const view = useView(connection);
  const { model } = view;
  const bidder = joined && (model?.you?.role ?? "bidder") === "bidder";
  const [toasts, toast, drop] = useToasts();
  const [spoken, setSpoken] = useState("");
  const [tab, setTab] = useState<Tab>("Lots");
  const currency = model?.info.currency;
  const money = useMemo(() => moneyOf(model), [currency?.code, currency?.minor_digits]);

  useTransitions(connection, (before, after) => {
    if (!after.model || before.model === after.model) return;
    const words = spokenChange(before.model, after.model, moneyOf(after.model));
    if (words) setSpoken(words);
    playChange(before.model, after.model);
    toastChange(before.model, after.model, toast);
  });
  useSpokenTime(model, connection, setSpoken);
  const title = pageTitle(view, money);
  useEffect(() => {
    document.title = title;
  }, [title]);

  const show = (lot: string) => {
    connection.focus(lot);
    window.scrollTo({ top: 0, behavior: reducedMotion() ? "auto" : "smooth" });
  };
  if (model?.deleted) return <Gone />;
  if (!model) return <Waiting view={view} />;
  const over = model.phase === "complete";
  return (
    <div class={`room${bidder && !over ? " room-with-dock" : ""}`}>
      <Header view={view} onBid={bidder ? null : onWantToBid} />
      <StatusBanner liveness={view.liveness} />
      {bidder && !over && ownStatus(model) === "pending" && (
        <div class="banner banner-warn" role="status" data-testid="pending">
          <span>The auctioneer has not let you in yet. You can look on; this page goes on by itself.</span>
        </div>
      )}
      <main class="room-grid">
        <div class="room-lot">
          <LotCard model={model} view={view} money={money} connection={connection} />
          {bidder && !over && <Naming connection={connection} model={model} money={money} toast={toast} off={view.liveness !== "live" || model.phase !== "live" || ownStatus(model) !== "accepted"} />}
          {bidder && !over && <BidDock connection={connection} model={model} money={money} liveness={view.liveness} toast={toast} />}
        </div>
        <nav class="tabs" aria-label="Lists">
          {tabs.map((name) => (
            <button key={name} type="button" class="tab" aria-pressed={tab === name} onClick={() => setTab(name)}>
              {name}
            </button>
          ))}
        </nav>
        <div class={`room-lots tab-page${tab === "Lots" ? " tab-shown" : ""}`}>
          <LotsPanel model={model} money={money} more={() => connection.moreLots()} show={show} />
        </div>
        <div class={`room-people tab-page${tab === "Bidders" ? " tab-shown" : ""}`}>
          <PeoplePanel model={model} money={money} />
        </div>
        <div class={`room-bids tab-page${tab === "Bids" ? " tab-shown" : ""}`}>
          <BidsPanel model={model} money={money} />
        </div>
      </main>
      <Toasts toasts={toasts} drop={drop} />
      <Spoken text={spoken} />
    </div>
  );
}

// Says the time left aloud, rarely: at ten seconds, once for each end of the clock.
function useSpokenTime(model: Model | null, connection: SaleConnection, say: (text: string) => void): void {
  const end = model ? deadline(model) : null;
  const endsAt = end?.kind === "running" && end.clock === "lot" ? end.endsAt : null;
  useEffect(() => {
    const now = connection.now();
    if (endsAt === null || now === null || endsAt - now < 10_500) return;
    const timer = setTimeout(() => say("Ten seconds left."), endsAt - now - 10_000);
    return () => clearTimeout(timer);
  }, [endsAt]);
}

function Waiting({ view }: { view: View }) {
  return (
    <Message title={view.liveness === "offline" ? "Connection lost" : "Connecting to the sale …"}>
      <p class="muted">
        <span class="spinner" aria-hidden="true" /> This page goes on by itself.
      </p>
      <StatusPill view={view} />
    </Message>
  );
}

function Gone() {
  return (
    <Message title="This sale has been deleted">
      <p class="muted">The auctioneer has removed it.</p>
      <a class="button button-primary" href="/">
        All sales
      </a>
    </Message>
  );
}

// The same join id gives the same participant with a new token.
async function renewed(sale: string, membership: Membership | null): Promise<Membership | null> {
  if (!membership?.invite) return null;
  try {
    const answer = await joinSale(sale, { invite: membership.invite, name: membership.name, id: membership.joinId });
    const next = { ...membership, token: answer.token, participant: answer.participant, role: answer.role };
    saveMembership(sale, next);
    return next;
  } catch {
    return null;
  }
}

function deniedTitle(code: string): string {
  if (code === "NOT_FOUND") return "There is no such sale";
  if (code === "UNAUTHENTICATED" || code === "TOKEN_EXPIRED") return "Your access has ended";
  return "This sale is by invitation";
}

function SalePage({ sale, invite }: { sale: string; invite: string | null }) {
  const membership = useRef<Membership | null>(loadMembership(sale));
  const known = membership.current;
  const newInvite = invite !== null && invite !== known?.invite;
  const [asking, setAsking] = useState(newInvite ? !known?.token : invite !== null && !known?.token);
  const [bidder, setBidder] = useState(known?.token != null);
  const connection = useMemo(
    () =>
      new SaleConnection({
        sale,
        token: () => membership.current?.token ?? null,
        renew: async () => {
          const next = await renewed(sale, membership.current);
          if (next) membership.current = next;
          return next !== null;
        },
      }),
    [sale],
  );
  const started = useRef(false);
  useEffect(() => {
    if (!asking && !started.current) {
      started.current = true;
      connection.start();
    }
  }, [asking]);
  useEffect(() => () => connection.stop(), [connection]);
  const view = useView(connection);

  const joined = (next: Membership) => {
    membership.current = next;
    setBidder(true);
    setAsking(false);
    if (started.current) connection.restart();
  };
  const watch = () => setAsking(false);
  const { denied } = view;
  if (asking || denied) {
    if (denied?.code === "NOT_FOUND") return <NoSale />;
    return (
      <Message title={denied ? deniedTitle(denied.code) : "Join the sale"}>
        <p class="muted">{denied ? "Enter your name and the invitation to take part." : "Your name is shown to the auctioneer, and to others if the sale says so."}</p>
        <JoinForm sale={sale} invite={invite} known={membership.current} onJoined={joined} onWatch={denied ? null : watch} />
      </Message>
    );
  }
  return <Room connection={connection} bidder={bidder} onWantToBid={() => setAsking(true)} />;
}

function NoSale() {
  return (
    <Message title="There is no such sale">
      <p class="muted">The address may be incomplete, or the sale was deleted.</p>
      <a class="button button-primary" href="/">
        All sales
      </a>
    </Message>
  );
}

const sale = saleFromAddress();
const invite = takeInvite();

watchKeyboard();
mount(() => (sale === null ? <NoSale /> : <SalePage sale={sale} invite={invite} />));
