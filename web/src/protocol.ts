// Every message that a page sends or receives, as docs/PROTOCOL.md describes it.
//
// Units: amounts are minor units of the sale's currency; *_at, now and ends_at are UTC epoch milliseconds in engine time; *_ms are durations.

export interface Head {
  seq: number;
  epoch: number;
}

export interface Person {
  id: string;
  paddle: string;
  name?: string;
}

export type SalePhase = "lobby" | "live" | "paused" | "complete";
export type LotPhase = "pending" | "open" | "closing" | "matching" | "sold" | "unsold" | "withdrawn";
export type Clock = "none" | "lot" | "gap" | "nomination" | "names" | "start";
export type BidKind = "plain" | "maximum" | "floor" | "house" | "absentee" | "press" | "enter" | "nomination";
export type Reserve = "none" | "not_met" | "met";
export type Role = "viewer" | "bidder" | "clerk" | "auctioneer" | "admin";

export interface Lot {
  id: string;
  no: number;
  title: string;
  phase: LotPhase;
  opening: number;
  price: number | null;
  ask: number;
  leader: Person | null;
  bids: number;
  started_at: number | null;
  ends_at: number | null;
  remaining_ms: number;
  extensions: number;
  round: number;
  reserve: Reserve;
  house?: boolean; // the house leads
  warned?: number; // fair warnings since the last bid
  format?: Format;
  quantity?: number;
  buy_now?: number | null;
  clock?: PriceClock | null;
  match?: { holder: string; stage: MatchStage } | null;
}

// Who is asked: the holder of the right, the winner for one last raise, or the holder at the raised price.
export type MatchStage = "holder" | "winner" | "holder_again";

export interface Currency {
  code: string;
  minor_digits: number;
}

export type Increments =
  | { kind: "flat"; step: number; align?: boolean }
  | { kind: "bands"; bands: [number, number][]; align?: boolean }
  | { preset: string };

export interface RosterRules {
  budget: number;
  slots: number;
  minimum: number;
}

export interface Rules {
  lot_duration_ms: number;
  gap_ms: number;
  soft_close: { window_ms: number; amount_ms: number; type: string; max_extensions: number };
  unsold_rounds: number;
  strict: boolean;
  increments: Increments;
  roster: RosterRules | null;
  flow?: "sequential" | "parallel";
  maximum_bids?: boolean;
  buy_now_until?: "bid" | "reserve";
  format?: Format;
  gavel_timeout_ms?: number;
  accelerated?: { time_ms: number } | null;
  match?: { mode: "none" | "plain" | "raise"; time_ms: number };
  nomination?: { order: "none" | "straight" | "snake"; time_ms: number; nominator_bids: boolean };
}

export type Format = "english" | "live" | "dutch" | "japanese" | "sealed_first" | "vickrey" | "uniform" | "candle";

// A price that moves with time: it stood at `price` at `from`, and moves by `step` each `tick_ms`.
export interface PriceClock {
  price: number;
  from: number;
  step: number;
  tick_ms: number;
  frozen_at: number | null;
  quantity_left?: number;
}

export interface Info extends Head {
  id: string;
  title: string;
  currency: Currency;
  phase: SalePhase;
  public: boolean;
  visibility: "names" | "paddles" | "hidden";
  gavel?: string | null; // the console that holds it
  rules: Rules;
}

export interface NextLot {
  id: string;
  no: number;
  title: string;
  opening: number;
  starts_at: number | null;
  remaining_ms: number;
}

// Whom or what the sale waits for: the clocks nomination, names and start.
export interface Waiting {
  by: string | null; // the participant whose turn it is
  ends_at: number | null; // null while the sale is paused
  remaining_ms: number | null;
}

export interface State extends Head {
  phase: SalePhase;
  now: number;
  clock: Clock;
  lot: Lot | null;
  next: NextLot | null;
  waiting?: Waiting | null;
  lots_total: number;
  sold: number;
  unsold: number;
  remaining_lots: number;
}

export interface CatalogueLot {
  id: string;
  no: number;
  title: string;
  description?: string;
  image: string;
  category: string;
  opening: number;
  phase: LotPhase;
  price: number | null;
  winner: Person | null;
  winners?: number;
  bids: number;
  round: number;
  // of a lot that is open
  ask?: number | null;
  leader?: Person | null;
  ends_at?: number | null;
  reserve?: Reserve;
  format?: Format;
  quantity?: number;
  buy_now?: number | null;
  clock?: PriceClock | null;
  house?: boolean;
  warned?: number;
  extensions?: number;
  started_at?: number | null;
  remaining_ms?: number;
  match?: Lot["match"];
}

