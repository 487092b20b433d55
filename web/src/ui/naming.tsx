// Lots that a bidder names: the next one to be sold when it is his turn, or those to come again in an accelerated round.

import { useEffect, useState } from "preact/hooks";
import type { SaleConnection } from "../connection";
import type { Model } from "../model";
import type { Money } from "../money";
import type { CatalogueLot } from "../protocol";
import { useOwnCommand } from "./own_command";
import { Panel } from "./panels";
import type { ShowToast } from "./toasts";
import { isMyTurn } from "./words";

interface Props {
  connection: SaleConnection;
  model: Model;
  money: Money;
  toast: ShowToast;
  off: boolean;
}

const namesMax = 100;
const shownMax = 60;

function matches(lot: CatalogueLot, words: string): boolean {
  return words === "" || `${lot.no} ${lot.title} ${lot.category}`.toLowerCase().includes(words);
}

// The lots of a phase, those that fit the words typed first.
function useChoice(model: Model, phase: CatalogueLot["phase"]) {
  const [words, setWords] = useState("");
  const all = model.lots.filter((lot) => lot.phase === phase);
  const found = all.filter((lot) => matches(lot, words.trim().toLowerCase()));
  return { words, setWords, all, found };
}

function Search({ words, setWords }: { words: string; setWords: (words: string) => void }) {
  return (
    <div class="naming-search">
      <label class="visually-hidden" for="naming-search">
        Find a lot
      </label>
      <input id="naming-search" class="field" type="search" placeholder="Find a lot" autoComplete="off" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
    </div>
  );
}

function Rest({ model, connection, hidden }: { model: Model; connection: SaleConnection; hidden: number }) {
  const unknown = model.lotsTotal - model.lots.length;
  return (
    <>
      {hidden > 0 && <p class="empty">and {hidden} more: type some words of the title.</p>}
      {unknown > 0 && (
        <button type="button" class="button button-quiet more" onClick={() => connection.moreLots()}>
          More lots ({unknown})
        </button>
      )}
    </>
  );
}

function Facts({ lot, money }: { lot: CatalogueLot; money: Money }) {
  return (
    <span class="row-main">
      <span class="row-title">{lot.title}</span>
      <span class="row-sub">
        {lot.category && <span class="chip">{lot.category}</span>}
        <span class="num">from {money.format(lot.opening)}</span>
      </span>
    </span>
  );
}

function Nominate(props: Props) {
  const { model, money, connection, off } = props;
  const { busy, run } = useOwnCommand(props);
  const { words, setWords, all, found } = useChoice(model, "pending");
  const bids = model.info.rules.nomination?.nominator_bids === true;
  const name = (lot: CatalogueLot) => void run("nominate", `your naming of lot ${lot.no}`, `Lot ${lot.no} comes next.`, { lot: lot.id });
  return (
    <Panel title="Name the next lot" count={`${all.length} to come`}>
      {bids && <p class="empty">Who names a lot bids its opening price.</p>}
      {all.length > 8 && <Search words={words} setWords={setWords} />}
      <ol class="rows" data-testid="nominate">
        {found.slice(0, shownMax).map((lot) => (
          <li key={lot.id} class="row">
            <span class="row-no num">{lot.no}</span>
            <Facts lot={lot} money={money} />
            <button type="button" class="button button-small" disabled={off || busy} aria-label={`Nominate lot ${lot.no}, ${lot.title}`} onClick={() => name(lot)}>
              Nominate
            </button>
          </li>
        ))}
      </ol>
      <Rest model={model} connection={connection} hidden={found.length - shownMax} />
    </Panel>
  );
}

function Names(props: Props) {
  const { model, money, connection, off } = props;
  const { busy, run } = useOwnCommand(props);
  const { words, setWords, all, found } = useChoice(model, "unsold");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [sent, setSent] = useState<ReadonlySet<string> | null>(null);
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id) && next.size < namesMax) next.add(id);
    setChosen(next);
  };
  const submit = async () => {
    const now = chosen;
    const many = `${now.size} ${now.size === 1 ? "lot" : "lots"}`;
    if (await run("submit_names", "your list", `You have named ${many}.`, { lots: [...now] })) setSent(now);
  };
  return (
    <Panel title="Which lots shall come again?" count={`${chosen.size} of ${Math.min(all.length, namesMax)}`}>
      {all.length > 8 && <Search words={words} setWords={setWords} />}
      <ol class="rows" data-testid="names">
        {found.slice(0, shownMax).map((lot) => (
          <li key={lot.id} class="row">
            <label class="naming-choice">
              <input type="checkbox" checked={chosen.has(lot.id)} disabled={off || (!chosen.has(lot.id) && chosen.size >= namesMax)} onChange={() => toggle(lot.id)} />
              <span class="row-no num">{lot.no}</span>
              <Facts lot={lot} money={money} />
            </label>
          </li>
        ))}
      </ol>
      <Rest model={model} connection={connection} hidden={found.length - shownMax} />
      <div class="naming-submit">
        <button type="button" class="button button-primary" disabled={off || busy || chosen.size === 0 || chosen === sent} onClick={() => void submit()}>
          {chosen === sent ? "Submitted" : `Submit ${chosen.size} ${chosen.size === 1 ? "lot" : "lots"}`}
        </button>
        <span class="muted">{sent === null ? "Nobody sees who has named what." : "Submit again to replace your list."}</span>
      </div>
    </Panel>
  );
}

// Nothing, unless this person may name a lot now.
export function Naming(props: Props) {
  const { model } = props;
  useEffect(() => {
    if (isMyTurn(model)) navigator.vibrate?.(120);
  }, [isMyTurn(model)]);
  if (isMyTurn(model)) return <Nominate {...props} />;
  return model.clock === "names" ? <Names {...props} /> : null;
}
