from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.ratings import draft, drafted, hours, on_the_roll, opened
from tests.world import COUNTY_A, COUNTY_B, World, new_id

MEETINGS = json.loads((Path(__file__).parents[1] / "data" / "meetings.json").read_text("utf-8"))


async def test_last_years_rules_with_another_number_of_worst_in_one_call(world: World) -> None:
    counts = MEETINGS["county_a"]["soft_environment"]["worst_count"]
    rating = await drafted(world, departments=7, year=2005, name="2005年软环境评优选差", worst_count=counts["2005"])
    raters = await on_the_roll(rating, 3)
    asked = {"year": 2006, "worst_count": counts["2006"], "with_raters": True}
    copy = await rating.office.created(f"{rating.path}/copies", asked)
    source = (await rating.office.get(rating.path)).json()
    assert (copy["year"], copy["worst_count"], copy["status"], copy["copied_from_id"]) == (2006, 5, "draft", rating.id)
    assert copy["name"] == "2006年软环境评优选差"
    same = ("groups", "indicators", "electorates", "options", "best_count", "minimum_ballots", "tie_rule")
    assert {name: copy[name] for name in same} == {name: source[name] for name in same}
    assert copy["opens_at"] is copy["closes_at"] is None
    roll = (await rating.office.get(f"/rating-campaigns/{copy['id']}/raters")).json()["items"]
    assert {one["user_id"] for one in roll} == {str(rater.user_id) for rater in raters}
    again = await rating.office.post(f"{rating.path}/copies", asked)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")


async def test_everything_wrong_with_a_draft_is_told_at_once(world: World) -> None:
    office = await world.user("dispatcher")
    one, gone = await world.department(), await world.department(name="撤销局")
    await world.pool.execute("UPDATE departments SET active = false WHERE name = '撤销局'")
    made = await office.created("/rating-campaigns", {
        **draft([]),
        "groups": [
            {"code": "a", "name": "甲组", "department_ids": [one]},
            {"code": "b", "name": "乙组", "department_ids": [one, gone]},
        ],
        "indicators": [{"code": "x", "name": "效率", "weight": 60.5}],
        "closes_at": None,
    })  # fmt: skip
    path = f"/rating-campaigns/{made['id']}"
    found = (await office.get(f"{path}/problems", headers={"Accept-Language": "en"})).json()
    told = {(p["pointer"], p["code"]) for p in found["problems"]}
    assert told == {
        ("/groups/0", "too_many_named"),
        ("/groups/1/department_ids/0", "in_two_groups"),
        ("/groups/1/department_ids/1", "inactive"),
        ("/indicators", "weights_not_100"),
        ("/electorates/0", "empty_electorate"),
        ("/electorates/1", "empty_electorate"),
        ("/closes_at", "missing"),
    }
    assert "the weights add up to 60.5, not to 100" in {p["message"] for p in found["problems"]}
    refused = await office.post(f"{path}/opening")
    assert (refused.status_code, refused.json()["code"]) == (409, "rating_not_ready")
    assert {(e["pointer"], e["code"]) for e in refused.json()["errors"]} == told


async def test_electorates_so_small_that_answers_could_be_told_apart_are_warned_of(world: World) -> None:
    rating = await drafted(world, codes=19)
    more = {"electorate": "enterprises", "count": 1}
    await rating.office.created(f"{rating.path}/code-batches", more)
    found = (await rating.office.get(f"{rating.path}/problems")).json()
    assert found["problems"] == []
    assert [(w["pointer"], w["code"]) for w in found["warnings"]] == [("/electorates/1", "small_electorate")]
    assert "19" in found["warnings"][0]["message"]
    # Beside a fault it is told once: an electorate that cannot even be counted is one of the problems.
    none = await rating.office.patch(rating.path, {"minimum_ballots": 20}, etag='"1"')
    assert none.status_code == 200, none.text
    found = (await rating.office.get(f"{rating.path}/problems")).json()
    assert ([p["code"] for p in found["problems"]], found["warnings"]) == (["too_few_raters"], [])
    await rating.office.created(f"{rating.path}/code-batches", {**more, "electorate": "deputies"})
    assert (await rating.office.post(f"{rating.path}/opening")).status_code == 200


