"""Access tokens: JWTs (RFC 9068 profile: typ `at+jwt`) signed with ES256, issued and verified by this service only.

Verification trusts nothing it has not checked: size and alphabet first, then a header of exactly our three members,
then the signature, and only then the claims. Whatever goes wrong anywhere is one exception, `InvalidToken`.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.security import base64url
from app.security.es256 import ALGORITHM, Es256Key
from app.security.keys import MAX_TOKEN_LIFETIME, SigningKeys

HEADER_TYP = "at+jwt"
DEFAULT_LIFETIME = timedelta(minutes=15)
LEEWAY = timedelta(seconds=2)
"""How far apart the clocks of two replicas may be."""
MAX_TOKEN_CHARS = 4096

_MAX_JTI_CHARS = 64
_LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


class InvalidToken(Exception):
    """The token does not count. `reason` is a stable code for logs and metrics; callers are told only "401".

    Codes: malformed, bad_header, unknown_key, bad_signature, bad_claims, wrong_issuer, wrong_audience, expired,
    not_yet_valid.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says: `sub` the user, `sid` the session, `jti` the token; times in UTC, whole seconds."""

    sub: UUID
    sid: UUID
    jti: str
    iat: datetime
    exp: datetime


def issue(
    keys: SigningKeys,
    *,
    subject: UUID,
    session_id: UUID,
    now: datetime,
    issuer: str,
    audience: str,
    lifetime: timedelta = DEFAULT_LIFETIME,
) -> str:
    """A signed token living `lifetime` (1 s to 1 h, whole seconds) from `now` (aware), under the newest key."""
    if not timedelta(seconds=1) <= lifetime <= MAX_TOKEN_LIFETIME:
        raise ValueError("an access token lives between a second and an hour")
    issued = int(require_aware(now).timestamp())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": str(subject),
        "sid": str(session_id),
        "jti": secrets.token_urlsafe(16),
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
    }
    return keys.current.sign(claims, typ=HEADER_TYP)


def verify(keys: SigningKeys, token: str, *, now: datetime, issuer: str, audience: str) -> Claims:
    """Claims of `token` when it is ours, for `audience` and alive at `now` (aware); InvalidToken in every other case.

    It knows nothing of sessions, passwords or accounts: whether those still stand is asked on every request elsewhere.
    """
    require_aware(now)
    try:
        payload = _signed_payload(keys, token)
        claims = _read_claims(_parse_object(payload), issuer, audience)
        check_times(claims, now)
    except InvalidToken:
        raise
    except Exception:  # noqa: BLE001  # hostile JSON raises errors of many kinds, RecursionError too; none may be a 500
        raise InvalidToken("malformed") from None
    else:
        return claims


def check_times(claims: Claims, now: datetime) -> None:
    """InvalidToken when the token has expired, or was issued in the future, by more than `LEEWAY`."""
    if now >= claims.exp + LEEWAY:
        raise InvalidToken("expired")
    if now < claims.iat - LEEWAY:
        raise InvalidToken("not_yet_valid")


def require_aware(now: datetime) -> datetime:
    """`now`, or ValueError for a datetime without offset: the caller's mistake, never to pass for a bad token."""
    if now.utcoffset() is None:
        raise ValueError("a datetime with an offset is needed")
    return now


def _signed_payload(keys: SigningKeys, token: str) -> bytes:
    """Payload bytes after every check that comes before its content may be looked at."""
    if len(token) > MAX_TOKEN_CHARS:
        raise InvalidToken("malformed")
    header, _, _ = [base64url.decode(part) for part in token.split(".")]
    key = _key_of_header(keys, _parse_object(header))
    try:
        return key.verify(token)
    except ValueError:
        raise InvalidToken("bad_signature") from None


def _key_of_header(keys: SigningKeys, header: dict[str, Any]) -> Es256Key:
    """Our key for a header of exactly alg, kid and typ: no `crit`, `jku`, `jwk` or `b64` is ever looked at."""
    kid = header.get("kid")
    if not isinstance(kid, str) or header != {"alg": ALGORITHM, "kid": kid, "typ": HEADER_TYP}:
        raise InvalidToken("bad_header")
    key = keys.find(kid)
    if key is None:
        raise InvalidToken("unknown_key")
    return key


def _read_claims(claims: dict[str, Any], issuer: str, audience: str) -> Claims:
    if not _same_text(claims.get("iss"), issuer):
        raise InvalidToken("wrong_issuer")
    if not _same_text(claims.get("aud"), audience):  # a list of audiences is refused: this service never issues one
        raise InvalidToken("wrong_audience")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= _MAX_JTI_CHARS:
        raise InvalidToken("bad_claims")
    iat, exp = _time(claims.get("iat")), _time(claims.get("exp"))
    if not iat < exp <= iat + MAX_TOKEN_LIFETIME:
        raise InvalidToken("bad_claims")
    return Claims(sub=_uuid(claims.get("sub")), sid=_uuid(claims.get("sid")), jti=jti, iat=iat, exp=exp)


def _same_text(value: object, expected: str) -> bool:
    return isinstance(value, str) and value == expected


def _time(value: object) -> datetime:
    if type(value) is not int or not 0 <= value <= _LATEST:
        raise InvalidToken("bad_claims")
    return datetime.fromtimestamp(value, UTC)


def _uuid(value: object) -> UUID:
    """UUID in its canonical spelling only; Python's parser also takes braces, `urn:uuid:` and stray hyphens."""
    if not isinstance(value, str):
        raise InvalidToken("bad_claims")
    try:
        parsed = UUID(value)
    except ValueError:
        raise InvalidToken("bad_claims") from None
    if str(parsed) != value:
        raise InvalidToken("bad_claims")
    return parsed


def _parse_object(data: bytes) -> dict[str, Any]:
    """JSON object in UTF-8 with no member twice and no NaN or Infinity; an error of some kind otherwise."""
    parsed = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    if not isinstance(parsed, dict):
        raise InvalidToken("malformed")
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member appears twice")
    return members


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")
