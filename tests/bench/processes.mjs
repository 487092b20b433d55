// How the bench starts programs.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

export const bin = process.env.LOTCAST_BIN ?? "build/release/bin";

// Before everything else on the machine, as root: latencies on one that others use too. Short runs only.
const realtime = process.env.BENCH_REALTIME ? ["chrt", "-r", "10"] : [];

// The command on one CPU, or unpinned; it ends with us, however we end. The programs before it become it: the pid is its own.
export function held(command, cpu, pin) {
  const place = pin && availableParallelism() > 1 ? [...realtime, "taskset", "-c", String(cpu)] : [];
  return ["setpriv", "--pdeathsig", "TERM", ...place, ...command];
}

// Runs a generator on the other CPU; the object that it prints.
export function generate(program, options, pin) {
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const [command, ...args] = held([`${bin}/${program}`, ...words], 1, pin);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (chunk) => (text[name] += chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve(JSON.parse(text.stdout)) : reject(new Error(text.stderr.trim() || `ended with ${code}`))));
  });
}
