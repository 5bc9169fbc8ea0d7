"""The few ways to say no. One registration (ui/refusals.py) maps each to a status and a page, or a toast for htmx."""
from __future__ import annotations


class Refusal(Exception):
    """A no with a sentence for the person who asked: what happened, and what to do next."""

    status = 400

    def __init__(self, message: str, *, field: str | None = None):
        # The sentence may repeat what was typed: half a character (a lone surrogate) could not be sent back.
        self.message = message.encode(errors="replace").decode()
        super().__init__(self.message)
        self.field = field


class Invalid(Refusal):
    """What was sent cannot be used. `field` names the input it belongs to."""

    status = 422


class Missing(Refusal):
    """There is no such row, or this viewer may not know of it: the two must look alike."""

    status = 404

    def __init__(self, message: str = "There is nothing here, or it is not yours to see."):
        super().__init__(message)


class Unrecognised(Refusal):
    """A program without a token that is good."""

    status = 401

    def __init__(self, message: str = "Send a token that is good: Authorization: Bearer prm_…"):
        super().__init__(message)


class Forbidden(Refusal):
    """The viewer's role does not allow this at all."""

    status = 403

    def __init__(self, message: str = "Your role does not allow this. Ask an admin if you need it."):
        super().__init__(message)


class Conflict(Refusal):
    """Somebody else changed it in between. `theirs` maps field -> the value that is stored now."""

    status = 409

    def __init__(self, message: str, *, theirs: dict | None = None):
        super().__init__(message)
        self.theirs = theirs or {}


class Throttled(Refusal):
    """Too many tries. `seconds` says when the next one is heard."""

    status = 429

    def __init__(self, seconds: int):
        super().__init__(f"Too many tries. Wait {max(1, round(seconds / 60))} min and try again.")
        self.seconds = seconds


class Busy(Refusal):
    """The database is held by somebody else for too long; nothing was saved."""

    status = 503
