#!/usr/bin/env python3
"""What the pure libraries call: nothing of the operating system, shown by the symbols that their objects leave undefined.

usage: symbols.py BUILD_FOLDER      reads the static libraries of the folders that layers.txt calls pure
"""

import os
import re
import subprocess
import sys

import project_files as project

ALLOWED = set("""
    memchr memcmp memcpy memmove memset strchr strcmp strcspn strlen strncmp strnlen strpbrk strrchr strspn strstr
    strcasecmp strncasecmp strtod strtol strtoll strtoul strtoull bsearch qsort abort calloc free malloc realloc
    snprintf vsnprintf isalnum isalpha isdigit isprint isspace isupper islower isxdigit tolower toupper llabs labs
    __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc __errno_location
    __isoc99_sscanf __isoc23_strtol __isoc23_strtoll __isoc23_strtoul __isoc23_strtoull
    __stack_chk_fail _GLOBAL_OFFSET_TABLE_
""".split())
# What compilers and sanitizers add by themselves.
ADDED = re.compile(r"^(__asan_|__ubsan_|__sanitizer_|__msan_|__tsan_|__gcov_|__llvm_|__sancov_|_ITM_|__gmon_|"
                   r"__(mem|str|s|vs)[a-z]*_chk$|__odr_asan)")
# The one message of a broken invariant, the reader that wraps cJSON, compression and a digest.
GRANTED = {
    "lib/base": re.compile(r"^(stderr|fprintf|__fprintf_chk|fwrite)$"),
    "lib/digest": re.compile(r"^EVP_(Digest|MD_CTX_|MD_fetch$)"),
    "lib/json": re.compile(r"^cJSON_"),
    "bridge/http": re.compile(r"^deflate"),
    "bridge/websocket": re.compile(r"^(deflate|inflate|EVP_(Digest|EncodeBlock|sha1)$)"),
}


def pure_folders():
    lines = project.read("tests/tidy/layers.txt").splitlines()
    return [line.split()[0] for line in lines if re.match(r"^\S+ pure\b", line)]


def libraries(build, folder):
    place = os.path.join(build, folder)
    names = os.listdir(place) if os.path.isdir(place) else []
    return [os.path.join(place, name) for name in sorted(names) if name.endswith(".a")]


def symbols(library, option):
    output = subprocess.run(["nm", "--format=posix", option, library], check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in output.splitlines() if line and not line.endswith(":")}


def main():
    build = sys.argv[1]
    findings, found, defined, undefined = [], [], set(), []
    for folder in pure_folders():
        for library in libraries(build, folder):
            found.append(library)
            defined |= symbols(library, "--defined-only")
            undefined += [(folder, name) for name in symbols(library, "--undefined-only")]
    for folder, name in sorted(undefined):
        if name in defined or name in ALLOWED or ADDED.match(name):
            continue
        if folder in GRANTED and GRANTED[folder].match(name):
            continue
        findings.append(f"{folder}: calls {name}")
    if not found:
        findings.append(f"no library found in {build}")
    return project.report(findings, f"symbols of {len(found)} pure libraries")


sys.exit(main())
