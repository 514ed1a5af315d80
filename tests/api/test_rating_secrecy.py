"""The curious administrator: every table with its system columns, the logs, and nothing gained by them."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from typing import Any

import pytest

from app.security import blind_signatures
from app.security.base64url import decode
from tests.ratings import CLIENT, Rating, on_the_roll, opened, token_of
from tests.world import Client, World

CHOICES = ("satisfied", "fairly", "dissatisfied")
Dump = dict[str, list[dict[str, Any]]]


async def _dump(world: World) -> Dump:
    """All tables, with where and by which transaction each row was written."""
    tables = await world.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found: Dump = {}
    for name in sorted(row["tablename"] for row in tables):
        rows = await world.pool.fetch(f"SELECT ctid::text, xmin::text, xmax::text, * FROM {name}")
        found[name] = [dict(row) for row in rows]
    return found


async def _election(world: World, votes: list[str], order: list[int]) -> tuple[Rating, list[Client]]:
    """Each rater signs in, takes a paper and casts at once, in that order: the worst case for secrecy."""
    rating = await opened(world, departments=1, best_count=0)
    raters = await on_the_roll(rating, len(votes))
    for n in order:
        token = await token_of(rating, raters[n])
        body = {"token": token, "answers": rating.alike(votes[n])}
        assert (await world.anonymous().post(f"{rating.path}/ballots", body)).status_code == 201
    return rating, raters


def _votes(count: int, seed: int) -> tuple[list[str], list[int]]:
    chance = random.Random(seed)
    order = list(range(count))
    chance.shuffle(order)
    return [chance.choice(CHOICES) for _ in range(count)], order


async def test_what_is_stored_is_the_same_whoever_cast_what(world: World) -> None:
    """Two elections with the same votes in the hands of other raters: afterwards nothing stored differs."""
    stored = []
    for seed in (1, 2):
        await world.reset()
        votes, order = _votes(12, 1)
        random.Random(seed).shuffle(votes)
        rating, _ = await _election(world, votes, order if seed == 1 else order[::-1])
        await rating.close()
        dump = await _dump(world)
        for gone in ("rating_sealed_ballots", "rating_secrets", "idempotency_keys"):
            assert dump[gone] == []
        assert all(row["sealed_private"] is None for row in dump["rating_keys"])
        assert all(row["key_id"] is row["blinded_hash"] is None for row in dump["rating_electors"])
        assert len({row["xmin"] for row in dump["rating_stacks"]}) == 1
        stored.append([(row["ctid"], row["electorate"], row["slips"]) for row in dump["rating_stacks"]])
    assert stored[0] == stored[1]


async def test_a_sealed_ballot_says_nothing_but_that_it_is_there(world: World) -> None:
    votes = ["satisfied"] * 6 + ["dissatisfied"] * 6
    _, raters = await _election(world, votes, list(range(12)))
    dump = await _dump(world)
    rows = dump["rating_sealed_ballots"]
    assert set(rows[0]) == {"ctid", "xmin", "xmax", "ballot_key", "campaign_id", "electorate", "revision", "sealed"}
    assert len({len(row["sealed"]) for row in rows}) == 1
    assert len({row["sealed"] for row in rows}) == len({row["ballot_key"] for row in rows}) == 12
    # No value of a ballot stands in any row of anything else, and no rater in any ballot.
    values = {v for row in rows for k, v in row.items() if k in {"ballot_key", "sealed"}}
    others = {v for name, some in dump.items() if name != "rating_sealed_ballots" for row in some
              for v in row.values() if isinstance(v, bytes)}  # fmt: skip
    assert values & others == set()
    people = {rater.user_id.hex for rater in raters}
    assert not any(person in str(row).replace("-", "") for row in rows for person in people)
    assert not any(change["resource"].startswith("ballot") for change in dump["changes"])


async def test_slips_too_few_to_hide_among_are_not_kept(world: World) -> None:
    """All but one of the electorate belong to the first department: the only slip it got is that one's, and the roll
    tells who it is. Of the second six slips are kept, of the deputies' single ballot nothing."""
    rating = await opened(world, departments=2, best_count=0)
    members = await on_the_roll(rating, 5, excluded=[rating.departments[0]])
    [outsider], [deputy] = await on_the_roll(rating, 1), await on_the_roll(rating, 1, "deputies")
    for rater in (*members, outsider, deputy):
        answers = rating.alike("dissatisfied", "fairly")
        if rater in members:
            del answers[rating.departments[0]]
        body = {"token": await token_of(rating, rater), "answers": answers}
        assert (await world.anonymous().post(f"{rating.path}/ballots", body)).status_code == 201
    await rating.close()
    kept = [(r["electorate"], str(r["department_id"]), len(r["slips"])) for r in (await _dump(world))["rating_stacks"]]
    assert kept == [("enterprises", rating.departments[1], 12)]  # six slips of two indicators
    result = (await rating.result())["result"]
    assert {d["department_id"]: d["score"] for d in result["groups"][0]["departments"]} == {
        rating.departments[0]: None, rating.departments[1]: 80,
    }  # fmt: skip
    assert [t["ballots"] for t in result["turnout"]] == [6, 1]
    await rating.publish()
    assert (await rating.office.get(f"{rating.path}/result/verification")).json()["matches"] is True


