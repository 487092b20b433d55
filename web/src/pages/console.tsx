// The auctioneer's page: who leads, the next step, the lists.
//
// Order: every step names the lot that the screen showed at the press, and one step is in flight at a time (L10)

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { createInvite } from "../api";
import { InFlight, newCommandId, runCommand } from "../command";
import { SaleConnection } from "../connection";
import type { View } from "../connection";
import { isOpen } from "../model";
import type { Model } from "../model";
import { Money } from "../money";
import type { CommandEvent, Participant } from "../protocol";
import { lastResult, shownDeadline } from "../questions";
import type { LotResult } from "../questions";
import { refusalText, unknownText, unsentText } from "../refusal";
import { nameOfTab, saleFromAddress, takeFragmentToken } from "../session";
import { Countdown } from "../ui/countdown";
import { fit } from "../ui/fit";
import { Icon } from "../ui/icons";
import { clockLabel, clockTotalMs } from "../ui/lot_card";
import { BidsPanel, LotsPanel, PeoplePanel } from "../ui/panels";
import { ClerkControls, LotControls } from "../ui/lot_controls";
import type { Command } from "../ui/lot_controls";
import { leaderText } from "../ui/person";
import { useMovingPrice } from "../ui/price_buttons";
import { Message, Spoken, mount, watchKeyboard } from "../ui/shell";
import { StatusBanner, StatusPill } from "../ui/status";
import { Toasts, useToasts } from "../ui/toasts";
import type { ShowToast } from "../ui/toasts";
import { useTransitions, useView } from "../ui/view";
import { isMoving, isSealed, matchTitle, priceLabel, resultWords, waitingTitle, warningWords } from "../ui/words";

const inFlight = new InFlight();
// After the target of "next" has changed, a press within this time was meant for the one before.
const targetGuardMs = 700;
const noticeBytesMax = 280;
// Names this screen: of several consoles one holds the gavel. The same one after a reload.
const consoleName = nameOfTab();

function useCommand(connection: SaleConnection, money: Money, toast: ShowToast): [Command, CommandEvent | null] {
  const [busy, setBusy] = useState<CommandEvent | null>(null);
  const command: Command = async (event, what, members = {}) => {
    const outcome = await inFlight.run("sale", async () => {
      setBusy(event);
      try {
        return await runCommand(connection, event, { ...members, console: consoleName, id: newCommandId() });
      } finally {
        setBusy(null);
      }
    });
    if (!outcome) return false;
    if (outcome.kind === "refused") toast("bad", refusalText(outcome.error, money));
    else if (outcome.kind === "unsent") toast("bad", unsentText);
    else if (outcome.kind === "unknown") toast("warn", unknownText(outcome.recorded, what));
    return outcome.kind === "accepted";
  };
  return [command, busy];
}

interface NextStep {
  lot: string;
  label: string;
  detail: string;
  key: string;
}

// What "next" would do to what the screen shows now.
function nextStep(model: Model, money: Money): NextStep | null {
  if (model.phase !== "live") return null;
  const { lot, next } = model;
  if (model.clock === "lot" && lot?.phase === "open") {
    if (isSealed(lot) || isMoving(lot)) {
      const detail = isSealed(lot) ? "the sealed bids decide" : "what is left stays unsold";
      return { lot: lot.id, label: `Close lot ${lot.no} now`, detail, key: `${lot.id}-${lot.round}` };
    }
    const sells = lot.leader !== null && lot.price !== null && lot.reserve !== "not_met";
    const detail =
      sells && lot.leader && lot.price !== null
        ? `to ${leaderText(lot.leader)} for ${money.format(lot.price)}`
        : lot.leader
          ? "the reserve is not met: it stays unsold"
          : "nobody has bid: it stays unsold";
    return { lot: lot.id, label: sells ? `Sell lot ${lot.no} now` : `Pass lot ${lot.no}`, detail, key: `${lot.id}-${lot.round}` };
  }
  if (model.clock === "gap" && next) {
    return { lot: next.id, label: `Start lot ${next.no} now`, detail: next.title, key: `start-${next.id}` };
  }
  return null;
}

interface ControlProps {
  view: View;
  model: Model;
  money: Money;
  command: Command;
  busy: CommandEvent | null;
}

