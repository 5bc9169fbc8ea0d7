"""PDFs in guarded child processes: no network, no files but our own, limits of memory and time. At most two at once.

A child imports WeasyPrint once and renders many documents, or pictures of them; one that fails, takes too long or has rendered enough is
replaced.
"""
from __future__ import annotations

import atexit
import os
import select
import struct
import subprocess
import sys
import time
from contextlib import suppress
from ctypes.util import find_library
from functools import lru_cache
from pathlib import Path
from queue import Empty, LifoQueue
from tempfile import TemporaryDirectory

from prm.core.errors import Busy, Refusal
from prm.core.pdf_child import ASKED, TOO_LONG

CHILDREN = 2
SECONDS = 20.0
START = 40.0  # seconds for the import, on a slow disk
PATIENCE = 60.0  # seconds to wait for a free child
ENOUGH = 200  # documents, after which a child is replaced
LARGEST = 30 * 2**20
LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
APT = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
BREW = ("/opt/homebrew/lib", "/usr/local/lib")  # where macOS itself does not look

_static = Path("static")
_free: LifoQueue[_Child | None] = LifoQueue()
for _ in range(CHILDREN):
    _free.put(None)


class PdfError(Refusal):
    """The document could not be made; the page that asked for it stays up."""

    status = 503


class TooLong(PdfError):
    """It would have more pages than it may; `pages` says how many."""

    def __init__(self, pages: int):
        super().__init__(f"The document would have {pages:,} pages.")
        self.pages = pages


def configure(static: Path) -> None:
    """Where `static:…` addresses in a document are found."""
    global _static
    _static = Path(static)


@lru_cache(maxsize=1)
def available() -> str | None:
    """None when PDFs can be made, else what to install."""
    if all(_found(name) for name in LIBRARIES):
        return None
    command = "brew install pango" if sys.platform == "darwin" else f"sudo apt install {APT}"
    return f"PDFs need Pango: run `{command}`, then start again."


def _found(name: str) -> bool:
    return bool(find_library(name)) or any(Path(folder, f"lib{name}.dylib").exists() for folder in BREW)


def render(html: str, *, timeout: float = SECONDS, most: int = 0) -> bytes:
    """The document as a tagged PDF (PDF/UA-1); PdfError with a reason when it cannot be made in time, TooLong where it has
    more than `most` pages."""
    return _made(html, timeout, most, False)


def picture(html: str, *, timeout: float = SECONDS) -> bytes:
    """The first page as a PNG, down to where it is empty, two pixels to each of CSS: for mails, whose readers draw no SVG."""
    return _made(html, timeout, 0, True)


def _made(html: str, timeout: float, most: int, as_picture: bool) -> bytes:
    if absent := available():
        raise PdfError(absent)
    try:
        child = _free.get(timeout=PATIENCE)
    except Empty:
        raise Busy("Too many PDFs are being made. Try again in a minute.") from None
    good = False
    try:
        if child is None or not child.alive:
            child = _Child(_static)
        answer = child.ask(html.encode("utf-8", "replace"), timeout, most, as_picture)
        good = child.made < ENOUGH
        return answer
    except TooLong:
        good = True
        raise
    finally:
        if child is not None and not good:
            child.stop()
        _free.put(child if good else None)


class _Child:
    """A process that takes HTML and gives PDFs, each with its length before it."""

    def __init__(self, static: Path):
        command = [sys.executable, "-m", "prm.core.pdf_child", str(static.absolute())]
        self.scratch = TemporaryDirectory(prefix="prm-pdf-")  # a process that is killed leaves its fonts behind
        self.process = subprocess.Popen(  # noqa: S603  nothing of it comes from outside
            command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
            env=_environment() | {"TMPDIR": self.scratch.name},
        )  # fmt: skip
        self.to, self.back = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self.to, False)
        self.made = 0
        self.ready = False

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def ask(self, html: bytes, timeout: float, most: int, as_picture: bool) -> bytes:
        if not self.ready:
            self._greet()
        until = time.monotonic() + timeout
        try:
            self._send(struct.pack(ASKED, len(html), int(timeout) + 5, most, as_picture) + html, until)
            status, content = self._answer(until)
        except TimeoutError:
            raise PdfError("The document took too long to make. Ask for less at once.") from None
        except (BrokenPipeError, EOFError):
            raise PdfError("The document needs more memory than it may have. Ask for less at once.") from None
        self.made += 1
        if status == TOO_LONG:
            raise TooLong(int(content))
        if status:
            raise PdfError(f"The document could not be made: {content.decode('utf-8', 'replace')[:300]}")
        return content

    def _greet(self) -> None:
        """Wait until it is ready, which no document has to pay for."""
        try:
            status, reason = self._answer(time.monotonic() + START)
        except (TimeoutError, EOFError) as error:
            status, reason = 1, type(error).__name__.encode()
        if status:
            said = reason.decode("utf-8", "replace")[:300]
            raise PdfError(f"PDFs cannot be made on this server; `prm doctor` says more. ({said})")
        self.ready = True

    def _send(self, content: bytes, until: float) -> None:
        rest = memoryview(content)
        while rest:
            self._wait(self.to, select.POLLOUT, until)
            rest = rest[os.write(self.to, rest[: 1 << 16]) :]

    def _answer(self, until: float) -> tuple[int, bytes]:
        status, length = struct.unpack(">BI", self._take(5, until))
        if length > LARGEST:
            raise PdfError("The document is too large.")
        return status, self._take(length, until)

    def _take(self, length: int, until: float) -> bytes:
        content = bytearray()
        while len(content) < length:
            self._wait(self.back, select.POLLIN, until)
            part = os.read(self.back, min(1 << 20, length - len(content)))
            if not part:
                raise EOFError
            content += part
        return bytes(content)

    def _wait(self, pipe: int, event: int, until: float) -> None:
        """`select` would fail on a server with more than 1,024 open files."""
        poll = select.poll()
        poll.register(pipe, event)
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.scratch.cleanup()


@atexit.register
def close() -> None:
    """End the children that have nothing to do, when the server stops."""
    idle = []
    with suppress(Empty):
        while True:
            idle.append(_free.get_nowait())
    for child in idle:
        if child is not None:
            child.stop()
        _free.put(None)


def _environment() -> dict[str, str]:
    """The child needs none of our secrets."""
    kept = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "DYLD_FALLBACK_LIBRARY_PATH")
    own = {name: os.environ[name] for name in kept if name in os.environ}
    if sys.platform == "darwin":
        own.setdefault("DYLD_FALLBACK_LIBRARY_PATH", ":".join(BREW))
    return own | {"PYTHONDONTWRITEBYTECODE": "1"}


__all__ = ["PdfError", "TooLong", "available", "close", "configure", "picture", "render"]
