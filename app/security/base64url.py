"""Strict unpadded base64url (RFC 4648 section 5): one text for one byte string, anything else refused.

The standard library skips characters outside the alphabet and ignores the spare bits of the last one, so many
texts decode to the same bytes. Signed texts must have exactly one spelling.
"""

import base64


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Bytes of `text`; ValueError for padding, foreign characters, impossible lengths or non-zero spare bits."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not base64url in its one spelling")
    return data


def decode_or_none(text: str) -> bytes | None:
    """The same with None for what is no base64url in its one spelling."""
    try:
        return decode(text)
    except ValueError:
        return None
