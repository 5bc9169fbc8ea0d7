"""Where a request came from, for the audit trail; empty for commands and jobs."""
from __future__ import annotations

from contextvars import ContextVar, Token

_address: ContextVar[str] = ContextVar("address of the request", default="")


def come_from(address: str) -> Token[str]:
    """For this request; gives what `leave` takes."""
    return _address.set(address[:64])


def leave(token: Token[str]) -> None:
    _address.reset(token)


def address() -> str:
    return _address.get()
