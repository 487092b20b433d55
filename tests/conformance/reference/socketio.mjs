// Profile `socketio`: what the public protocol suite expects.
import { Server } from "socket.io";
import * as msgpack from "socket.io-msgpack-parser";
import { hook } from "./hooks.mjs";

export const options = (given, values) => ({
  ...given({ pingInterval: 300, pingTimeout: 200, maxHttpBufferSize: 1e6, connectTimeout: 1000, serveClient: !values["no-client"], ...hook.options(values) }),
  ...(values.msgpack ? { parser: msgpack.default ?? msgpack } : {}),
  ...(values["recovery-ms"] ? { connectionStateRecovery: { maxDisconnectionDuration: Number(values["recovery-ms"]) } } : {}),
});

// The application of a socket, also of the lab's.
export function answer(socket) {
  socket.emit("auth", socket.handshake.auth ?? {});
  socket.on("message", (...args) => socket.emit("message-back", ...args));
  socket.on("message-with-ack", (...args) => {
    const ack = args.at(-1);
    if (typeof ack === "function") ack(...args.slice(0, -1));
  });
  socket.on("emit-with-ack", (...args) => socket.emit("emit-with-ack", ...args, (...got) => socket.emit("emit-with-ack", ...got)));
}

export function socketio(http, given, values) {
  const io = new Server(http, options(given, values));
  hook.headers(io.engine, values);
  io.on("connection", answer);
  io.of("/custom").on("connection", answer);
  return io;
}
