"""Random keys that travel in links and cookies: 192 bits; only their hash is stored."""
from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe

_base = "http://127.0.0.1:8000"


def configure(base_url: str) -> None:
    """Where the portal is reached. Never taken from a request: a forged Host would send people elsewhere."""
    global _base
    _base = base_url.rstrip("/")


def address(path: str) -> str:
    """The whole address of a page, for mails."""
    return _base + path


def mint() -> tuple[str, str]:
    """A new key and its hash."""
    key = token_urlsafe(24)
    return key, digest(key)


def digest(key: str) -> str:
    """The hash under which a key is found again; whatever is typed into an address has one."""
    return sha256(str(key)[:200].encode("utf-8", "replace")).hexdigest()
