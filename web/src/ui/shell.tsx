// What all pages share: the header line, full-page messages, the text that is spoken.

import { Component, render } from "preact";
import type { ComponentChildren, ComponentType } from "preact";

export function Message({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <main class="message">
      <div class="card message-card">
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

// For screen readers: one polite line, set when something of weight changes.
export function Spoken({ text }: { text: string }) {
  return (
    <div class="visually-hidden" aria-live="polite" aria-atomic="true" data-testid="spoken">
      {text}
    </div>
  );
}

// A fault of a page is shown, never a blank screen.
class Guard extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ failed: true });
  }

  render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Message title="This page has made an error">
        <p class="muted">The auction itself goes on. Load the page again to come back to it.</p>
        <button type="button" class="button button-primary" onClick={() => location.reload()}>
          Load again
        </button>
      </Message>
    );
  }
}

export function mount(Page: ComponentType): void {
  const root = document.getElementById("app");
  if (!root) throw new Error("the page has no #app");
  render(
    <Guard>
      <Page />
    </Guard>,
    root,
  );
}

// The height of a phone's keyboard, for what sticks to the bottom: Safari doesn't shrink the page for it.
export function watchKeyboard(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const set = () => {
    const covered = Math.max(0, window.innerHeight - viewport.height - viewport.offsetTop);
    document.documentElement.style.setProperty("--keyboard", `${covered > 80 ? Math.round(covered) : 0}px`);
  };
  viewport.addEventListener("resize", set);
  viewport.addEventListener("scroll", set);
  set();
}
