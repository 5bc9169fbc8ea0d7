"""What an error of the database or the system means for people: the disk is full, or the database is away or held."""
from __future__ import annotations

FULL, AWAY = "full", "away"
SAYING = {
    FULL: ("disk is full", "no space left", "disk i/o error", "disk full", "file too large", "quota exceeded"),
    AWAY: ("locked", "busy", "connection", "timeout", "terminat", "closed", "starting up", "canceling"),
}


def trouble(error: BaseException) -> str:
    """`full`, `away`, or nothing of the kind."""
    words = _words(error)
    return next((kind for kind, signs in SAYING.items() if any(sign in words for sign in signs)), "")


def _words(error: BaseException | None) -> str:
    """The error and what led to it: peewee hides a full disk behind a failed rollback."""
    words = []
    while error is not None:
        words.append(str(error))
        error = error.__cause__ or error.__context__
    return " ".join(words).lower()
