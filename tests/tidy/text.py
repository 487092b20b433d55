#!/usr/bin/env python3
"""What may not stand in any file: postponed work, paths of somebody's machine, hosts of registries, secrets, long functions."""

import re
import sys

import project_files as project

BINARY = (".png", ".jpg", ".ico", ".woff2", ".gz", ".db", ".sqlite", ".wasm", ".bin", ".mp3", ".ogg")
LOCK_FILES = ("package-lock.json",)
LOCK_HOST = "https://registry." "npmjs.org/"
RULES = (
    ("postponed work", re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")),
    ("path of a machine", re.compile(r"(?<![\w.}])/(home/[a-z]|ro" r"ot/|work/[a-z]|Users/[A-Za-z])")),
    ("host of a registry", re.compile(r"(registry\.(npmjs|yarnpkg)|deb\.debian\.org|pypi\.org|proxy\.golang)")),
    ("private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("token", re.compile(r"eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{30,}")),
)
# Where a finding is meant: tokens of tests, which no key of ours signed.
EXCUSED = {"token": ("tests/",)}
# Counted as clang-tidy does: from the opening brace to the closing one. A test may be one long table.
FUNCTION_LINES_MAX, TEST_FUNCTION_LINES_MAX = 70, 120


def check_lines(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for name, pattern in RULES:
            if pattern.search(line) and not path.startswith(EXCUSED.get(name, ("//",))):
                yield f"{path}:{number}: {name}: {line.strip()[:100]}"


def check_lock(path, text):
    for host in re.findall(r'"resolved": "([^"]+)"', text):
        if not host.startswith(LOCK_HOST):
            yield f"{path}: resolved from {host}"


def check_functions(path, text):
    """clang-format puts a function's braces into the first column, and nothing else's but a type's or a table's."""
    start, most = None, TEST_FUNCTION_LINES_MAX if path.startswith("tests/") else FUNCTION_LINES_MAX
    for number, line in enumerate(text.splitlines(), 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            if number - start > most:
                yield f"{path}:{start}: a function of {number - start} lines (at most {most})"
            start = None


def check_form(path, text):
    if text and not text.endswith("\n"):
        yield f"{path}: no newline at the end"
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip():
            yield f"{path}:{number}: spaces at the end"
            break


def main():
    findings = []
    for path in project.files():
        if path.endswith(BINARY) or "/corpus/" in path or path.startswith("tests/golden/"):
            continue
        text = project.read(path)
        if path.endswith(LOCK_FILES):
            findings += check_lock(path, text)
            continue
        findings += check_lines(path, text)
        if path.endswith((".c", ".h", ".py", ".sh", ".bash", ".mjs", ".ts", ".tsx", ".md", ".cmake", ".txt", ".yaml", ".json")):
            findings += check_form(path, text)
        if path.endswith((".c", ".h")):
            findings += check_functions(path, text)
    return project.report(findings, "text")


sys.exit(main())
