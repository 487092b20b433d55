// Medians over rounds, ratios pair by pair: each round of a peer is compared with the same round of the other.
import { cases, peerTitles } from "./cases.mjs";

export function median(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function medianOf(metric, rounds) {
  return median((rounds ?? []).map((result) => (result ? metric.of(result) : NaN)));
}

export function ratiosOf(metric, rounds, baseRounds) {
  return (rounds ?? []).flatMap((result, i) => (result && baseRounds?.[i] ? [metric.of(result) / metric.of(baseRounds[i])] : []));
}

export function show(value) {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

// Rows of a case: one for each peer, medians of its metrics and, for each round, its ratios to the limit and to npm socket.io.
export function rows(name, results) {
  const metrics = Object.values(cases[name].metrics);
  const main = metrics.find((metric) => metric.isMain);
  return Object.keys(results).map((peer) => ({
    peer,
    title: peerTitles[peer],
    values: metrics.map((metric) => medianOf(metric, results[peer])),
    toRaw: ratiosOf(main, results[peer], results.raw),
    toRawTogether: ratiosOf(main, results[peer], results.raw_together),
    toNode: ratiosOf(main, results[peer], results.socketio),
    toNodeAuction: ratiosOf(main, results[peer], results.auction_node),
    toBase: ratiosOf(main, results[peer], results.bridge_base ?? results.auction_base),
  }));
}

export function columns(name, results) {
  const units = Object.values(cases[name].metrics).map((metric) => metric.unit);
  const ratios = [results.raw && "x raw", results.raw_together && "x raw, one send", results.socketio && "x socket.io", results.auction_node && "x Node", (results.bridge_base ?? results.auction_base) && "x before"];
  return ["server", ...units, ...ratios.filter(Boolean)];
}

export function cells(row, results) {
  const ratios = [results.raw && row.toRaw, results.raw_together && row.toRawTogether, results.socketio && row.toNode, results.auction_node && row.toNodeAuction, (results.bridge_base ?? results.auction_base) && row.toBase];
  return [row.title, ...row.values.map(show), ...ratios.filter((ratio) => ratio !== undefined).map((list) => show(median(list)))];
}

export function table(name, results) {
  const lines = [columns(name, results), ...rows(name, results).map((row) => cells(row, results))];
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const text = lines.map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "));
  return `\n${cases[name].title}\n${text.join("\n")}`;
}
