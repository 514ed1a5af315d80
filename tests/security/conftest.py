"""Signing keys, and a forger who owns one of them: it can sign anything, well formed or not."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.security import base64url
from app.security.keys import SigningKeys

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ISSUER = "https://diaodu.test"
AUDIENCE = "diaodu-api"


@dataclass(frozen=True)
class Forger:
    keys: SigningKeys

    def header(self, **changes: Any) -> dict[str, Any]:
        return {"alg": "ES256", "kid": self.keys.current.thumbprint, "typ": "at+jwt"} | changes

    def claims(self, **changes: Any) -> dict[str, Any]:
        issued = int(NOW.timestamp())
        return {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "01936f00-0000-7000-8000-000000000001",
            "sid": "01936f00-0000-7000-8000-000000000002",
            "jti": "abc",
            "iat": issued,
            "exp": issued + 900,
        } | changes

    def sign(
        self, *, header: dict[str, Any] | bytes | None = None, claims: dict[str, Any] | bytes | None = None
    ) -> str:
        """A token with a true signature over whatever header and claims are given."""
        parts = (self.header() if header is None else header, self.claims() if claims is None else claims)
        signed = ".".join(base64url.encode(p if isinstance(p, bytes) else json.dumps(p).encode()) for p in parts)
        return f"{signed}.{base64url.encode(self.keys.current._signer.sign(signed.encode()))}"


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return SigningKeys.load_or_generate(tmp_path_factory.mktemp("signing") / "keys", now=NOW)


@pytest.fixture(scope="session")
def forger(keys: SigningKeys) -> Forger:
    return Forger(keys)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "keys"
