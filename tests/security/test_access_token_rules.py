"""What an access token must say to count, one rule at a time, each under a true signature."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.security import base64url
from app.security.keys import SigningKeys
from app.security.tokens import InvalidToken, issue, verify
from tests.security.conftest import AUDIENCE, ISSUER, NOW, Forger

SUBJECT = UUID("01936f00-0000-7000-8000-000000000001")


def reason(keys: SigningKeys, token: str, now: datetime = NOW) -> str:
    with pytest.raises(InvalidToken) as caught:
        verify(keys, token, now=now, issuer=ISSUER, audience=AUDIENCE)
    return caught.value.reason


def issued(keys: SigningKeys, **changes: Any) -> str:
    known: dict[str, Any] = {"subject": SUBJECT, "session_id": uuid4(), "now": NOW}
    return issue(keys, issuer=ISSUER, audience=AUDIENCE, **(known | changes))


def test_what_is_issued_is_read_back(keys: SigningKeys) -> None:
    session = uuid4()
    now = NOW + timedelta(microseconds=400_000)
    claims = verify(keys, issued(keys, session_id=session, now=now), now=now, issuer=ISSUER, audience=AUDIENCE)
    assert (claims.sub, claims.sid) == (SUBJECT, session)
    assert (claims.iat, claims.exp) == (NOW, NOW + timedelta(minutes=15))
    assert len(claims.jti) >= 22


def test_every_token_has_its_own_id(keys: SigningKeys) -> None:
    seen = {verify(keys, issued(keys), now=NOW, issuer=ISSUER, audience=AUDIENCE).jti for _ in range(50)}
    assert len(seen) == 50


def test_the_forger_can_sign_a_good_token(keys: SigningKeys, forger: Forger) -> None:
    """Otherwise every refusal below would prove nothing."""
    assert verify(keys, forger.sign(), now=NOW, issuer=ISSUER, audience=AUDIENCE).sub == SUBJECT


def test_life_begins_and_ends_within_the_leeway(keys: SigningKeys) -> None:
    token = issued(keys, lifetime=timedelta(minutes=5))
    end = NOW + timedelta(minutes=5)
    for good in (NOW - timedelta(seconds=2), end - timedelta(seconds=1), end + timedelta(seconds=1.9)):
        verify(keys, token, now=good, issuer=ISSUER, audience=AUDIENCE)
    assert reason(keys, token, end + timedelta(seconds=2)) == "expired"
    assert reason(keys, token, NOW - timedelta(seconds=2.1)) == "not_yet_valid"


def test_now_in_another_time_zone_is_the_same_moment(keys: SigningKeys) -> None:
    shanghai = NOW.astimezone(tz=None).astimezone()
    verify(keys, issued(keys, now=shanghai), now=NOW.astimezone(UTC), issuer=ISSUER, audience=AUDIENCE)


def test_a_naive_now_is_the_callers_mistake_not_a_bad_token(keys: SigningKeys) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="offset"):
        issued(keys, now=naive)
    with pytest.raises(ValueError, match="offset"):
        verify(keys, issued(keys), now=naive, issuer=ISSUER, audience=AUDIENCE)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(hours=1, seconds=1)])
def test_lifetime_is_a_second_to_an_hour(keys: SigningKeys, lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="hour"):
        issued(keys, lifetime=lifetime)


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "jti", "iat", "exp"])
def test_every_claim_is_required(keys: SigningKeys, forger: Forger, claim: str) -> None:
    claims = forger.claims()
    del claims[claim]
    assert reason(keys, forger.sign(claims=claims)) in {"bad_claims", "wrong_issuer", "wrong_audience"}


AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://elsewhere.test"),
        ("iss", [ISSUER]),
        ("iss", None),
        ("aud", "other-api"),
        ("aud", [AUDIENCE]),
        ("aud", []),
        ("aud", ""),
        ("aud", {AUDIENCE: 1}),
        ("aud", None),
        ("sub", "not-a-uuid"),
        ("sub", 7),
        ("sub", "{01936f00-0000-7000-8000-000000000001}"),
        ("sub", "urn:uuid:01936f00-0000-7000-8000-000000000001"),
        ("sub", "01936F00-0000-7000-8000-00000000000A"),
        ("sub", "01936f000000700080000000000000-0-001"),
        ("sid", ""),
        ("sid", None),
        ("jti", ""),
        ("jti", "x" * 65),
        ("jti", 5),
        ("jti", ["a"]),
        ("iat", "0"),
        ("iat", AT + 0.5),
        ("iat", True),
        ("iat", -1),
        ("iat", AT + 900),
        ("exp", str(AT + 900)),
        ("exp", AT + 900.0),
        ("exp", None),
        ("exp", [AT + 900]),
        ("exp", 10**18),
        ("exp", 10**400),
        ("exp", AT),
        ("exp", AT + 3601),
        ("exp", -(10**400)),
    ],
)
def test_claims_of_the_wrong_kind_are_refused(keys: SigningKeys, forger: Forger, claim: str, value: Any) -> None:
    expected = {"iss": "wrong_issuer", "aud": "wrong_audience"}.get(claim, "bad_claims")
    assert reason(keys, forger.sign(claims=forger.claims(**{claim: value}))) == expected


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400", "1e3", '"x", "exp": 99999999999'])
def test_numbers_that_are_no_json_and_members_twice(keys: SigningKeys, forger: Forger, text: str) -> None:
    good = b'"exp": %d' % (AT + 900)
    payload = str(forger.claims()).replace("'", '"').encode()
    assert good in payload
    assert reason(keys, forger.sign(claims=payload.replace(good, b'"exp": ' + text.encode()))) in {
        "malformed",
        "bad_claims",
    }


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_is_refused_even_where_nobody_looks(keys: SigningKeys, forger: Forger, text: str) -> None:
    payload = str(forger.claims()).replace("'", '"').encode()
    assert reason(keys, forger.sign(claims=payload[:-1] + b', "note": ' + text.encode() + b"}")) == "malformed"


def test_a_member_twice_is_refused_even_when_both_are_good(keys: SigningKeys, forger: Forger) -> None:
    payload = str(forger.claims()).replace("'", '"').encode()
    assert reason(keys, forger.sign(claims=payload[:-1] + b', "jti": "abc"}')) == "malformed"


@pytest.mark.parametrize("payload", [b"", b"[]", b'"x"', b"null", b"\xff", b"{", b"[" * 2500, b'{"a":' * 500])
def test_payloads_that_are_no_object(keys: SigningKeys, forger: Forger, payload: bytes) -> None:
    assert reason(keys, forger.sign(claims=payload)) == "malformed"


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "JWT"},
        {"typ": "AT+JWT"},
        {"typ": None},
        {"typ": ["at+jwt"]},
        {"alg": "none"},
        {"alg": "None"},
        {"alg": ""},
        {"alg": None},
        {"alg": 256},
        {"alg": ["ES256"]},
        {"alg": {"ES256": 1}},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"alg": "ES25"},
        {"kid": None},
        {"kid": 1},
        {"kid": ["x"]},
        {"kid": {}},
        {"crit": ["exp"]},
        {"b64": False},
        {"jku": "https://elsewhere.test/jwks.json"},
    ],
)
def test_any_other_header_is_refused(keys: SigningKeys, forger: Forger, changes: dict[str, Any]) -> None:
    assert reason(keys, forger.sign(header=forger.header(**changes))) == "bad_header"


@pytest.mark.parametrize("member", ["alg", "kid", "typ"])
def test_every_header_member_is_required(keys: SigningKeys, forger: Forger, member: str) -> None:
    header = forger.header()
    del header[member]
    assert reason(keys, forger.sign(header=header)) == "bad_header"


def test_an_unknown_key_and_a_foreign_signature(keys: SigningKeys, forger: Forger, directory: Path) -> None:
    stranger = Forger(SigningKeys.load_or_generate(directory, now=NOW))
    assert reason(keys, stranger.sign()) == "unknown_key"
    assert reason(keys, stranger.sign(header=forger.header())) == "bad_signature"


def test_size_is_capped_before_anything_is_read(keys: SigningKeys, forger: Forger) -> None:
    longest = forger.sign(claims=forger.claims(note="x" * 2000))
    verify(keys, longest, now=NOW, issuer=ISSUER, audience=AUDIENCE)
    assert reason(keys, forger.sign(claims=forger.claims(note="x" * 3000))) == "malformed"
    assert reason(keys, "x" * 50_000_000) == "malformed"


def test_one_token_has_one_spelling(keys: SigningKeys, forger: Forger) -> None:
    """The spare bits of a last character, and padding, are ignored by the usual decoders."""
    token = forger.sign()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    head, last = token[:-1], alphabet.index(token[-1])
    assert last % 4 == 0 or last % 16 == 0
    assert base64url.decode(token.rsplit(".", 1)[1])
    assert reason(keys, head + alphabet[last + 1]) == "malformed"
    for other in (token + "=", token + "==", token + "\n", " " + token, token + ".", token.replace(".", "..", 1)):
        assert reason(keys, other) == "malformed"
