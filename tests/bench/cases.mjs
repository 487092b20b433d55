// What is measured: each case is one run of the generator against one fresh server, and names what of it is compared.
import { wholeCases, wholeTitles } from "./whole_cases.mjs";

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

const all = ["raw", "lotcast", "socketio", "python"];
const servers = ["lotcast", "socketio", "python"];
const fast = ["raw", "lotcast", "socketio"];

// `rounds`: no more than so many, of what hardly changes from one to the next. Python takes part in one, with less to do.
export const pythonRounds = 1;
export function pythonPlan(plan) {
  const parts = { warmup: 5, upgrades: 3, events: 5, echoes: 10 };
  return Object.fromEntries(Object.entries(plan).map(([name, value]) => [name, value / (parts[name] ?? 1)]));
}

export const cases = {
  connect_websocket: { rounds: 2, title: "connect, WebSocket", peers: all, plan: { warmup: 1000, websockets: 3000 }, metrics: connect },
  connect_polling: { rounds: 2, title: "connect, polling", peers: servers, plan: { warmup: 1000, pollings: 3000 }, metrics: connect },
  connect_upgrade: { rounds: 2, title: "connect, polling and upgrade", peers: servers, plan: { warmup: 1000, upgrades: 3000 }, metrics: connect },
  idle_websocket: { rounds: 1, title: "5,000 idle WebSockets", peers: servers, plan: { websockets: 5000, "idle-ms": 8000 }, metrics: idle },
  idle_polling: { rounds: 1, title: "5,000 hanging polls", peers: servers, plan: { pollings: 5000, "idle-ms": 8000 }, metrics: idle },
  ack_websocket: { title: "acknowledged echo, WebSocket", peers: all, plan: { websockets: 50, echoes: 100000 }, metrics: echo },
  ack_polling: { title: "acknowledged echo, polling", peers: servers, plan: { pollings: 50, echoes: 20000 }, metrics: echo },
  single_1000: { title: "1,000 WebSockets, single events", peers: all, plan: { websockets: 1000, events: 150, spins: 1 }, metrics: broadcast },
  single_10000: { title: "10,000 WebSockets, single events", peers: fast, plan: { websockets: 10000, events: 20, spins: 1 }, metrics: broadcast },
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
    rounds: 1,
    title: "10,000 WebSockets connect at once; a burst of 200,000 deliveries",
    peers: fast,
    plan: { websockets: 10000, window: 10000, events: 20, burst: 10, ahead: 2, "idle-ms": 6000 },
    metrics: storm,
  },
  ...wholeCases,
};

export const peerTitles = {
  raw: "raw epoll",
  raw_together: "raw epoll, ten in one send",
  lotcast: "Lotcast",
  socketio: "npm socket.io 4.8.4 (ws)",
  python: "python-socketio (aiohttp)",
  ...wholeTitles,
};
