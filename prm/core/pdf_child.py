"""The process behind pdf.py: renders HTML it is given, and fetches nothing but our static files and data: addresses.

It greets when it is ready. Then each document comes as length, seconds, most pages (0: any), whether a picture of its first
page is wanted, and HTML; it goes as status, length, content.
"""
from __future__ import annotations

import gc
import os
import resource
import signal
import struct
import sys
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

ASKED = ">IIH?"
TOO_LONG = 2  # a status: the content is the number of pages
MEMORY = 1536 * 2**20
MARGIN = 16  # under what is drawn
PIXELS = 2 * 96 / 72  # to a point: two to each pixel of CSS
TYPES = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}


def main(static: Path) -> None:
    answers = _own_stdout()
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    try:
        render = _renderer(static.resolve())
    except Exception as error:  # a system library is missing, or there is no memory for it
        return _give(answers, 1, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
    _give(answers, 0, b"")
    while asked := _take():
        seconds, most, as_picture, html = asked
        signal.alarm(seconds)  # ends this process if nobody is left who would
        try:
            status, content = render(html, most, as_picture)
        except MemoryError:
            raise SystemExit(1) from None
        except Exception as error:
            status, content = 1, f"{type(error).__name__}: {error}".encode("utf-8", "replace")
        signal.alarm(0)
        _give(answers, status, content)
    return None


def _own_stdout() -> BinaryIO:
    """The pipe to our parent; whatever a library prints goes to the log instead."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _limit(what: int, most: int) -> None:
    try:
        resource.setrlimit(what, (most, most))
    except (ValueError, OSError):
        pass  # macOS has no limit of memory; the limit of time holds there too


def _renderer(static: Path):
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    fetcher, fonts = _fetcher(static), FontConfiguration()
    gc.freeze()  # what has been imported is never garbage
    gc.set_threshold(50_000, 20, 100)  # a document is a million objects: looking through them all the time costs a quarter

    def render(html: bytes, most: int, as_picture: bool) -> tuple[int, bytes]:
        source = HTML(string=html.decode("utf-8"), url_fetcher=fetcher, base_url="static:")
        document = source.render(pdf_variant="pdf/ua-1", font_config=fonts)
        if most and len(document.pages) > most:
            return TOO_LONG, str(len(document.pages)).encode()
        content = document.write_pdf(pdf_variant="pdf/ua-1")
        return 0, _picture(content) if as_picture else content

    return render


def _picture(content: bytes) -> bytes:
    """The first page, down to where it is empty."""
    from PIL import Image, ImageChops
    from pypdfium2 import PdfDocument

    made = BytesIO()
    with PdfDocument(content) as document:
        page = document[0].render(scale=PIXELS).to_pil().convert("RGB")
        drawn = ImageChops.difference(page, Image.new("RGB", page.size, "white")).getbbox()
        page.crop((0, 0, page.width, min(page.height, drawn[3] + MARGIN if drawn else 1))).save(made, "PNG", optimize=True)
    return made.getvalue()


def _fetcher(static: Path):
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):
        """A plain function that refuses crashes WeasyPrint 70, so it is a class."""

        def fetch(self, url, headers=None):
            if url[:5].lower() == "data:":
                return super().fetch(url, headers)
            if not url.startswith("static:"):
                raise ValueError("only our own files")
            path = (static / url.removeprefix("static:").lstrip("/").split("?")[0]).resolve()
            if static not in path.parents or path.suffix not in TYPES or not path.is_file():
                raise ValueError("no such file of ours")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})

    return OwnFilesOnly(allowed_protocols=("data",), allow_redirects=False)


def _take() -> tuple[int, int, bool, bytes] | None:
    head = sys.stdin.buffer.read(struct.calcsize(ASKED))
    if len(head) < struct.calcsize(ASKED):
        return None
    length, seconds, most, as_picture = struct.unpack(ASKED, head)
    return seconds, most, as_picture, sys.stdin.buffer.read(length)


def _give(answers: BinaryIO, status: int, content: bytes) -> None:
    answers.write(struct.pack(">BI", status, len(content)) + content)
    answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