async def test_the_published_hash_cannot_be_tried_out(world: World) -> None:
    """Of five slips with two answers each there are 118 755 possible stacks: the hash must not say which it is."""
    rating, _ = await _election(world, ["satisfied"] * 4 + ["dissatisfied"], list(range(5)))
    await rating.close()
    await rating.publish()
    published = (await rating.result())["result"]["inputs_sha256"]
    [stack] = (await _dump(world))["rating_stacks"]
    code, slips = stack["electorate"].encode(), stack["slips"]
    said = len(code).to_bytes(2, "big") + code + stack["department_id"].bytes + len(slips).to_bytes(8, "big") + slips
    assert hashlib.sha256(said).hexdigest() != published
    salt = await world.pool.fetchval("SELECT inputs_salt FROM rating_campaigns")
    assert hashlib.sha256(salt + said).hexdigest() == published
    seen = [(await rating.office.get(rating.path + path)).text for path in ("", "/result", "/result/document")]
    seen.append((await rating.office.get("/changes", params={"limit": 100})).text)
    assert not any(salt.hex() in text or "inputs_salt" in text for text in seen)


def _guesses(dump: Dump, raters: list[Client], how_many: dict[str, int]) -> list[list[str]]:
    """What an administrator would try: slips in stored order dealt to raters in every order the dump knows."""
    slips = [CHOICES[b] for row in dump["rating_stacks"] for b in row["slips"][::2]]
    ids = [rater.user_id for rater in raters]
    orders = [
        sorted(dump["rating_electors"], key=lambda r: tuple(map(int, r["ctid"].strip("()").split(",")))),
        sorted(dump["rating_electors"], key=lambda r: (int(r["xmin"]), r["ctid"])),
        sorted(dump["rating_electors"], key=lambda r: r["user_id"]),
        [{"user_id": s["user_id"]} for s in sorted(dump["sessions"], key=lambda s: s["created_at"])
         if s["user_id"] in ids],
    ]  # fmt: skip
    guesses = []
    for order in orders:
        for dealt in (slips, slips[::-1]):
            by_rater = dict(zip([r["user_id"] for r in order], dealt, strict=True))
            guesses.append([by_rater[i] for i in ids])
    return guesses


async def test_the_curious_administrator_does_no_better_than_guessing(world: World) -> None:
    """Over many votes, no order in the dump agrees with the truth more often than a blind guess."""
    right: list[list[int]] = []
    for seed in range(6):
        await world.reset()
        votes, order = _votes(20, seed)
        rating, raters = await _election(world, votes, order)
        await rating.close()
        dump = await _dump(world)
        counts = {c: votes.count(c) for c in CHOICES}
        right.append([
            sum(g == v for g, v in zip(guess, votes, strict=True)) for guess in _guesses(dump, raters, counts)
        ])  # fmt: skip
    tried = 6 * 20
    for strategy in zip(*right, strict=True):
        # A third by chance; five standard deviations above would be 66 of 120, a true link gives 120.
        assert sum(strategy) < tried * 0.55, strategy


