"""The process behind pdf.py: renders HTML it is given, and fetches nothing but our static files and data: addresses."""
from __future__ import annotations

import resource
import struct
import sys
from pathlib import Path

MEMORY = 1536 * 2**20
TYPES = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}


def main(static: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    fetcher = _fetcher(static.resolve())
    fonts = FontConfiguration()
    while html := _take():
        try:
            document = HTML(string=html.decode("utf-8"), url_fetcher=fetcher, base_url="static:")
            _give(0, document.write_pdf(pdf_variant="pdf/ua-1", font_config=fonts))
        except MemoryError:
            raise SystemExit(1) from None
        except Exception as error:
            _give(1, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))


def _fetcher(static: Path):
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):
        """A plain function that refuses crashes WeasyPrint 70, so it is a class."""

        def fetch(self, url, headers=None):
            if url.startswith("data:"):
                return super().fetch(url, headers)
            if not url.startswith("static:"):
                raise ValueError("only our own files")
            path = (static / url.removeprefix("static:").lstrip("/").split("?")[0]).resolve()
            if static not in path.parents or path.suffix not in TYPES or not path.is_file():
                raise ValueError("no such file of ours")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})

    return OwnFilesOnly(allowed_protocols=("data", "static"))


def _take() -> bytes:
    head = sys.stdin.buffer.read(4)
    return sys.stdin.buffer.read(struct.unpack(">I", head)[0]) if len(head) == 4 else b""


def _give(status: int, content: bytes) -> None:
    sys.stdout.buffer.write(struct.pack(">BI", status, len(content)) + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
