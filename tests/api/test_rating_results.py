from __future__ import annotations

import hashlib
from typing import Any

from tests.ratings import OPTIONS, Rating, opened
from tests.world import COUNTY_B, World


async def _vote(rating: Rating, electorate: str, *ballots: tuple[str, ...]) -> None:
    for code, options in zip(rating.codes[electorate], ballots, strict=False):
        answer = await rating.cast(code, rating.alike(*options))
        assert answer.status_code == 201, answer.text


async def _rated(world: World, **fields: Any) -> Rating:
    """Enterprises: 6 ballots; deputies: 4, below the minimum of 5."""
    rating = await opened(world, **fields)
    await _vote(rating, "enterprises", *[("satisfied", "fairly", "dissatisfied")] * 3,
                *[("satisfied", "satisfied", "unknown")] * 3)  # fmt: skip
    await _vote(rating, "deputies", *[("dissatisfied",) * 3] * 4)
    await rating.close()
    return rating


async def test_a_score_from_its_parts(world: World) -> None:
    rating = await _rated(world)
    result = (await rating.result())["result"]
    [group] = result["groups"]
    told = [(d["department_id"], d["score"], d["rank"], d["best"], d["worst"]) for d in group["departments"]]
    # The third: three said 不了解, so three ballots count: below the minimum, not rated.
    assert told == [
        (rating.departments[0], 100, 1, True, False),
        (rating.departments[1], 90, 2, False, True),
        (rating.departments[2], None, None, False, False),
    ]
    assert group["departments"][1]["consequences"] == ["award_eligibility_lost"]
    assert [(t["electorate"], t["ballots"]) for t in result["turnout"]] == [("enterprises", 6), ("deputies", 4)]
    assert group["departments"][0]["ballots"] == [
        {"electorate": "enterprises", "ballots": 6, "counted": True},
        {"electorate": "deputies", "ballots": None, "counted": False},
    ]


async def test_where_every_electorate_is_needed(world: World) -> None:
    rating = await _rated(world, below_minimum="unrated")
    [group] = (await rating.result())["result"]["groups"]
    assert [d["score"] for d in group["departments"]] == [None, None, None]
    assert group["best"] == group["worst"] == []


async def test_an_explanation_adds_up_and_hides_small_counts(world: World) -> None:
    rating = await _rated(world)
    path = f"{rating.path}/result/explain"
    told = (await rating.office.get(path, params={"department": rating.departments[1]})).json()
    enterprises, deputies = told["electorates"]
    assert (enterprises["share"], enterprises["ballots"], enterprises["score"]) == (100, 6, 90)
    assert enterprises["indicators"][0] == {
        "code": "efficiency", "name": "办事效率", "weight": 60, "hidden": False, "hidden_because": None, "answers": 6,
        "score": 90, "counts": {"satisfied": 3, "fairly": 3, "dissatisfied": 0, "unknown": 0},
    }  # fmt: skip
    assert (deputies["counted"], deputies["ballots"], deputies["score"]) == (False, None, None)
    assert all(row["counts"] is row["answers"] is row["score"] is None for row in deputies["indicators"])
    assert [enterprises["hidden_because"], deputies["hidden_because"]] == [None, "below_minimum"]
    assert {row["hidden_because"] for row in deputies["indicators"]} == {"below_minimum"}
    elsewhere = await world.department(name="别的")
    refused = await rating.office.get(path, params={"department": elsewhere})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_rated_here")
    assert (await rating.office.get(path)).status_code == 422


async def test_one_dissenter_is_not_shown(world: World) -> None:
    rating = await opened(world)
    await _vote(rating, "enterprises", *[("satisfied",)] * 8, ("dissatisfied",))
    await rating.close()
    path = f"{rating.path}/result/explain"
    told = (await rating.office.get(path, params={"department": rating.departments[0]})).json()
    [enterprises, _] = told["electorates"]
    assert enterprises["score"] is None
    assert [(r["hidden"], r["counts"], r["score"]) for r in enterprises["indicators"]] == [(True, None, None)] * 2
    assert {r["hidden_because"] for r in (enterprises, *enterprises["indicators"])} == {"few_ballots"}
    assert told["score"] == 88.89


