// The auction that a Node developer would build: socket.io, better-sqlite3 with a synced write-ahead log, one process, no broker.
//
//   node auction_peer.mjs --data FOLDER --secret HEX --lots N [--group]
//
// A bid is a transaction: nothing is answered or told before it is on the disk. --group: the bids that came in one turn of the
// event loop share a transaction, as somebody would do who has found the sync to be the limit. Speaks the part of
// Lotcast's contract that the generator uses: join_auction, place_bid, bid_update, tick. One line on stdout when it listens.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { Server } from "socket.io";

const { values: options } = parseArgs({
  options: { data: { type: "string" }, secret: { type: "string" }, lots: { type: "string", default: "1" }, group: { type: "boolean" } },
});
const SALE = "bench";
const BUDGET = 1_000_000_000;
const secret = Buffer.from(options.secret, "hex");

// --- the record: WAL costs one sync for each commit, a rollback journal two

const database = new Database(join(options.data, "auction.sqlite"));
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec(`
  CREATE TABLE lots (id TEXT PRIMARY KEY, price INTEGER, leader TEXT, bids INTEGER NOT NULL DEFAULT 0, ends_at INTEGER NOT NULL);
  CREATE TABLE bids (seq INTEGER PRIMARY KEY, lot TEXT NOT NULL, bidder TEXT NOT NULL, amount INTEGER NOT NULL, command TEXT NOT NULL, at INTEGER NOT NULL);
`);
const insertLot = database.prepare("INSERT INTO lots (id, ends_at) VALUES (?, ?)");
const insertBid = database.prepare("INSERT INTO bids (seq, lot, bidder, amount, command, at) VALUES (?, ?, ?, ?, ?, ?)");
const updateLot = database.prepare("UPDATE lots SET price = ?, leader = ?, bids = ? WHERE id = ?");

const lots = new Map();
for (let i = 1; i <= Number(options.lots); i++) {
  const lot = { id: `l${i}`, opening: 1, price: null, leader: null, bids: 0, endsAt: Date.now() + 3_600_000 };
  lots.set(lot.id, lot);
  insertLot.run(lot.id, lot.endsAt);
}
let seq = 0;
const held = new Map(); // what each bidder has bid where he leads
const receipts = new Map(); // by bidder and command: a retry gets the first answer

// --- the rules

const step = (price) => (price < 1_000_000 ? 1 : price < 10_000_000 ? 5 : 10);
const ask = (lot) => (lot.price === null ? lot.opening : lot.price + step(lot.price));
const refusal = (code, more = {}) => ({ ok: false, error: { code, message: code, ...more } });

function check(bidder, bid, now) {
  const lot = lots.get(bid.lot);
  if (!lot) return refusal("LOT_UNKNOWN");
  if (now >= lot.endsAt) return refusal("LOT_CLOSED");
  if (lot.leader === bidder) return refusal("ALREADY_LEADING");
  if (bid.amount < ask(lot)) return refusal("BELOW_ASK", { ask: ask(lot) });
  if ((held.get(bidder) ?? 0) + bid.amount > BUDGET) return refusal("OVER_BUDGET");
  return null;
}

// Decides one bid and writes it; the caller has a transaction open.
function decide(bidder, bid, now) {
  const key = `${bidder}/${bid.id}`;
  const before = receipts.get(key);
  if (before) return { result: before };
  const refused = check(bidder, bid, now);
  if (refused) return { result: refused };
  const lot = lots.get(bid.lot);
  const previous = lot.leader;
  if (previous) held.set(previous, held.get(previous) - lot.price);
  held.set(bidder, (held.get(bidder) ?? 0) + bid.amount);
  lot.price = bid.amount;
  lot.leader = bidder;
  lot.bids++;
  seq++;
  insertBid.run(seq, lot.id, bidder, bid.amount, bid.id, now);
  updateLot.run(lot.price, lot.leader, lot.bids, lot.id);
  const result = { ok: true, seq, price: lot.price, leading: true };
  receipts.set(key, result);
  const news = {
    seq, at: now, lot: lot.id, by: { id: bidder, name: bidder }, amount: bid.amount, price: lot.price, ask: ask(lot),
    leader: { id: bidder, name: bidder }, previous_leader: previous && { id: previous, name: previous },
    bids: lot.bids, ends_at: lot.endsAt, remaining_ms: lot.endsAt - now,
  };
  return { result, news };
}

const inTransaction = database.transaction((waiting) => waiting.map(({ bidder, bid }) => decide(bidder, bid, Date.now())));

// What was decided is on the disk: the bidder first, who waits for it.
function carryOut(waiting) {
  inTransaction(waiting).forEach(({ result, news }, i) => {
    waiting[i].ack(result);
    if (news) io.to(SALE).emit("bid_update", news);
  });
}

let gathered = [];
function placeBid(one) {
  if (!options.group) {
    carryOut([one]);
    return;
  }
  if (gathered.push(one) > 1) return;
  setImmediate(() => {
    const waiting = gathered;
    gathered = [];
    carryOut(waiting);
  });
}

// --- the sockets

function readToken(token) {
  const [head, body, signature] = String(token).split(".");
  const wanted = createHmac("sha256", secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature ?? "", "base64url");
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Error("UNAUTHORISED");
  return JSON.parse(Buffer.from(body, "base64url").toString());
}

const server = createServer();
const io = new Server(server, { cors: { origin: "*" } });
io.use((socket, next) => {
  try {
    if (socket.handshake.auth.token) socket.data.bidder = readToken(socket.handshake.auth.token).sub;
    next();
  } catch (error) {
    next(error);
  }
});
io.on("connection", (socket) => {
  socket.on("join_auction", (argument, ack) => {
    if (argument?.sale !== SALE) return ack(refusal("SALE_UNKNOWN"));
    socket.join(SALE);
    ack({ ok: true, seq });
    socket.emit("auction_snapshot", { seq, lots: [...lots.values()].map((lot) => ({ ...lot, ask: ask(lot) })) });
  });
  socket.on("place_bid", (bid, ack) => {
    const { bidder } = socket.data;
    if (!bidder) return ack(refusal("FORBIDDEN"));
    if (!socket.rooms.has(SALE)) return ack(refusal("NOT_JOINED"));
    if (bid?.sale !== SALE || typeof bid.lot !== "string" || !Number.isSafeInteger(bid.amount) || !/^[\w-]{1,64}$/.test(bid.id)) return ack(refusal("BAD_REQUEST"));
    placeBid({ bidder, bid, ack });
  });
});
setInterval(() => {
  const now = Date.now();
  const endsAt = Math.min(...[...lots.values()].map((lot) => lot.endsAt));
  io.to(SALE).volatile.emit("tick", { seq, now, ends_at: endsAt, remaining_ms: endsAt - now });
}, 1000);

server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(`listening on ${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
