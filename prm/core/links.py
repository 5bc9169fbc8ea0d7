"""Random keys that travel in links and cookies: 192 bits; only their hash is stored."""
from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe


def mint() -> tuple[str, str]:
    """A new key and its hash."""
    key = token_urlsafe(24)
    return key, digest(key)


def digest(key: str) -> str:
    """The hash under which a key is found again; whatever is typed into an address has one."""
    return sha256(str(key)[:200].encode("utf-8", "replace")).hexdigest()