async def test_what_is_published_is_frozen_and_computed_again_alike(world: World) -> None:
    rating = await _rated(world)
    before = (await rating.result())["result"]
    params = {"limit": 100, "resource": "rating_campaign"}
    changes = (await rating.office.get("/changes", params=params)).json()["items"]
    [closing] = [change for change in changes if change["action"] == "closed"]
    assert closing["diff"]["inputs_sha256"] == [None, before["inputs_sha256"]]
    await rating.publish()
    published = await rating.result()
    assert published["result"] == before
    document = await rating.office.get(f"{rating.path}/result/document")
    assert hashlib.sha256(document.content).hexdigest() == published["sha256"]
    assert document.headers["etag"] == f'"{published["sha256"]}"'
    check = (await rating.office.get(f"{rating.path}/result/verification")).json()
    assert check == {"sha256": published["sha256"], "recomputed_sha256": published["sha256"], "matches": True}
    # Names change, results do not; a tampered slip is found.
    await world.pool.execute("UPDATE departments SET name = name || '改'")
    assert (await rating.office.get(f"{rating.path}/result/verification")).json()["matches"] is True
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("ALTER TABLE rating_stacks DISABLE TRIGGER rating_stacks_never_change")
        await connection.execute(
            "UPDATE rating_stacks SET slips = set_byte(slips, 0, 2) WHERE electorate = 'enterprises'"
        )
        await connection.execute("ALTER TABLE rating_stacks ENABLE TRIGGER rating_stacks_never_change")
    assert (await rating.office.get(f"{rating.path}/result/verification")).json()["matches"] is False
    assert (await rating.result()) == published


async def test_movement_and_two_years_running_worst(world: World) -> None:
    first = await _rated(world, year=2005)
    await first.publish()
    groups = [{"code": "all", "name": "全部", "department_ids": first.departments}]
    rating = await opened(world, year=2006, groups=groups)
    rating.departments = first.departments
    await _vote(rating, "enterprises", *[("fairly", "dissatisfied", "satisfied")] * 5)
    await rating.close()
    await rating.publish()
    [group] = (await rating.result())["result"]["groups"]
    told = {d["department_id"]: (d["rank"], d["movement"], d["score_change"]) for d in group["departments"]}
    one, two, three = first.departments
    assert told == {three: (1, None, None), one: (2, -1, -20), two: (3, -1, -90)}
    assert group["departments"][2]["consequences"] == ["award_eligibility_lost", "organisational_action_proposed"]
    assert (await rating.office.get(f"{rating.path}/result/verification")).json()["matches"] is True


async def test_results_are_the_offices_until_published(world: World) -> None:
    rating = await opened(world)
    viewer, rater = await world.user("viewer"), await world.user("rater")
    for status in (403, 403, 200):
        assert (await viewer.get(f"{rating.path}/result")).status_code == status
        await (rating.close() if (await rating.office.get(rating.path)).json()["status"] == "open" else
               rating.publish() if status == 403 else viewer.get(rating.path))  # fmt: skip
    assert (await rater.get(f"{rating.path}/result")).status_code == 403
    assert (await (await world.user("viewer", COUNTY_B)).get(f"{rating.path}/result")).status_code == 404


async def test_a_correction_is_added_and_changes_nothing(world: World) -> None:
    rating = await _rated(world)
    body = {"id": "0199c1a0-7c00-7000-8000-000000000009", "text": "更正：名称有误。"}
    early = await rating.office.post(f"{rating.path}/corrections", body)
    assert (early.status_code, early.json()["code"]) == (409, "rating_status_forbids")
    await rating.publish()
    before = await rating.result()
    assert (await rating.office.post(f"{rating.path}/corrections", body)).status_code == 201
    assert (await rating.office.post(f"{rating.path}/corrections", body)).status_code == 200
    other = await rating.office.post(f"{rating.path}/corrections", {**body, "text": "别的"})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    after = await rating.result()
    assert [c["text"] for c in after.pop("corrections")] == ["更正：名称有误。"]
    assert after == {k: v for k, v in before.items() if k != "corrections"}
    listed = (await (await world.user("viewer")).get(f"{rating.path}/corrections")).json()["items"]
    assert [c["id"] for c in listed] == [body["id"]]


async def test_dont_know_enters_no_denominator(world: World) -> None:
    rating = await opened(world)
    assert OPTIONS[3]["points"] is None
    await _vote(rating, "enterprises", *[("fairly",)] * 5, *[("unknown",)] * 5)
    await rating.close()
    [group] = (await rating.result())["result"]["groups"]
    assert group["departments"][0]["score"] == 80
