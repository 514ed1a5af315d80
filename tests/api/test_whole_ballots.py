"""Once a campaign has had a ballot, whole ones are read by hand; nothing of that may show in what is answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from app.services import ballots
from tests.ratings import Rating, on_the_roll, opened, token_of
from tests.world import World


async def warm(world: World) -> Rating:
    rating = await opened(world)
    assert (await rating.cast(rating.codes["deputies"][0], rating.alike("fairly"))).status_code == 201
    return rating


def counting(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many ballots were taken by hand, and how many had to be parsed."""
    seen: Counter[str] = Counter()
    by_hand, parsed = ballots.cast_whole, ballots.cast

    async def cast_whole(*arguments: Any) -> ballots.Taken | None:
        taken = await by_hand(*arguments)
        seen["by hand"] += taken is not None
        return taken

    async def cast(*arguments: Any) -> ballots.Taken:
        seen["parsed"] += 1
        return await parsed(*arguments)

    monkeypatch.setattr(ballots, "cast_whole", cast_whole)
    monkeypatch.setattr(ballots, "cast", cast)
    return seen


async def test_a_ballot_is_the_same_however_it_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rating = await warm(world)
    seen = counting(monkeypatch)
    code = rating.codes["enterprises"][0]
    answers = rating.alike("satisfied", "fairly", "dissatisfied")
    first = await rating.cast(code, answers)
    assert (first.status_code, first.json()) == (201, {"revision": 1, "departments": 3, "answers": 6})
    assert first.headers["cache-control"] == "no-store"
    backwards = {d: dict(reversed(said.items())) for d, said in reversed(answers.items())}
    assert (await rating.cast(code, backwards, token=None, revision="1")).json() == first.json()
    assert seen == {"by hand": 2}
    spelt = {d.upper(): said for d, said in answers.items()}
    again = await rating.cast(code, spelt)
    assert (again.status_code, again.json(), seen["parsed"]) == (200, first.json(), 1)
    moved = dict(zip(answers, reversed(answers.values()), strict=True))
    for revision in (1, 2):
        assert (await rating.cast(code, moved, revision=revision)).json()["code"] == "ballot_final"
    [rater] = await on_the_roll(rating, 1)
    token, nobody, path = await token_of(rating, rater), world.anonymous(), f"{rating.path}/ballots"
    assert (await nobody.post(path, {"token": token, "answers": answers})).status_code == 201
    assert (await nobody.post(path, {"token": token, "answers": moved})).json()["code"] == "ballot_differs"
    some = {d: {"integrity": "unknown"} for d in rating.departments[1:]}
    part = await nobody.post(path, {"token": token, "answers": some, "revision": 2})
    assert (part.status_code, part.json()) == (200, {"revision": 2, "departments": 2, "answers": 2})
    late = await nobody.post(path, {"token": token, "answers": answers})
    assert (late.json()["code"], late.json()["detail"].count("2")) == ("ballot_superseded", 1)
    assert await world.pool.fetchval("SELECT count(*) FROM rating_sealed_ballots") == 3


async def test_what_is_left_out_and_what_is_moved_is_counted_where_it_belongs(world: World) -> None:
    rating = await warm(world)
    for n, code in enumerate(rating.codes["enterprises"][:6]):
        answers = rating.alike("satisfied", "fairly", "dissatisfied")
        if n % 2:
            answers = dict(list(reversed(answers.items()))[: 3 if n > 1 else 2])
        assert (await rating.cast(code, answers)).status_code == 201
    await rating.close()
    stacks = await world.pool.fetch(
        "SELECT department_id::text, slips FROM rating_stacks WHERE electorate = 'enterprises'"
    )
    slips = {row["department_id"]: row["slips"] for row in stacks}
    first, second, third = (slips[d] for d in rating.departments)
    assert (first, second, third) == (b"\0\0" * 5, b"\1\1" * 6, b"\2\2" * 6)


