// Is this page live, and by which transport: a pill in the header, and a banner when the answer is no.

import type { Liveness, View } from "../connection";
import { Icon } from "./icons";

const pills: Record<Liveness, string> = {
  connecting: "Connecting",
  live: "Live",
  silent: "Not live",
  degraded: "Not live",
  offline: "Offline",
};

const banners: Record<Liveness, string | null> = {
  connecting: null,
  live: null,
  silent: "Not live: nothing has arrived for some seconds. What you see may be old; bids are held back until it is live again.",
  degraded: "Not live: the auction engine can't be reached at this moment. You see the last known state; bids can't be placed.",
  offline: "Connection lost. Reconnecting by itself; bids can't be placed until then.",
};

export function StatusPill({ view }: { view: View }) {
  const { liveness, transport } = view;
  const way = transport ? ` by ${transport}` : "";
  return (
    <span class={`pill pill-${liveness}`} data-testid="status" data-liveness={liveness} data-transport={transport ?? ""} title={`${pills[liveness]}${way}`}>
      <span class="pill-dot" aria-hidden="true" />
      <span>{pills[liveness]}</span>
      {transport && <span class="pill-way">{transport}</span>}
    </span>
  );
}

export function StatusBanner({ liveness }: { liveness: Liveness }) {
  const text = banners[liveness];
  if (!text) return null;
  return (
    <div class="banner banner-bad" role="alert" data-testid="not-live">
      <Icon name="offline" />
      <span>{text}</span>
    </div>
  );
}
