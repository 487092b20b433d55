// A command that a bidder gives by one press: one at a time, its answer told in words.

import { useRef, useState } from "preact/hooks";
import { newCommandId, runCommand } from "../command";
import type { SaleConnection } from "../connection";
import type { Money } from "../money";
import type { CommandEvent } from "../protocol";
import { refusalText, unknownText, unsentText } from "../refusal";
import type { ShowToast } from "./toasts";

interface Props {
  connection: SaleConnection;
  money: Money;
  toast: ShowToast;
}

// `what` names the command where its outcome is unknown; `done` is said when it was carried out, "" for nothing.
export type RunOwn = (event: CommandEvent, what: string, done: string, members: Record<string, unknown>) => Promise<boolean>;

function amountOf(members: Record<string, unknown>): number | null {
  const amount = members["max"] ?? members["amount"];
  return typeof amount === "number" ? amount : null;
}

export function useOwnCommand({ connection, money, toast }: Props): { busy: boolean; run: RunOwn } {
  const [busy, setBusy] = useState(false);
  const inFlight = useRef(false);
  const run: RunOwn = async (event, what, done, members) => {
    if (inFlight.current) return false;
    inFlight.current = true;
    setBusy(true);
    try {
      const outcome = await runCommand(connection, event, { ...members, id: newCommandId() });
      if (outcome.kind === "accepted" && done) toast("good", done);
      else if (outcome.kind === "refused") toast("bad", refusalText(outcome.error, money, amountOf(members)));
      else if (outcome.kind === "unsent") toast("bad", unsentText);
      else if (outcome.kind === "unknown") toast("warn", unknownText(outcome.recorded, what));
      return outcome.kind === "accepted";
    } finally {
      inFlight.current = false;
      setBusy(false);
    }
  };
  return { busy, run };
}
