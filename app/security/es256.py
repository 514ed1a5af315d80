"""The only room that knows python-jose: ES256 signatures behind a small typed class.

python-jose has several traps: a key object costs as much to build as a signature check (so both
objects are built once), `algorithms` given as a string matches substrings (so it is always a list with one name),
and its HMAC and JWE parts have open holes (so nothing here can reach them).
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jose import jwk, jws
from jose.exceptions import JOSEError

from app.security import base64url

ALGORITHM = "ES256"
_COORDINATE_BYTES = 32


class Es256Key:
    """One P-256 key pair with its python-jose objects, public JWK (RFC 7517) and thumbprint (RFC 7638)."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._signer = jwk.construct(pem, ALGORITHM)
        self._verifier = self._signer.public_key()
        point = private_key.public_key().public_numbers()
        required = {
            "crv": "P-256",
            "kty": "EC",
            "x": base64url.encode(point.x.to_bytes(_COORDINATE_BYTES, "big")),
            "y": base64url.encode(point.y.to_bytes(_COORDINATE_BYTES, "big")),
        }
        canonical = json.dumps(required, separators=(",", ":"), sort_keys=True).encode("ascii")
        self.thumbprint: str = base64url.encode(hashlib.sha256(canonical).digest())
        self.public_jwk: dict[str, str] = {**required, "kid": self.thumbprint, "use": "sig", "alg": ALGORITHM}

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """Compact JWS of `claims` with the header `{"alg": "ES256", "kid": thumbprint, "typ": typ}`."""
        headers = {"kid": self.thumbprint, "typ": typ}
        return jws.sign(dict(claims), self._signer, headers=headers, algorithm=ALGORITHM)

    def verify(self, token: str) -> bytes:
        """Payload bytes of a compact JWS this key signed, ValueError when it did not.

        For texts already found well formed: python-jose lets other errors (RecursionError, TypeError …) escape.
        """
        try:
            return jws.verify(token, self._verifier, algorithms=[ALGORITHM])
        except JOSEError:
            raise ValueError("not signed by this key") from None


def generate_pem() -> bytes:
    """A new P-256 private key as unencrypted PKCS #8 PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def parse_pem(pem: bytes) -> Es256Key:
    """Key of an unencrypted private-key PEM; ValueError, which never quotes the content, when it is anything else."""
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise ValueError("the key is encrypted; an unencrypted private key is needed") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("not a private key in PEM format") from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return Es256Key(key)
    raise ValueError("not an elliptic-curve key on P-256, the only kind used for ES256")