function Controls({ view, model, money, command, busy }: ControlProps) {
  const step = nextStep(model, money);
  const target = useRef({ key: step?.key, atMs: -Infinity });
  const [guarded, setGuarded] = useState(false);
  if (target.current.key !== step?.key) target.current = { key: step?.key, atMs: performance.now() };
  useEffect(() => {
    setGuarded(true);
    const timer = setTimeout(() => setGuarded(false), targetGuardMs);
    return () => clearTimeout(timer);
  }, [step?.key]);
  const off = busy !== null || view.liveness === "offline" || view.liveness === "connecting";
  const next = () => {
    if (!step || performance.now() - target.current.atMs < targetGuardMs) return;
    void command("next_lot", "this step", { lot: step.lot });
  };
  return (
    <div class="controls" data-testid="controls">
      {model.phase === "lobby" && (
        <button type="button" class="button button-primary button-large" disabled={off || model.lotsTotal === 0} onClick={() => void command("begin_auction", "the start")}>
          <Icon name="play" /> Begin the sale
        </button>
      )}
      {(model.phase === "live" || model.phase === "paused") && (
        <button
          type="button"
          class={`button button-large${model.phase === "paused" ? " button-primary" : ""}`}
          disabled={off}
          onClick={() =>
            void (model.phase === "paused" ? command("resume_auction", "the resumption") : command("pause_auction", "the pause"))
          }
        >
          <Icon name={model.phase === "paused" ? "play" : "pause"} /> {model.phase === "paused" ? "Resume" : "Pause"}
        </button>
      )}
      {step && (
        <button type="button" class="button button-large button-step" disabled={off || guarded} data-testid="next" onClick={next}>
          <Icon name={step.key.startsWith("start-") ? "next" : "hammer"} />
          <span class="stack-none">
            <span>{step.label}</span>
            <span class="button-detail">{step.detail}</span>
          </span>
        </button>
      )}
      {(model.phase === "paused" || model.phase === "complete") && <ResetButton off={off} command={command} title={model.info.title} />}
    </div>
  );
}

function ResetButton({ off, command, title }: { off: boolean; command: Command; title: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" class="button button-large button-danger" disabled={off} onClick={() => dialog.current?.showModal()}>
        <Icon name="reset" /> Reset …
      </button>
      <dialog ref={dialog} class="card dialog" aria-labelledby="reset-title">
        <h2 id="reset-title">Reset “{title}”?</h2>
        <p>All results of this sale are taken back, budgets are refunded, and it starts again from the lobby. Everybody sees this at once. The record keeps what has happened.</p>
        <div class="dialog-buttons">
          <button type="button" class="button" autofocus onClick={() => dialog.current?.close()}>
            Keep the sale
          </button>
          <button
            type="button"
            class="button button-danger"
            onClick={() => {
              dialog.current?.close();
              void command("reset_auction", "the reset");
            }}
          >
            Reset the sale
          </button>
        </div>
      </dialog>
    </>
  );
}

function Announce({ command, off }: { command: Command; off: boolean }) {
  const [text, setText] = useState("");
  const size = new TextEncoder().encode(text.trim()).length;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (size === 0 || size > noticeBytesMax) return;
    if (await command("announce", "the announcement", { text: text.trim() })) setText("");
  };
  return (
    <form class="announce" onSubmit={(event) => void submit(event)}>
      <label class="visually-hidden" for="announce">
        Announcement to everybody
      </label>
      <input id="announce" class="field" type="text" placeholder="Text to everybody" autoComplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} aria-invalid={size > noticeBytesMax ? "true" : undefined} />
      <button type="submit" class="button" disabled={off || size === 0 || size > noticeBytesMax}>
        <Icon name="megaphone" /> {size > noticeBytesMax ? "Too long" : "Announce"}
      </button>
    </form>
  );
}

function Invite({ sale, token, toast }: { sale: string; token: string | null; toast: ShowToast }) {
  const [link, setLink] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    try {
      const invite = await createInvite(sale, token);
      setLink(`${location.origin}/room?sale=${encodeURIComponent(sale)}&invite=${encodeURIComponent(invite)}`);
    } catch (error) {
      toast("bad", error instanceof Error ? error.message : "The invitation could not be made.");
    } finally {
      setBusy(false);
    }
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link ?? "");
      toast("good", "The link is in the clipboard.");
    } catch {
      toast("info", "Select the link and copy it.");
    }
  };
  if (!link) {
    return (
      <button type="button" class="button" disabled={busy} onClick={() => void make()}>
        <Icon name="link" /> Invite bidders
      </button>
    );
  }
  return (
    <div class="announce">
      <label class="visually-hidden" for="invite">
        Link for bidders, valid for a day
      </label>
      <input id="invite" class="field" type="text" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
      <button type="button" class="button" onClick={() => void copy()}>
        Copy
      </button>
    </div>
  );
}

const phaseWords = { lobby: "Lobby", live: "Live", paused: "Paused", complete: "Complete" };

