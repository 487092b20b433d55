// Short tones for what a bidder must hear; silent until switched on, and until the browser has seen a gesture.

import { loadSetting, saveSetting } from "./session";

type Tone = { hz: number; atMs: number; forMs: number };

const tunes = {
  lead: [
    { hz: 660, atMs: 0, forMs: 90 },
    { hz: 880, atMs: 100, forMs: 140 },
  ],
  outbid: [
    { hz: 520, atMs: 0, forMs: 130 },
    { hz: 390, atMs: 150, forMs: 220 },
  ],
  count: [{ hz: 740, atMs: 0, forMs: 60 }],
  open: [{ hz: 990, atMs: 0, forMs: 200 }],
  sold: [
    { hz: 300, atMs: 0, forMs: 60 },
    { hz: 300, atMs: 140, forMs: 60 },
  ],
} satisfies Record<string, Tone[]>;

export type Tune = keyof typeof tunes;

export class Sound {
  on = loadSetting("sound") === "on";
  private context: AudioContext | null = null;

  constructor() {
    const wake = () => this.wake();
    document.addEventListener("pointerdown", wake);
    document.addEventListener("keydown", wake);
  }

  toggle(): boolean {
    this.on = !this.on;
    saveSetting("sound", this.on ? "on" : "off");
    this.wake();
    if (this.on) this.play("lead");
    return this.on;
  }

  play(tune: Tune): void {
    if (!this.on) return;
    if (tune === "outbid" && "vibrate" in navigator) navigator.vibrate([80, 60, 80]);
    const { context } = this;
    if (!context || context.state !== "running") return;
    for (const tone of tunes[tune]) this.beep(context, tone);
  }

  private wake(): void {
    if (!this.on) return;
    this.context ??= typeof AudioContext === "undefined" ? null : new AudioContext();
    if (this.context?.state === "suspended") void this.context.resume();
  }

  private beep(context: AudioContext, tone: Tone): void {
    const from = context.currentTime + tone.atMs / 1000;
    const to = from + tone.forMs / 1000;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.frequency.value = tone.hz;
    gain.gain.setValueAtTime(0.0001, from);
    gain.gain.exponentialRampToValueAtTime(0.12, from + 0.01);
    gain.gain.exponentialRampToValueAtTime(0.0001, to);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(from);
    oscillator.stop(to + 0.02);
  }
}
