"""Prints the table for docs/benchmarks.md. `python -m benchmarks kpis report` measures these parts alone."""
from __future__ import annotations

import os
import platform
import sys

from benchmarks.figure import HEAD
from benchmarks.parts import PARTS, measured


def main() -> None:
    parts = sys.argv[1:] or PARTS
    if unknown := set(parts) - set(PARTS):
        raise SystemExit(f"No such part: {', '.join(unknown)}. There are {', '.join(PARTS)}.")
    print(f"Measured on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.\n\n{HEAD}", flush=True)
    for part in parts:
        for figure in measured(part):
            print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