function resultText(result: LotResult, money: Money): string {
  const word = resultWords[result.kind];
  if (result.kind !== "sold" || result.price === null) return word;
  const buyers = result.awards.length;
  const who = result.winner ? leaderText(result.winner) : buyers > 0 ? `${buyers} buyers` : "several buyers";
  return `${word} to ${who} for ${money.format(result.price)}${result.winner ? "" : " each"}`;
}

// The price that stands, or the one that moves now.
function StagePrice({ model, money, moved }: { model: Model; money: Money; moved: number }) {
  const { lot } = model;
  if (!lot) return null;
  const amount = money.format(isMoving(lot) ? moved : (lot.price ?? lot.opening));
  const left = lot.clock?.quantity_left;
  return (
    <div class="price" data-testid="stage-price">
      <span class="label">{priceLabel(lot)}</span>
      <span class={`price-amount num${fit(amount)}`}>{amount}</span>
      <span class="muted num">
        {isMoving(lot) || isSealed(lot) ? "" : `next bid ${money.format(lot.ask)} · `}
        {isSealed(lot) ? "" : `${lot.bids} ${lot.bids === 1 ? "bid" : "bids"}`}
        {left !== undefined && (lot.quantity ?? 1) > 1 ? ` · ${left} of ${lot.quantity} left` : ""}
        {lot.reserve === "not_met" ? " · reserve not met" : lot.reserve === "met" ? " · reserve met" : ""}
      </span>
    </div>
  );
}

// What stands in the place of a title.
function stageTitle(model: Model): string {
  const { lot, next } = model;
  const waiting = waitingTitle(model);
  if (waiting !== null) return waiting;
  if (lot && isOpen(lot.phase)) return `Lot ${lot.no}: ${lot.title}`;
  if (model.clock === "gap" && next) return `Next: lot ${next.no}, ${next.title}`;
  if (model.phase === "lobby") return "In the lobby";
  return model.phase === "complete" ? "The sale is complete" : "Between lots";
}

function Leader({ model, money }: { model: Model; money: Money }) {
  const { lot } = model;
  if (!lot || !isOpen(lot.phase)) {
    const result = lastResult(model);
    return (
      <div class="leads leads-none" data-testid="leader">
        <span class="label">{result ? `Lot ${result.no}` : "Leads"}</span>
        <span class="leads-who">{result ? resultText(result, money) : "No lot is open"}</span>
      </div>
    );
  }
  return (
    <div class={`leads${lot.leader ? "" : " leads-none"}`} data-testid="leader">
      <span class="label">Leads</span>
      {lot.leader ? (
        <>
          <span class="leads-paddle num">{lot.leader.paddle}</span>
          <span class="leads-who">{lot.leader.name ?? `Paddle ${lot.leader.paddle}`}</span>
        </>
      ) : (
        <span class="leads-who">{lot.house ? "The house" : isSealed(lot) ? "Sealed until the close" : "Nobody yet"}</span>
      )}
    </div>
  );
}

function Stage({ view, model, money, connection }: Omit<ControlProps, "command" | "busy"> & { connection: SaleConnection }) {
  const { lot } = model;
  const open = lot !== null && isOpen(lot.phase);
  const moves = useMovingPrice(model, connection); // drawn again when the price moves, and when entering is over
  const shown = shownDeadline(model, connection.now());
  const asked = lot ? matchTitle(model, lot, money) : null;
  const warned = open ? warningWords(model, lot) : null;
  return (
    <section class="card stage" aria-label="Now" data-testid="stage" data-phase={model.phase}>
      <div class="stage-head">
        <span class={`chip chip-phase-${model.phase}`}>{phaseWords[model.phase]}</span>
        <span class="num muted">
          {model.sold} sold · {model.unsold} unsold · {model.lotsTotal} lots
        </span>
        <span class="num muted">{model.lobby ? `${model.lobby.count} here` : ""}</span>
      </div>
      <h1 class="lot-title">{stageTitle(model)}</h1>
      {asked !== null ? (
        <p class="banner banner-warn" data-testid="asked">
          {asked}.
        </p>
      ) : (
        warned !== null && (
          <p class="stage-warned">
            <span class="chip chip-not_met" data-testid="warned">
              {warned}
            </span>
          </p>
        )
      )}
      <div class="stage-figures">
        <Leader model={model} money={money} />
        {open && <StagePrice model={model} money={money} moved={moves} />}
        <div class="clock">
          {shown.kind !== "none" && <span class="label">{clockLabel(model, view)}</span>}
          <Countdown deadline={shown} now={() => connection.now()} totalMs={clockTotalMs(model)} stale={view.liveness !== "live"} />
        </div>
      </div>
    </section>
  );
}