export interface LotsPage extends Head {
  page: number;
  pages: number;
  total: number;
  lots: CatalogueLot[];
}

export interface Roster {
  taken: number;
  slots: number;
}

export interface Participant {
  id: string;
  paddle: string;
  name?: string;
  status: "accepted" | "blocked" | "pending";
  budget: number | null;
  spent: number;
  held: number;
  roster: Roster | null;
}

export interface RecentBid {
  lot?: string;
  by: Person | null; // null: the house
  amount: number;
  at: number;
}

export interface Snapshot extends Head {
  live: boolean;
  now: number;
  info: Info;
  state: State;
  lots: CatalogueLot[];
  lots_total: number;
  participants: Participant[];
  participants_total: number;
  recent_bids: RecentBid[];
}

export interface You extends Head {
  participant: Person | null;
  role: Role;
  status?: Participant["status"];
  leading: string[];
  budget: number | null;
  spent: number;
  held: number;
  roster: Roster | null;
  max_bid: number | null;
  maxima?: { lot: string; max: number; quantity?: number; leading?: boolean | null }[]; // one's own maxima and sealed bids
  entered?: string[]; // japanese lots whose button one holds
  passed?: string[];
}

interface Durable extends Head {
  at: number;
}

export interface SoldEvent extends Durable {
  lot: string;
  no: number;
  title: string;
  price: number;
  winner: Person | null; // null: several, see lot_awarded
  bids: number;
  reason: "time" | "next" | "hammer" | "buy_now" | "passed" | "pressed" | "matched";
  winner_state: Participant | null;
  sold: number;
  unsold: number;
  lots_total: number;
}

export interface UnsoldEvent extends Durable {
  lot: string;
  no: number;
  title: string;
  price: number | null;
  bids: number;
  reason: "no_bids" | "reserve_not_met" | "passed";
  sold: number;
  unsold: number;
  lots_total: number;
}

export interface WithdrawnEvent extends Durable {
  lot: string;
  no: number;
  title: string;
  reason: "staff" | "below_minimum";
  text: string;
  sold: number;
  unsold: number;
  lots_total: number;
}

// One buyer's part of a lot with several pieces.
export interface Award {
  winner: Person | null;
  quantity: number;
  price: number; // of one piece
}

// Durable events: each has its own seq.
export interface DurableEvents {
  epoch_started: Durable & { first_seq: number; reason: "created" | "engine_start" };
  lots_changed: Durable & { added: number; lots_total: number };
  participants_changed: Durable & { change: "joined" | "updated" | "added"; participant: Participant | null; participants_total: number };
  auction_started: Durable & { lots_total: number };
  lot_started: Durable & { lot: Lot };
  bid_update: Durable & {
    lot: string;
    bid: string;
    by: Person | null; // null: the house
    amount: number;
    price: number;
    ask: number;
    kind?: BidKind;
    leader: Person | null; // null: the house
    previous_leader: Person | null;
    bids: number;
    ends_at: number | null;
    remaining_ms: number;
    reserve: Reserve;
  };
  anti_snipe: Durable & {
    lot: string;
    ends_at: number;
    remaining_ms: number;
    extended_ms: number;
    extensions: number;
    scope?: "lot" | "cascade" | "group" | "all";
  };
  sold: SoldEvent;
  unsold: UnsoldEvent;
  round_started: Durable & { round: number; lots: string[] };
  auction_paused: Durable & { clock: Clock; lot: string | null; remaining_ms: number | null };
  auction_resumed: Durable & {
    reason: "command" | "outage";
    gap_ms: number;
    clock: Clock;
    lot: string | null;
    ends_at: number | null;
    remaining_ms: number | null;
  };
  auction_complete: Durable & {
    reason: "no_lots_left" | "rosters_full" | "nobody_can_afford";
    sold: number;
    unsold: number;
    lots_total: number;
  };
  auction_reset: Durable;
  auction_deleted: Durable;
  notice: Durable & { text: string; by: Person | null };
  bid_retracted: Durable & { lot: string };
  lot_passed: Durable & { lot: string; by?: Person };
  ask_changed: Durable & { lot: string; ask: number };
  fair_warning: Durable & { lot: string; stage: number };
  lot_closing: Durable & { lot: string };
  lot_awarded: Durable & { lot: string; winners: number; awards: Award[] };
  clock_restarted: Durable & { lot: string };
  lot_withdrawn: WithdrawnEvent;
  lot_reopened: Durable & { lot: string };
  gavel_taken: Durable & { console: string; by: string };
  nomination_started: Durable & { by: Person; ends_at: number; remaining_ms: number };
  lot_nominated: Durable & { lot: string; no: number; title: string; by: Person | null; starts_at: number; remaining_ms: number };
  names_called: Durable & { ends_at: number; remaining_ms: number };
  match_offered: Durable & { lot: string; stage: MatchStage; winner: Person; holder: Person; price: number; ends_at: number; remaining_ms: number };
  seed_revealed: Durable;
}

