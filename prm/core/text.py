"""Text as people type it and as the search compares it."""
from __future__ import annotations

import unicodedata


def searchable(*parts: str | None) -> str:
    """One line for search: NFKD, marks off, casefolded; the same on both databases (SQLite's ILIKE is ASCII)."""
    text = unicodedata.normalize("NFKD", " ".join(p for p in parts if p))
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).casefold().split())
