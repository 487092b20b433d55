#!/usr/bin/env python3
"""Every known failure has a test that names it: lessons.txt holds the numbers and the files; both sides must agree."""

import os
import re
import sys

import project_files as project

LIST = "tests/tidy/lessons.txt"
NUMBERS = {f"F{i}" for i in (*range(1, 30), 34)} | {f"L{i}" for i in (1, 2, 3, 4, 5, 7, 8, 10, 11, 13, 14, 16, 20)}
SUFFIXES = (".c", ".h", ".mjs", ".py", ".sh", ".bash")
NOT_NAMED_HERE = (LIST, "tests/tidy/lessons.py")
# As a word, and in a name like `..._F3`; not the \xF0 of a string.
NUMBER = re.compile(r"(?<![A-Za-z0-9\\])[FL][1-9][0-9]?(?![A-Za-z0-9])")
LINE = re.compile(r"(?P<number>[FL]\d+) (?:later: (?P<reason>\S.*)|(?P<files>tests/\S+(?: tests/\S+)*) - (?P<what>\S.*))")


def read_list(findings):
    """Number -> its files."""
    listed = {}
    for place, line in enumerate(project.read(LIST).splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if match is None:
            findings.append(f"{LIST}:{place}: neither `NUMBER file... - what it was` nor `NUMBER later: reason`: {line[:80]}")
        elif match["number"] in listed:
            findings.append(f"{LIST}:{place}: {match['number']} stands here twice")
        else:
            listed[match["number"]] = (match["files"] or "").split()
    return listed


def recipes_of_tests():
    """The text of all recipes of cmake, each foreach() written out."""
    text = "\n".join(project.read(path) for path in project.files(("tests",), (".cmake", "CMakeLists.txt")))
    loop = re.compile(r"foreach\((\w+)\s+([^)]*)\)(.*?)endforeach\(\)", re.DOTALL)
    return loop.sub(lambda found: "".join(found[3].replace(f"${{{found[1]}}}", item) for item in found[2].split()), text)


def is_run(path, recipes):
    return re.search(rf"(?<![\w.-]){re.escape(os.path.basename(path))}(?![\w.-])", recipes) is not None


def main():
    findings = []
    listed = read_list(findings)
    findings += [f"{number} is not in {LIST}" for number in sorted(NUMBERS - listed.keys())]
    findings += [f"{number} is no known number" for number in sorted(listed.keys() - NUMBERS)]
    tests = [path for path in project.files(("tests",), SUFFIXES) if path not in NOT_NAMED_HERE]
    named = {path: set(NUMBER.findall(project.read(path))) for path in tests}
    recipes = recipes_of_tests()
    for number, files in listed.items():
        for path in files:
            if path not in named:
                findings.append(f"{number}: there is no {path}")
            elif number not in named[path]:
                findings.append(f"{number}: {path} does not name it")
            elif not is_run(path, recipes):
                findings.append(f"{number}: no ctest runs {path}")
        if not files:
            findings += [f"{number} has a test now, {path}: no longer `later`" for path in tests if number in named[path]]
    for path, numbers in named.items():
        findings += [f"{path}: {number} is not in {LIST}" for number in sorted(numbers - listed.keys())]
    return project.report(findings, "lessons")


if __name__ == "__main__":
    sys.exit(main())
