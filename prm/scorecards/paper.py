"""A card as a PDF. Made of the card alone, so that the same card gives the same pages whenever it is printed.

The templates of paper have an environment of their own: jobs and commands print without a web application.
"""

from __future__ import annotations

import base64
import re
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from prm.core import files, pdf
from prm.core.errors import Refusal
from prm.models import Scorecard
from prm.ui.cards import Written
from prm.ui.charts import Paint
from prm.ui.theme import accents

ROOT = Path(__file__).parents[2]
SIZES = {"a4": "A4", "letter": "Letter"}
AHEAD = 2 * pdf.CHILDREN  # documents made before they are asked for
LOGO = (480, 160)  # pixels, four to a printed one
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,(.+)", re.DOTALL)
Item = tuple[Scorecard, dict, bytes | None]  # with its PDF, where that is made already
SYMBOL = re.compile(r'<symbol[^>]* id="([a-z0-9-]+)"[^>]*>(.*?)</symbol>', re.DOTALL)


def html(card: dict, paper: str = "a4") -> str:
    colours = accents(card["org"]["brand"])["light"]
    sheet = Written(card, Paint(accent=colours["accent-chart"]))
    return _environment().get_template("scorecards/paper.html").render(
        sheet=sheet, card=card, colours=colours, size=SIZES[paper], logo=_logo(card["org"]["logo"]), icon=icon
    )


def document(card: dict, paper: str = "a4") -> bytes:
    """The PDF of one card; PdfError when it cannot be made."""
    return pdf.render(html(card, paper))


def documents(items: Iterable[Item], paper: str = "a4") -> Generator[tuple[Scorecard, dict, bytes | Refusal]]:
    """The PDFs of many cards in their order, as many at once as there are children; one that fails gives its refusal.
    Only a few are held in memory, however many come."""
    waiting: deque[tuple[Scorecard, dict, Future]] = deque()
    with ThreadPoolExecutor(pdf.CHILDREN) as pool:
        try:
            for scorecard, card, ready in items:
                future = _done(ready) if ready else pool.submit(pdf.render, html(card, paper))
                waiting.append((scorecard, card, future))
                if len(waiting) >= AHEAD:
                    yield _finished(*waiting.popleft())
            while waiting:
                yield _finished(*waiting.popleft())
        finally:
            pool.shutdown(cancel_futures=True)


def _done(content: bytes) -> Future:
    future: Future = Future()
    future.set_result(content)
    return future


def _finished(scorecard: Scorecard, card: dict, future: Future) -> tuple[Scorecard, dict, bytes | Refusal]:
    try:
        return scorecard, card, future.result()
    except Refusal as refusal:
        return scorecard, card, refusal


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


# ── pictures ──


@lru_cache(maxsize=1)
def _symbols() -> dict[str, str]:
    return dict(SYMBOL.findall((ROOT / "static/vendor/icons.svg").read_text("utf-8")))


@lru_cache(maxsize=64)
def icon(name: str, colour: str, size: float = 9) -> Markup:
    """An icon of the set, painted outright: no stylesheet reaches into an SVG on paper."""
    return Markup(  # noqa: S704  our own file
        f'<svg width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" stroke="{colour}" stroke-width="2.4" '
        f'stroke-linecap="round" stroke-linejoin="round">{_symbols()[name]}</svg>'
    )


def freeze_logo(logo: str) -> str:
    """The picture kept once by its content, and its hash: a thousand frozen cards must not each carry it."""
    found = PICTURE.match(logo)
    return f"file:{files.save(base64.b64decode(found[1]))}" if found else ""


def _logo(logo: str) -> str:
    """The picture as a small data: address; empty where there is none, or where it is lost."""
    try:
        if logo.startswith("file:"):
            return _small(files.place(logo.removeprefix("file:")).read_bytes())
        found = PICTURE.match(logo)
        return _small(base64.b64decode(found[1])) if found else ""
    except (OSError, ValueError):
        return ""


@lru_cache(maxsize=4)
def _small(picture: bytes) -> str:
    """No larger than it is printed: a logo of 200 KB would make every PDF that heavy."""
    with Image.open(BytesIO(picture), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
        image.thumbnail(LOGO)
        kept = BytesIO()
        image.convert("RGBA").save(kept, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode()
