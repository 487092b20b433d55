// How many pieces of a lot with several somebody wants.

interface Props {
  text: string;
  change: (text: string) => void;
  left: number;
  wrong: boolean;
}

// Null: no whole number from 1 to what is left.
export function piecesOf(text: string, left: number): number | null {
  const pieces = /^\d{1,9}$/.test(text.trim()) ? Number(text.trim()) : 0;
  return pieces >= 1 && pieces <= left ? pieces : null;
}

export function Pieces({ text, change, left, wrong }: Props) {
  return (
    <>
      <label class="visually-hidden" for="pieces">
        Pieces, of {left}
      </label>
      <input id="pieces" class="field field-pieces num" type="text" inputMode="numeric" autoComplete="off" value={text} maxLength={9} aria-invalid={wrong ? "true" : undefined} onInput={(event) => change(event.currentTarget.value)} />
    </>
  );
}
