// The time left, drawn at the rate of the display from engine time; frozen exactly while the sale is paused.

import { useEffect, useRef } from "preact/hooks";
import type { Deadline } from "../questions";
import { reducedMotion } from "./view";

interface Props {
  deadline: Deadline;
  now: () => number | null;
  totalMs: number; // what the bar is full at
  stale: boolean; // nothing was heard of this clock for a while: don't pretend
}

const tenthsBelowMs = 10_000;

export function timeText(ms: number, tenths: boolean): string {
  const shown = Math.max(0, tenths ? Math.ceil(ms / 100) / 10 : Math.ceil(ms / 1000));
  const hours = Math.floor(shown / 3600);
  const minutes = Math.floor((shown % 3600) / 60);
  const rest = shown - hours * 3600 - minutes * 60;
  const seconds = tenths ? rest.toFixed(1).padStart(4, "0") : String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

function urgency(ms: number): string {
  return ms <= 5000 ? "last" : ms <= 10_000 ? "soon" : "calm";
}

export function Countdown({ deadline, now, totalMs, stale }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const text = useRef<HTMLSpanElement>(null);
  const bar = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let frame = 0;
    const calm = reducedMotion();
    const draw = (ms: number, tenths: boolean) => {
      const words = timeText(ms, tenths);
      if (text.current && text.current.textContent !== words) text.current.textContent = words;
      if (box.current) {
        box.current.dataset["urgency"] = urgency(ms);
        box.current.dataset["over"] = ms <= 0 ? "yes" : "no";
      }
      const part = Math.min(1, Math.max(0, (calm ? Math.ceil(ms / 1000) * 1000 : ms) / Math.max(1, totalMs)));
      if (bar.current) bar.current.style.transform = `scaleX(${part.toFixed(4)})`;
    };
    const step = () => {
      if (deadline.kind !== "running") return;
      const engineMs = now();
      if (engineMs !== null) {
        const left = deadline.endsAt - engineMs;
        draw(left, left < tenthsBelowMs && !calm);
      }
      frame = requestAnimationFrame(step);
    };
    if (deadline.kind === "frozen") draw(deadline.remainingMs, true);
    else step();
    return () => cancelAnimationFrame(frame);
  }, [deadline.kind, deadline.kind === "running" ? deadline.endsAt : deadline.kind === "frozen" ? deadline.remainingMs : 0, totalMs]);

  if (deadline.kind === "none") return null;
  return (
    <div class="countdown" ref={box} role="timer" data-state={stale ? "stale" : deadline.kind} data-clock={deadline.clock}>
      <span class="countdown-text num" ref={text} />
      <div class="countdown-track" aria-hidden="true">
        <div class="countdown-bar" ref={bar} />
      </div>
    </div>
  );
}