async def test_tokens_and_fifty_tries_by_hand_are_one_ballot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rating = await warm(world)
    [rater] = await on_the_roll(rating, 1)
    body = {"token": await token_of(rating, rater), "answers": rating.alike("fairly", "fairly", "fairly")}
    seen = counting(monkeypatch)
    path, nobody = f"{rating.path}/ballots", world.anonymous()
    answers = await asyncio.gather(*[nobody.post(path, body) for _ in range(50)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 49}
    assert seen == {"by hand": 50}
    assert await world.pool.fetchval("SELECT count(*) FROM rating_sealed_ballots") == 2


WHOLE = {"efficiency": "fairly", "integrity": "fairly"}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"answers": []}, "/answers", "wrong_type"),
        ({"answers": {"": WHOLE}}, "/answers//[key]", "wrong_type"),
        ({"answers": {"D": []}}, "/answers/D", "wrong_type"),
        ({"answers": {"D": "ab"}}, "/answers/D", "wrong_type"),
        ({"answers": {"D": {**WHOLE, "integrity": ["fairly"]}}}, "/answers/D/integrity", "wrong_type"),
        ({"answers": {"D": {**WHOLE, "integrity": 1}}}, "/answers/D/integrity", "wrong_type"),
        ({"answers": {"D": {**WHOLE, "integrity": "x"}}}, "/answers/D/integrity", "unknown_code"),
        ({"answers": {"D": {**WHOLE, "x": "fairly"}}}, "/answers/D/x", "unknown_code"),
        ({"answers": {"D": {"efficiency": "x", "x": "fairly"}}}, "/answers/D/efficiency", "unknown_code"),
        ({"revision": 1001}, "/revision", "out_of_range"),
        ({"code": "A" * 65}, "/code", "too_long"),
        ({"code": "AAAA"}, "/code", "bad_ballot_credential"),
        ({"code": None}, "", "one_party"),
        ({"token": {}}, "/token/key_id", "missing"),
        ({"more": 1}, "/more", "unknown_field"),
    ],
)  # fmt: skip
async def test_what_is_nearly_a_whole_ballot_is_refused_by_name(
    world: World, change: dict[str, Any], pointer: str, code: str
) -> None:
    rating = await warm(world)
    department = rating.departments[0]
    body: dict[str, Any] = {"code": rating.codes["enterprises"][0], "answers": {"D": WHOLE}} | change
    if "D" in body["answers"]:
        body["answers"] = {department: body["answers"]["D"]}
    answer = await world.anonymous().post(f"{rating.path}/ballots", body)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"][:1]
    assert (error["pointer"], error["code"]) == (pointer.replace("D", department), code)
    assert await world.pool.fetchval("SELECT count(*) FROM rating_sealed_ballots") == 1


async def test_a_whole_ballot_with_credentials_a_query_or_for_no_campaign_is_refused(world: World) -> None:
    rating = await warm(world)
    body = {"code": rating.codes["enterprises"][0], "answers": rating.alike("fairly", "fairly", "fairly")}
    nobody, path = world.anonymous(), f"{rating.path}/ballots"
    for headers in ({"Authorization": "Bearer x"}, {"X-API-Key": "x"}, {"Cookie": "a=b"}):
        told = await nobody.post(path, body, headers=headers)
        assert (told.status_code, told.json()["errors"][0]["code"]) == (422, "credentials_not_wanted"), headers
    assert (await nobody.post(f"{path}?a=b", body)).status_code == 422
    assert (await nobody.post(path, body, headers={"Content-Type": "text/plain"})).status_code == 415
    assert (await nobody.post(f"/rating-campaigns/{uuid4()}/ballots", body)).status_code == 404
    assert (await nobody.post("/rating-campaigns/x/ballots", body)).status_code == 422
    assert await world.pool.fetchval("SELECT count(*) FROM rating_sealed_ballots") == 1
