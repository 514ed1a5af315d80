"""Refresh tokens and API keys."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.security import opaque_tokens
from app.security.opaque_tokens import (
    ApiKey,
    RefreshToken,
    new_api_key,
    new_refresh_token,
    next_refresh_token,
    parse_api_key,
    parse_refresh_token,
    same_digest,
)

PEPPER = bytes(range(32))


def test_a_refresh_token_is_found_again_by_its_digest() -> None:
    token = new_refresh_token()
    assert re.fullmatch(r"ddr_[A-Za-z0-9]{43}", token.text)
    assert token.digest == hashlib.sha256(token.text.encode()).digest()
    assert parse_refresh_token(token.text) == token


def test_an_api_key_is_found_by_its_prefix_and_proved_by_its_digest() -> None:
    key = new_api_key()
    assert re.fullmatch(r"ddk_[a-z0-9]{8}_[A-Za-z0-9]{43}", key.text)
    assert key.text.startswith(f"ddk_{key.prefix}_")
    assert parse_api_key(key.text) == key
    other = new_api_key()
    assert same_digest(key.digest, key.digest)
    assert not same_digest(key.digest, other.digest)


def test_no_two_are_alike_and_they_carry_256_bits() -> None:
    texts = [new_refresh_token().text for _ in range(300)] + [new_api_key().text for _ in range(300)]
    assert len(set(texts)) == 600
    assert 62**opaque_tokens._SECRET_CHARS >= 2**256
    assert len(set("".join(texts))) >= 62, "all letters and digits occur"


@pytest.mark.parametrize("secret", [new_refresh_token(), new_api_key()])
def test_a_log_line_of_it_shows_no_secret(secret: RefreshToken | ApiKey) -> None:
    assert secret.text not in repr(secret)


def test_a_successor_can_be_told_again_but_not_guessed() -> None:
    token = new_refresh_token()
    successor = next_refresh_token(token.text, PEPPER)
    assert parse_refresh_token(successor.text) == successor
    assert next_refresh_token(token.text, PEPPER) == successor
    chain = {token.text, successor.text}
    for _ in range(50):
        successor = next_refresh_token(successor.text, PEPPER)
        chain.add(successor.text)
    assert len(chain) == 52
    assert next_refresh_token(token.text, bytes(32)) != next_refresh_token(token.text, PEPPER)
    with pytest.raises(ValueError, match="32"):
        next_refresh_token(token.text, b"short")


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_anything_else_is_neither(text: str) -> None:
    assert parse_refresh_token(text) is None
    assert parse_api_key(text) is None


@pytest.mark.parametrize("good", [new_refresh_token().text, new_api_key().text], ids=["refresh token", "API key"])
def test_near_misses_are_neither(good: str) -> None:
    for near in (good + "\n", good[:-1], good + "x", good.upper(), good[:-1] + "é", " " + good, good.replace("_", "-")):
        assert parse_refresh_token(near) is None
        assert parse_api_key(near) is None
