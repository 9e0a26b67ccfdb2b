"""Passwords as they are stored."""

from __future__ import annotations

import pytest

from webapp import passwords


@pytest.mark.parametrize("password", ["x", "open sesame", "pässwörd 🔑", "x" * 200])
def test_a_password_is_known_by_its_hash_alone(password: str) -> None:
    stored = passwords.hashed(password)
    assert password == "x" or password not in stored
    assert stored != passwords.hashed(password)  # another salt
    assert passwords.is_right(password, stored)
    for other in ("", password + " ", password[:-1], password.upper() + "!"):
        assert not passwords.is_right(other, stored)


def test_one_that_is_too_long_is_not_even_hashed() -> None:
    stored = passwords.hashed("x" * 201)
    assert not passwords.is_right("x" * 201, stored)
