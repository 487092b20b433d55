// Several bridges behind one address without sticky sessions: a real nginx or haproxy that sends each request to the next of them, and
// what the tests of that share: tabs that recover, sessions by hand, counters.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RS, Server, eventually } from '../conformance/harness.mjs';
import { EPHEMERAL, Tab } from '../e2e/follower.mjs';
import { House, freePort, portAnswers } from '../e2e/harness.mjs';

const found = (name) => [`/usr/sbin/${name}`, `/usr/bin/${name}`].find(existsSync);

// Skips the whole file (ctest: 77) where one is not installed.
export function needProxies(...names) {
  const missing = names.filter((name) => !found(name));
  if (missing.length === 0) return;
  console.log(`skipped: not installed: ${missing.join(', ')}`);
  process.exit(77);
}

export async function withCluster(work, { bridges = process.env.SINGLE === '1' ? 1 : 3, bridgeArgs = [], ...options } = {}) {
  const house = await House.open({ bridges, bridgeArgs, ...options });
  let failed = true;
  try {
    await work(house);
    failed = false;
  } finally {
    await house.close({ failed });
  }
}

// ---- proxies ----

const servers = (bridges, more) => bridges.map(({ port }) => `server 127.0.0.1:${port} ${more};`).join(' ');

// Every request goes to the next bridge. `upgrades`: bridges for WebSockets only, so that every upgrade leaves the bridge of its session.
function nginxConfig(port, folder, polls, upgrades) {
  return `daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr warn;
${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 4096; }
http {
  log_format requests '$time_iso8601 $msec $status $request_time "$request" $upstream_addr $upstream_status $bytes_sent';
  access_log ${folder}/access.log requests;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  map $http_upgrade $bridges { default upgrades; '' polls; }
  upstream polls { ${servers(polls, 'max_fails=0')} }
  upstream upgrades { ${servers(upgrades, 'max_fails=0')} }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    keepalive_timeout 0;
    location / {
      proxy_pass http://$bridges;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_next_upstream error timeout http_503;
      proxy_connect_timeout 2s;
      proxy_read_timeout 75s;
      proxy_buffering off;
      client_max_body_size 8m;
    }
  }
}
`;
}

function haproxyConfig(port, polls, upgrades) {
  const list = (bridges) => bridges.map((bridge) => `  server ${bridge.name} 127.0.0.1:${bridge.port} check inter 200ms fall 1 rise 1`).join('\n');
  const backend = (name, bridges) => `backend ${name}
  balance roundrobin
  option httpchk GET /readyz
  option redispatch 1
  retries 3
  retry-on conn-failure
${list(bridges)}
`;
  return `global
  maxconn 4000
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  timeout tunnel 1h
  option http-server-close
  option forwardfor
  http-reuse never
frontend clients
  bind 127.0.0.1:${port}
  use_backend upgrades if { hdr(upgrade) -i websocket }
  default_backend polls
${backend('polls', polls)}${backend('upgrades', upgrades)}`;
}

// Gives the address of a new proxy before the bridges.
export async function startFront(house, kind, { polls = house.bridges, upgrades = house.bridges } = {}) {
  const port = await freePort();
  const folder = path.join(house.folder, `${kind}-${port}`);
  mkdirSync(folder);
  const file = path.join(folder, `${kind}.conf`);
  writeFileSync(file, kind === 'nginx' ? nginxConfig(port, folder, polls, upgrades) : haproxyConfig(port, polls, upgrades));
  const args = kind === 'nginx' ? ['-p', folder, '-c', file, '-e', 'stderr'] : ['-db', '-f', file];
  const front = house.program(`${kind}-${port}`, found(kind), args);
  if (kind === 'haproxy') { // it ends by the signal that stops it
    front.stop = async () => { if (front.running) await front.kill(); };
  }
  await front.start();
  await portAnswers(port);
  return `http://127.0.0.1:${port}`;
}

// ---- counters ----

// What /metrics of a bridge tells: name (with its labels) to number.
export async function metrics(bridge) {
  const text = await (await fetch(`${bridge.url}/metrics`)).text();
  return new Map(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const at = line.lastIndexOf(' ');
    return [line.slice(0, at), Number(line.slice(at + 1))];
  }));
}

export async function metric(bridge, name) {
  const value = (await metrics(bridge)).get(name);
  assert.notEqual(value, undefined, `${bridge.name} has no metric ${name}`);
  return value;
}

// What passed between the bridges: `what` polls, posts, messages, bytes or sessions_moved, `way` in or out.
export const relayed = (bridge, what, way) => metric(bridge, `lotcast_relay_${what}_total{way="${way}"}`);

// A session counts as moved when its old bridge has heard that it lives, which it may say with its next sign of life.
export const movedIn = (bridge, count) => eventually(async () => (await relayed(bridge, 'sessions_moved', 'in')) === count, 5000);

export async function ofAll(house, count) {
  return (await Promise.all(house.bridges.map(count))).reduce((sum, value) => sum + value, 0);
}

// ---- tabs ----