async def test_its_way_is_one_way(world: World) -> None:
    rating = await drafted(world)
    for early in ("closing", "publication"):
        answer = await rating.office.post(f"{rating.path}/{early}", {} if early == "closing" else None)
        assert (answer.status_code, answer.json()["code"]) == (409, "rating_status_forbids")
    assert (await world.anonymous().get(f"{rating.path}/ballot-form")).status_code == 404
    assert (await rating.office.get(f"{rating.path}/result")).status_code == 409
    assert (await rating.office.post(f"{rating.path}/opening")).json()["status"] == "open"
    assert (await rating.office.post(f"{rating.path}/opening")).status_code == 409
    etag = (await rating.office.get(rating.path)).headers["etag"]
    refused = await rating.office.patch(rating.path, {"worst_count": 2}, etag=etag)
    assert (refused.status_code, refused.json()["code"]) == (409, "rating_status_forbids")
    assert (await rating.office.delete(rating.path, etag=etag)).status_code == 409
    assert (await rating.office.patch(rating.path, hours(), etag=etag)).status_code == 409
    longer = await rating.office.patch(rating.path, {"closes_at": hours()["closes_at"]}, etag=etag)
    assert longer.status_code == 200, longer.text
    hasty = await rating.office.post(f"{rating.path}/closing", {})
    assert (hasty.status_code, hasty.json()["errors"][0]["code"]) == (422, "reason_required")
    await rating.close()
    assert (await rating.office.get(f"{rating.path}/result/document")).status_code == 409
    await rating.publish()
    for again in ("opening", "closing", "publication"):
        answer = await rating.office.post(f"{rating.path}/{again}", {"reason": "x"} if again == "closing" else None)
        assert answer.status_code == 409
    logged = await world.pool.fetch("SELECT action FROM changes WHERE resource = 'rating_campaign' ORDER BY seq")
    assert [row["action"] for row in logged] == ["created", "opened", "updated", "closed", "published"]


