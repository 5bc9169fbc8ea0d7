"""One line of the table, and how time, CPU and memory of a process are read."""
from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """`limit` is the most it may be, or the least where `at_least`; without one it is there to be known. Without a floor
    there is nothing to compare with."""

    what: str
    floor: float | None
    ours: float
    limit: float | None = None
    unit: str = ""
    at_least: bool = False

    @property
    def missed(self) -> bool:
        return self.limit is not None and (self.ours < self.limit if self.at_least else self.ours > self.limit)

    def line(self) -> str:
        """As a row of a table in Markdown; in bold what misses its limit."""
        ours = f"**{_short(self.ours)}**" if self.missed else _short(self.ours)
        limit = "" if self.limit is None else f"{'at least ' if self.at_least else ''}{self.limit:,g}"
        ratio = f"{self.ours / self.floor:.1f}" if self.floor else ""
        floor = _short(self.floor) if self.floor is not None else ""
        return f"| {self.what} | {self.unit} | {floor} | {ours} | {limit} | {ratio} |"


HEAD = "| what | unit | floor | ours | at most | ratio |\n|---|---|--:|--:|--:|--:|"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def cpu(run: Callable, rounds: int = 7) -> float:
    """Milliseconds of CPU of this process, median."""
    return median(_clocked(run, time.process_time) for _ in range(rounds)) * 1000


def wall(run: Callable, rounds: int = 7) -> float:
    """Milliseconds on the clock, median: where a database works in another process."""
    return median(_clocked(run, time.perf_counter) for _ in range(rounds)) * 1000


def _clocked(run: Callable, clock: Callable[[], float]) -> float:
    before = clock()
    run()
    return clock() - before


def cpu_of(pid: int) -> float:
    """Milliseconds of CPU that a process has used, by the clock that Linux keeps of each; `stat` counts hundredths."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e6


def children_of(pid: int) -> list[int]:
    found = [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]
    return found + [grandchild for child in found for grandchild in children_of(child)]


def memory_of(*pids: int) -> float:
    """PSS in MiB: what is shared counts for each in part."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
