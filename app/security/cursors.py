"""Page cursors: opaque to clients, signed so that only values this service handed out come back.

A cursor is base64url(MAC | JSON). The MAC (HMAC-SHA256 cut to 128 bits, which nobody can guess online or offline) also
covers the purpose, so a cursor only fits the list, filters and sort it was made for. It is signed, not encrypted:
never put in what the client has not seen.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import TypeAlias

from app.security import base64url

CursorValue: TypeAlias = str | int | None

MIN_SECRET_BYTES = 32
MAX_CURSOR_CHARS = 4096
_MAC_BYTES = 16


class InvalidCursor(Exception):
    """Not a cursor this service made for this purpose."""


class CursorSigner:
    """Signs with a key derived from `secret` (32 bytes or more), so the same secret may serve other uses too."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_SECRET_BYTES:
            raise ValueError(f"a cursor secret needs at least {MIN_SECRET_BYTES} bytes")
        self._key = hmac.digest(secret, b"page-cursor", hashlib.sha256)

    def encode(self, payload: Sequence[CursorValue], purpose: str) -> str:
        """`payload` signed for `purpose`, the name of everything it depends on (list, filters, sort).

        TypeError for values other than texts, integers and None; ValueError when the cursor would be over 4096
        characters (about 3000 bytes of JSON).
        """
        for value in payload:
            if isinstance(value, bool) or not isinstance(value, str | int | None):
                raise TypeError("a cursor holds texts, integers and None only")
        body = json.dumps(list(payload), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        text = base64url.encode(self._mac(body, purpose) + body)
        if len(text) > MAX_CURSOR_CHARS:
            raise ValueError("the values are too long for a cursor")
        return text

    def decode(self, text: str, purpose: str) -> list[CursorValue]:
        """The values of a cursor made for `purpose`; InvalidCursor for anything else."""
        if len(text) > MAX_CURSOR_CHARS:
            raise InvalidCursor("too long")
        try:
            data = base64url.decode(text)
        except ValueError:
            raise InvalidCursor("not a cursor") from None
        mac, body = data[:_MAC_BYTES], data[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body, purpose)):
            raise InvalidCursor("changed, or of another list")
        values: list[CursorValue] = json.loads(body)  # we signed it, so it is what `encode` wrote
        return values

    def _mac(self, body: bytes, purpose: str) -> bytes:
        # The purpose is hashed to a fixed length first, so that no purpose can reach into the body.
        message = hashlib.sha256(purpose.encode("utf-8", "surrogatepass")).digest() + body
        return hmac.digest(self._key, message, hashlib.sha256)[:_MAC_BYTES]
