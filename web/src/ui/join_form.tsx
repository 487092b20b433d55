// The name is asked once; the invitation may have come with the link.

import { useState } from "preact/hooks";
import { ApiError, joinSale } from "../api";
import { newCommandId } from "../command";
import { Money } from "../money";
import { refusalText } from "../refusal";
import { saveMembership } from "../session";
import type { Membership } from "../session";

interface Props {
  sale: string;
  invite: string | null;
  known: Membership | null;
  onJoined: (membership: Membership) => void;
  onWatch: (() => void) | null;
}

const plain = new Money({ code: "", minor_digits: 0 });
const nameBytesMax = 60;

export function JoinForm({ sale, invite, known, onJoined, onWatch }: Props) {
  const [name, setName] = useState(known?.name ?? "");
  const [code, setCode] = useState(invite ?? known?.invite ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const submit = async (event: Event) => {
    event.preventDefault();
    const trimmed = name.trim();
    if (busy || trimmed === "" || code.trim() === "") return;
    if (new TextEncoder().encode(trimmed).length > nameBytesMax) {
      setError("This name is too long.");
      return;
    }
    const same = known !== null && known.name === trimmed && known.invite === code.trim();
    const attempt: Membership = {
      token: null,
      participant: null,
      role: null,
      invite: code.trim(),
      name: trimmed,
      joinId: same ? known.joinId : newCommandId(),
    };
    saveMembership(sale, attempt); // before it is sent: a repeated press or a reload joins as the same participant
    setBusy(true);
    setError(null);
    try {
      const answer = await joinSale(sale, { invite: code.trim(), name: trimmed, id: attempt.joinId });
      const joined = { ...attempt, token: answer.token, participant: answer.participant, role: answer.role };
      saveMembership(sale, joined);
      onJoined(joined);
    } catch (problem) {
      setError(problem instanceof ApiError ? refusalText(problem.refusal, plain) : "Joining failed. Try again.");
      setBusy(false);
    }
  };

  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <label class="stack-tight">
        <span class="label">Your name</span>
        <input
          class="field"
          type="text"
          autoComplete="name"
          enterKeyHint="go"
          maxLength={60}
          required
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      {!invite && (
        <label class="stack-tight">
          <span class="label">Invitation code</span>
          <input
            class="field"
            type="text"
            autoComplete="off"
            autoCapitalize="off"
            spellcheck={false}
            required
            value={code}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </label>
      )}
      {error && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
      <button type="submit" class="button button-primary" disabled={busy || name.trim() === "" || code.trim() === ""}>
        {busy ? "Joining …" : "Join the sale"}
      </button>
      {onWatch && (
        <button type="button" class="button button-quiet" onClick={onWatch}>
          Only watch
        </button>
      )}
    </form>
  );
}
