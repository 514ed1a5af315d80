"""Quotas, and what becomes of files nobody comes back for; the clock is moved, not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import housekeeping
from app.objects import ObjectMissing, Objects
from app.services import stored_objects
from tests import reports
from tests.photo_files import Phone, quarters, saved, scene
from tests.world import World, new_id

SMALL = saved(quarters())
NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)


@pytest.fixture
async def phone(world: World) -> Phone:
    world.app.state.clock = lambda: NOON
    return Phone(await world.user("reporter"))


@pytest.fixture
def limited(world: World) -> Iterator[Callable[..., None]]:
    """Gives the service other limits for this test."""
    state = world.app.state
    before = state.files

    def change(**limits: Any) -> None:
        state.files = replace(before, limits=replace(before.limits, **limits))

    yield change
    state.files = before


@pytest.fixture
def store(world: World) -> Iterator[Callable[[Objects], None]]:
    """Gives the service another store for this test."""
    state = world.app.state
    before = state.files

    def change(objects: Objects) -> None:
        state.files = replace(before, objects=objects)

    yield change
    state.files = before


def later(world: World, **by: float) -> None:
    world.app.state.clock = lambda: NOON + timedelta(**by)


async def clear(world: World) -> None:
    await housekeeping.clear_files(world.app.state.files)


async def count(world: World) -> tuple[int, int, int]:
    """Photos, uploads, objects in the book."""
    tables = ("photos", "uploads", "stored_objects")
    photos, uploads, objects = [await world.pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
    return photos, uploads, objects


def lying(world: World) -> set[str]:
    """Names of the files in the folder, whatever the book says."""
    folder: Path = world.app.state.files.objects._folder
    return {path.name for path in folder.rglob("*") if path.is_file()}


async def test_a_day_has_its_quota(world: World, phone: Phone, limited: Callable[..., None]) -> None:
    limited(day=1000)
    assert (await phone.begin(600, str(new_id()))).status_code == 201
    refused = await phone.begin(401, str(new_id()))
    assert (refused.status_code, refused.json()["code"]) == (429, "upload_quota_day")
    assert (refused.json()["limit"], refused.json()["used"]) == (1000, 600)
    # Until midnight in Shanghai.
    assert 12 * 3600 <= int(refused.headers["retry-after"]) <= 12 * 3600 + 1
    assert (await phone.begin(400, str(new_id()))).status_code == 201
    assert (await Phone(await world.user("reporter")).begin(1000, str(new_id()))).status_code == 201
    later(world, hours=12)
    assert (await phone.begin(1000, str(new_id()))).status_code == 201


async def test_all_an_account_holds_has_its_quota(world: World, phone: Phone, limited: Callable[..., None]) -> None:
    limited(total=len(SMALL) + 10)
    photo_id = await phone.sent(SMALL)
    later(world, days=3)
    refused = await phone.begin(11, str(new_id()))
    assert (refused.status_code, refused.json()["code"]) == (413, "upload_quota_total")
    assert (await phone.end(photo_id)).status_code == 204
    assert (await phone.begin(11, str(new_id()))).status_code == 201


async def test_what_was_refused_does_not_count(phone: Phone, limited: Callable[..., None]) -> None:
    limited(day=100)
    for _ in range(3):
        _, answer = await phone.send(b"x" * 80)
        assert answer.status_code == 415


async def test_a_quota_holds_for_many_at_once(world: World, phone: Phone, limited: Callable[..., None]) -> None:
    limited(day=1000)
    answers = await asyncio.gather(*[phone.begin(300, str(new_id())) for _ in range(8)])
    assert sorted(a.status_code for a in answers) == [201] * 3 + [429] * 5
    assert await world.pool.fetchval("SELECT sum(length) FROM uploads") == 900


async def test_beginning_the_same_again_costs_nothing(phone: Phone, limited: Callable[..., None]) -> None:
    limited(day=1000)
    photo_id = str(new_id())
    for _ in range(4):
        assert (await phone.begin(700, photo_id)).status_code == 201


async def test_unfinished_uploads_expire_and_are_collected(world: World, phone: Phone) -> None:
    content = saved(scene())
    photo_id = str(new_id())
    begun = await phone.begin(len(content), photo_id)
    assert begun.headers["upload-expires"] == "Thu, 12 Mar 2026 04:00:00 GMT"
    later(world, days=5)
    moved = await phone.append(photo_id, 0, content[:1000])
    assert moved.headers["upload-expires"] == "Tue, 17 Mar 2026 04:00:00 GMT"
    later(world, days=11, hours=23)
    await clear(world)
    assert await phone.offset(photo_id) == 1000
    later(world, days=12)
    for answer in (await phone.head(photo_id), await phone.append(photo_id, 1000, content[1000:])):
        assert answer.status_code == 410
    assert (await count(world))[2] == 1
    await clear(world)
    assert await count(world) == (0, 0, 0)
    assert (await phone.head(photo_id)).status_code == 404


async def test_an_expired_one_begins_anew_under_its_id(world: World, phone: Phone) -> None:
    content = saved(scene())
    photo_id = str(new_id())
    await phone.begin(len(content), photo_id)
    await phone.append(photo_id, 0, content[:1000])
    later(world, days=8)
    again = await phone.begin(len(content), photo_id)
    assert (again.status_code, again.headers["upload-offset"]) == (201, "0")
    assert (await phone.append(photo_id, 0, content)).status_code == 204
    await clear(world)
    assert await count(world) == (1, 1, 3)


async def test_photos_no_report_names_are_collected(world: World) -> None:
    site = await reports.site(world, on=NOON)
    phone = Phone(site.reporter)
    named, unnamed = str(new_id()), await phone.sent(SMALL)
    await site.put(week="2026-03-02", as_of="2026-03-05", photos=[{"id": named}])
    await phone.sent(SMALL, named)
    refused, _ = await phone.send(b"no photo")
    before = lying(world)
    later(world, days=29)
    await clear(world)
    assert await count(world) == (3, 3, 6)
    later(world, days=31)
    await clear(world)
    assert await count(world) == (1, 1, 3)
    assert (await site.office.get(f"/photos/{named}/content")).status_code == 200
    for gone in (unnamed, refused):
        assert (await site.reporter.get(f"/photos/{gone}")).status_code == 404
    assert len(before - lying(world)) == 3


async def test_collected_by_several_at_once_nothing_fails(world: World, phone: Phone) -> None:
    for _ in range(6):
        await phone.sent(SMALL)
    later(world, days=31)
    await asyncio.gather(*[clear(world) for _ in range(4)])
    assert await count(world) == (0, 0, 0)


async def test_a_crash_between_marking_and_deleting_leaves_nothing(
    world: World, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_id = await phone.sent(SMALL)
    kept = {row["key"].rpartition("/")[2] for row in await world.pool.fetch("SELECT key FROM stored_objects")}

    async def never(*_: Any) -> None:
        """As far as a process came that was killed when the transaction had just been committed."""

    monkeypatch.setattr(stored_objects, "delete_doomed", never)
    assert (await phone.end(photo_id)).status_code == 204
    monkeypatch.undo()
    assert kept <= lying(world)
    assert {row["state"] for row in await world.pool.fetch("SELECT state FROM stored_objects")} == {"doomed"}
    await clear(world)
    assert await count(world) == (0, 0, 0)
    assert not kept & lying(world)


async def test_a_crash_while_writing_leaves_nothing(world: World, phone: Phone) -> None:
    files = world.app.state.files
    key = await stored_objects.write(files, b"never referred to")
    folder: Path = files.objects._folder
    (folder / f"{key}#1").write_bytes(b"what the library had staged")
    await clear(world)
    assert key.rpartition("/")[2] in lying(world)
    later(world, hours=7)
    await clear(world)
    assert not {name for name in lying(world) if key.rpartition("/")[2] in name}
    assert await count(world) == (0, 0, 0)


async def test_a_store_that_is_away_is_a_503_and_nothing_counts(
    world: World, phone: Phone, store: Callable[[Objects], None], tmp_path: Path
) -> None:
    photo_id, there = str(new_id()), world.app.state.files.objects
    await phone.begin(len(SMALL), photo_id)
    away = Objects.open(None, tmp_path / "lost")
    (tmp_path / "lost").rmdir()
    (tmp_path / "lost").write_text("no folder any more")
    store(away)
    answer = await phone.append(photo_id, 0, SMALL)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    store(there)
    assert await phone.offset(photo_id) == 0
    assert (await phone.append(photo_id, 0, SMALL)).status_code == 204


async def test_objects_come_back_as_they_were_put(tmp_path: Path) -> None:
    objects = Objects.open(f"file://{tmp_path}/文件 夹", tmp_path / "unused")
    content = bytes(range(256)) * 5000
    await objects.put("ab/cd", content)
    assert await objects.get("ab/cd") == content
    assert b"".join([piece async for piece in await objects.stream("ab/cd", 7, 300_007)]) == content[7:300_007]
    assert (tmp_path / "文件 夹" / "ab" / "cd").read_bytes() == content
    await objects.delete("ab/cd")
    await objects.delete("ab/cd")
    with pytest.raises(ObjectMissing):
        await objects.get("ab/cd")
