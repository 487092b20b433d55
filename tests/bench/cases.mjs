// What is measured: each case is one run of the generator against one fresh server, and names what of it is compared.

// Memory is compared with npm socket.io only: the raw broadcaster keeps nothing.
const perCount = (phase) => (result) => result[phase].server_cpu_us / result[phase].count;
const kibPerSession = (moment) => (result) => (result[moment].resident_kib - result.empty.resident_kib) / result.sessions;
const perCpuSecond = (phase) => (result) => (result[phase].count / result[phase].server_cpu_us) * 1e6;
const perSecond = (phase) => (result) => (result[phase].count / result[phase].wall_us) * 1e6;
const latency = (phase, name) => (result) => result[phase][name] / 1000;

const connect = {
  cpu: { unit: "CPU us per connect", of: perCount("connect"), isMain: true },
  rate: { unit: "connects per CPU second", of: perCpuSecond("connect") },
  wall: { unit: "connects/s", of: perSecond("connect") },
};
const idle = {
  memory: { unit: "KiB RSS per session", of: kibPerSession("settled"), isMain: true },
};
const echo = {
  cpu: { unit: "CPU us per round trip", of: perCount("echo"), isMain: true },
  rate: { unit: "round trips per CPU second", of: perCpuSecond("echo") },
  p50: { unit: "ms p50", of: latency("echo", "p50_us") },
  p99: { unit: "ms p99", of: latency("echo", "p99_us") },
};
const broadcast = {
  cpu: { unit: "CPU us per delivery", of: perCount("broadcast"), isMain: true },
  p50: { unit: "ms p50", of: latency("broadcast", "p50_us") },
  p99: { unit: "ms p99", of: latency("broadcast", "p99_us") },
  p999: { unit: "ms p99.9", of: latency("broadcast", "p999_us") },
};
const storm = {
  ...connect,
  memory: { unit: "KiB RSS per session, idle", of: kibPerSession("settled") },
  after: { unit: "KiB RSS per session, after a burst", of: kibPerSession("after") },
  peak: {
    unit: "KiB RSS per session, at the peak",
    of: (result) => (result.after.peak_kib - result.empty.resident_kib) / result.sessions,
  },
};

// Of bids: what the bidder waits for, what the room waits for, and how many a second.
const bids = {
  ack: { unit: "ms to answer, p50", of: latency("ack", "p50_us"), isMain: true },
  ack99: { unit: "p99", of: latency("ack", "p99_us") },
  last: { unit: "ms to last client, p50", of: latency("last", "p50_us") },
  last99: { unit: "p99 ", of: latency("last", "p99_us") },
  rate: { unit: "bids/s", of: (result) => (result.bids / result.wall_us) * 1e6 },
  cpu: { unit: "CPU us per bid", of: (result) => result.server_cpu_us.reduce((sum, used) => sum + used, 0) / result.bids },
};

const auctions = ["auction", "auction_node", "auction_node_group"];

const all = ["raw", "lotcast", "socketio", "python"];
const servers = ["lotcast", "socketio", "python"];
const fast = ["raw", "lotcast", "socketio"];

