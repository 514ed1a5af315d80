from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from app.security.ratelimit import RateLimiter
from tests.ratings import CLIENT, draft, hours, nonsense, on_the_roll, opened, token_of
from tests.world import COUNTY_B, World


async def test_a_code_is_good_for_one_ballot_however_often_it_is_sent(world: World) -> None:
    rating = await opened(world)
    code, answers = rating.codes["enterprises"][0], rating.alike("satisfied", "fairly", "dissatisfied")
    first = await rating.cast(code, answers)
    assert (first.status_code, first.json()) == (201, {"revision": 1, "departments": 3, "answers": 6}), first.text
    for spelt in (
        code,
        code.lower(),
        code.replace("-", " "),
        "".join(chr(ord(c) + 0xFEE0) if c != "-" else c for c in code),
    ):
        assert (await rating.cast(spelt, answers)).status_code == 200
    # Whoever handed the code out still has it: nothing they send changes what was cast.
    sealed = await world.pool.fetch("SELECT *, xmin::text FROM rating_sealed_ballots")
    other = rating.alike("dissatisfied")
    for said, revision in ((other, 1), (other, 2), (answers, 2), (rating.alike("satisfied", "fairly"), 1000)):
        refused = await rating.cast(code, said, revision=revision)
        assert (refused.status_code, refused.json()["code"]) == (409, "ballot_final")
    assert await world.pool.fetch("SELECT *, xmin::text FROM rating_sealed_ballots") == sealed
    assert (await rating.cast(code, answers)).status_code == 200
    turnout = (await rating.office.get(f"{rating.path}/turnout")).json()
    assert [(t["electorate"], t["entitled"], t["ballots"]) for t in turnout] == [
        ("enterprises", 10, 1), ("deputies", 10, 0),
    ]  # fmt: skip


async def test_fifty_tries_at_once_are_one_ballot(world: World) -> None:
    rating = await opened(world)
    code = rating.codes["enterprises"][0]
    options = [rating.alike(("satisfied", "fairly", "dissatisfied")[n % 3]) for n in range(50)]
    answers = await asyncio.gather(*[rating.cast(code, some) for some in options])
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses[201] == 1
    assert statuses[200] + statuses[409] == 49
    assert statuses[200] in {16, 15}
    assert await world.pool.fetchval("SELECT count(*) FROM rating_sealed_ballots") == 1


async def test_guessing_what_was_cast_with_a_known_code_is_metered(world: World) -> None:
    rating = await opened(world)
    code, answers = rating.codes["enterprises"][0], rating.alike("satisfied", "fairly", "dissatisfied")
    assert (await rating.cast(code, answers)).status_code == 201
    state, options = world.app.state, ("satisfied", "fairly", "dissatisfied") * 2
    usual, state.address_limiter = state.address_limiter, RateLimiter(1, 3)
    try:
        guesses = [await rating.cast(code, rating.alike(option)) for option in options]
    finally:
        state.address_limiter = usual
    assert [guess.status_code for guess in guesses] == [409] * 3 + [429] * 3
    assert (await rating.cast(code, answers)).status_code == 200


async def test_a_tokens_ballot_can_be_changed_until_closing(world: World) -> None:
    rating = await opened(world)
    [rater] = await on_the_roll(rating, 1)
    token, nobody, path = await token_of(rating, rater), world.anonymous(), f"{rating.path}/ballots"
    first = {"token": token, "answers": rating.alike("satisfied", "fairly", "dissatisfied")}
    other = {"token": token, "answers": rating.alike("dissatisfied")}
    assert (await nobody.post(path, first)).status_code == 201
    refused = await nobody.post(path, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "ballot_differs")
    for _ in range(2):
        changed = await nobody.post(path, {**other, "revision": 2})
        assert (changed.status_code, changed.json()["departments"]) == (200, 1)
    late = await nobody.post(path, first)
    assert (late.status_code, late.json()["code"]) == (409, "ballot_superseded")
    assert await world.pool.fetchval("SELECT count(*) FROM rating_sealed_ballots") == 1


