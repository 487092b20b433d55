// What an auctioneer or clerk does to one lot: the hammer of a sale without a clock, warnings, bids from the floor, and taking back.
//
// Order: every command names the lot that the screen showed at the press, and this screen's name as the console (rules 2, the gavel)

import { useState } from "preact/hooks";
import { isOpen } from "../model";
import type { Model } from "../model";
import type { Money } from "../money";
import type { CommandEvent } from "../protocol";
import { hasLeader } from "../questions";

export type Command = (event: CommandEvent, what: string, members?: Record<string, unknown>) => Promise<boolean>;

interface Props {
  model: Model;
  money: Money;
  command: Command;
  off: boolean;
}

const addTimeMs = 30_000;

function Field({ id, label, value, change, numeric }: { id: string; label: string; value: string; change: (text: string) => void; numeric?: boolean }) {
  return (
    <>
      <label class="visually-hidden" for={id}>
        {label}
      </label>
      <input id={id} class="field" type="text" inputMode={numeric ? "decimal" : "text"} placeholder={label} autoComplete="off" value={value} onInput={(event) => change(event.currentTarget.value)} />
    </>
  );
}

function FloorBid({ model, money, command, off }: Props) {
  const [paddle, setPaddle] = useState("");
  const [text, setText] = useState("");
  const { lot } = model;
  if (!lot || !hasLeader(lot)) return null;
  const amount = text === "" ? lot.ask : money.parse(text);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (amount === null || paddle.trim() === "") return;
    if (await command("floor_bid", "the floor bid", { lot: lot.id, amount, paddle: paddle.trim() })) setText("");
  };
  return (
    <form class="announce" onSubmit={(event) => void submit(event)} data-testid="floor">
      <Field id="floor-paddle" label="Paddle" value={paddle} change={setPaddle} />
      <Field id="floor-amount" label={`Amount, ${money.plain(lot.ask)}`} value={text} change={setText} numeric />
      <button type="submit" class="button" disabled={off || amount === null || paddle.trim() === ""}>
        Floor bid{amount === null ? "" : ` ${money.format(amount)}`}
      </button>
    </form>
  );
}

// A maximum that somebody has left with the clerk: for the lot shown, or by its number for one to come.
function Absentee({ model, money, command, off }: Props) {
  const [no, setNo] = useState("");
  const [paddle, setPaddle] = useState("");
  const [text, setText] = useState("");
  const shown = model.lot && isOpen(model.lot.phase) ? model.lot.no : null;
  const wanted = no.trim() === "" ? shown : Number(no);
  const lot = wanted === null ? undefined : model.lots.find((one) => one.no === wanted);
  const max = money.parse(text);
  const ready = lot !== undefined && max !== null && paddle.trim() !== "";
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    if (await command("set_max_bid", "the absentee maximum", { lot: lot.id, max, paddle: paddle.trim() })) {
      setNo("");
      setPaddle("");
      setText("");
    }
  };
  return (
    <form class="announce announce-many" onSubmit={(event) => void submit(event)} data-testid="absentee">
      <Field id="absentee-lot" label={shown === null ? "Lot no." : `Lot, ${shown}`} value={no} change={setNo} numeric />
      <Field id="absentee-paddle" label="Paddle" value={paddle} change={setPaddle} />
      <Field id="absentee-max" label="Maximum" value={text} change={setText} numeric />
      <button type="submit" class="button" disabled={off || !ready}>
        Absentee maximum{lot && no.trim() !== "" ? ` on lot ${lot.no}` : ""}
      </button>
    </form>
  );
}

function AskForm({ model, money, command, off }: Props) {
  const [text, setText] = useState("");
  const { lot } = model;
  if (!lot) return null;
  const ask = money.parse(text);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (ask === null) return;
    if (await command("set_ask", "the asking price", { lot: lot.id, ask })) setText("");
  };
  return (
    <form class="announce" onSubmit={(event) => void submit(event)} data-testid="ask">
      <Field id="ask" label={`Ask, now ${money.plain(lot.ask)}`} value={text} change={setText} numeric />
      <button type="submit" class="button" disabled={off || ask === null}>
        Set the ask
      </button>
    </form>
  );
}

// The last lot that was sold: until the next lot has a bid it can be opened again.
function lastSold(model: Model): string | null {
  if (model.outcome?.kind === "sold") return model.outcome.lot;
  return model.lot?.phase === "sold" ? model.lot.id : null;
}

// What a clerk may do: bids of others, and taking a bid back.
export function ClerkControls(props: Props) {
  const { model, command, off } = props;
  const { lot } = model;
  const open = lot !== null && (lot.phase === "open" || lot.phase === "closing");
  return (
    <div class="lot-controls" data-testid="clerk-controls">
      {open && <FloorBid {...props} />}
      {model.info.rules.maximum_bids !== false && <Absentee {...props} />}
      {open && (
        <div class="controls">
          <button type="button" class="button" disabled={off || lot.bids === 0} onClick={() => void command("undo_bid", "the undoing", { lot: lot.id, reason: "by the clerk" })}>
            Undo the last bid
          </button>
        </div>
      )}
    </div>
  );
}

export function LotControls(props: Props) {
  const { model, command, off } = props;
  const { lot } = model;
  const open = lot !== null && (lot.phase === "open" || lot.phase === "closing");
  const clocked = open && lot.format !== "live";
  const sold = lastSold(model);
  const act = (event: CommandEvent, what: string, members: Record<string, unknown> = {}) => () =>
    void command(event, what, { lot: lot?.id, ...members });
  return (
    <details class="lot-controls" data-testid="lot-controls" open={open && !clocked}>
      <summary class="button button-quiet">This lot …</summary>
      {open && (
        <div class="controls">
          {!clocked && (
            <button type="button" class="button button-primary" disabled={off || lot.leader === null} onClick={act("sell_lot", "the hammer")}>
              Sell
            </button>
          )}
          {!clocked && (
            <button type="button" class="button" disabled={off} onClick={act("pass_in_lot", "passing the lot in")}>
              Pass in
            </button>
          )}
          <button type="button" class="button" disabled={off} onClick={act("fair_warning", "the warning")}>
            Fair warning
          </button>
          {clocked && (
            <button type="button" class="button" disabled={off} onClick={act("add_time", "the added time", { add_ms: addTimeMs })}>
              Add 30 s
            </button>
          )}
          <button type="button" class="button" disabled={off || lot.bids === 0} onClick={act("undo_bid", "the undoing", { reason: "by the auctioneer" })}>
            Undo the last bid
          </button>
          <button type="button" class="button button-danger" disabled={off} onClick={act("withdraw_lot", "the withdrawal", { reason: "by the auctioneer" })}>
            Withdraw the lot
          </button>
        </div>
      )}
      {open && <FloorBid {...props} />}
      {model.info.rules.maximum_bids !== false && model.phase !== "complete" && <Absentee {...props} />}
      {open && !clocked && <AskForm {...props} />}
      <div class="controls">
        {sold !== null && (
          <button type="button" class="button" disabled={off} onClick={() => void command("reopen_lot", "the reopening", { lot: sold })}>
            Reopen the last lot
          </button>
        )}
        <button type="button" class="button" disabled={off} onClick={() => void command("take_gavel", "taking the gavel")}>
          Take the gavel
        </button>
      </div>
    </details>
  );
}