// Ephemeral events carry the seq they were computed at and are never missed.
export interface EphemeralEvents {
  tick: Head & { lot: string | null; clock: Clock | "price"; ends_at?: number; price?: number; now: number; remaining_ms: number };
  next_lot_countdown: Head & { lot: string; no: number; title: string; starts_at: number; now: number; remaining_ms: number };
  lobby_updated: Partial<Head> & { count: number; ids: string[] };
  connection_degraded: Partial<Head> & { live: false };
  connection_restored: Partial<Head>;
}

export interface PrivateEvents {
  outbid: Head & { event: "outbid"; at: number; lot: string; price: number; ask: number; leader: Person };
  you_lead: Head & { event: "you_lead"; at: number; lot: string; price: number };
  max_bid_changed: Head & { event: "max_bid_changed"; at: number; lot: string; max: number | null; leading: boolean };
}

export interface ServerEvents extends DurableEvents, EphemeralEvents, PrivateEvents {
  auction_snapshot: Snapshot;
  you: You;
}

export type DurableName = keyof DurableEvents;
export type EphemeralName = keyof EphemeralEvents;

export const durableNames: readonly DurableName[] = [
  "epoch_started",
  "lots_changed",
  "participants_changed",
  "auction_started",
  "lot_started",
  "bid_update",
  "anti_snipe",
  "sold",
  "unsold",
  "round_started",
  "auction_paused",
  "auction_resumed",
  "auction_complete",
  "auction_reset",
  "auction_deleted",
  "notice",
  "bid_retracted",
  "lot_passed",
  "ask_changed",
  "fair_warning",
  "lot_closing",
  "lot_awarded",
  "clock_restarted",
  "lot_withdrawn",
  "lot_reopened",
  "gavel_taken",
  "nomination_started",
  "lot_nominated",
  "names_called",
  "match_offered",
  "seed_revealed",
];
export const ephemeralNames: readonly EphemeralName[] = [
  "tick",
  "next_lot_countdown",
  "lobby_updated",
  "connection_degraded",
  "connection_restored",
];

// What a refusal carries beside its code, where there is a current lot.
export interface Refusal {
  code: string;
  message: string;
  lot?: string | null;
  price?: number | null;
  ask?: number | null;
  leader?: Person | null;
  ends_at?: number | null;
  max_bid?: number | null;
}

export interface Accepted extends Partial<Head> {
  ok: true;
  repeated?: boolean;
}

export interface Refused extends Partial<Head> {
  ok: false;
  error: Refusal;
  repeated?: boolean;
}

export type Result<T = object> = (Accepted & T) | Refused;

export interface SyncAnswer {
  t0: number;
  t1: number;
  t2: number;
  uncertainty_ms: number;
}

export type CommandEvent =
  | "place_bid"
  | "begin_auction"
  | "pause_auction"
  | "resume_auction"
  | "next_lot"
  | "reset_auction"
  | "announce"
  | "set_max_bid"
  | "withdraw_max_bid"
  | "buy_now"
  | "pass_lot"
  | "floor_bid"
  | "undo_bid"
  | "set_ask"
  | "sell_lot"
  | "pass_in_lot"
  | "fair_warning"
  | "add_time"
  | "reopen_lot"
  | "withdraw_lot"
  | "take_gavel"
  | "nominate"
  | "submit_names"
  | "match_lot"
  | "raise_match"
  | "set_participant";

export interface SaleSummary {
  id: string;
  title: string;
  phase: SalePhase;
  public: boolean;
  lots_total: number;
  sold: number;
}

export interface ReceiptAnswer {
  receipt: { id: string; op: string; received_at: number; decided_at: number; result: Result };
}

export interface JoinAnswer {
  token: string;
  participant: Person;
  role: Role;
}
