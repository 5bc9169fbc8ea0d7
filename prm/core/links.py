"""Random keys that travel in links and cookies: 192 bits; only their hash is stored."""
from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes, token_urlsafe

_base = "http://127.0.0.1:8000"
_secret = token_bytes(32)


def configure(base_url: str, secret: str) -> None:
    """Where the portal is reached (never taken from a request: a forged Host would send people elsewhere), and what derived
    keys are made with."""
    global _base, _secret
    _base, _secret = base_url.rstrip("/"), secret.encode()


def address(path: str) -> str:
    """The whole address of a page, for mails."""
    return _base + path


def mint() -> tuple[str, str]:
    """A new key and its hash."""
    key = token_urlsafe(24)
    return key, digest(key)


def derived(purpose: str, *of: object) -> str:
    """The key of one thing, the same each time: for a link that is sent again (a reminder) or shown again. Who has the
    database alone cannot make it, as the portal's secret is not in there."""
    text = ":".join([purpose, *map(str, of)])
    return urlsafe_b64encode(hmac.digest(_secret, text.encode(), "sha256")[:24]).decode()


def digest(key: str) -> str:
    """The hash under which a key is found again; whatever is typed into an address has one."""
    return sha256(str(key)[:200].encode("utf-8", "replace")).hexdigest()
