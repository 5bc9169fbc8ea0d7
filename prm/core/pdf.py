"""PDFs in guarded child processes: no network, no files but our own, limits of memory and time. At most two at once.

A child imports WeasyPrint once and renders many documents; one that fails, takes too long or has rendered enough is
replaced.
"""
from __future__ import annotations

import ctypes.util
import os
import select
import struct
import subprocess
import sys
import time
from functools import lru_cache
from pathlib import Path
from queue import LifoQueue

from prm.core.errors import Refusal

CHILDREN = 2
SECONDS = 20.0
ENOUGH = 200  # documents, after which a child is replaced
LARGEST = 30 * 2**20
LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")

_static = Path("static")
_free: LifoQueue[_Child | None] = LifoQueue()
for _ in range(CHILDREN):
    _free.put(None)


class PdfError(Refusal):
    """The document could not be made; the page that asked for it stays up."""

    status = 503


def configure(static: Path) -> None:
    """Where `static:…` addresses in a document are found."""
    global _static
    _static = Path(static)


@lru_cache(maxsize=1)
def available() -> str | None:
    """None when PDFs can be made, else what to install."""
    absent = [name for name in LIBRARIES if not (ctypes.util.find_library(name) or ctypes.util.find_library(f"lib{name}"))]
    if not absent:
        return None
    if sys.platform == "darwin":
        return "PDFs need Pango: run `brew install pango`, then start again."
    return "PDFs need Pango: run `sudo apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`, then start again."


def render(html: str, *, timeout: float = SECONDS) -> bytes:
    """The document as a tagged PDF (PDF/UA-1); PdfError with a reason when it cannot be made in time."""
    absent = available()
    if absent:
        raise PdfError(absent)
    child = _free.get()
    keep = None
    try:
        child = child if child is not None and child.alive else _Child(_static)
        answer = child.ask(html.encode("utf-8", "replace"), timeout)
        keep = child if child.made < ENOUGH else None
        return answer
    finally:
        if keep is None and child is not None:
            child.stop()
        _free.put(keep)


class _Child:
    """A process that takes HTML and gives PDFs, each with its length before it."""

    def __init__(self, static: Path):
        command = [sys.executable, "-m", "prm.core.pdf_child", str(static.absolute())]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], env=_environment()
        )
        self.made = 0
        self.ready = False

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def ask(self, html: bytes, timeout: float) -> bytes:
        until = time.monotonic() + timeout + (0 if self.ready else 20)  # the first one waits for the import
        try:
            self._send(html)
            status, length = struct.unpack(">BI", self._take(5, until))
            if length > LARGEST:
                raise PdfError("The document is too large.")
            content = self._take(length, until)
        except (BrokenPipeError, EOFError):
            self.stop()
            raise PdfError("The document needs more memory than it may have. Ask for less at once.") from None
        self.made, self.ready = self.made + 1, True
        if status:
            raise PdfError(f"The document could not be made: {content.decode('utf-8', 'replace')[:300]}")
        return content

    def _send(self, html: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(struct.pack(">I", len(html)) + html)
        self.process.stdin.flush()

    def _take(self, length: int, until: float) -> bytes:
        assert self.process.stdout is not None
        pipe, content = self.process.stdout.fileno(), b""
        while len(content) < length:
            if not select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
                self.stop()
                raise PdfError("The document took too long to make. Ask for less at once.")
            part = os.read(pipe, min(1 << 20, length - len(content)))
            if not part:
                raise EOFError
            content += part
        return content

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass


def close() -> None:
    """End the children, when the server stops."""
    for _ in range(CHILDREN):
        child = _free.get()
        if child is not None:
            child.stop()
        _free.put(None)


def _environment() -> dict[str, str]:
    """The child needs none of our secrets."""
    kept = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "DYLD_FALLBACK_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONDONTWRITEBYTECODE": "1"}


__all__ = ["PdfError", "available", "close", "configure", "render"]
