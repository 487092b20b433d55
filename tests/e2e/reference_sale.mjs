// The smallest sale on the official socket.io server: what auctionctl's own client is checked against, so that it and our bridge cannot
// agree on a mistake. Prints its port, and `joined` for each client in the room. LOTS, LOT_MS, PING_MS and NO_UPGRADE=1 by the environment.
import http from 'node:http';
import { Server } from 'socket.io';

const LOTS = Number(process.env.LOTS ?? 4);
const LOT_MS = Number(process.env.LOT_MS ?? 500);
const epoch = 1;
let seq = 1;
let bids = 0;
let open = null;
let endsAt = 0;
let phase = 'lobby';
const people = [];
const receipts = new Map();
const lots = Array.from({ length: LOTS }, (_, i) => ({ id: `l${i + 1}`, no: i + 1, title: `Lot ${i + 1}`, opening: 1000, phase: 'pending', price: null, winner: null, bids: 0, round: 0 }));

const ask = () => (open.price === null ? open.opening : open.price + 100);
const lotNow = () => open && { ...open, ask: ask(), leader: open.winner, ends_at: endsAt, remaining_ms: endsAt - Date.now() };
const tell = (name, members) => { seq++; io.to('demo').emit(name, { seq, epoch, at: Date.now(), ...members }); };

function snapshot() {
  const state = { phase, now: Date.now(), clock: open ? 'lot' : 'none', lot: lotNow(), next: null, lots_total: LOTS, sold: 0, unsold: 0, remaining_lots: 0 };
  return { seq, epoch, live: true, now: Date.now(), info: { id: 'demo', currency: { code: 'EUR', minor_digits: 2 }, rules: { roster: null } }, state, lots, participants: [] };
}

function next() {
  open = lots.find((lot) => lot.phase === 'pending') ?? null;
  if (!open) {
    phase = 'complete';
    tell('auction_complete', { reason: 'no_lots_left' });
    return;
  }
  open.phase = 'open';
  endsAt = Date.now() + LOT_MS;
  tell('lot_started', { lot: lotNow() });
  setTimeout(close, LOT_MS);
}

function close() {
  const lot = open;
  lot.phase = lot.winner ? 'sold' : 'unsold';
  open = null;
  tell(lot.phase, { lot: lot.id, price: lot.price, ...(lot.winner && { winner: lot.winner }) });
  setTimeout(next, 50);
}

function placeBid(person, bid) {
  if (receipts.has(bid.id)) return { ...receipts.get(bid.id), repeated: true };
  const refuse = (code) => ({ ok: false, error: { code, message: code } });
  let result;
  if (!open || open.id !== bid.lot) result = refuse('LOT_CLOSED');
  else if (open.winner?.id === person.id) result = refuse('ALREADY_LEADING');
  else if (bid.amount < ask()) result = refuse('BELOW_ASK');
  else {
    Object.assign(open, { price: bid.amount, winner: person, bids: open.bids + 1 });
    bids++;
    tell('bid_update', { lot: open.id, bid: `b${bids}`, by: person, amount: bid.amount, price: bid.amount, ask: ask(), leader: person, previous_leader: null, bids: open.bids, ends_at: endsAt });
    result = { ok: true, seq, epoch, bid: `b${bids}`, price: bid.amount, leading: true };
  }
  receipts.set(bid.id, result);
  return result;
}

const NOT_FOUND = [404, { error: { code: 'NOT_FOUND', message: 'There is no such sale, lot or address.' } }];

function api(request, body) {
  if (request.url === '/api/sales/html') return [502, null];
  if (!request.url.startsWith('/api/sales/demo')) return NOT_FOUND;
  if (request.url.endsWith('/join')) {
    if (body.invite !== 'right') return [403, { ok: false, error: { code: 'INVITE_INVALID', message: 'The invitation is unknown, used up or expired.' } }];
    const person = { id: `p${people.length + 1}`, paddle: String(people.length + 1), name: body.name };
    people.push(person);
    return [200, { ok: true, token: `token-${person.id}`, participant: person, role: 'bidder' }];
  }
  if (request.url.endsWith('/invites')) {
    return request.headers.authorization ? [200, { ok: true, invite: 'right' }] : [401, { error: { code: 'UNAUTHENTICATED', message: 'A valid token is needed.' } }];
  }
  if (request.url.endsWith('/commands') && body.op === 'begin') {
    phase = 'live';
    tell('auction_started', { lots_total: LOTS });
    next();
    return [200, { ok: true, seq, epoch }];
  }
  return request.url.endsWith('/api/sales/demo') ? [200, { ok: true, seq, epoch, snapshot: snapshot() }] : NOT_FOUND;
}

const server = http.createServer((request, response) => {
  if (request.url.startsWith('/socket.io/')) return;
  let text = '';
  request.on('data', (data) => { text += data; }).on('end', () => {
    const [status, answer] = api(request, text === '' ? {} : JSON.parse(text));
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(answer === null ? '<html>bad gateway</html>' : JSON.stringify(answer));
  });
});
const io = new Server(server, { pingInterval: Number(process.env.PING_MS ?? 25000), pingTimeout: 20000, allowUpgrades: process.env.NO_UPGRADE !== '1' });
io.use((socket, done) => {
  socket.data.person = people.find(({ id }) => socket.handshake.auth.token === `token-${id}`);
  done(socket.data.person ? undefined : new Error('bad token'));
});
io.on('connection', (socket) => {
  socket.on('join_auction', (_, answer) => {
    socket.join('demo');
    answer({ ok: true, seq, epoch, members: io.engine.clientsCount });
    socket.emit('auction_snapshot', snapshot());
    socket.emit('you', { seq, epoch });
    console.log('joined');
  });
  socket.on('place_bid', (bid, answer) => answer(placeBid(socket.data.person, bid)));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
