"""The same for a local folder and for S3: what is stored is there, whole and in parts; what is deleted is gone."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.errors import AppError
from app.objects import ObjectMissing, Objects
from scripts.live_server import free_port
from tests.photo_files import BYTES, TUS, Phone, saved, scene
from tests.s3 import BUCKET, S3, SECRET, serving_s3
from tests.servers import kill, serve
from tests.world import World, new_id

PICTURE = saved(scene())


@pytest.fixture
async def s3(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[S3]:
    async with serving_s3() as s3:
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        yield s3


@pytest.fixture(params=["folder", "s3"])
async def objects(request: pytest.FixtureRequest, tmp_path: Path, s3: S3) -> Objects:
    return Objects.open(f"s3://{BUCKET}/files" if request.param == "s3" else None, tmp_path / "objects")


@pytest.fixture
async def phone(world: World, objects: Objects) -> AsyncIterator[Phone]:
    """Of a service that keeps its files there."""
    state = world.app.state
    before = state.files
    state.files = replace(before, objects=objects)
    yield Phone(await world.user("reporter"))
    state.files = before


async def part(objects: Objects, key: str, start: int, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in await objects.stream(key, start, end)])


async def test_what_is_put_is_there_in_whole_and_in_parts(objects: Objects) -> None:
    content = bytes(range(256)) * 5000
    await objects.put("ab/一 +%&=?#", content)
    assert await objects.get("ab/一 +%&=?#") == content
    assert await part(objects, "ab/一 +%&=?#", 1_000_000) == content[1_000_000:]
    assert await part(objects, "ab/一 +%&=?#", 255, 258) == content[255:258]
    await objects.put("one", b"x")
    assert await objects.get("one") == b"x"


async def test_what_is_not_there_is_missing_and_may_be_deleted(objects: Objects) -> None:
    await objects.put("ab/c", b"content")
    await objects.delete("ab/c")
    await objects.delete("ab/c")
    for key in ("ab/c", "ab", "never"):
        with pytest.raises(ObjectMissing):
            await objects.get(key)


async def test_many_at_once_do_not_mix(objects: Objects) -> None:
    contents = {f"{n % 3}/{n}": hashlib.sha256(str(n).encode()).digest() * (n * 100 + 1) for n in range(40)}
    await asyncio.gather(*[objects.put(key, content) for key, content in contents.items()])
    assert await asyncio.gather(*map(objects.get, contents)) == [*contents.values()]


async def test_a_photo_comes_is_shown_in_parts_and_goes(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(len(PICTURE), photo_id)
    for at in range(0, len(PICTURE), 100_000):
        assert (await phone.append(photo_id, at, PICTURE[at : at + 100_000])).status_code == 204
    photo = await phone.photo(photo_id)
    assert (photo["state"], photo["sha256"]) == ("ready", hashlib.sha256(PICTURE).hexdigest())
    whole = (await phone.client.get(f"/photos/{photo_id}/content")).content
    ranged = await phone.client.get(f"/photos/{photo_id}/content", headers={"Range": "bytes=100-299"})
    assert (ranged.status_code, ranged.content) == (206, whole[100:300])
    key = await world.pool.fetchval("SELECT original_key FROM photos WHERE id = $1::text::uuid", photo_id)
    objects: Objects = world.app.state.files.objects
    assert await objects.get(key) == PICTURE
    assert (await phone.end(photo_id)).status_code == 204
    assert await world.pool.fetchval("SELECT count(*) FROM stored_objects") == 0
    with pytest.raises(ObjectMissing):
        await objects.get(key)


async def test_nothing_is_left_in_s3_of_what_is_gone(world: World, s3: S3) -> None:
    state = world.app.state
    before = state.files
    state.files = replace(before, objects=Objects.open(f"s3://{BUCKET}/files", Path("unused")))
    phone = Phone(await world.user("reporter"))
    photo_id = await phone.sent(PICTURE)
    # As sent, to be shown, and small; each under the prefix.
    assert len(s3.objects) == 3
    assert all(key.startswith("files/") for key in s3.objects)
    assert (await phone.end(photo_id)).status_code == 204
    assert s3.objects == {}
    state.files = before


async def test_s3_that_is_busy_for_a_moment_is_asked_again(s3: S3) -> None:
    objects = Objects.open(f"s3://{BUCKET}", Path("unused"))
    s3.troubles.extend(["slow_down", "slow_down"])
    await objects.put("a", PICTURE)
    s3.troubles.extend(["slow_down"])
    assert await objects.get("a") == PICTURE
    s3.troubles.extend(["slow_down"])
    await objects.delete("a")
    assert s3.objects == {}
    assert s3.asked == ["PUT"] * 3 + ["GET"] * 2 + ["POST"] * 2


async def test_an_answer_of_s3_that_breaks_off_is_no_short_file(s3: S3) -> None:
    objects = Objects.open(f"s3://{BUCKET}", Path("unused"))
    await objects.put("a", PICTURE)
    s3.troubles.append("broken_off")
    assert await objects.get("a") == PICTURE


@pytest.mark.parametrize("wrong", [{"AWS_SECRET_ACCESS_KEY": SECRET.lower()}, {"AWS_ACCESS_KEY_ID": "OTHER"}, "bucket"])
async def test_s3_that_refuses_is_unavailable_and_nothing_is_acknowledged(
    world: World, s3: S3, monkeypatch: pytest.MonkeyPatch, wrong: Any
) -> None:
    for name, value in () if wrong == "bucket" else wrong.items():
        monkeypatch.setenv(name, value)
    objects = Objects.open("s3://other" if wrong == "bucket" else f"s3://{BUCKET}", Path("unused"))
    state = world.app.state
    before = state.files
    state.files = replace(before, objects=objects)
    phone, photo_id = Phone(await world.user("reporter")), str(new_id())
    await phone.begin(len(PICTURE), photo_id)
    refused = await phone.append(photo_id, 0, PICTURE)
    state.files = before
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert (await phone.offset(photo_id), s3.objects) == (0, {})
    assert (await phone.append(photo_id, 0, PICTURE)).status_code == 204
    for attempt in (objects.get("a"), objects.delete("a")):
        with pytest.raises((AppError, ObjectMissing)):
            await attempt


async def test_an_upload_goes_on_after_a_kill_where_it_was_in_s3(
    world: World, database_url: str, settings: Any, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service as it is started: by its settings alone."""
    monkeypatch.setenv("DIAODU_OBJECT_STORE", f"s3://{BUCKET}/county")
    port, photo_id = free_port(), str(new_id())
    sender = await world.user("reporter")
    half, url = len(PICTURE) // 2, f"/api/v1/uploads/{photo_id}"
    begun = await Phone(sender).begin(len(PICTURE), photo_id)
    assert begun.status_code == 201
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=sender.headers | TUS, timeout=30)
    async with client:
        for start, content in ((0, PICTURE[:half]), (half, PICTURE[half:])):
            process = await serve(database_url, settings.var_dir, port)
            try:
                assert (await client.head(url)).headers["upload-offset"] == str(start)
                headers = {"Upload-Offset": str(start), "Content-Type": BYTES}
                moved = await client.patch(url, content=content, headers=headers)
                assert moved.status_code == 204, moved.text
            finally:
                await kill(process)
    photo = (await sender.get(f"/photos/{photo_id}")).json()
    assert (photo["state"], photo["sha256"]) == ("ready", hashlib.sha256(PICTURE).hexdigest())
    key = await world.pool.fetchval("SELECT original_key FROM photos WHERE id = $1::text::uuid", photo_id)
    assert s3.objects[f"county/{key}"] == PICTURE
    assert len(s3.objects) == 3
