"""Whatever arrives as a token, the answer is claims or InvalidToken, and claims only for what we signed."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.security import base64url
from app.security.access_tokens import AccessTokens
from app.security.keys import SigningKeys
from app.security.tokens import Claims, InvalidToken
from tests.security.conftest import AUDIENCE, ISSUER, NOW, Forger

fuzz = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
BASE64URL_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture
def tokens(keys: SigningKeys) -> AccessTokens:
    return AccessTokens(keys, issuer=ISSUER, audience=AUDIENCE)


def claims_or_none(tokens: AccessTokens, text: str) -> Claims | None:
    """Any exception but InvalidToken fails the test."""
    try:
        return tokens.verify(text, now=NOW, monotonic=0.0)
    except InvalidToken:
        return None


def refused(tokens: AccessTokens, text: str) -> bool:
    """Refused twice over: a refusal must not turn into a remembered yes."""
    return claims_or_none(tokens, text) is None and claims_or_none(tokens, text) is None


@fuzz
@given(st.text(st.characters(exclude_categories=()), max_size=200))
@example("..")
@example("a.b.c")
@example("\ud800.\x00.é")
def test_random_text(tokens: AccessTokens, text: str) -> None:
    assert refused(tokens, text)


@fuzz
@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5))
def test_random_parts_in_good_base64(tokens: AccessTokens, parts: list[bytes]) -> None:
    assert refused(tokens, ".".join(map(base64url.encode, parts)))


@fuzz
@given(st.data())
def test_a_real_token_with_any_change(tokens: AccessTokens, forger: Forger, data: st.DataObject) -> None:
    token = forger.sign()
    assert claims_or_none(tokens, token) is not None
    start = data.draw(st.integers(0, len(token)))
    end = data.draw(st.integers(start, min(len(token), start + 3)))
    put = data.draw(st.text(BASE64URL_CHARS + ".=+/ ", max_size=3))
    changed = token[:start] + put + token[end:]
    assert (claims_or_none(tokens, changed) is not None) == (changed == token)


@fuzz
@given(JSON_VALUES)
def test_any_json_as_header(tokens: AccessTokens, forger: Forger, header: Any) -> None:
    assert refused(tokens, forger.sign(header=json.dumps(header).encode()))


@fuzz
@given(st.sampled_from(["alg", "kid", "typ", "crit", "zip"]), JSON_VALUES)
def test_any_json_as_header_member(tokens: AccessTokens, forger: Forger, member: str, value: Any) -> None:
    header = forger.header(**{member: value})
    token = forger.sign(header=json.dumps(header).encode())
    assert refused(tokens, token) or header == forger.header()


@fuzz
@given(JSON_VALUES)
def test_any_json_as_signed_payload(tokens: AccessTokens, forger: Forger, payload: Any) -> None:
    assert refused(tokens, forger.sign(claims=json.dumps(payload).encode()))


@fuzz
@given(st.sampled_from(["iss", "aud", "sub", "sid", "jti", "iat", "exp"]), JSON_VALUES)
def test_any_json_as_signed_claim(tokens: AccessTokens, forger: Forger, claim: str, value: Any) -> None:
    claims = claims_or_none(tokens, forger.sign(claims=json.dumps(forger.claims(**{claim: value})).encode()))
    assert claims is None or (claim == "jti" and claims.jti == value) or (claim == "iat" and isinstance(value, int))


@pytest.mark.parametrize("depth", [100, 900, 1000, 1400])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_headers(tokens: AccessTokens, forger: Forger, depth: int, opening: str) -> None:
    nested = opening * depth
    for header in (nested, nested + "1" + ("]" if opening == "[" else "}") * depth, '{"alg":' + nested):
        assert refused(tokens, forger.sign(header=header.encode()))


@pytest.mark.parametrize("deep", ["[" * 700 + "]" * 700, '{"a":' * 300 + "1" + "}" * 300])
def test_deep_claims_beside_good_ones(tokens: AccessTokens, forger: Forger, deep: str) -> None:
    payload = json.dumps(forger.claims())[:-1] + ',"deep":' + deep + "}"
    claims_or_none(tokens, forger.sign(claims=payload.encode()))


@pytest.mark.parametrize("encoding", ["pem", "der", "jwk", "raw"])
@pytest.mark.parametrize("algorithm", ["HS256", "ES256"])
def test_the_public_key_is_no_hmac_secret(
    tokens: AccessTokens, forger: Forger, keys: SigningKeys, encoding: str, algorithm: str
) -> None:
    public = keys.current._verifier.prepared_key  # type: ignore[attr-defined]  # the stubs leave it out
    secret = {
        "pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "jwk": json.dumps(keys.current.public_jwk).encode(),
        "raw": public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    }[encoding]
    parts = (forger.header(alg=algorithm), forger.claims())
    signed = ".".join(base64url.encode(json.dumps(part).encode()) for part in parts)
    mac = hmac.digest(secret, signed.encode(), hashlib.sha256)
    assert refused(tokens, f"{signed}.{base64url.encode(mac)}")


@pytest.mark.parametrize("algorithm", ["ES384", "HS256", "none", ""])
def test_the_key_itself_checks_the_algorithm_too(keys: SigningKeys, forger: Forger, algorithm: str) -> None:
    with pytest.raises(ValueError, match="not signed"):
        keys.current.verify(forger.sign(header=forger.header(alg=algorithm)))


@pytest.mark.parametrize("signature", ["", "AA", base64url.encode(bytes(64)), base64url.encode(b"\xff" * 64)])
def test_no_signature_worth_the_name(tokens: AccessTokens, forger: Forger, signature: str) -> None:
    assert refused(tokens, forger.sign().rsplit(".", 1)[0] + "." + signature)
    unsigned = forger.sign(header=forger.header(alg="none")).rsplit(".", 1)[0]
    assert refused(tokens, f"{unsigned}.{signature}")
