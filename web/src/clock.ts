// Engine time on this device: the offset between the engine's clock and a local monotonic one, from sync_time round trips and one-way stamps.
//
// Purity: pure; the caller gives local time (performance.now(), never the wall clock of the device, which people and phones change).
// Units:  milliseconds; offset = engine time - local time
// Source: design 7, Clock
//
// A round trip bounds the offset on both sides (middle, plus or minus half of it): the smallest one wins. A stamp in any message bounds it from below, because a message
// can only arrive after it was written: before the first round trip the largest bound is the estimate, and later a bound above the estimate shows that the
// local clock stood still (a phone that slept) and replaces it.

export interface ClockState {
  offsetMs: number | null;
  errorMs: number; // half width of the estimate; Infinity when only one-way stamps are known
  takenAtMs: number; // local time of the sample that the estimate rests on
}

export const clockUnknown: ClockState = { offsetMs: null, errorMs: Infinity, takenAtMs: 0 };

// A good sample is not kept for ever: quartz drifts by up to 0.1 ms a second.
const driftPerMs = 0.0001;

export interface RoundTrip {
  sentAtMs: number;
  receivedAtMs: number;
  engineReceivedMs: number;
  engineSentMs: number;
  uncertaintyMs: number;
}

function errorNow(state: ClockState, localNowMs: number): number {
  return state.errorMs + Math.max(0, localNowMs - state.takenAtMs) * driftPerMs;
}

export function withRoundTrip(state: ClockState, trip: RoundTrip): ClockState {
  const waited = trip.receivedAtMs - trip.sentAtMs - (trip.engineSentMs - trip.engineReceivedMs);
  if (!Number.isFinite(waited) || waited < 0) return state;
  const offsetMs =
    (trip.engineReceivedMs + trip.engineSentMs) / 2 - (trip.sentAtMs + trip.receivedAtMs) / 2;
  const errorMs = waited / 2 + Math.max(0, trip.uncertaintyMs);
  const better = state.offsetMs === null || errorMs <= errorNow(state, trip.receivedAtMs);
  // Two honest intervals overlap; when they don't, the local clock jumped and the newer one is right.
  const disagree =
    state.offsetMs !== null &&
    Math.abs(offsetMs - state.offsetMs) > errorMs + errorNow(state, trip.receivedAtMs);
  if (!better && !disagree) return state;
  return { offsetMs, errorMs, takenAtMs: trip.receivedAtMs };
}

export function withStamp(state: ClockState, stampMs: number, localNowMs: number): ClockState {
  const boundMs = stampMs - localNowMs;
  if (!Number.isFinite(boundMs)) return state;
  if (state.offsetMs === null) return { offsetMs: boundMs, errorMs: Infinity, takenAtMs: localNowMs };
  if (!Number.isFinite(state.errorMs)) {
    return boundMs > state.offsetMs ? { offsetMs: boundMs, errorMs: Infinity, takenAtMs: localNowMs } : state;
  }
  if (boundMs > state.offsetMs + errorNow(state, localNowMs)) {
    return { offsetMs: boundMs, errorMs: Infinity, takenAtMs: localNowMs };
  }
  return state;
}

// Is the estimate good enough, or is another round trip due?
export function wantsRoundTrip(state: ClockState, localNowMs: number): boolean {
  return errorNow(state, localNowMs) > 60 || localNowMs - state.takenAtMs > 60_000;
}

export function engineNow(state: ClockState, localNowMs: number): number | null {
  return state.offsetMs === null ? null : localNowMs + state.offsetMs;
}
