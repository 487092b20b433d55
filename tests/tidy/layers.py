#!/usr/bin/env python3
"""Includes against layers.txt: folders, third-party headers, and the system's headers in pure folders."""

import fnmatch
import os
import re
import sys

import project_files as project

C_STANDARD = set("assert ctype errno float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic "
                 "stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype".split())
PURE = set("ctype errno float inttypes limits math stdarg stdbool stddef stdint stdio stdlib string strings".split())
POSIX = re.compile(r"^(sys/[a-z_]+|arpa/inet|netinet/[a-z]+|dirent|fcntl|getopt|netdb|poll|pthread|pwd|sched|strings|syslog|"
                   r"termios|unistd|linux/[a-z_]+|malloc|grp|glob|spawn)\.h$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


class Layer:
    def __init__(self, pure, allowed, third_party):
        self.pure, self.allowed, self.third_party = pure, allowed, third_party


def read_layers():
    layers = {}
    for line in project.read("tests/tidy/layers.txt").splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        left, right = line.split(":", 1)
        folder, *flags = left.split()
        folders, _, headers = right.partition("|")
        pairs = [tuple(item.split("=", 1)) for item in headers.split()]
        layers[folder] = Layer("pure" in flags, set(folders.split()) | {folder}, pairs)
    return layers


def check_quoted(path, header, folder, layers):
    if not os.path.exists(os.path.join(project.root(), header)):
        return f"{path}: \"{header}\" is no path from the project's root"
    target = os.path.dirname(header)
    if target not in layers[folder].allowed:
        return f"{path}: {folder} may not include from {target}"
    return None


def check_angled(path, header, layer):
    name = header[:-2]
    if name in C_STANDARD or POSIX.match(header):
        if layer.pure and name not in PURE:
            return f"{path}: <{header}> in a pure folder"
        return None
    if not any(fnmatch.fnmatch(os.path.basename(path), file) and granted.lstrip("+") == header
               for file, granted in layer.third_party):
        return f"{path}: <{header}> is not granted to this file"
    return None


def program_of(folder):
    return folder.split("/")[0] if not folder.startswith("lib/") else folder


def check_once_for_each_program(layers):
    owner = {}
    for folder, layer in layers.items():
        for file, header in layer.third_party:
            if header.startswith("+"):
                continue
            key = (program_of(folder), header)
            if owner.setdefault(key, file) != file:
                yield f"layers.txt: <{header}> is granted to {owner[key]} and {file} of one program"


def main():
    layers = read_layers()
    findings = list(check_once_for_each_program(layers))
    for path in project.files(project.SOURCE_FOLDERS, (".c", ".h")):
        folder = os.path.dirname(path)
        if folder not in layers:
            findings.append(f"{path}: folder {folder} is not in layers.txt")
            continue
        for kind, header in INCLUDE.findall(project.read(path)):
            finding = check_quoted(path, header, folder, layers) if kind == '"' else check_angled(path, header, layers[folder])
            if finding:
                findings.append(finding)
    return project.report(findings, "layers")


sys.exit(main())
