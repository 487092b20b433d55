// One command of a person, carried through to one answer: the same id is sent again while the outcome is unknown, then the receipt is asked for.
//
// Purity: pure; the link sends and waits
// Order:  a press makes a new id; at most one command is in flight for one subject (F18, L10)
// Source: design 4 (commands), docs/PROTOCOL.md Commands

import type { Refusal, Result } from "./protocol";

export type Sent = { kind: "answer"; result: Result } | { kind: "silence" };

export interface CommandLink {
  // Resolves to false when the sale could not be reached in that time.
  ready(waitMs: number): Promise<boolean>;
  send(event: string, body: Record<string, unknown>, timeoutMs: number): Promise<Sent>;
  // The recorded result; "none" when the engine has no record of the id; "silence" when it can't be asked.
  receipt(id: string): Promise<Sent | { kind: "none" }>;
}

export type Outcome =
  | { kind: "accepted"; result: Result }
  | { kind: "refused"; error: Refusal }
  | { kind: "unsent" } // there was no connection; nothing left this device
  | { kind: "unknown"; recorded: false | null }; // false: the engine answered that it has no record

export const ackTimeoutMs = 2500;
export const attemptsMax = 4; // the first one and three more

// Answers of the way, not of the engine: they say nothing about an earlier attempt with the same id.
const inconclusive = new Set(["TIMEOUT", "ENGINE_OFFLINE", "RATE_LIMITED", "NOT_JOINED", "INTERNAL"]);

function read(result: Result, mayHaveArrived: boolean): Outcome | null {
  if (result.ok) return { kind: "accepted", result };
  const { code } = result.error;
  if (code === "TIMEOUT" || (mayHaveArrived && inconclusive.has(code))) return null;
  return { kind: "refused", error: result.error };
}

export async function runCommand(
  link: CommandLink,
  event: string,
  body: Record<string, unknown> & { id: string },
  onAttempt: (attempt: number) => void = () => {},
): Promise<Outcome> {
  let mayHaveArrived = false;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    onAttempt(attempt);
    if (!(await link.ready(attempt === 1 ? 0 : ackTimeoutMs))) {
      if (attempt === 1) return { kind: "unsent" };
      continue;
    }
    const sent = await link.send(event, body, ackTimeoutMs);
    if (sent.kind === "answer") {
      const outcome = read(sent.result, mayHaveArrived);
      if (outcome) return outcome;
    }
    mayHaveArrived = true;
  }
  const receipt = await link.receipt(body.id);
  if (receipt.kind === "answer") return read(receipt.result, true) ?? { kind: "unknown", recorded: null };
  return { kind: "unknown", recorded: receipt.kind === "none" ? false : null };
}

// 128 random bits; crypto.randomUUID is missing on plain http.
export function newCommandId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Lets one command of a subject (a lot, the sale) run at a time; a second press while one is out does nothing.
export class InFlight {
  private readonly subjects = new Set<string>();

  isBusy(subject: string): boolean {
    return this.subjects.has(subject);
  }

  async run<T>(subject: string, work: () => Promise<T>): Promise<T | null> {
    if (this.subjects.has(subject)) return null;
    this.subjects.add(subject);
    try {
      return await work();
    } finally {
      this.subjects.delete(subject);
    }
  }
}
