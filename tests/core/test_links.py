"""Keys in links: long enough not to be guessed, short enough for a mail, found again by their hash alone."""
import pytest

from prm.core import links


def test_a_key_has_192_bits_and_its_whole_address_fits_in_a_line():
    key, hashed = links.mint()
    assert len(key) == 32 and len({links.mint()[0] for _ in range(1000)}) == 1000
    assert len(hashed) == 64 and key not in hashed
    assert links.digest(key) == hashed
    assert len(f"https://partners.example-company.com/i/{key}") <= 90


def test_another_key_has_another_hash():
    key, hashed = links.mint()
    assert links.digest(key[:-1]) != hashed != links.digest(key + "x") != links.digest(key.swapcase())


@pytest.mark.parametrize("typed", ["", "\0", "\ud800", "x" * 10**6, "../../etc/passwd", "🦉"], ids=lambda t: ascii(t[:20]))
def test_whatever_is_typed_into_an_address_has_a_hash(typed):
    assert len(links.digest(typed)) == 64


def test_addresses_in_mails_come_from_the_settings(monkeypatch):
    monkeypatch.setattr(links, "_base", "")
    monkeypatch.setattr(links, "_secret", b"")
    links.configure("https://portal.example/", "a secret")
    assert links.address("/i/abc") == "https://portal.example/i/abc"
