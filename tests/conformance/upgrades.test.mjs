// Upgrades under traffic, by the official client: messages 1 to 50 both ways arrive once and in order. CYCLES says how often.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe } from "node:test";
import { io } from "socket.io-client";
import { Server, eventually, it } from "./harness.mjs";

const io2 = createRequire(import.meta.url)("socket.io-client-2");
const cycles = Number(process.env.CYCLES ?? 1000);
const numbers = Array.from({ length: 50 }, (_, i) => i + 1);

async function cycle(server, client, n) {
  const socket = client(server.url, { transports: ["polling", "websocket"], forceNew: true, reconnection: false });
  const got = [];
  const pushed = [];
  socket.on("message-back", (i) => got.push(i));
  socket.on("news", (i) => pushed.push(i));
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  await new Promise((resolve) => socket.emit("join", `cycle-${n}`, resolve));
  for (const i of numbers) {
    socket.emit("message", i);
    socket.emit("to", `cycle-${n}`, i);
    if (i % 5 === n % 5) await new Promise(setImmediate);
  }
  await eventually(() => got.length >= 50 && pushed.length >= 50 && socket.io.engine.transport.name === "websocket", 15000);
  assert.deepEqual(got, numbers);
  assert.deepEqual(pushed, numbers);
  socket.disconnect();
}

describe("upgrades under traffic", () => {
  for (const [name, client, share] of [["socket.io-client 4.8", io, 0.9], ["socket.io-client 2.5", io2, 0.1]]) {
    const count = Math.round(cycles * share);
    it(`2.7 ${count} upgrades of ${name} with messages 1 to 50 both ways: once, and in order`, { timeout: 600000 }, async () => {
      const server = await Server.start("lab", "--eio3", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000", "--connect-timeout-ms", "20000");
      for (let done = 0; done < count; done += 10) {
        await Promise.all(Array.from({ length: Math.min(10, count - done) }, (_, i) => cycle(server, client, done + i)));
      }
      await server.stop();
    });
  }
});
