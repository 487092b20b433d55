"""The files that the tidy checks look at: ours, without what is generated or fetched."""

import os

SKIPPED_FOLDERS = {".git", "build", "node_modules", "dist", "data", "__pycache__", ".cache"}
SOURCE_FOLDERS = ("lib", "auction-svc", "bridge", "board", "auctionctl")


def root():
    return os.environ.get("LOTCAST_SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def files(folders=(".",), suffixes=()):
    """Yields paths relative to the root, sorted."""
    found = []
    for folder in folders:
        for place, names, leaves in os.walk(os.path.join(root(), folder)):
            names[:] = [name for name in names if name not in SKIPPED_FOLDERS]
            for leaf in leaves:
                if leaf == ".git":  # of a worktree
                    continue
                path = os.path.relpath(os.path.join(place, leaf), root())
                if not suffixes or leaf.endswith(suffixes):
                    found.append(path)
    return sorted(set(found))


def read(path):
    with open(os.path.join(root(), path), encoding="utf-8", errors="replace") as file:
        return file.read()


def report(findings, what):
    """Prints the findings and gives the exit code."""
    for finding in findings:
        print(finding)
    print(f"{what}: {len(findings)} findings" if findings else f"{what}: ok")
    return 1 if findings else 0
