// Profile `socketio-client`: what the official client's own suite expects.
import { Server } from "socket.io";
import * as msgpack from "socket.io-msgpack-parser";

const BYTES = Buffer.from("asdfasdf");
const isBytes = Buffer.isBuffer;
const isJsonWithBytes = (data) => data?.hello === "lol" && isBytes(data.message) && data.goodbye === "gotcha";

function root(socket) {
  const reply = (name, test) => (...args) => test(...args) && socket.emit(name);
  socket.on("hi", () => socket.emit("hi"));
  socket.on("echo", (data, ack) => ack(data));
  socket.on("ack", () => socket.emit("ack", (a, b) => a === 5 && b?.test && socket.emit("got it")));
  socket.on("getAckDate", (...args) => args.at(-1)(new Date()));
  socket.on("getDate", () => socket.emit("takeDate", new Date()));
  socket.on("getDateObj", () => socket.emit("takeDateObj", { date: new Date() }));
  socket.on("getUtf8", () => {
    for (const text of ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"]) socket.emit("takeUtf8", text);
  });
  socket.on("false", () => socket.emit("false", false));
  socket.on("doge", () => socket.emit("doge", BYTES));
  socket.on("getbin", () => socket.emit("takebin", BYTES));
  socket.on("buffa", reply("buffack", isBytes));
  socket.on("jsonbuff", reply("jsonbuff-ack", isJsonWithBytes));
  socket.on("blob", reply("back", isBytes));
  socket.on("jsonblob", reply("jsonblob-ack", isJsonWithBytes));
  let last = "";
  socket.on("abuff1", (data) => (last = isBytes(data) ? "abuff1" : ""));
  socket.on("abuff2", () => last === "abuff1" && socket.emit("abuff2-ack"));
  socket.on("blob1", (data) => (last = isBytes(data) ? "blob1" : ""));
  socket.on("blob2", (data) => (last = last === "blob1" && data === "second" ? "blob2" : ""));
  socket.on("blob3", (data) => last === "blob2" && isBytes(data) && socket.emit("blob3-ack"));
  socket.on("getHandshake", (ack) => ack(socket.handshake));
  socket.on("getId", (ack) => ack(socket.id));
}

export function socketioClient(http, given, values) {
  const io = new Server(http, {
    ...given({ pingInterval: 2000, connectionStateRecovery: {}, allowRequest: (_request, decide) => setTimeout(() => decide(null, true), 10) }, "none"),
    ...(values.msgpack ? { parser: msgpack.default ?? msgpack } : {}),
  });
  io.use((socket, next) => next(socket.request._query.fail ? new Error("Auth failed (main namespace)") : undefined));
  io.on("connection", root);
  io.of("/no").use((_socket, next) => next(new Error("Auth failed (custom namespace)")));
  io.of("/foo").on("connection", (socket) => socket.on("getId", (ack) => ack(socket.id)));
  for (const name of ["/timeout_socket", "/valid", "/asd"]) io.of(name).on("connection", () => {});
  io.of("/abc").on("connection", (socket) => socket.emit("handshake", socket.handshake));
  return io;
}
