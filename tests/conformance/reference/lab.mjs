// Profile `lab`: the profile `socketio`, and events for our own tests. profile_lab.c is the same in C, and names them.
import { Server } from "socket.io";
import { hook } from "./hooks.mjs";
import { answer, options } from "./socketio.mjs";

const list = (text) => text.split(",").filter(Boolean);
const short = (sid) => sid.slice(0, 6);

// The sockets of `rooms` without those of `except`.
const target = (io, rooms, except = "") => {
  let operator = list(rooms).length > 0 ? io.to(list(rooms)) : io;
  if (list(except).length > 0) operator = operator.except(list(except));
  return operator;
};

function rooms(io, socket) {
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack?.(true);
  });
  socket.on("leave", (room, ack) => {
    socket.leave(room);
    ack?.(true);
  });
  socket.on("size", (room, ack) => ack(io.adapter.rooms.get(room)?.size ?? 0));
  socket.on("rooms", (ack) => ack([...socket.rooms]));
  socket.on("to", (room, ...args) => io.to(room).emit("news", ...args));
  socket.on("tick", (room, ...args) => io.to(room).volatile.emit("tick", ...args));
  socket.on("kick", (room) => {
    io.to(room).emit("last", 1);
    socket.disconnect();
  });
  socket.on("close", () => {
    socket.emit("last", 1);
    socket.disconnect(true);
  });
}

function targets(io, socket) {
  socket.on("bcast", (flags, to, except, ...args) => {
    let operator = target(flags.includes("s") ? socket.broadcast : io, to, except);
    if (flags.includes("v")) operator = operator.volatile;
    if (flags.includes("n")) operator = operator.compress(false);
    operator.emit("news", ...args);
  });
  socket.on("bcast-ack", (timeout, to, except, ...args) => {
    const ack = args.pop();
    target(io, to, except).timeout(Number(timeout)).emit("question", ...args, (error, answers) => ack(Boolean(error), answers));
  });
  socket.on("fetch", async (to, except, ack) => ack((await target(io, to, except).fetchSockets()).map(({ id }) => id).sort()));
  socket.on("sockets-join", (to, room, ack) => {
    target(io, to).socketsJoin(room);
    ack(true);
  });
  socket.on("sockets-leave", (to, room, ack) => {
    target(io, to).socketsLeave(room);
    ack(true);
  });
  socket.on("sockets-disconnect", (to, close) => target(io, to).disconnectSockets(close === "1"));
}

function others(server, socket) {
  socket.on("ask", (timeout, ...args) => {
    const ack = args.pop();
    const done = (error, ...got) => (error ? ack("timed out") : ack("answered", ...got));
    if (timeout === "0") socket.emit("question", ...args, (...got) => ack("answered", ...got));
    else socket.timeout(Number(timeout)).emit("question", ...args, done);
  });
  socket.on("burst", (kinds) => {
    [...kinds].forEach((kind, i) => {
      if (kind === "r") socket.emit("burst", i);
      else if (kind === "v") socket.volatile.emit("burst", i);
      else socket.volatile.emit("burst", i, Buffer.from([i]), Buffer.from([i]));
    });
  });
  socket.on("flood", () => {
    for (let i = 0; i < 100; i++) socket.emit("big", 1);
  });
  socket.on("plain", (size) => socket.compress(false).emit("large", "x".repeat(Number(size))));
  socket.on("large", (size) => socket.emit("large", "x".repeat(Number(size))));
  socket.on("eleven", () => socket.emit("eleven", ...Array.from({ length: 11 }, (_, i) => Buffer.from([i]))));
  socket.on("set", (value) => (socket.data.value = value));
  socket.on("get", (ack) => ack(socket.data.value ?? null));
  socket.on("recovered", (ack) => ack(socket.recovered));
  socket.on("handshake", (ack) => ack(socket.handshake));
  socket.on("nsps", (ack) => ack([...server._nsps.keys()].sort()));
  socket.on("counts", (ack) => {
    const all = Object.values(server.engine.clients);
    ack({ sessions: all.length, websocket: all.filter(({ transport }) => transport.name === "websocket").length, sockets: server.of("/").sockets.size, ...counts });
  });
}

const counts = { handshakes: 0, upgrades: 0 };

export function lab(http, given, values) {
  const server = new Server(http, { ...options(given, values), cleanupEmptyChildNamespaces: true });
  hook.headers(server.engine, values);
  server.engine.on("connection", (session) => {
    counts.handshakes++;
    console.error(`${short(session.id)} opened: ${session.transport.name}`);
    session.on("upgrade", () => {
      counts.upgrades++;
      console.error(`${short(session.id)} upgraded: websocket`);
    });
    session.on("close", (reason) => console.error(`${short(session.id)} closed: ${reason}`));
  });
  const serve = (socket) => {
    const io = socket.nsp;
    const tell = (what, reason) => console.error(`${short(socket.id)} ${what}: ${reason}, ${[...socket.rooms].filter((room) => room !== socket.id).length} rooms`);
    socket.on("disconnecting", (reason) => tell("disconnecting", reason));
    socket.on("disconnect", (reason) => tell("disconnected", reason));
    answer(socket);
    rooms(io, socket);
    targets(io, socket);
    others(server, socket);
  };
  server.on("connection", serve);
  server.of("/custom").on("connection", serve);
  const children = server.of((name, _auth, next) => next(null, name.startsWith("/lab")));
  children.use((socket, next) => {
    const name = socket.nsp.name;
    if (name === "/lab-pending") return;
    if (name === "/lab-deny") return next(Object.assign(new Error("denied"), { data: { code: 7 } }));
    if (name === "/lab-deny-plain") return next(new Error("denied"));
    if (name === "/lab-early") socket.emit("early", 1);
    if (name === "/lab-slow") {
      socket.join("slow");
      return setTimeout(next, 50);
    }
    next();
  });
  children.on("connection", serve);
  return server;
}
