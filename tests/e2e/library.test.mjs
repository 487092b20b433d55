// The Socket.IO server as another program's library: installed into an empty place, found by pkg-config, and linked by the example of the
// manual, which the official client then talks to.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { io } from "socket.io-client";

const build = dirname(process.env.LOTCAST_BIN);
const place = mkdtempSync(join(tmpdir(), "lotcast-library-"));
const sanitizers = process.env.LOTCAST_SANITIZE ? [`-fsanitize=${process.env.LOTCAST_SANITIZE}`] : [];
const run = (command, ...args) => execFileSync(command, args, { encoding: "utf8", env: { ...process.env, PKG_CONFIG_PATH: libraries() + "/pkgconfig" } });
const libraries = () => {
  const found = readdirSync(place, { recursive: true }).find((path) => path.endsWith("libsocketio.so"));
  return found ? join(place, dirname(found)) : place;
};

before(() => {
  execFileSync("cmake", ["--install", build, "--component", "library", "--prefix", place], { stdio: "ignore" });
});
after(() => rmSync(place, { recursive: true, force: true }));

test("the library needs nothing but the C library, zlib and libcrypto, and shows nothing but its own names", () => {
  const library = join(libraries(), "libsocketio.so");
  const needed = [...run("readelf", "-d", library).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name);
  const allowed = /^(libc|libz|libcrypto|libm|libasan|libubsan|libgcc_s|ld-linux[a-z0-9-]*)\.so/;
  assert.deepEqual(needed.filter((name) => !allowed.test(name)), []);
  const names = run("nm", "-D", "--defined-only", library).trim().split("\n").map((line) => line.split(" ").at(-1));
  assert.ok(names.includes("socketio_server_create") && names.includes("endpoint_feed"));
  assert.deepEqual(names.filter((name) => !/^(socketio|engineio|endpoint|frame|bytes|buffer|lc)_|^json_quote$|^__(asan|odr_asan|ubsan)/.test(name)), []);
});

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

test("the example of the manual compiles against the installed library, and serves the official client", { timeout: 60_000 }, async () => {
  const program = join(place, "echo_server");
  const flags = run("pkg-config", "--cflags", "--libs", "socketio").trim().split(/\s+/);
  run("cc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", ...sanitizers, "docs/examples/echo_server.c", "-o", program, ...flags);
  const port = await freePort();
  const server = spawn(program, [String(port)], { stdio: "inherit", env: { ...process.env, LD_LIBRARY_PATH: libraries() } });
  try {
    for (const transports of [["polling"], ["polling", "websocket"], ["websocket"]]) {
      const socket = io(`http://127.0.0.1:${port}`, { transports, forceNew: true, reconnectionDelay: 20 });
      const answers = [];
      socket.on("say", (...args) => answers.push(args));
      const back = await socket.timeout(10_000).emitWithAck("say", "é", { a: [1] }, Buffer.from([1, 2, 3]));
      assert.equal(back, "é");
      while (answers.length === 0) await new Promise((resolve) => socket.once("say", resolve));
      assert.deepEqual(answers, [["é", { a: [1] }, Buffer.from([1, 2, 3])]]);
      socket.disconnect();
    }
    assert.equal((await fetch(`http://127.0.0.1:${port}/other`)).status, 404);
  } finally {
    server.kill();
  }
});
