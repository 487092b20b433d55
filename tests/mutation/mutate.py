#!/usr/bin/env python3
"""Changes one line of the core at a time and sees which test notices it.

mutate.py [--list FILE] [--only NAME,...] [--seeds N] [--jobs N] [--work FOLDER] [--check]

Each mutation of mutations.txt is made in a copy of the sources, built with the core's unit tests and the simulation, and is killed by the
first of them that fails. Exit: 0 all lines fit and all mutations were killed or stand in survivors.txt; 1 another one survived, or one of
survivors.txt was killed; 2 a line does not match the source, or the copy does not build unchanged.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def read_mutations(path):
    mutations = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        # the texts may hold a bar of their own: columns are parted by " | "
        parts = line.split(" | ")
        name, file = parts[0].strip(), parts[1].strip()
        rest = parts[2:]
        half = len(rest) // 2
        if len(rest) % 2 != 0 or half == 0:
            sys.exit(f"{path.name}:{number}: not name | file | text | text")
        before, after = " | ".join(rest[:half]), " | ".join(rest[half:])
        # "@" marks the end of the line
        mutations.append((name, file, before.replace("@", "\n"), after.replace("@", "\n")))
    return mutations


def mutated(text, before, after, name, file):
    if text.count(before) != 1:
        raise ValueError(f"{name}: {file} holds {text.count(before)} times: {before.strip()!r}")
    return text.replace(before, after)


def copy_sources(place):
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                           capture_output=True).stdout.decode().split("\0")
    for name in names:
        source = ROOT / name
        if name and source.is_file() and not name.startswith("web/") and "package-lock" not in name:
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def run(command, cwd, cpu_seconds):
    """Processor time is counted, so that a busy machine kills no mutation; one that never ends is killed by it."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=limit)
    return done.returncode, done.stdout.decode(errors="replace")


def unit_tests(build):
    """Names and programs of the core's unit tests, quick ones first."""
    listed = subprocess.run(["ctest", "--show-only=json-v1", "-R", "^test_core_"], cwd=build, check=True, capture_output=True)
    tests = [(test["name"], test["command"][0]) for test in json.loads(listed.stdout)["tests"] if "command" in test]
    return sorted(tests, key=lambda test: test[0] in ("test_core_ebay", "test_core_memory"))


class Bench:
    def __init__(self, place, jobs, seeds):
        self.source, self.build, self.jobs, self.seeds = place / "source", place / "build", jobs, seeds
        copy_sources(self.source)
        # the real records lie beside the project
        shared = ROOT.parent / "shared"
        if shared.is_dir():
            os.symlink(shared, place / "shared")
        code, text = run(["cmake", "-G", "Ninja", "-S", str(self.source), "-B", str(self.build), "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                          "-DLOTCAST_WERROR=OFF"], place, 600)
        if code != 0:
            sys.stderr.write(text[-2000:])
            sys.exit(2)
        targets = subprocess.run(["ninja", "-t", "targets", "all"], cwd=self.build, check=True, capture_output=True).stdout.decode()
        names = {line.split(":")[0] for line in targets.splitlines()}
        self.targets = ["sim"] + sorted(name for name in names if name.startswith("test_core_") and "/" not in name and "." not in name)
        if self.make()[0] != 0:
            sys.stderr.write(self.make()[1][-2000:])
            sys.exit(2)
        self.tests = unit_tests(self.build)
        self.sim = next(path for path in self.build.rglob("sim") if path.is_file() and os.access(path, os.X_OK))

    def make(self):
        return run(["ninja", f"-j{self.jobs}", *self.targets], self.build, 900)

    def killers(self):
        """The first unit test that fails, and how many seeds do; both are told."""
        unit = next((name for name, program in self.tests if run([program], self.build, 20)[0] not in (0, 77)), "")
        code, text = run([str(self.sim), "--seeds", f"1-{self.seeds}"], self.build, 60)
        first = next((line for line in text.splitlines() if "audit failed" in line), "")
        sim = ""
        if code != 0:
            sim = first.split(": ", 3)[-1] if first else f"exit {code}: " + text.strip().splitlines()[-1][:80] if text.strip() else str(code)
            seed = first.split(":")[0] if first else ""
            sim = f"sim {seed}: {sim}"
        return unit, sim


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", type=pathlib.Path, default=HERE / "mutations.txt")
    parser.add_argument("--only", default="")
    parser.add_argument("--seeds", type=int, default=150)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--check", action="store_true", help="only see whether each line fits its file")
    options = parser.parse_args()
    mutations = read_mutations(options.list)
    wanted = set(filter(None, options.only.split(",")))
    expected = {line.split(":")[0] for line in (HERE / "survivors.txt").read_text().splitlines() if line.strip() and line[0] != "#"}
    wrong = []
    for name, file, before, after in mutations:
        try:
            mutated((ROOT / file).read_text(), before, after, name, file)
        except (OSError, ValueError) as error:
            wrong.append(str(error))
    if wrong:
        print("\n".join(wrong))
        return 2
    if options.check:
        print(f"{len(mutations)} lines fit")
        return 0
    place = options.work or pathlib.Path(tempfile.mkdtemp(prefix="lotcast-mutation-"))
    place.mkdir(parents=True, exist_ok=True)
    try:
        return judge(Bench(place, options.jobs, options.seeds), [m for m in mutations if not wanted or m[0] in wanted], expected)
    finally:
        if not options.work:
            shutil.rmtree(place, ignore_errors=True)


def judge(bench, mutations, expected):
    unit, sim = bench.killers()
    if unit or sim:
        print(f"unchanged sources fail: {unit} {sim}")
        return 2
    counts = {"killed": 0, "by unit tests": 0, "by the simulation": 0}
    surprises = []
    for name, file, before, after in mutations:
        began = time.monotonic()
        path = bench.source / file
        original = path.read_text()
        path.write_text(mutated(original, before, after, name, file))
        try:
            code, text = bench.make()
            unit, sim = ("the compiler", "") if code != 0 else bench.killers()
        finally:
            path.write_text(original)
        killed = bool(unit or sim)
        counts["killed"] += killed
        counts["by unit tests"] += bool(unit)
        counts["by the simulation"] += bool(sim)
        if killed == (name in expected):
            surprises.append(name)
        told = " and ".join(filter(None, (unit, sim))) or "SURVIVED"
        print(f"{'killed  ' if killed else 'SURVIVED'} {name} ({file}): {told} [{time.monotonic() - began:.0f} s]", flush=True)
    print(f"{len(mutations)} mutations: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    if surprises:
        print("against survivors.txt: " + " ".join(surprises))
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
