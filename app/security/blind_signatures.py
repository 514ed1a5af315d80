"""RSA blind signatures, RFC 9474, variant RSABSSA-SHA384-PSS-Deterministic (as in Privacy Pass, RFC 9578).

The signer sees a number that tells nothing of what it signs; what comes out verifies as an ordinary RSASSA-PSS
signature. So a ballot token can be handed to a known rater and still not be recognised when it comes back.
"""

from __future__ import annotations

import secrets
from math import gcd

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ALGORITHM = "RSABSSA-SHA384-PSS-Deterministic"
BITS = 2048
SIZE = BITS // 8
EXPONENT = 65537
_PADDING = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)


class BadBlindedMessage(ValueError):
    """Not a number below the modulus that shares no factor with it."""


def generate() -> tuple[bytes, bytes]:
    """(PKCS #8 private key, modulus) of a new key; some 50 ms of computing."""
    key = rsa.generate_private_key(EXPONENT, BITS)
    return (
        key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        key.public_key().public_numbers().n.to_bytes(SIZE, "big"),
    )  # fmt: skip


def sign(private: bytes, blinded: bytes) -> bytes:
    """BlindSign (RFC 9474, 4.3): always the same for the same blinded message. BadBlindedMessage.

    The key is one of ours, unsealed unchanged: testing its primes again would cost more than the signature.
    """
    key = serialization.load_der_private_key(private, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    numbers = key.private_numbers()
    n = numbers.public_numbers.n
    message = int.from_bytes(blinded, "big")
    if len(blinded) != SIZE or not 1 < message < n - 1 or gcd(message, n) != 1:
        raise BadBlindedMessage
    # Blinded once more before the private key touches it: its timing then tells nothing (RFC 9474, 6.1).
    mask = secrets.randbelow(n - 2) + 2
    masked = message * pow(mask, EXPONENT, n) % n
    by_p, by_q = pow(masked, numbers.dmp1, numbers.p), pow(masked, numbers.dmq1, numbers.q)
    signed = by_q + numbers.q * ((by_p - by_q) * numbers.iqmp % numbers.p)
    signature = signed * pow(mask, -1, n) % n
    if pow(signature, EXPONENT, n) != message:
        raise ArithmeticError("a blind signature went wrong")
    return signature.to_bytes(SIZE, "big")


def public_key(modulus: bytes) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(EXPONENT, int.from_bytes(modulus, "big")).public_key()


def verifies(key: rsa.RSAPublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message, _PADDING, hashes.SHA384())
    except InvalidSignature:
        return False
    return True
