// Short messages at the edge of the screen; the last few, each closes by itself or by a press.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";

export type Tone = "good" | "bad" | "warn" | "info";

export interface Toast {
  id: number;
  tone: Tone;
  text: string;
  action?: { label: string; run: () => void };
}

export type ShowToast = (tone: Tone, text: string, action?: Toast["action"]) => void;

const shownMax = 3;
const shownMs = 7000;
const shownWithActionMs = 15_000;
const icons = { good: "check", bad: "alert", warn: "alert", info: "megaphone" } as const;

export function useToasts(): [Toast[], ShowToast, (id: number) => void] {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const counter = useRef(0);
  const drop = useCallback((id: number) => setToasts((all) => all.filter((one) => one.id !== id)), []);
  const show = useCallback<ShowToast>((tone, text, action) => {
    const id = ++counter.current;
    const toast: Toast = action ? { id, tone, text, action } : { id, tone, text };
    setToasts((all) => [...all.filter((one) => one.text !== text), toast].slice(-shownMax));
  }, []);
  return [toasts, show, drop];
}

function ToastCard({ toast, drop }: { toast: Toast; drop: (id: number) => void }) {
  useEffect(() => {
    const timer = setTimeout(() => drop(toast.id), toast.action ? shownWithActionMs : shownMs);
    return () => clearTimeout(timer);
  }, [toast.id]);
  const { action } = toast;
  return (
    <div class={`toast toast-${toast.tone}`} role={toast.tone === "bad" ? "alert" : "status"}>
      <Icon name={icons[toast.tone]} />
      <span class="toast-text">{toast.text}</span>
      {action && (
        <button
          type="button"
          class="button button-small"
          onClick={() => {
            drop(toast.id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" class="icon-button" aria-label="Close message" onClick={() => drop(toast.id)}>
        <Icon name="close" size={18} />
      </button>
    </div>
  );
}

export function Toasts({ toasts, drop }: { toasts: Toast[]; drop: (id: number) => void }) {
  return (
    <div class="toasts" aria-label="Messages" role="region">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} drop={drop} />
      ))}
    </div>
  );
}
