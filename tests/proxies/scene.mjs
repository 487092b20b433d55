// What a test of proxies puts up: the server under test, real proxies before it, stages between them; and how it all ends.
import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Program, SOURCE, BIN, freePort, portAnswers } from "../e2e/harness.mjs";

// `reference` proves the tests themselves: the same cells against the server from npm.
export const TARGET = process.env.TARGET ?? "lotcast";
const NOBODY = 65534;
const isRoot = process.getuid() === 0;

const found = (names) => names.flatMap((name) => ["/usr/sbin", "/usr/bin", "/usr/local/bin"].map((folder) => path.join(folder, name))).find(existsSync);

export class Scene {
  static async open() {
    const scene = new Scene();
    scene.folder = mkdtempSync(path.join(os.tmpdir(), "lotcast-proxies-"));
    if (isRoot) chownSync(scene.folder, NOBODY, NOBODY);
    scene.ends = [];
    return scene;
  }

  // Opens a scene for `work`; what went wrong is reported with the last lines of every program.
  static async play(work) {
    const scene = await Scene.open();
    let failed = true;
    try {
      await work(scene);
      failed = false;
    } finally {
      await scene.close(failed);
    }
  }

  async close(failed = false) {
    const errors = [];
    for (const end of this.ends.reverse()) await end().catch((error) => errors.push(error));
    if (failed) console.error(this.tails());
    rmSync(this.folder, { recursive: true, force: true });
    if (errors.length > 0 && !failed) throw errors[0];
  }

  tails() {
    const logs = readdirSync(this.folder, { recursive: true }).filter((name) => name.endsWith(".log"));
    return logs.map((name) => `--- ${name}\n${readFileSync(path.join(this.folder, name), "utf8").slice(-3000)}`).join("\n");
  }

  onEnd(end) {
    this.ends.push(end);
  }

  // The server under test: our conformance server, or Node's with the same events. Options are the command line's.
  async server({ env, profile = "lab", ...options } = {}) {
    const settings = { "ping-interval-ms": 1000, "ping-timeout-ms": 8000, "connect-timeout-ms": 10000, "upgrade-timeout-ms": 10000, eio3: true, ...options };
    const args = ["--profile", profile, "--port", "0", ...Object.entries(settings).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]))];
    const [command, ...first] =
      TARGET === "reference" ? [process.execPath, path.join(SOURCE, "tests/conformance/reference_server.mjs")] : [path.join(BIN, "conformance_server")];
    const program = new Program(this, `server-${this.ends.length}`, command, [...first, ...args], { ready: /ready, listening on/, env });
    await program.start();
    this.onEnd(async () => {
      await program.stop();
      program.checkLog();
    });
    program.port = Number(/127\.0\.0\.1:(\d+)/.exec(program.lines.find((line) => line.includes("ready, listening")))[1]);
    program.url = `http://127.0.0.1:${program.port}`;
    program.pid = program.process.pid;
    return program;
  }

  // Starts a real proxy in the foreground, unprivileged, on a free port. `configure` writes its files and gives its
  // arguments; `impatient`: its workers would wait 10 s for what they have open.
  async proxy(name, commands, configure, { tls, impatient = false } = {}) {
    const command = found(commands);
    if (!command) throw new Error(`${commands[0]} is not installed`);
    const port = await freePort();
    const folder = path.join(this.folder, `${name}-${port}`);
    mkdirSync(folder);
    const write = (file, text) => {
      writeFileSync(path.join(folder, file), text);
      return path.join(folder, file);
    };
    const args = configure(folder, port, write);
    if (isRoot) for (const each of [".", ...readdirSync(folder)]) chownSync(path.join(folder, each), NOBODY, NOBODY);
    const rights = isRoot ? ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"].map(String) : [];
    const program = new Program(this, `${name}-${port}`, "setpriv", [...rights, "--pdeathsig", "TERM", command, ...args], {
      env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    });
    const stop = async () => {
      if (!program.running) throw new Error(`${name} had ended\n${program.describe()}`);
      const child = program.process;
      const timer = setTimeout(() => child.kill("SIGKILL"), 15000);
      const workers = impatient ? readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ").filter(Boolean) : [];
      program.signal("SIGTERM");
      for (const pid of workers) process.kill(Number(pid), "SIGKILL");
      await program.exit;
      clearTimeout(timer);
    };
    const start = async () => {
      await program.start();
      const early = program.exit.then(() => Promise.reject(new Error(`${name} did not start\n${program.describe()}`)));
      await Promise.race([portAnswers(port), early]);
      early.catch(() => {});
    };
    this.onEnd(stop);
    await start();
    return { name, port, program, folder, start, end: stop, url: `${tls ? "https" : "http"}://127.0.0.1:${port}` };
  }

  // A certificate of its own for 127.0.0.1; `pem` is both in one file, as haproxy takes it.
  certificate() {
    if (this.tls) return this.tls;
    const [key, cert, pem] = ["key.pem", "cert.pem", "both.pem"].map((name) => path.join(this.folder, name));
    const made = spawnSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", cert], { encoding: "utf8" });
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
    writeFileSync(pem, readFileSync(cert, "utf8") + readFileSync(key, "utf8"));
    if (isRoot) for (const file of [key, cert, pem]) chownSync(file, NOBODY, NOBODY);
    this.tls = { key, cert, pem };
    return this.tls;
  }
}
