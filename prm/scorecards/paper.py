"""A card as a PDF. Made of the card alone, so that the same card gives the same pages whenever it is printed."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from prm.core import pdf
from prm.core.errors import Refusal
from prm.models import Scorecard
from prm.ui.cards import Written
from prm.ui.charts import Paint
from prm.ui.paper import SIZES, environment, icon, logo_address
from prm.ui.theme import accents

AHEAD = 2 * pdf.CHILDREN  # documents made before they are asked for
Item = tuple[Scorecard, dict, bytes | None]  # with its PDF, where that is made already


def html(card: dict, paper: str = "a4") -> str:
    colours = accents(card["org"]["brand"])["light"]
    sheet = Written(card, Paint(accent=colours["accent-chart"]))
    return (
        environment()
        .get_template("scorecards/paper.html")
        .render(
            sheet=sheet,
            card=card,
            colours=colours,
            size=SIZES[paper],
            logo=logo_address(card["org"]["logo"]),
            icon=icon,
        )
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
