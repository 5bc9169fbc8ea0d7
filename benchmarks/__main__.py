"""Runs every benchmark and prints one table in Markdown, ready for docs/benchmarks.md."""
from __future__ import annotations

import platform
import tempfile
from pathlib import Path

from benchmarks import figures, pages
from benchmarks.rows import portal


def main() -> None:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        app, key = portal(var)
        found += pages.measure(var, app, key)
        from prm.core.db import db

        with app.app_context(), db.connection_context():
            found += figures.report()
        found += figures.importing(var)
    print(f"Measured on {platform.machine()}, Python {platform.python_version()}; medians; the ratio is ours to the floor.\n")
    print("| what | floor | ours | at most | ratio |\n|---|---|---|---|---|")
    for name, floor, ours, limit, unit in found:
        ratio = f"{ours / floor:.1f}" if floor else "–"
        print(f"| {name} | {floor:.2f} | {'**' if ours > limit else ''}{ours:.2f}{'**' if ours > limit else ''} | {limit} {unit} | {ratio} |")


main()