async def test_the_database_itself_keeps_what_is_decided(world: World) -> None:
    rating = await opened(world)
    for statement in (
        "UPDATE rating_campaigns SET worst_count = 2",
        "UPDATE rating_campaigns SET status = 'published'",
        "DELETE FROM rating_campaigns",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await world.pool.execute(statement)
    await rating.close()
    await rating.publish()
    for statement in ("UPDATE rating_campaigns SET name = 'x'", "UPDATE rating_results SET sha256 = 'x'",
                      "DELETE FROM rating_stacks"):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await world.pool.execute(statement)


async def test_a_draft_is_changed_like_any_resource(world: World) -> None:
    rating = await drafted(world)
    assert (await rating.office.patch(rating.path, {"worst_count": 0})).status_code == 428
    changed = await rating.office.patch(rating.path, {"worst_count": 0}, etag='"1"')
    assert (changed.status_code, changed.json()["worst_count"], changed.headers["etag"]) == (200, 0, '"2"')
    stale = await rating.office.patch(rating.path, {"best_count": 0}, etag='"1"')
    assert (stale.status_code, stale.json()["fields"]) == (412, ["best_count"])
    assert (await rating.office.patch(rating.path, {"worst_count": 0}, etag='"2"')).headers["etag"] == '"2"'
    assert (await rating.office.patch(rating.path, {"groups": None}, etag='"2"')).status_code == 422
    assert (await rating.office.delete(rating.path, etag='"2"')).status_code == 204
    assert (await rating.office.get(rating.path)).status_code == 404


async def test_made_again_under_its_own_id(world: World) -> None:
    office, identity = await world.user("dispatcher"), str(new_id())
    body = {**draft([await world.department()]), "id": identity}
    assert (await office.post("/rating-campaigns", body)).status_code == 201
    assert (await office.post("/rating-campaigns", body)).status_code == 200
    other = await office.post("/rating-campaigns", {**body, "name": "别的"})
    assert (other.status_code, other.json()["fields"]) == (409, ["name"])


BAD: list[tuple[dict[str, Any], str]] = [
    ({"worst_count": 10**30}, "/worst_count"),
    ({"name": "a\x00b"}, "/name"),
    ({"minimum_ballots": 1}, "/minimum_ballots"),
    ({"year": 1}, "/year"),
    ({"opens_at": "2006-01-01T00:00:00"}, "/opens_at"),
    ({"options": [{"code": "x", "name": "x", "points": -1}]}, "/options/0/points"),
    ({"indicators": [{"code": "x", "name": "x", "weight": 33.333}]}, "/indicators/0/weight"),
    ({"tie_rule": "lottery"}, "/tie_rule"),
    ({"groups": [{"code": "a", "name": "a", "department_ids": [str(new_id())]}]}, "/groups/0/department_ids/0"),
]


@pytest.mark.parametrize(("fields", "pointer"), BAD)
async def test_wrong_content_is_pointed_at(world: World, fields: dict[str, Any], pointer: str) -> None:
    office = await world.user("dispatcher")
    answer = await office.post("/rating-campaigns", {**draft([]), **fields})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text


async def test_departments_of_another_county_are_not_rated(world: World) -> None:
    office = await world.user("dispatcher", "9901")
    foreign = await world.department(COUNTY_B, "乙县局")
    answer = await office.post("/rating-campaigns", draft([foreign]))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_reference")
    assert (await (await world.user("dispatcher", COUNTY_B)).post("/rating-campaigns", draft([]))).status_code == 403


async def test_the_roll_takes_raters_of_the_region_only(world: World) -> None:
    rating = await drafted(world)
    viewer, foreign = await world.user("viewer"), await world.user("rater", COUNTY_B)
    names = [
        await world.pool.fetchval("SELECT username FROM users WHERE id = $1", one.user_id) for one in (viewer, foreign)
    ]
    entries = [{"username": name, "electorate": "enterprises"} for name in [*names, "nobody"]]
    entries.append({"username": "nobody2", "electorate": "martians"})
    refused = await rating.office.post(f"{rating.path}/raters", {"raters": entries})
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        *[(f"/raters/{n}/username", "unknown_reference") for n in range(4)],
        ("/raters/3/electorate", "unknown_code"),
    ]
    assert "enterprises" in refused.json()["errors"][-1]["message"]
    unknown = await rating.office.get(f"{rating.path}/raters", params={"electorate": "martians"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "electorate")
    assert "enterprises、deputies" in unknown.json()["errors"][0]["message"]
    assert (await rating.office.get(f"{rating.path}/raters", params={"electorate": "deputies"})).json()["items"] == []
    [rater] = await on_the_roll(rating, 1)
    name = await world.pool.fetchval("SELECT username FROM users WHERE id = $1", rater.user_id)
    entry = {"username": name, "electorate": "enterprises"}
    again = await rating.office.post(f"{rating.path}/raters", {"raters": [entry]})
    assert again.json() == {"added": 0, "changed": 0, "unchanged": 1}
    moved = await rating.office.post(f"{rating.path}/raters", {"raters": [{**entry, "electorate": "deputies"}]})
    assert moved.json() == {"added": 0, "changed": 1, "unchanged": 0}
    warned = (await rating.office.get(f"{rating.path}/problems")).json()
    assert [w["code"] for w in warned["warnings"]] == ["small_electorate", "small_electorate", "small_class"]
    assert (await rating.office.delete(f"{rating.path}/raters/{rater.user_id}")).status_code == 204
    assert (await rating.office.delete(f"{rating.path}/raters/{rater.user_id}")).status_code == 404


async def test_codes_are_shown_once_and_stored_nowhere(world: World) -> None:
    rating = await drafted(world)
    [batch, _] = (await rating.office.get(f"{rating.path}/code-batches")).json()["items"]
    assert "codes" not in batch
    stored = await world.pool.fetch("SELECT digest FROM rating_codes ORDER BY ctid")
    assert len(stored) == len({row["digest"] for row in stored}) == 20
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        made = await rating.office.post(
            f"{rating.path}/code-batches", {"electorate": "enterprises", "count": 1}, headers=key
        )
        assert made.status_code == 201
    assert await world.pool.fetchval("SELECT count(*) FROM idempotency_keys") == 0
    bad = await rating.office.post(f"{rating.path}/code-batches", {"electorate": "martians", "count": 1})
    assert bad.json()["errors"][0]["pointer"] == "/electorate"


async def test_others_read_ratings_and_change_nothing(world: World) -> None:
    rating = await opened(world)
    for role in ("viewer", "leader", "rater"):
        reader = await world.user(role)
        assert (await reader.get(rating.path)).status_code == 200
        listed = (await reader.get("/rating-campaigns", params={"region": COUNTY_A, "status": "open"})).json()["items"]
        assert [one["id"] for one in listed] == [rating.id]
        for method, path in (("POST", "closing"), ("POST", "publication"), ("GET", "turnout"), ("GET", "raters")):
            answer = await reader.request(
                method, f"{rating.path}/{path}", **({"json": {}} if path == "closing" else {})
            )
            assert answer.status_code == 403, (role, path)
    assert (await (await world.user("viewer", COUNTY_B)).get(rating.path)).status_code == 404
