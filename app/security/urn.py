"""The sealed urn: while a campaign is open its ballots lie in the database as ciphertext.

The key comes from the service's secret, which is no part of the database, and a salt of the campaign, which is
destroyed at closing: from then on neither alone opens an old copy of the urn.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT = 32
_NONCE = 12


class CannotOpen(Exception):
    """Sealed with another key, for another place, or changed."""


class Urn:
    """Seals and opens; what is sealed for one place (`place`) opens at no other."""

    def __init__(self, secret: bytes, salt: bytes, purpose: str) -> None:
        key = HKDF(hashes.SHA256(), 32, salt, b"diaodu rating " + purpose.encode()).derive(secret)
        self._cipher = AESGCM(key)

    def seal(self, content: bytes, place: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
        except InvalidTag:
            raise CannotOpen from None


def new_salt() -> bytes:
    return secrets.token_bytes(SALT)
