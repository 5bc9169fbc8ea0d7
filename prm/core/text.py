"""Text as people type it and as the search compares it."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def searchable(*parts: str | None) -> str:
    """One line for search: NFKD, marks off, casefolded; the same on both databases (SQLite's ILIKE is ASCII)."""
    text = unicodedata.normalize("NFKD", " ".join(p for p in parts if p))
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).casefold().split())


def natural(text: str | None) -> int | None:
    """A whole number of at most nine digits that was typed or stands in an address; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def naturals(texts: Iterable[str]) -> list[int]:
    """Those of them that are."""
    return [number for text in texts if (number := natural(text)) is not None]