async def test_fifty_papers_at_once_are_one_signature(world: World) -> None:
    rating = await opened(world)
    [rater] = await on_the_roll(rating, 1)
    key = (await rater.get(f"{rating.path}/ballot-paper")).json()["key"]
    blinded = [CLIENT["blind"](key)[1] for _ in range(50)]
    answers = await asyncio.gather(
        *[rater.put(f"{rating.path}/ballot-paper", {"key_id": key["id"], "blinded": b}) for b in blinded]
    )
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 49}
    winner = next(n for n, a in enumerate(answers) if a.status_code == 201)
    again = await rater.put(f"{rating.path}/ballot-paper", {"key_id": key["id"], "blinded": blinded[winner]})
    assert (again.status_code, again.json()) == (200, answers[winner].json())
    assert (await rater.get(f"{rating.path}/ballot-paper")).json()["signed"] is True
    name = await world.pool.fetchval("SELECT username FROM users WHERE id = $1", rater.user_id)
    moved = {"raters": [{"username": name, "electorate": "deputies"}]}
    assert (await rating.office.post(f"{rating.path}/raters", moved)).json()["code"] == "rater_has_paper"
    assert (await rating.office.delete(f"{rating.path}/raters/{rater.user_id}")).status_code == 409


async def test_a_token_is_cast_by_nobody_in_particular(world: World) -> None:
    rating = await opened(world)
    [rater] = await on_the_roll(rating, 1)
    token = await token_of(rating, rater)
    body = {"token": token, "answers": rating.alike("fairly")}
    told = await rater.post(f"{rating.path}/ballots", body)
    assert (told.status_code, told.json()["errors"][0]["code"]) == (422, "credentials_not_wanted")
    cookie = await world.anonymous().post(f"{rating.path}/ballots", body, headers={"Cookie": "a=b"})
    assert cookie.status_code == 422
    nobody = world.anonymous()
    assert (await nobody.post(f"{rating.path}/ballots", body)).status_code == 201
    assert (await nobody.post(f"{rating.path}/ballots", body, headers={"Idempotency-Key": "k"})).status_code == 200
    assert await world.pool.fetchval("SELECT count(*) FROM idempotency_keys") == 0
    keys = (await nobody.get(f"{rating.path}/ballot-form")).json()["keys"]
    assert [key["id"] for key in keys] == [token["key_id"]]


async def test_own_department_is_not_rated(world: World) -> None:
    rating = await opened(world)
    mine, theirs, _ = rating.departments
    [member] = await on_the_roll(rating, 1)
    await world.grant(member.user_id, "department", "990101", mine)
    [stated] = await on_the_roll(rating, 1, excluded=[theirs])
    for rater, own in ((member, mine), (stated, theirs)):
        paper = (await rater.get(f"{rating.path}/ballot-paper")).json()
        assert paper["excluded_department_ids"] == [own]
        token = await token_of(rating, rater)
        refused = await world.anonymous().post(
            f"{rating.path}/ballots", {"token": token, "answers": rating.alike("fairly", "fairly", "fairly")}
        )
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(f"/answers/{own}", "own_department")]
        others = {d: a for d, a in rating.alike("fairly", "fairly", "fairly").items() if d != own}
        cast = await world.anonymous().post(f"{rating.path}/ballots", {"token": token, "answers": others})
        assert cast.status_code == 201
    batch = await rating.office.created(
        f"{rating.path}/code-batches", {"electorate": "deputies", "count": 1, "excluded_department_ids": [mine]}
    )
    refused = await rating.cast(batch["codes"][0], rating.alike("fairly"))
    assert refused.json()["errors"][0]["code"] == "own_department"