async def test_the_trace_of_a_cast_names_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    rating = await opened(world)
    [rater] = await on_the_roll(rating, 1)
    with caplog.at_level(logging.DEBUG):
        token = await token_of(rating, rater)
        before = await world.pool.fetchval("SELECT count(*) FROM changes")
        mark = len(caplog.records)
        body = {"token": token, "answers": rating.alike("fairly")}
        headers = {"X-Request-Id": "phone-7", "Idempotency-Key": "k"}
        assert (await world.anonymous().post(f"{rating.path}/ballots", body, headers=headers)).status_code == 201
    said = [r for r in caplog.records[mark:] if r.name.startswith("diaodu") or "ballot" in r.getMessage()]
    assert [r.getMessage() for r in said if not r.name.startswith("httpx")] == []
    assert await world.pool.fetchval("SELECT count(*) FROM changes") == before
    assert await world.pool.fetchval("SELECT count(*) FROM idempotency_keys") == 0


async def test_what_is_signed_fits_every_token_alike(world: World) -> None:
    """For any pair of token and roll entry there is a blinding factor that joins them: the roll proves nothing."""
    rating = await opened(world)
    raters = await on_the_roll(rating, 3)
    key = (await raters[0].get(f"{rating.path}/ballot-paper")).json()["key"]
    n = int.from_bytes(decode(key["modulus"]), "big")
    sent, tokens = [], []
    for rater in raters:
        serial, blinded, unblinder = CLIENT["blind"](key)
        signed = await rater.put(f"{rating.path}/ballot-paper", {"key_id": key["id"], "blinded": blinded})
        tokens.append(CLIENT["finish"](key, serial, unblinder, signed.json()["blind_signature"]))
        sent.append(
            (int.from_bytes(decode(blinded), "big"), int.from_bytes(decode(signed.json()["blind_signature"]), "big"))
        )
    for token in tokens:
        signature = int.from_bytes(decode(token["signature"]), "big")
        for blinded, answer in sent:
            factor = answer * pow(signature, -1, n) % n
            assert pow(signature, key["exponent"], n) * pow(factor, key["exponent"], n) % n == blinded


def test_the_reference_client_speaks_rfc_9474() -> None:
    """What it makes verifies as an ordinary RSASSA-PSS signature of SHA-384 with a salt of 48 bytes."""
    private, modulus = blind_signatures.generate()
    key = {"id": "k", "modulus": CLIENT["b64"](modulus), "exponent": 65537}
    serial, blinded, unblinder = CLIENT["blind"](key)
    token = CLIENT["finish"](key, serial, unblinder, CLIENT["b64"](blind_signatures.sign(private, decode(blinded))))
    public = blind_signatures.public_key(modulus)
    assert blind_signatures.verifies(public, serial, decode(token["signature"]))
    assert not blind_signatures.verifies(public, serial[::-1], decode(token["signature"]))
    with pytest.raises(AssertionError):
        CLIENT["finish"](key, serial, unblinder, CLIENT["b64"](bytes(255) + b"\x02"))


async def test_papers_and_ballots_can_be_asked_for_all_at_once(world: World) -> None:
    rating = await opened(world, departments=2, best_count=0)
    raters = await on_the_roll(rating, 12)
    tokens = await asyncio.gather(*[token_of(rating, rater) for rater in raters])
    assert len({token["key_id"] for token in tokens}) == 1
    bodies = [{"token": token, "answers": rating.alike("fairly")} for token in tokens]
    answers = await asyncio.gather(*[world.anonymous().post(f"{rating.path}/ballots", b) for b in bodies * 2])
    assert sorted(a.status_code for a in answers) == [200] * 12 + [201] * 12
