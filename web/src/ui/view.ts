// Preact's view of a connection: a component draws again when the view changes.

import { useEffect, useRef, useState } from "preact/hooks";
import type { SaleConnection, View } from "../connection";
import type { Model } from "../model";

export function useView(connection: SaleConnection): View {
  const [view, setView] = useState(connection.view);
  useEffect(() => {
    setView(connection.view);
    return connection.subscribe(() => setView(connection.view));
  }, [connection]);
  return view;
}

// Calls back with the model before and after each change, outside of drawing: for sounds, toasts and spoken text.
export function useTransitions(connection: SaleConnection, handle: (before: View, after: View) => void): void {
  const latest = useRef(handle);
  latest.current = handle;
  useEffect(() => {
    let before = connection.view;
    return connection.subscribe(() => {
      const after = connection.view;
      latest.current(before, after);
      before = after;
    });
  }, [connection]);
}

export const reducedMotion = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function personShort(model: Model, id: string | undefined, fallback: string): string {
  return id !== undefined && id === model.you?.participant?.id ? "you" : fallback;
}
