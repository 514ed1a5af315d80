"""Whatever is sent: a batch of the wrong shape is refused whole, one operation of the wrong content by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.phones import operation, put, statuses, sync
from tests.reports import site
from tests.world import World, new_id

JSON = {"Content-Type": "application/json"}


_WRONG: tuple[dict[str, Any], ...] = (
    {"id": "1"}, {"id": "00000000-0000-4000-8000-000000000001"}, {"type": "report.delete"}, {"type": None},
    {"resource_id": 1}, {"body": None}, {"body": []}, {"body": "x"}, {"after": "x"}, {"made_at": 0},
    {"base_version": 0}, {"base_version": "x"}, {"base_version": 2**31}, {"surprise": 1},
    {"made_at": "2016-05-20T18:00:00"},
)  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        [], None, {}, {"operations": None}, {"operations": {}}, {"operations": [1]}, {"operations": [], "more": 1},
        {"operations": [{}]}, {"operations": [], "device_time": "yesterday"}, {"operations": [], "device_time": 1e9},
        {"operations": [], "device_time": "2016-05-20T18:00:00"},
        {"operations": [], "device_time": "9999-12-31T23:59:59Z"},
        *[
            {"operations": [{**operation("report.put"), **wrong}]}
            for wrong in _WRONG
        ],
    ],
)  # fmt: skip
async def test_an_envelope_of_the_wrong_shape_is_refused_whole(world: World, body: Any) -> None:
    reporter = await world.user("reporter")
    answer = await reporter.request("POST", "/sync", content=json.dumps(body).encode(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_content"), answer.text


async def test_more_than_200_operations_are_refused_whole(world: World) -> None:
    here = await site(world)
    many = [put(here) for _ in range(201)]
    answer = await here.reporter.post("/sync", {"operations": many})
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/operations", "too_long")]
    assert set(statuses(await sync(here.reporter, *many[:200]))) == {"applied"}
    assert await world.pool.fetchval("SELECT count(*) FROM reports") == 200


_RAW = [
    '{"note": "a\\u0000b"}', '{"note": "\\ud800"}', '{"\\ud800": 1}', '{"\\u0000": 1}', '{"completed": 1e999999999}',
    '{"completed": 1e-999999999}', '{"completed": 123456789012345678901234567890}', '{"completed": -0}',
    '{"photos": [{}]}', '{"photos": [[[[[[[[1]]]]]]]]}', '{"problems": [{"kind": "nothing", "text": 1}]}',
    '{"milestones_done": {}}', '{"' + "x" * 5000 + '": 1}', '{"as_of": 20160520}', '{"as_of": "9999-99-99"}',
    '{"made_at": "0001-01-01T00:00:00+14:00"}', '{"note": null, "photos": null}', '{"physical_percent": 1e400}', "{}",
]  # fmt: skip


@pytest.mark.parametrize("raw", _RAW)
@pytest.mark.parametrize("kind", ["report.put", "report.patch", "milestone.patch"])
async def test_wrong_content_refuses_one_operation_and_is_kept(world: World, raw: str, kind: str) -> None:
    here = await site(world)
    report = await here.put()
    step = await here.office.created(f"/projects/{here.project_id}/milestones", {"name": "主体"})
    about = {"report.put": str(new_id()), "report.patch": report["id"], "milestone.patch": step["id"]}[kind]
    bad, good = operation(kind, about, base_version=1), put(here)
    text = json.dumps({"operations": [bad, good]}).replace('"body": {}', f'"body": {raw}', 1)
    answer = await here.reporter.request("POST", "/sync", content=text.encode(), headers=JSON)
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["results"]
    assert second["status"] == "applied"
    assert first["status"] in ({"refused", "applied"} if kind != "report.put" else {"refused"})
    again = await here.reporter.request("POST", "/sync", content=text.encode(), headers=JSON)
    assert [r["again"] for r in again.json()["results"]] == [True, True]
    kept = await here.reporter.get(f"/sync/operations/{bad['id']}")
    assert (kept.status_code, kept.json()["status"]) == (200, first["status"])


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "project_id",
    "week",
    "as_of",
    "completed",
    "note",
    "photos",
    "problems",
    "milestones_done",
    "status",
    "steps",
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bodies=st.lists(
        st.tuples(
            st.sampled_from(["report.put", "report.patch", "milestone.patch"]),
            st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), values, max_size=5),
        ),
        max_size=4,
    )
)
async def test_no_content_breaks_the_service(world: World, bodies: list[tuple[str, Any]]) -> None:
    reporter = await world.user("reporter")
    sent = [operation(kind, body=body, base_version=1) for kind, body in bodies]
    answer = await sync(reporter, *sent)
    assert set(statuses(answer)) <= {"refused"}
