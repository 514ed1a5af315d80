"""Refresh tokens, API keys and calendar addresses: random texts of which the database keeps only a SHA-256 digest.

Why a fast hash is enough: a slow one protects secrets that can be guessed. These carry 256 random bits, so nobody who
reads the digests can try them out, at any speed; and the digest must be cheap because it is computed on every request.
"""

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass, field

MIN_PEPPER_BYTES = 32

_LETTERS_DIGITS = string.ascii_letters + string.digits
_SECRET_CHARS = 43  # 62 ** 43 > 2 ** 256
_PUBLIC_PREFIX = string.ascii_lowercase + string.digits
_PREFIX_CHARS = 8
_REFRESH = re.compile(r"ddr_[A-Za-z0-9]{43}")
_FEED = re.compile(r"ddc_[A-Za-z0-9]{43}")
_API_KEY = re.compile(r"ddk_([a-z0-9]{8})_[A-Za-z0-9]{43}")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """`text` (`ddr_` and 43 letters and digits) goes to the client once; `digest` (32 bytes) is what is stored."""

    text: str = field(repr=False)
    digest: bytes


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`text` is `ddk_<prefix>_<43 letters and digits>`; `prefix` is public: it finds the row and names the key."""

    text: str = field(repr=False)
    prefix: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class FeedSecret:
    """`text` (`ddc_` and 43 letters and digits) is what an address ends with; `digest` (32 bytes) is what is stored."""

    text: str = field(repr=False)
    digest: bytes


def new_feed_secret() -> FeedSecret:
    text = "ddc_" + _random_text(_LETTERS_DIGITS, _SECRET_CHARS)
    return FeedSecret(text, digest_of(text))


def parse_feed_secret(text: str) -> FeedSecret | None:
    """None for anything that cannot be one."""
    return FeedSecret(text, digest_of(text)) if _FEED.fullmatch(text) else None


def new_refresh_token() -> RefreshToken:
    text = "ddr_" + _random_text(_LETTERS_DIGITS, _SECRET_CHARS)
    return RefreshToken(text, digest_of(text))


def next_refresh_token(current: str, pepper: bytes) -> RefreshToken:
    """The successor of the refresh token `current`: always the same one for the same `pepper` (32 bytes or more).

    A client whose answer got lost sends `current` again and must get the same successor, of which the database has
    only the digest; so it is computed from the text presented. Without the pepper, which lives outside the database,
    a stolen `current` tells nothing about it.
    """
    if len(pepper) < MIN_PEPPER_BYTES:
        raise ValueError(f"a pepper needs at least {MIN_PEPPER_BYTES} bytes")
    mac = hmac.new(pepper, b"refresh-token-successor\0" + current.encode("utf-8"), hashlib.sha256).digest()
    text = "ddr_" + _in_letters_digits(int.from_bytes(mac, "big"))
    return RefreshToken(text, digest_of(text))


def new_api_key() -> ApiKey:
    prefix = _random_text(_PUBLIC_PREFIX, _PREFIX_CHARS)
    text = f"ddk_{prefix}_{_random_text(_LETTERS_DIGITS, _SECRET_CHARS)}"
    return ApiKey(text, prefix, digest_of(text))


def parse_refresh_token(text: str) -> RefreshToken | None:
    """None for anything that cannot be a refresh token, so that garbage never reaches the database."""
    if _REFRESH.fullmatch(text) is None:
        return None
    return RefreshToken(text, digest_of(text))


def parse_api_key(text: str) -> ApiKey | None:
    """None for anything that cannot be an API key; otherwise look `prefix` up and compare with `same_digest`."""
    match = _API_KEY.fullmatch(text)
    if match is None:
        return None
    return ApiKey(text, match[1], digest_of(text))


def digest_of(text: str) -> bytes:
    """SHA-256 of the whole text, 32 bytes."""
    return hashlib.sha256(text.encode("utf-8")).digest()


def same_digest(left: bytes, right: bytes) -> bool:
    """Compared in constant time: the time taken tells nothing about how much of a guess was right."""
    return hmac.compare_digest(left, right)


def _random_text(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _in_letters_digits(number: int) -> str:
    chars = []
    for _ in range(_SECRET_CHARS):
        number, index = divmod(number, len(_LETTERS_DIGITS))
        chars.append(_LETTERS_DIGITS[index])
    return "".join(chars)