// `python` is left out where it would take minutes and say nothing new.
export const cases = {
  connect_websocket: { title: "connect, WebSocket", peers: all, plan: { warmup: 1000, websockets: 3000 }, metrics: connect },
  connect_polling: { title: "connect, polling", peers: servers, plan: { warmup: 1000, pollings: 3000 }, metrics: connect },
  connect_upgrade: { title: "connect, polling and upgrade", peers: servers, plan: { warmup: 1000, upgrades: 3000 }, metrics: connect },
  idle_websocket: { title: "5,000 idle WebSockets", peers: servers, plan: { websockets: 5000, "idle-ms": 8000 }, metrics: idle },
  idle_polling: { title: "5,000 hanging polls", peers: servers, plan: { pollings: 5000, "idle-ms": 8000 }, metrics: idle },
  ack_websocket: { title: "acknowledged echo, WebSocket", peers: all, plan: { websockets: 50, echoes: 100000 }, metrics: echo },
  ack_polling: { title: "acknowledged echo, polling", peers: servers, plan: { pollings: 50, echoes: 20000 }, metrics: echo },
  single_1000: { title: "1,000 WebSockets, single events", peers: all, plan: { websockets: 1000, events: 150 }, metrics: broadcast },
  single_10000: { title: "10,000 WebSockets, single events", peers: fast, plan: { websockets: 10000, events: 20 }, metrics: broadcast },
  burst_200: {
    title: "200 WebSockets, bursts of 10",
    peers: ["raw", "raw_together", "lotcast", "socketio", "python"],
    plan: { websockets: 200, events: 1000, burst: 10 },
    metrics: broadcast,
  },
  polling_1000: { title: "1,000 polling sessions, single events", peers: servers, plan: { pollings: 1000, events: 50 }, metrics: broadcast },
  mixed_1000: {
    title: "500 WebSockets and 500 polling sessions, single events",
    peers: servers,
    plan: { websockets: 500, pollings: 500, events: 80 },
    metrics: broadcast,
  },
  storm_10000: {
    title: "10,000 WebSockets connect at once; a burst of 200,000 deliveries",
    peers: fast,
    plan: { websockets: 10000, window: 10000, events: 20, burst: 10, ahead: 2, "idle-ms": 6000 },
    metrics: storm,
  },
  bid_idle: {
    title: "1,000 clients, one bid every 50 ms",
    peers: auctions,
    plan: { clients: 1000, lots: 1, "every-us": 50000, "rehearse-ms": 2000, "duration-ms": 8000 },
    metrics: bids,
  },
  bid_load: {
    title: "1,000 clients, 60 bids a second",
    peers: auctions,
    plan: { clients: 1000, lots: 100, "every-us": 16667, "rehearse-ms": 1000, "duration-ms": 5000 },
    metrics: bids,
  },
  bid_storm: {
    title: "1,000 clients, 100 bids in flight",
    peers: auctions,
    plan: { clients: 1000, lots: 100, "in-flight": 100, "rehearse-ms": 2000, "duration-ms": 5000 },
    metrics: { ...bids, ack: { ...bids.ack, isMain: false }, rate: { ...bids.rate, isMain: true } },
  },
  bid_few: {
    title: "200 clients bid on 100 lots, nobody else looks on",
    peers: auctions,
    plan: { clients: 200, lots: 100, "in-flight": 100, "rehearse-ms": 1500, "duration-ms": 4000 },
    metrics: { ...bids, ack: { ...bids.ack, isMain: false }, rate: { ...bids.rate, isMain: true } },
  },
  relay_polling: {
    title: "questions by polling through the wrong bridge",
    peers: ["bridge_base", "bridge_alone", "bridge_right", "bridge_wrong"],
    plan: { subject: "time", pollings: 50, echoes: 10000 },
    metrics: echo,
  },
  relay_websocket: {
    title: "questions over WebSockets, one bridge of two",
    peers: ["bridge_base", "bridge_alone", "bridge_right"],
    plan: { subject: "time", websockets: 50, echoes: 50000 },
    metrics: echo,
  },
  relay_upgrade: {
    title: "connect, upgrade at the wrong bridge: the session moves",
    peers: ["bridge_base", "bridge_alone", "bridge_right", "bridge_wrong"],
    plan: { subject: "time", warmup: 500, upgrades: 1000 },
    metrics: connect,
  },
};

export const peerTitles = {
  raw: "raw epoll",
  raw_together: "raw epoll, ten in one send",
  lotcast: "Lotcast",
  socketio: "npm socket.io 4.8.4 (ws)",
  python: "python-socketio (aiohttp)",
  bridge_base: "one bridge, before there were several",
  bridge_alone: "one bridge",
  bridge_right: "two bridges, always the right one",
  bridge_wrong: "two bridges, always the wrong one",
  auction: "Lotcast: broker, engine, bridge",
  auction_base: "Lotcast before",
  auction_node: "Node: socket.io, better-sqlite3",
  auction_node_group: "the same, bids of a turn in one commit",
};
