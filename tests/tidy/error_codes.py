#!/usr/bin/env python3
"""Every refusal has a code, and every code a test: each code of lib/base/error_code.h is asserted in some test."""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
text = (source / "lib/base/error_code.h").read_text()
codes = [name for name in re.findall(r"X\((\w+), \d+,", text) if name != "NONE"]
files = [path for pattern in ("*.c", "*.mjs", "*.py", "*.sh") for path in (source / "tests").rglob(pattern)
         if "node_modules" not in path.parts and path.name != pathlib.Path(__file__).name and "fuzz" not in path.parts]
tests = "\n".join(path.read_text(errors="replace") for path in files)
missing = [code for code in codes if not re.search(rf"(ERROR_{code}\b|['\"]{code}['\"])", tests)]
for code in missing:
    print(f"no test asserts {code}")
if len(codes) < 30:
    print("the list of codes was not found")
sys.exit(1 if missing or len(codes) < 30 else 0)
