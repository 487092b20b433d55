// The way in: public sales, and a field for an invitation.

import { useEffect, useState } from "preact/hooks";
import { ApiError, listSales } from "../api";
import { readInvitation } from "../invitation";
import type { SalePhase, SaleSummary } from "../protocol";
import { Icon } from "../ui/icons";
import { mount } from "../ui/shell";

const phaseWords: Record<SalePhase, string> = { lobby: "Opens soon", live: "Live now", paused: "Paused", complete: "Complete" };
const order: SalePhase[] = ["live", "paused", "lobby", "complete"];

function SaleRow({ sale }: { sale: SaleSummary }) {
  const address = `/room?sale=${encodeURIComponent(sale.id)}`;
  return (
    <li>
      <a class="card sale" href={address}>
        <span class="sale-main">
          <b class="sale-title">{sale.title}</b>
          <span class="muted num">
            {sale.phase === "lobby" ? `${sale.lots_total} lots` : `${sale.sold} of ${sale.lots_total} lots sold`}
          </span>
        </span>
        <span class={`chip chip-phase-${sale.phase}`}>{phaseWords[sale.phase]}</span>
      </a>
    </li>
  );
}

function Sales() {
  const [sales, setSales] = useState<SaleSummary[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let ended = false;
    const load = () => {
      listSales()
        .then((list) => {
          if (ended) return;
          setSales([...list].sort((a, b) => order.indexOf(a.phase) - order.indexOf(b.phase)));
          setError(null);
        })
        .catch((problem) => {
          if (!ended) setError(problem instanceof ApiError ? problem.message : "The list could not be loaded.");
        });
    };
    load();
    const timer = setInterval(() => document.visibilityState === "visible" && load(), 10_000);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }, []);
  return (
    <section class="stack" aria-label="Public sales">
      <h2>Public sales</h2>
      {error && (
        <div class="banner banner-bad" role="alert">
          <Icon name="offline" />
          <span>{error}</span>
        </div>
      )}
      {sales === null && !error && <p class="muted">Loading …</p>}
      {sales?.length === 0 && <p class="muted">There is no public sale at this moment.</p>}
      <ul class="sales">
        {sales?.map((sale) => (
          <SaleRow key={sale.id} sale={sale} />
        ))}
      </ul>
    </section>
  );
}

function Invitation() {
  const [text, setText] = useState("");
  const [sale, setSale] = useState("");
  const [error, setError] = useState<string | null>(null);
  const found = readInvitation(text, sale);
  const link = /[/?]/.test(text);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!found) {
      setError(link ? "This link has no sale and invitation in it." : "Enter the sale’s id and the invitation code.");
      return;
    }
    location.assign(`/room?sale=${encodeURIComponent(found.sale)}&invite=${encodeURIComponent(found.invite)}`);
  };
  return (
    <section class="card stack" aria-label="Invitation">
      <h2>I have an invitation</h2>
      <form class="stack" onSubmit={submit}>
        <label class="stack-tight">
          <span class="label">Link or invitation code</span>
          <input class="field" type="text" autoComplete="off" autoCapitalize="off" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        {!link && text !== "" && (
          <label class="stack-tight">
            <span class="label">Id of the sale</span>
            <input class="field" type="text" autoComplete="off" autoCapitalize="off" spellcheck={false} value={sale} onInput={(event) => setSale(event.currentTarget.value)} />
          </label>
        )}
        {error && !found && (
          <p class="form-error" role="alert">
            {error}
          </p>
        )}
        <button type="submit" class="button button-primary" disabled={text.trim() === ""}>
          Join
        </button>
      </form>
    </section>
  );
}

mount(() => (
  <main class="landing">
    <header class="landing-head">
      <span class="brand">Lotcast</span>
      <h1>Live auctions</h1>
      <p class="muted">Follow a sale, or join with an invitation and bid from your phone.</p>
    </header>
    <Invitation />
    <Sales />
  </main>
));
