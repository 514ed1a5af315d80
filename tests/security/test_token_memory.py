"""Remembered verdicts: quick, bounded, and gone with the token's time and with the keys."""

import shutil
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.security.access_tokens import AccessTokens
from app.security.keys import SigningKeys
from app.security.tokens import InvalidToken
from tests.security.conftest import AUDIENCE, ISSUER, NOW, Forger


def tokens_of(directory: Path, cache_size: int = 4096) -> AccessTokens:
    keys = SigningKeys.load_or_generate(directory, now=NOW)
    return AccessTokens(keys, issuer=ISSUER, audience=AUDIENCE, cache_size=cache_size)


def new_token(tokens: AccessTokens, monotonic: float = 0.0) -> str:
    return tokens.issue(subject=uuid4(), session_id=uuid4(), now=NOW, monotonic=monotonic)


def reason(tokens: AccessTokens, token: str, **changes: timedelta | float) -> str:
    later = changes.get("later", timedelta(0))
    assert isinstance(later, timedelta)
    monotonic = changes.get("monotonic", 0.0)
    assert isinstance(monotonic, float)
    with pytest.raises(InvalidToken) as caught:
        tokens.verify(token, now=NOW + later, monotonic=monotonic)
    return caught.value.reason


def test_the_second_answer_is_the_first_one_again(directory: Path) -> None:
    tokens = tokens_of(directory)
    token = new_token(tokens)
    first = tokens.verify(token, now=NOW, monotonic=0.0)
    assert tokens.verify(token, now=NOW + timedelta(minutes=14), monotonic=0.0) is first


def test_a_remembered_token_still_expires(directory: Path) -> None:
    tokens = tokens_of(directory)
    token = new_token(tokens)
    tokens.verify(token, now=NOW, monotonic=0.0)
    assert reason(tokens, token, later=timedelta(minutes=15, seconds=2)) == "expired"
    assert not tokens._cache._entries, "an expired token needs no place"
    assert reason(tokens, token, later=timedelta(minutes=15, seconds=2)) == "expired"


def test_a_remembered_token_dies_with_its_key(directory: Path) -> None:
    tokens = tokens_of(directory)
    token = new_token(tokens)
    tokens.verify(token, now=NOW, monotonic=0.0)
    [path] = directory.glob("*.pem")
    SigningKeys.generate(directory, now=NOW)
    path.unlink()
    assert reason(tokens, token, monotonic=1.0) == "unknown_key"


def test_memory_is_bounded_and_keeps_what_is_used(directory: Path) -> None:
    tokens = tokens_of(directory, cache_size=3)
    used = new_token(tokens)
    first = tokens.verify(used, now=NOW, monotonic=0.0)
    for _ in range(5):
        tokens.verify(new_token(tokens), now=NOW, monotonic=0.0)
        assert tokens.verify(used, now=NOW, monotonic=0.0) is first
    assert len(tokens._cache._entries) == 3


def test_refusals_take_no_place_and_tokens_are_not_kept(directory: Path) -> None:
    tokens = tokens_of(directory)
    token = new_token(tokens)
    tokens.verify(token, now=NOW, monotonic=0.0)
    for text in ("", "a.b.c", token + "A", token[:-2], Forger(SigningKeys.load(directory)).sign(claims=b"{}")):
        reason(tokens, text)
    [digest] = tokens._cache._entries
    assert len(digest) == 32
    assert digest not in token.encode()


def test_another_replicas_new_key_is_known_at_once(directory: Path) -> None:
    """Between two looks at the directory a replica may already sign with a key that has just been dropped in."""
    here = tokens_of(directory)
    here.verify(new_token(here), now=NOW, monotonic=50.0)
    SigningKeys.generate(directory, now=NOW)
    there = tokens_of(directory)
    assert here.verify(new_token(there), now=NOW, monotonic=50.1).exp > NOW


def test_issuing_follows_rotation_too(directory: Path) -> None:
    tokens = tokens_of(directory)
    new_token(tokens, monotonic=10.0)
    SigningKeys.generate(directory, now=NOW)
    token = new_token(tokens, monotonic=11.0)
    for old in sorted(directory.glob("*.pem"))[:-1]:
        old.unlink()
    assert tokens_of(directory).verify(token, now=NOW, monotonic=0.0).iat == NOW
    assert len(tokens.jwks(monotonic=12.0)["keys"]) == 1


def test_a_lost_directory_does_not_stop_the_service(directory: Path) -> None:
    tokens = tokens_of(directory)
    shutil.rmtree(directory)
    assert tokens.verify(new_token(tokens, monotonic=5.0), now=NOW, monotonic=10.0).iat == NOW
    assert tokens.lifetime == timedelta(minutes=15)
