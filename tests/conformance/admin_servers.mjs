// Two servers with the Admin UI's namespace and one application: ours, and the reference (socket.io with @socket.io/admin-ui).
import http from "node:http";
import { createRequire } from "node:module";
import { Server as Ours } from "./harness.mjs";

const require = createRequire(import.meta.url);
const admin = createRequire(require.resolve("@socket.io/admin-ui"));

export const USER = "admin";
export const PASSWORD = "correct horse";
export const hash = () => admin("bcryptjs").hashSync(PASSWORD, 4);

// What conformance_server's profile `lab` does with the events that the tests use.
function application(io) {
  for (const nsp of ["/", "/custom"]) {
    io.of(nsp).on("connection", (socket) => {
      socket.emit("auth", socket.handshake.auth);
      socket.on("message", (...args) => socket.emit("message-back", ...args));
      socket.on("join", (room, done) => {
        socket.join(room);
        done(true);
      });
      socket.on("leave", (room, done) => {
        socket.leave(room);
        done(true);
      });
    });
  }
}

export async function startReference({ mode = "development", readonly = false, origin = "*", msgpack = false } = {}) {
  const { Server } = require("socket.io");
  const { instrument } = require("@socket.io/admin-ui");
  const server = http.createServer();
  const io = new Server(server, { cors: { origin, credentials: origin !== "*" }, pingInterval: 20_000, ...(msgpack && { parser: require("socket.io-msgpack-parser") }) });
  application(io);
  instrument(io, { auth: { type: "basic", username: USER, password: hash() }, mode, readonly });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => io.close(resolve)),
  };
}

export function startOurs({ mode = "development", readonly = false, origin = "*", msgpack = false, bcrypt = hash() } = {}) {
  const args = ["--admin-user", USER, "--admin-hash", bcrypt, "--admin-mode", mode, "--ping-interval-ms", "20000", "--connect-timeout-ms", "20000"];
  if (msgpack) args.push("--msgpack");
  if (readonly) args.push("--admin-readonly");
  if (origin !== "*") args.push("--cors-origin", origin, "--cors-credentials");
  return Ours.start("lab", ...args);
}
