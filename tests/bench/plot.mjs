// The plot of docs/PERFORMANCE.md: one panel for each case, one bar for each server.
import { cases, peerTitles } from "./cases.mjs";
import { medianOf, show } from "./summary.mjs";

const panel = { width: 300, head: 40, bar: 15, gap: 6, label: 96, value: 52, bottom: 14 };
const columnsCount = 3;
const bars = 5;
const colours = {
  lotcast: "#0b7a75", auction: "#0b7a75", raw: "#9aa5b1", raw_together: "#9aa5b1", socketio: "#d1783c", auction_node: "#d1783c", auction_node_group: "#d1783c",
  python: "#7b6ca8", bridge_base: "#9aa5b1", bridge_alone: "#0b7a75", bridge_right: "#0b7a75", bridge_wrong: "#5aa9a4", auction_base: "#9aa5b1", auction_right: "#0b7a75", auction_wrong: "#5aa9a4",
};
const labels = {
  ...peerTitles, raw_together: "raw, one send", socketio: "npm socket.io", python: "python-socketio", auction: "Lotcast", auction_node: "Node auction",
  auction_node_group: "Node, grouped", bridge_base: "before", bridge_right: "two, right", bridge_wrong: "two, wrong", auction_base: "before", auction_right: "two, right", auction_wrong: "two, wrong",
};

function escape(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

function wrapped(title) {
  return title.length > 42 ? `${title.slice(0, 40).trimEnd()}…` : title;
}

function onePanel(name, results, x, y) {
  const metric = Object.values(cases[name].metrics).find((one) => one.isMain);
  const values = Object.entries(results).map(([peer, rounds]) => ({ peer, value: medianOf(metric, rounds) }));
  const most = Math.max(...values.map(({ value }) => value).filter(Number.isFinite));
  const room = panel.width - panel.label - panel.value;
  const drawn = values.map(({ peer, value }, i) => {
    const top = y + panel.head + i * (panel.bar + panel.gap);
    const width = Number.isFinite(value) ? Math.max(1, (value / most) * room) : 0;
    return `<text x="${x + panel.label - 6}" y="${top + 12}" text-anchor="end">${escape(labels[peer])}</text>
<rect x="${x + panel.label}" y="${top}" width="${width.toFixed(1)}" height="${panel.bar}" fill="${colours[peer]}"/>
<text x="${(x + panel.label + width + 5).toFixed(1)}" y="${top + 12}">${show(value)}</text>`;
  });
  return `<text x="${x}" y="${y + 14}" class="title">${escape(wrapped(cases[name].title))}</text>
<text x="${x}" y="${y + 29}" class="unit">${escape(metric.unit)}${metric.moreIsBetter ? ", more is better" : ""}</text>
${drawn.join("\n")}`;
}

export function plot(report) {
  const names = Object.keys(cases).filter((name) => name in report.cases);
  const height = panel.head + bars * (panel.bar + panel.gap) + panel.bottom;
  const panels = names.map((name, i) =>
    onePanel(name, report.cases[name], 16 + (i % columnsCount) * (panel.width + 16), 12 + Math.floor(i / columnsCount) * height),
  );
  const size = { width: 16 + columnsCount * (panel.width + 16), height: 12 + Math.ceil(names.length / columnsCount) * height };
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" role="img">
<title>CPU and memory of the servers, case by case; shorter is better where nothing else is said</title>
<style>text{font:11px system-ui,sans-serif;fill:#26323d}.title{font-weight:600;font-size:12px}.unit{fill:#66727f}</style>
<rect width="100%" height="100%" fill="#fff"/>
${panels.join("\n")}
</svg>
`;
}