// Who holds the gavel shows that he is there: the sale pauses when his console is lost.
function useGavel(connection: SaleConnection, model: Model | null): void {
  const timeoutMs = model?.info.rules.gavel_timeout_ms ?? 0;
  const held = model?.info.gavel === consoleName && timeoutMs > 0;
  useEffect(() => {
    if (!held) return;
    const beat = () => void connection.send("gavel", { console: consoleName, id: newCommandId() }, timeoutMs);
    beat();
    const timer = setInterval(beat, Math.max(500, timeoutMs / 3));
    return () => clearInterval(timer);
  }, [held, timeoutMs, connection]);
}

function Console({ connection, sale, token }: { connection: SaleConnection; sale: string; token: string | null }) {
  const view = useView(connection);
  const { model } = view;
  const [toasts, toast, drop] = useToasts();
  const [spoken, setSpoken] = useState("");
  const currency = model?.info.currency;
  const money = useMemo(() => new Money(currency ?? { code: "", minor_digits: 0 }), [currency?.code, currency?.minor_digits]);
  const [command, busy] = useCommand(connection, money, toast);
  useTransitions(connection, (before, after) => {
    const leader = after.model?.lot?.leader;
    if (leader && leader.id !== before.model?.lot?.leader?.id) setSpoken(`${leaderText(leader)} leads.`);
    if (after.model?.notice && before.model && after.model.notice !== before.model.notice) toast("good", `Announced: ${after.model.notice.text}`);
  });
  useEffect(() => {
    if (model) document.title = `Console · ${model.info.title}`;
  }, [model?.info.title]);
  useGavel(connection, model);
  if (view.denied) {
    return (
      <Message title="No access to this sale">
        <p class="muted">{view.denied.message || view.denied.code} Open the console again with the link that carries the auctioneer’s token.</p>
      </Message>
    );
  }
  if (model?.deleted) return <Message title="This sale has been deleted" />;
  if (!model) {
    return (
      <Message title="Connecting to the sale …">
        <StatusPill view={view} />
      </Message>
    );
  }
  const role = model.you?.role;
  const gavel = model.info.gavel ?? null;
  const staff = role === undefined || role === "auctioneer" || role === "admin";
  const admit = (one: Participant, status: Participant["status"]) =>
    void command("set_participant", status === "accepted" ? "the approval" : "the blocking", { participant: one.id, status });
  return (
    <div class="console">
      <header class="top">
        <div class="top-title">
          <span class="top-sale">{model.info.title}</span>
          <span class="top-who">Console{role ? ` · ${role}` : ""}</span>
        </div>
        <StatusPill view={view} />
      </header>
      <StatusBanner liveness={view.liveness} />
      <main class="console-grid">
        <div class="console-stage">
          <Stage view={view} model={model} money={money} connection={connection} />
          {staff ? (
            <section class="card console-controls" aria-label="Controls">
              <Controls view={view} model={model} money={money} command={command} busy={busy} />
              {gavel !== null && gavel !== consoleName && <p class="banner banner-warn">Another console holds the gavel.</p>}
              <LotControls model={model} money={money} command={command} off={busy !== null} />
              <Announce command={command} off={busy !== null} />
              <Invite sale={sale} token={token} toast={toast} />
            </section>
          ) : role === "clerk" ? (
            <section class="card console-controls" aria-label="Bids of others">
              <ClerkControls model={model} money={money} command={command} off={busy !== null} />
            </section>
          ) : (
            <p class="banner banner-warn">Your role can look, but not steer this sale.</p>
          )}
          <BidsPanel model={model} money={money} />
        </div>
        <div class="console-lots">
          <LotsPanel model={model} money={money} more={() => connection.moreLots()} show={(lot) => connection.focus(lot)} />
        </div>
        <div class="console-people">
          <PeoplePanel model={model} money={money} {...(staff ? { admit } : {})} off={busy !== null} />
        </div>
      </main>
      <Toasts toasts={toasts} drop={drop} />
      <Spoken text={spoken} />
    </div>
  );
}

function ConsolePage({ sale, token }: { sale: string; token: string | null }) {
  const connection = useMemo(() => new SaleConnection({ sale, token: () => token }), [sale, token]);
  useEffect(() => {
    connection.start();
    return () => connection.stop();
  }, [connection]);
  return <Console connection={connection} sale={sale} token={token} />;
}

const sale = saleFromAddress();
const token = sale === null ? null : takeFragmentToken(sale);

watchKeyboard();
mount(() => {
  if (sale === null) return <Message title="There is no such sale" />;
  if (token === null) {
    return (
      <Message title="The console needs a token">
        <p class="muted">Open it with the link that was made for the auctioneer; it ends with #token=…</p>
      </Message>
    );
  }
  return <ConsolePage sale={sale} token={token} />;
});
