// Cases of the whole of Lotcast, broker, engine and bridges together: bids against an auction in one Node process, and what it costs to
// ask the wrong bridge.

const latency = (phase, name) => (result) => result[phase][name] / 1000;
const perCount = (phase) => (result) => result[phase].server_cpu_us / result[phase].count;

// Of bids: what the bidder waits for, what the room waits for, and how many a second.
const bids = {
  ack: { unit: "ms to answer, p50", of: latency("ack", "p50_us"), isMain: true },
  ack99: { unit: "ms to answer, p99", of: latency("ack", "p99_us") },
  last: { unit: "ms to last client, p50", of: latency("last", "p50_us") },
  last99: { unit: "ms to last client, p99", of: latency("last", "p99_us") },
  rate: { unit: "bids/s", moreIsBetter: true, of: (result) => (result.bids / result.wall_us) * 1e6 },
  cpu: { unit: "CPU us per bid", of: (result) => result.server_cpu_us.reduce((sum, used) => sum + used, 0) / result.bids },
};

const auctions = ["auction", "auction_node", "auction_node_group"];

// Where bids a second are the question.
const bidRates = { ...bids, ack: { ...bids.ack, isMain: false }, rate: { ...bids.rate, isMain: true } };

const questions = {
  cpu: { unit: "CPU us per round trip", of: perCount("echo"), isMain: true },
  p50: { unit: "ms p50", of: latency("echo", "p50_us") },
  p99: { unit: "ms p99", of: latency("echo", "p99_us") },
};
const moves = {
  cpu: { unit: "CPU us per connect", of: perCount("connect"), isMain: true },
  wall: { unit: "connects/s", of: (result) => (result.connect.count / result.connect.wall_us) * 1e6 },
};
const bridges = ["bridge_base", "bridge_alone", "bridge_right", "bridge_wrong"];

export const wholeCases = {
  bid_idle: {
    title: "1,000 clients, one bid every 50 ms",
    peers: auctions,
    plan: { clients: 1000, lots: 1, "every-us": 50000, "rehearse-ms": 1500, "duration-ms": 6000 },
    metrics: bids,
  },
  bid_load: {
    rounds: 2,
    title: "1,000 clients, 40 bids a second",
    peers: auctions,
    plan: { clients: 1000, lots: 100, "every-us": 25000, "rehearse-ms": 1000, "duration-ms": 5000 },
    metrics: bids,
  },
  bid_storm: {
    rounds: 2,
    title: "1,000 clients, 100 bids in flight",
    peers: auctions,
    plan: { clients: 1000, lots: 100, "in-flight": 100, "rehearse-ms": 1500, "duration-ms": 4000 },
    metrics: bidRates,
  },
  bid_few: {
    rounds: 1,
    title: "200 clients, all bidders, 100 bids in flight",
    peers: auctions,
    plan: { clients: 200, lots: 100, "in-flight": 100, "rehearse-ms": 1500, "duration-ms": 4000 },
    metrics: bidRates,
  },
  relay_websocket: {
    title: "questions over WebSockets",
    peers: ["bridge_base", "bridge_alone", "bridge_right"],
    plan: { subject: "time", websockets: 50, echoes: 50000 },
    metrics: questions,
  },
  relay_polling: { title: "questions by polling", peers: bridges, plan: { subject: "time", pollings: 50, echoes: 20000 }, metrics: questions },
  relay_upgrade: {
    rounds: 2,
    title: "connect by polling and upgrade",
    peers: bridges,
    plan: { subject: "time", warmup: 500, upgrades: 1000 },
    metrics: moves,
  },
  relay_room: {
    rounds: 1,
    title: "200 clients bid and look on by polling, 20 bids a second",
    peers: ["auction_base", "auction_right", "auction_wrong"],
    plan: { clients: 200, pollings: 200, lots: 20, "every-us": 50000, "rehearse-ms": 1000, "duration-ms": 4000 },
    metrics: { ...bids, ack: { ...bids.ack, isMain: false }, cpu: { ...bids.cpu, isMain: true } },
  },
};

export const wholeTitles = {
  bridge_base: "one bridge, before there were several",
  bridge_alone: "one bridge",
  bridge_right: "two bridges, always the right one",
  bridge_wrong: "two bridges, always the wrong one",
  auction: "Lotcast: broker, engine, bridge",
  auction_base: "one bridge, before there were several",
  auction_right: "two bridges, always the right one",
  auction_wrong: "two bridges, always the wrong one",
  auction_node: "Node: socket.io, better-sqlite3",
  auction_node_group: "Node, bids of a turn in one commit",
};
