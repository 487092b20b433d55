// What the figures are to reach: each goal compares Lotcast with another in the same round; its median counts.
import { cases } from "./cases.mjs";
import { median, show } from "./summary.mjs";

const mainOf = (name) => Object.values(cases[name].metrics).find((metric) => metric.isMain);

// `to`: with whom; of several the better one of the round. `how`: the ratio, or how much more; `most` or `least` is what is allowed.
function goal(name, text, limits, { of = "lotcast", to, metric = mainOf(name), how = "ratio", unit = "" }) {
  return { name, text, of, to, metric, how, unit, ...limits };
}

const node = (name, text) => goal(name, `${text}, to npm socket.io`, { most: 1 / 3 }, { to: ["socketio"] });
const raw = (name, text, most) => goal(name, text, { most }, { to: ["raw"] });
const auctionNode = ["auction_node", "auction_node_group"];

// Of bids, against the better of the two Node auctions in each round.
function bid(name, text, limits, metric, how = "ratio") {
  return goal(name, text, limits, { of: "auction", to: auctionNode, metric: cases[name].metrics[metric], how, unit: how === "more" ? " ms" : "" });
}

const sticky = (name, text) => goal(name, text, { most: 1.05 }, { of: "bridge_right", to: ["bridge_base"] });

export const goals = [
  node("connect_websocket", "CPU per connect, WebSocket"),
  node("connect_polling", "CPU per connect, polling"),
  node("connect_upgrade", "CPU per connect, polling and upgrade"),
  node("idle_websocket", "memory per idle WebSocket"),
  node("idle_polling", "memory per hanging poll"),
  raw("single_1000", "CPU per delivery, single events, to the raw broadcaster", 1.1),
  goal("single_1000", "CPU per delivery, single events, to npm socket.io", { most: 0.65 }, { to: ["socketio"] }),
  raw("single_10000", "the same with 10,000 WebSockets, to the raw broadcaster", 1.1),
  raw("burst_200", "CPU per delivery, bursts of 10, to a raw send for each event", 0.25),
  goal("burst_200", "the same, to one raw send for the ten", { most: 1.25 }, { to: ["raw_together"] }),
  goal("burst_200", "the same, to npm socket.io", { most: 0.15 }, { to: ["socketio"] }),
  bid("bid_idle", "idle: bid to answer, p50, more than Node", { most: 1 }, "ack", "more"),
  bid("bid_idle", "idle: bid to the last of 1,000 clients, p50, more than Node", { most: 1 }, "last", "more"),
  ...["bid_load", "bid_storm"].flatMap((name) => {
    const load = name === "bid_load" ? "40 bids a second" : "100 in flight";
    return [
      bid(name, `${load}: bid to answer, p50, to Node`, { most: 1 }, "ack"),
      bid(name, `${load}: bid to answer, p99, to Node`, { most: 1 }, "ack99"),
      bid(name, `${load}: bid to the last client, p50, to Node`, { most: 1 }, "last"),
      bid(name, `${load}: bid to the last client, p99, to Node`, { most: 1 }, "last99"),
    ];
  }),
  bid("bid_storm", "bids a second with 1,000 clients, to Node", { least: 3 }, "rate"),
  bid("bid_few", "bids a second with 200 clients, to Node", { least: 3 }, "rate"),
  sticky("relay_websocket", "CPU per question over WebSockets, one of two bridges, to before there were several"),
  sticky("relay_polling", "CPU per question by polling, always at the right bridge, to the same"),
  sticky("relay_upgrade", "CPU per connect by polling and upgrade, always at the right bridge, to the same"),
];

// The comparison in each round in which all took part.
function compared({ of, to, metric, how }, results) {
  return (results[of] ?? []).flatMap((result, round) => {
    const others = to.map((peer) => results[peer]?.[round]).filter(Boolean).map(metric.of);
    if (!result || others.length < to.length) return [];
    const other = metric.moreIsBetter ? Math.max(...others) : Math.min(...others);
    return [how === "ratio" ? metric.of(result) / other : metric.of(result) - other];
  });
}

function verdict(values, isReached) {
  if (values.length === 0) return "not measured";
  if (!isReached(median(values))) return "missed";
  return values.every(isReached) ? "reached" : "reached, not in each round";
}

// The row of a goal in the table of docs/PERFORMANCE.md.
export function goalLine(one, results) {
  const values = compared(one, results);
  const isReached = (value) => (one.most === undefined ? value >= one.least : value <= one.most);
  const wanted = one.most === undefined ? `at least ${show(one.least)}` : `at most ${show(one.most)}`;
  const spread = values.length > 0 ? `${show(Math.min(...values))} - ${show(Math.max(...values))}` : "-";
  return [one.text, `${wanted}${one.unit}`, `${show(median(values))}${one.unit}`, spread, verdict(values, isReached)];
}