async def test_papers_are_for_those_on_the_roll_under_their_own_key(world: World) -> None:
    rating = await opened(world)
    stranger, foreign = await world.user("rater"), await world.user("rater", COUNTY_B)
    for one in (stranger, foreign):
        assert (await one.get(f"{rating.path}/ballot-paper")).status_code == 404
    [one] = await on_the_roll(rating, 1)
    [other] = await on_the_roll(rating, 1, "deputies")
    key = (await one.get(f"{rating.path}/ballot-paper")).json()["key"]
    wrong = await other.put(f"{rating.path}/ballot-paper", {"key_id": key["id"], "blinded": CLIENT["blind"](key)[1]})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "ballot_key_not_yours")
    for blinded in ("AAAA", "A" * 342, "_" * 342, "x"):
        bad = await one.put(f"{rating.path}/ballot-paper", {"key_id": key["id"], "blinded": blinded})
        assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/blinded"), blinded
    assert (await one.get(f"{rating.path}/ballot-paper")).json()["signed"] is False


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"code": "AAAA-BBBB-CCCC-DDDD"}, "/code"),
        ({"code": "\x00"}, "/code"),
        ({"code": None}, ""),
        ({"token": {"key_id": "0199c1a0-7c00-7000-8000-000000000001", "serial": "AA", "signature": "AA"}}, ""),
        ({"answers": {}}, "/answers"),
        ({"answers": {"0199c1a0-7c00-7000-8000-000000000001": {}}}, "/answers/0199c1a0-7c00-7000-8000-000000000001"),
        ({"revision": 0}, "/revision"),
        ({"revision": 10**40}, "/revision"),
        ({"answers": {"x": {}}}, "/answers/x/[key]"),
        ({"user": "me"}, "/user"),
    ],
)
async def test_what_is_no_ballot_is_refused(world: World, change: dict[str, Any], pointer: str) -> None:
    rating = await opened(world)
    body = {"code": rating.codes["enterprises"][0], "answers": rating.alike("fairly")} | change
    answer = await world.anonymous().post(f"{rating.path}/ballots", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
    assert await world.pool.fetchval("SELECT count(*) FROM rating_sealed_ballots") == 0


async def test_forged_tokens_are_refused(world: World) -> None:
    rating = await opened(world)
    [rater] = await on_the_roll(rating, 1)
    token = await token_of(rating, rater)
    for change in ({"signature": nonsense()}, {"serial": nonsense(32)}, {"serial": "A"}, {"signature": "AA"},
                   {"key_id": "0199c1a0-7c00-7000-8000-000000000001"}):  # fmt: skip
        body = {"token": token | change, "answers": rating.alike("fairly")}
        answer = await world.anonymous().post(f"{rating.path}/ballots", body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "bad_ballot_credential"), change


async def test_codes_fit_their_own_campaign_only(world: World) -> None:
    first = await opened(world)
    second = await opened(world, year=2007)
    answer = await second.cast(first.codes["enterprises"][0], second.alike("fairly"))
    assert answer.json()["errors"][0]["code"] == "bad_ballot_credential"
    unknown = await first.cast(first.codes["enterprises"][0], {first.departments[0]: {"beauty": "great"}})
    assert unknown.json()["errors"][0]["pointer"] == f"/answers/{first.departments[0]}/beauty"
    assert "efficiency、integrity" in unknown.json()["errors"][0]["message"]


async def test_ballots_are_taken_in_the_opening_hours_only(world: World) -> None:
    later = await opened(world, **hours(start=timedelta(hours=1)))
    early = await later.cast(later.codes["enterprises"][0], later.alike("fairly"))
    assert (early.status_code, early.json()["code"]) == (409, "rating_not_open")
    [rater] = await on_the_roll(later, 1)
    await token_of(later, rater)  # the paper can be taken before: nobody then knows when it is used

    rating = await opened(world, year=2007)
    assert (await rating.cast(rating.codes["enterprises"][0], rating.alike("fairly"))).status_code == 201
    [late] = await on_the_roll(rating, 1)
    world.app.state.clock = lambda: datetime.now(UTC) + timedelta(days=8)
    refused = await rating.cast(rating.codes["enterprises"][1], rating.alike("fairly"))
    assert (refused.status_code, refused.json()["code"]) == (409, "rating_not_open")
    assert (await late.get(f"{rating.path}/ballot-paper")).status_code in {401, 409}


async def test_a_ballot_that_meets_the_closing_is_counted_or_refused(world: World) -> None:
    rating = await opened(world, codes=30)
    for code in rating.codes["enterprises"][:5]:  # enough to be kept, however the race ends
        assert (await rating.cast(code, rating.alike("satisfied"))).status_code == 201
    casts = [rating.cast(code, rating.alike("fairly")) for code in rating.codes["enterprises"][5:]]
    closing = rating.office.post(f"{rating.path}/closing", {"reason": "并发"})
    answers = await asyncio.gather(*casts[:15], closing, *casts[15:])
    assert answers[15].status_code == 200, answers[15].text
    taken = 5 + sum(a.status_code == 201 for a in answers)
    assert all(a.status_code in {201, 409} for n, a in enumerate(answers) if n != 15)
    assert answers[15].json()["turnout"][0]["ballots"] == taken
    slips = await world.pool.fetchval("SELECT coalesce(sum(octet_length(slips)), 0) FROM rating_stacks")
    assert slips == taken * 2  # two indicators, one department


async def test_ballots_that_cannot_be_opened_are_told_and_set_aside_for_a_reason_only(world: World) -> None:
    rating = await opened(world)
    codes = rating.codes["enterprises"]
    for code in codes[:6]:
        assert (await rating.cast(code, rating.alike("fairly"))).status_code == 201
    spoiled = "UPDATE rating_sealed_ballots SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)"
    one = "SELECT ballot_key FROM rating_sealed_ballots ORDER BY ballot_key LIMIT 1"
    await world.pool.execute(f"{spoiled} WHERE ballot_key = ({one})")
    path = f"{rating.path}/closing"
    refused = await rating.office.post(path, {"reason": "结束"})
    assert (refused.status_code, refused.json()["code"]) == (409, "ballots_unreadable")
    assert "6 张票中有 1 张" in refused.json()["detail"]
    # Nothing has happened: the rating goes on.
    assert (await rating.cast(codes[6], rating.alike("fairly"))).status_code == 201
    world.app.state.clock = lambda: datetime.now(UTC) + timedelta(days=8)
    office = await world.user("dispatcher")
    unexplained = await office.post(path, {"set_aside_unreadable": True})
    assert (unexplained.status_code, unexplained.json()["errors"][0]["pointer"]) == (422, "/reason")
    closed = await office.post(path, {"reason": "一张票数据损坏", "set_aside_unreadable": True})
    assert (closed.status_code, closed.json()["closing_reason"]) == (200, "一张票数据损坏"), closed.text
    assert closed.json()["turnout"][0]["ballots"] == 7
    slips = await world.pool.fetchval("SELECT octet_length(slips) FROM rating_stacks")
    assert slips == 6 * 2
    diff = await world.pool.fetchval("SELECT diff FROM changes WHERE action = 'closed'")
    assert orjson.loads(diff)["ballots_set_aside"] == [0, 1]


async def test_under_another_secret_no_paper_is_signed_and_nothing_is_lost(world: World) -> None:
    rating = await opened(world)
    first, second = await on_the_roll(rating, 2)
    await token_of(rating, first)
    secret = world.app.state.secret
    world.app.state.secret = b"another" * 8
    key = (await second.get(f"{rating.path}/ballot-paper")).json()["key"]
    _, blinded, _ = CLIENT["blind"](key)
    refused = await second.put(f"{rating.path}/ballot-paper", {"key_id": key["id"], "blinded": blinded})
    assert (refused.status_code, refused.json()["code"]) == (409, "rating_secret_changed")
    world.app.state.secret = secret
    await token_of(rating, second)


async def test_a_draft_takes_no_ballots(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.created("/rating-campaigns", draft([await world.department()]))
    body = {"code": "AAAA", "answers": {made["groups"][0]["department_ids"][0]: {"efficiency": "fairly"}}}
    answer = await world.anonymous().post(f"/rating-campaigns/{made['id']}/ballots", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "rating_not_open")
