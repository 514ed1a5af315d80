"""Bad input gets a clear problem document; nothing makes a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import COUNTY_A, Client, World

JSON = {"Content-Type": "application/json"}


async def _post(office: Client, body: bytes, **headers: str) -> Any:
    return await office.request("POST", "/projects", content=body, headers={**JSON, **headers})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_request"),
        (b"\xff\xfe{}", 400, "malformed_request"),
        (b'{"name": NaN, "region_code": "990101"}', 400, "malformed_request"),
        (b'{"name": "x", "region_code": "990101", "total_investment": 1e999999}', 422, "invalid_content"),
        (
            b'{"name": "x", "region_code": "990101", "total_investment": 1e99999999999999999999}',
            400,
            "malformed_request",
        ),
        (b'{"name": "x", "region_code": "990101", "total_investment": 0.00001}', 422, "invalid_content"),
        (b'{"name": "x", "region_code": "990101", "total_investment": 999999999999999}', 422, "invalid_content"),
        (b'{"name": "a\\u0000b", "region_code": "990101"}', 422, "invalid_content"),
        (b'{"name": "\\ud800", "region_code": "990101"}', 422, "invalid_content"),
        (b'{"name": "   ", "region_code": "990101"}', 422, "invalid_content"),
        (b'{"name": "x", "region_code": "990101", "key_years": [99999999999999999999]}', 422, "invalid_content"),
        (b'{"name": "x", "region_code": "990101", "longitude": 1}', 422, "invalid_content"),
        (b'{"name": "x", "region_code": "990101", "enrolled_on": 20160101}', 422, "invalid_content"),
        (b'{"name": "x", "region_code": "990101", "enrolled_on": "2016-02-30"}', 422, "invalid_content"),
        (b'{"name": "x", "region_code": "990101", "planned_start": "2016-02-30"}', 422, "invalid_content"),
        (b'{"name": "x", "region_code": "990101999"}', 422, "invalid_content"),
        (b'{"name": "x", "region_code": "990101", "surprise": 1}', 422, "invalid_content"),
        (b"[" * 40 + b"]" * 40, 422, "invalid_content"),
        (b"[" * 100_000, 422, "invalid_content"),
        (b'"' + b"x" * 1_100_000 + b'"', 413, "too_large"),
        (b"9" * 5000, 400, "malformed_request"),
        (b"null", 422, "invalid_content"),
        (b"", 422, "invalid_content"),
    ],
)
async def test_bad_bodies(world: World, body: bytes, status: int, code: str) -> None:
    answer = await _post(await world.user("dispatcher"), body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_wrong_media_type_and_bad_idempotency_key(world: World) -> None:
    office = await world.user("dispatcher")
    answer = await office.request("POST", "/projects", content=b"a=1", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    answer = await _post(office, b'{"name": "x", "region_code": "990101"}', **{"Idempotency-Key": "k" * 201})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=x", "limit=99999999999999999999", "cursor=abc", "cursor=%00", "region=1",
        "region=99%00", "stage=nowhere", "as_of=20160101", "as_of=2016-13-01", "as_of=99999-01-01", "q=", "q=%00x",
        "department_id=1", "year=0", "year=1e3", "major=perhaps", "nonsense=1", "sort=password_hash", "count=2",
        "total_investment_at_least=-1", "total_investment_at_least=NaN", "stale_days=0", "as_of=1456704000",
    ],
)  # fmt: skip
async def test_bad_queries(world: World, query: str) -> None:
    answer = await (await world.user("dispatcher")).get(f"/projects?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_content"), answer.text
    assert answer.json()["errors"][0]["message"]


async def test_an_unknown_parameter_is_told_the_known_ones(world: World) -> None:
    answer = await (await world.user("dispatcher")).get("/projects?departement=1", headers={"Accept-Language": "en"})
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("departement", "unknown_parameter")
    assert "department_id" in error["message"]


async def test_an_unknown_parameter_is_refused_where_there_are_none(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.created("/projects", {"name": "x", "region_code": COUNTY_A})
    one = f"/projects/{made['id']}"
    etag = (await office.get(one)).headers["etag"]
    for answer in (
        await office.get(f"{one}?feilds=name&feilds=code", headers={"Accept-Language": "en"}),
        await office.get(f"{one}?feilds=name", headers={"If-None-Match": etag, "Accept-Language": "en"}),
        await office.request("DELETE", f"{one}?feilds=name", headers={"If-Match": etag, "Accept-Language": "en"}),
    ):
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("feilds", "unknown_parameter")
        assert error["message"].endswith("known: none")
    assert (await office.get(f"{one}?")).status_code == 200
    assert (await office.get(f"{one}?%26")).status_code == 422
    assert (await office.post("/projects?dry_run=1", {"name": "y", "region_code": COUNTY_A})).status_code == 422
    assert [p["name"] for p in (await office.get("/projects")).json()["items"]] == ["x"]


async def test_a_cursor_fits_only_its_own_list(world: World) -> None:
    office = await world.user("dispatcher")
    for i in range(3):
        await office.created("/projects", {"name": f"第{i}", "region_code": COUNTY_A})
    cursor = (await office.get("/projects?limit=1")).json()["next_cursor"]
    assert (await office.get("/projects", params={"limit": 1, "cursor": cursor})).status_code == 200
    for other in ({"sort": "name"}, {"sector": "other"}, {"region": COUNTY_A}):
        answer = await office.get("/projects", params={"cursor": cursor, **other})
        assert answer.json()["errors"][0]["code"] == "invalid_cursor", other
    assert (await office.get("/projects", params={"cursor": cursor[:-2] + "AA"})).status_code == 422


async def test_secrets_sent_wrongly_are_not_echoed(world: World) -> None:
    office = await world.user("dispatcher")
    answer = await office.post("/projects", {"name": ["geheim-4711"], "region_code": COUNTY_A})
    assert answer.status_code == 422
    assert "geheim-4711" not in answer.text


async def test_unknown_addresses_and_methods(world: World) -> None:
    office = await world.user("dispatcher")
    assert (await office.get("/nothing")).json()["code"] == "route_not_found"
    answer = await office.request("PUT", "/projects")
    assert answer.json()["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "GET, HEAD, POST"


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
_fields = st.sampled_from(
    ["name", "region_code", "sector", "longitude", "latitude", "investors", "key_years", "programmes", "major",
     "total_investment", "planned_start", "enrolled_on", "land_status", "id", "code", "stage", "stage_since"]
)  # fmt: skip
_bodies = st.dictionaries(_fields, _scalars | st.lists(_scalars, max_size=3), max_size=8)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_bodies)
async def test_no_body_makes_a_500(world: World, body: dict[str, Any]) -> None:
    office = await _office(world)
    content = json.dumps({"name": "x", "region_code": COUNTY_A, **body}).encode("utf-8", "surrogatepass")
    answer = await _post(office, content)
    assert answer.status_code in {201, 400, 409, 422}, answer.text


async def _office(world: World) -> Client:
    known: Client | None = getattr(world, "office", None)
    if known is None:
        known = await world.user("dispatcher")
        world.office = known  # type: ignore[attr-defined]  # signed in once for all examples
    return known
