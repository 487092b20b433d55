// Node's own server with the events of the profile `lab` that these tests use, and the same command line: what proves the tests.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Server } from "socket.io";

const number = { type: "string", default: "0" };
const { values } = parseArgs({
  options: {
    profile: { type: "string" },
    port: number,
    "ping-interval-ms": number,
    "ping-timeout-ms": number,
    "connect-timeout-ms": number,
    "upgrade-timeout-ms": number,
    eio3: { type: "boolean", default: false },
  },
});
const http = createServer();
const io = new Server(http, {
  pingInterval: Number(values["ping-interval-ms"]),
  pingTimeout: Number(values["ping-timeout-ms"]),
  connectTimeout: Number(values["connect-timeout-ms"]),
  upgradeTimeout: Number(values["upgrade-timeout-ms"]),
  allowEIO3: values.eio3,
  cors: { origin: "*" },
});
let upgrades = 0;
io.engine.on("connection", (session) => session.on("upgrade", () => upgrades++));
io.on("connection", (socket) => {
  socket.on("message", (...args) => socket.emit("message-back", ...args));
  socket.on("message-with-ack", (...args) => args.pop()(...args));
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack(true);
  });
  socket.on("to", (room, ...args) => io.to(room).emit("news", ...args));
  socket.on("getHandshake", (ack) => ack(socket.handshake));
  socket.on("counts", (ack) => {
    const all = Object.values(io.engine.clients);
    ack({ sessions: all.length, websocket: all.filter(({ transport }) => transport.name === "websocket").length, sockets: io.of("/").sockets.size, upgrades });
  });
  socket.emit("auth", socket.handshake.auth ?? {});
});
http.listen(Number(values.port), "127.0.0.1", () => console.error(`reference: ready, listening on http://127.0.0.1:${http.address().port}`));
process.on("SIGTERM", () => process.exit(0));
