"""Strict unpadded base64url (RFC 4648 section 5): one text for one byte string, anything else refused.

The standard library skips characters outside the alphabet and ignores the spare bits of the last one, so many
texts decode to the same bytes. Signed texts must have exactly one spelling.
"""

import base64
import re

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Bytes of `text`; ValueError for padding, foreign characters, impossible lengths or non-zero spare bits."""
    if _ALPHABET.fullmatch(text) is None or len(text) % 4 == 1:
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
