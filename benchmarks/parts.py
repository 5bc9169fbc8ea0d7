"""The parts, each measured in a process of its own: each has its own portal, and memory and CPU are its own."""
from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from benchmarks.figure import Figure

PARTS = ("pages", "report", "importing", "kpis", "papers", "walk", "questions", "files", "tiles", "surveys", "postgres")


def measured(part: str) -> list[Figure]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        return alone.submit(measure, part).result()


def measure(part: str) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        return import_module(f"benchmarks.{part}").measure(Path(folder))
