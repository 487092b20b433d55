#!/usr/bin/env python3
"""Every member of a struct of the state has a row in state_rows.c, also one that hides in padding (tests/unit/core_state.c
sees the others)."""

import re
import sys

import project_files as project

ROWS = "auction-svc/core/state_rows.c"


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def members_of(body):
    depth, statement, members = 0, "", []
    for char in body:
        depth += {"{": 1, "}": -1}.get(char, 0)
        statement += char
        if char == ";" and depth == 0:
            names = re.findall(r"(\w+)\s*(?:\[[^\]]*\])*\s*(?=[,;]$|,)", re.sub(r"\{.*\}", "", statement, flags=re.S))
            members += names or ["?" + statement.strip()]
            statement = ""
    return members


def structs():
    found = {}
    for path in project.files(("auction-svc/core", "lib/base"), (".h",)):
        text = without_comments(project.read(path))
        for match in re.finditer(r"^struct (\w+) \{", text, flags=re.M):
            depth, at = 1, match.end()
            while depth:
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                at += 1
            found[match.group(1)] = members_of(text[match.end():at - 1])
    return found


def main():
    known, findings, tables = structs(), [], 0
    for name, section in re.findall(r"^#define STRUCT struct (\w+)\n(.*?)^#undef STRUCT", project.read(ROWS), flags=re.S | re.M):
        tables += 1
        rows = set(re.findall(r"\b\w+", section))
        for member in known.get(name) or [f"(struct {name} was not found)"]:
            if member not in rows:
                findings.append(f"{ROWS}: struct {name}: {member} has no row")
    if tables < 5:
        findings.append(f"{ROWS}: the tables were not found")
    return project.report(findings, "rows of the state")


sys.exit(main())
