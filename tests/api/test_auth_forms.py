"""The token endpoint under bad and hostile forms: a clear problem, in OAuth2's words where it has some, never a 500."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.accounts import ask
from tests.world import World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_request"),
        (b"grant_type=", 400, "invalid_request"),
        (b"grant_type=password", 400, "invalid_request"),
        (b"grant_type=password&username=a&password=", 400, "invalid_request"),
        (b"grant_type=refresh_token", 400, "invalid_request"),
        (b"grant_type=client_credentials", 400, "unsupported_grant_type"),
        (b"grant_type=password&username=a&username=b&password=c", 400, "invalid_request"),
        (b"grant_type=password&username=a%00&password=%00", 400, "invalid_grant"),
        (b"grant_type=password&username=%ff%fe&password=%ff", 400, "invalid_grant"),
        (b"grant_type=password&username=a&password=%ED%A0%80&scope=&client_id=x", 400, "invalid_grant"),
        (b"grant_type=refresh_token&refresh_token=x%00", 400, "invalid_refresh_token"),
        (b"grant_type=refresh_token&refresh_token=ddr_" + b"a" * 43, 400, "invalid_refresh_token"),
        (b"&".join(b"x%d=1" % i for i in range(1200)), 400, "malformed_request"),
        (b"grant_type=password&username=a&password=" + b"x" * 900_000, 400, "invalid_grant"),
        (b"grant_type=password&username=a&password=" + b"x" * 1_100_000, 413, "too_large"),
        (b"\x00\xff=&&&;;%%%", 400, "invalid_request"),
    ],
)
async def test_bad_forms(world: World, body: bytes, status: int, code: str) -> None:
    answer = await world.anonymous().request("POST", "/auth/token", content=body, headers=FORM)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text[:300]
    if code.startswith(("invalid", "unsupported")):
        assert answer.json()["error"] in {"invalid_request", "invalid_grant", "unsupported_grant_type"}


@pytest.mark.parametrize("media", ["application/json", "multipart/form-data; boundary=x", "text/plain", "x"])
async def test_only_forms_are_taken(world: World, media: str) -> None:
    answer = await world.anonymous().request(
        "POST", "/auth/token", content=b'{"grant_type": "password"}', headers={"Content-Type": media}
    )
    assert answer.status_code in {400, 415}, answer.text


_values = st.text(max_size=40) | st.binary(max_size=40)
_names = st.sampled_from(["grant_type", "username", "password", "refresh_token", "scope"]) | st.text(max_size=10)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.binary(max_size=200), grant=st.sampled_from(["password", "refresh_token", ""]), name=_names, value=_values
)
async def test_no_form_makes_a_500(world: World, raw: bytes, grant: str, name: str, value: str | bytes) -> None:
    assert (await world.anonymous().request("POST", "/auth/token", content=raw, headers=FORM)).status_code < 500
    form = {"grant_type": grant, "username": "a", "password": "b"}
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    form |= {name.encode("utf-8", "replace").decode(): value}  # type: ignore[dict-item]  # raw bytes are the point
    assert (await ask(world, **form)).status_code < 500
