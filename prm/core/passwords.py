"""Passwords: Argon2id, one check at a time, and the same time taken whether or not there is an account."""
from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Semaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST, LONGEST = 10, 200
_STRONG = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_hasher = _STRONG
_one_at_a_time = Semaphore(1)  # each check takes 19 MB


def configure(*, weak_profile: bool = False) -> None:
    """Tests hash thousands of passwords: they may use a profile that costs nothing."""
    global _hasher
    _hasher = _WEAK if weak_profile else _STRONG
    _dummy.cache_clear()


def hash_password(password: str) -> str:
    with _one_at_a_time:
        return _hasher.hash(_bytes(password))


@lru_cache(maxsize=1)
def _dummy() -> str:
    return _hasher.hash("nobody has this password")


def verify(stored: str | None, password: str) -> bool:
    """Whether the password fits; without a stored hash a dummy is checked, so that the answer takes as long."""
    with _one_at_a_time:
        try:
            return _hasher.verify(stored or _dummy(), _bytes(password)) and bool(stored)
        except (Argon2Error, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    """The same for an ü typed on any keyboard; half a character (a lone surrogate) is as good as any other."""
    return normalize("NFKC", password[: 4 * LONGEST]).encode("utf-8", "surrogatepass")


def weak(password: str, *known: str) -> str | None:
    """Why a password is not accepted, or None. `known` are things about the person: name, address."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Three or four words are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    plain = password.casefold()
    if plain in _common() or len(set(plain)) < 4:
        return "This is one of the first passwords that attackers try. Choose another."
    parts = {part.casefold() for text in known for part in (text, text.split("@")[0]) if len(part) > 4}
    if any(part in plain for part in parts):
        return "The password contains your name or address. Choose another."
    return None


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    listed = (Path(__file__).parent / "common_passwords.txt").read_text("utf-8")
    return frozenset(line.strip().casefold() for line in listed.splitlines() if line.strip())