// A tab that joins once, keeps its place by recovery, and remembers the number of every durable event that its page was given.
export class RecoveringTab extends Tab {
  seqs = [];

  bids = []; // {id, amount, lot, answer}

  constructor(io, house, sale, options) {
    super(io, house, sale, { ...options, recovers: true });
  }

  event(name, payload) {
    if (!EPHEMERAL.has(name) && name !== 'auction_snapshot') this.seqs.push(payload.seq);
    super.event(name, payload);
  }

  // A bid of a person: sent again with the same id until there is an answer, as the page does.
  async bid(amount, { lot = this.open.id, milliseconds = 30000 } = {}) {
    const bid = { id: `${this.name.replaceAll(/[^a-z0-9]/gi, '')}-${this.bids.length}`, amount, lot, answer: null };
    this.bids.push(bid);
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const answer = await this.place(amount, bid).catch(() => null); // lost with its connection
      const isUnknown = !answer || (!answer.ok && ['TIMEOUT', 'ENGINE_OFFLINE', 'RATE_LIMITED'].includes(answer.error.code));
      if (!isUnknown) {
        bid.answer = answer;
        return answer;
      }
      assert.ok(performance.now() < deadline, `no answer to ${JSON.stringify(bid)}: ${JSON.stringify(answer)}\n${this.describe()}`);
      await new Promise((resolve) => { setTimeout(resolve, 100); }); // the page's pause between two attempts
    }
  }

  // The page was given each event of the ledger behind its one snapshot, once and in order.
  missedNothing(events) {
    assert.equal(this.names.auction_snapshot, 1, `a second snapshot: ${this.describe()}`);
    const first = this.snapshotSeq + 1;
    assert.deepEqual(this.seqs, events.map(({ payload }) => payload.seq).filter((seq) => seq >= first), this.describe());
    assert.deepEqual(this.wrong, [], this.describe());
  }

  get snapshotSeq() { return this.snapshot.seq; }
}

// What was acknowledged as accepted is in the ledger, and nothing else.
export function noBidLost(tabs, events) {
  const accepted = tabs.flatMap((tab) => tab.bids).filter(({ answer }) => answer?.ok).map(({ answer }) => answer.bid).sort();
  const kept = events.filter(({ name }) => name === 'bid_update').map(({ payload }) => payload.bid).sort();
  assert.deepEqual(accepted, kept, 'acknowledged bids, and bids in the ledger');
  const open = tabs.flatMap((tab) => tab.bids).filter(({ answer }) => !answer);
  assert.deepEqual(open, [], 'bids without an answer');
}

// ---- sessions by hand ----

// One bridge as a target of requests by hand.
export class Node extends Server {
  constructor(bridge) {
    super();
    Object.assign(this, { bridge, port: bridge.port, path: '/socket.io/', url: bridge.url });
  }
}

// A session of long-polling whose every request goes to the bridge that the test names.
export class Session {
  static async open(node) {
    const session = new Session();
    const { sid } = await node.open();
    Object.assign(session, { sid, home: node, heard: [] });
    return session;
  }

  async post(node, ...packets) {
    const answer = await node.post(this.sid, packets.join(RS));
    assert.deepEqual([answer.status, answer.body], [200, 'ok'], `post at ${node.port}`);
  }

  // One GET: its packets are kept, pings are answered.
  async poll(node) {
    const answer = await node.poll(this.sid);
    assert.equal(answer.status, 200, `poll at ${node.port}: ${answer.body}`);
    await this.take(answer.body, node);
    return answer;
  }

  async take(body, node) {
    for (const packet of body.split(RS)) {
      if (packet === '2') await this.post(node, '3');
      else if (packet !== '6') this.heard.push(packet);
    }
  }

  // Polls at one bridge after the other until `check` is true of what was heard.
  async until(nodes, check) {
    for (let i = 0; !check(this.heard); i++) await this.poll(nodes[i % nodes.length]);
  }

  // Joined to the namespace.
  async connect(nodes, auth) {
    await this.post(nodes[0], `40${auth ? JSON.stringify(auth) : ''}`);
    await this.until(nodes, (heard) => heard.some((packet) => packet.startsWith('40')));
    this.connected = JSON.parse(this.heard.find((packet) => packet.startsWith('40')).slice(2));
    return this;
  }

  get acks() { return acksOf(this.heard); }
}

// A question that the application answers by itself, with `n` in the answer.
export const question = (n) => `42${n}["sync_time",{"t0":${n}}]`;

// The numbers of the answers, in the order in which they came; an answer to another question is a failure.
export function acksOf(packets) {
  return packets.flatMap((packet) => {
    const found = /^43(\d+)(\[.*\])$/.exec(typeof packet === 'string' ? packet : '');
    if (!found) return [];
    const [answer] = JSON.parse(found[2]);
    if ('t0' in answer) assert.equal(answer.t0, Number(found[1]), packet);
    return [Number(found[1])];
  });
}

export const upTo = (last, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

export const codeOf = (answer) => [answer.status, JSON.parse(answer.body || '{}').code];

export const UNKNOWN = [400, 1]; // no such session
