"""Passwords: Argon2id at the strength we promise, equal answers whether or not there is an account."""
import time

import pytest

from prm.core import passwords
from prm.core.passwords import hash_password, verify, weak


@pytest.fixture
def strong():
    passwords.configure()
    yield
    passwords.configure(weak_profile=True)


@pytest.fixture(autouse=True)
def profile():
    passwords.configure(weak_profile=True)
    yield
    passwords.configure(weak_profile=True)


def test_a_password_fits_its_hash_and_no_other():
    stored = hash_password("three brown owls")
    assert "three" not in stored and stored != hash_password("three brown owls")
    assert verify(stored, "three brown owls")
    assert not verify(stored, "three brown owl")
    assert not verify(stored, "Three brown owls")
    assert not verify(stored, "")


def test_the_hash_is_argon2id_as_strong_as_promised(strong):
    assert hash_password("three brown owls").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_nobody_is_let_in_without_an_account_not_even_with_the_password_of_the_dummy():
    assert not verify(None, "nobody has this password")
    assert not verify("", "nobody has this password")
    assert not verify("not a hash", "three brown owls")


def test_it_takes_as_long_when_there_is_no_account(strong):
    stored = hash_password("three brown owls")
    verify(None, "x")

    def best(kept):
        def once():
            begun = time.perf_counter()
            verify(kept, "wrong password")
            return time.perf_counter() - begun

        return min(once() for _ in range(5))

    with_account, without = best(stored), best(None)
    assert 0.5 < with_account / without < 2


@pytest.mark.parametrize("password", ["a\0bcdefghijk", "\ud800 half a letter", "🦉🦉🦉 and three more", "pässwörter äöü"])
def test_any_text_is_a_password(password):
    assert verify(hash_password(password), password)
    assert not verify(hash_password(password), password + "x")


def test_the_same_letter_from_another_keyboard_fits():
    assert verify(hash_password("M\u00fcnchen bei Nacht"), "Mu\u0308nchen bei Nacht")


def test_a_megabyte_of_password_is_refused_quickly():
    begun = time.perf_counter()
    assert not verify(hash_password("three brown owls"), "x" * 2**20)
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    "password",
    [
        "short", "123456789", "x" * 201, "1234567890", "qwertyuiop", "Password123", "PASSWORD123", "iloveyou123",
        "aaaaaaaaaaaaaa", "abababababab", "1q2w3e4r5t", "administrator", "ada@acme.example", "ilike-byron-1815",
    ],
)  # fmt: skip
def test_a_weak_password_is_refused_with_a_sentence(password):
    said = weak(password, "ada@acme.example", "byron")
    assert said and said.endswith(".")


@pytest.mark.parametrize("password", ["three brown owls", "Tr0ub4dor&3x!", "zwei Wörter drei", "x7#kPq9!mZ2w", "a b c d e f g"])
def test_a_good_password_is_taken(password):
    assert weak(password, "ada@acme.example", "Ada Byron") is None


def test_the_list_names_only_what_is_long_enough_to_matter():
    assert 300 < len(passwords._common()) < 3000
    assert min(len(line) for line in passwords._common()) >= passwords.SHORTEST
