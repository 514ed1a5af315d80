"""Stock tus clients and bare connections against the running service: cut off, killed, started again, resumed."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tusclient.client import TusClient
from tusclient.storage import filestorage

from app.objects import Objects
from app.services.upload_bytes import PIECE
from scripts.live_server import free_port
from tests.photo_files import BYTES, TUS, saved, scene
from tests.servers import kill, serve
from tests.world import Client, World, new_id

PICTURE = saved(scene(3200, 2400), quality=90)


@asynccontextmanager
async def serving(database_url: str, var: Path, port: int, workers: int = 1) -> AsyncIterator[None]:
    process = await serve(database_url, var, port, workers=workers)
    try:
        yield
    finally:
        await kill(process)


@pytest.fixture
async def sender(world: World) -> Client:
    return await world.user("reporter")


class PhotoFile(io.BytesIO):
    """Open as long as the test: the client would close it, or, given a path, leave one file open after the other."""

    name = "施工现场.jpg"

    def close(self) -> None:
        self.seek(0)


async def stored(world: World, var: Path, photo_id: str) -> bytes:
    key = await world.pool.fetchval("SELECT original_key FROM photos WHERE id = $1::text::uuid", photo_id)
    return await Objects.open(None, var / "objects").get(key)


@pytest.mark.parametrize("checked", [False, True])
async def test_tuspy_goes_on_after_a_kill_where_it_was(
    world: World, sender: Client, database_url: str, settings: Any, tmp_path: Path, checked: bool
) -> None:
    port, photo_id = free_port(), str(new_id())
    client = TusClient(f"http://127.0.0.1:{port}/api/v1/uploads", headers=sender.headers)
    storage: Any = filestorage.FileStorage(str(tmp_path / "urls.json"))  # type: ignore[no-untyped-call]  # has no types
    options: dict[str, Any] = {
        "chunk_size": 300_000, "store_url": True, "url_storage": storage, "upload_checksum": checked,
        "metadata": {"photo_id": photo_id, "filename": PhotoFile.name}, "file_stream": PhotoFile(PICTURE),
    }  # fmt: skip
    async with serving(database_url, settings.var_dir, port):
        uploader = client.uploader(**options)
        await asyncio.to_thread(uploader.upload, 600_000)
        assert uploader.offset == 600_000
    async with serving(database_url, settings.var_dir, port, workers=2):
        again = await asyncio.to_thread(client.uploader, **options)
        assert again.url == uploader.url
        assert again.offset == 600_000
        await asyncio.to_thread(again.upload)
        assert again.offset == len(PICTURE)
    storage.close()
    assert await stored(world, settings.var_dir, photo_id) == PICTURE
    photo = (await sender.get(f"/photos/{photo_id}")).json()
    assert (photo["state"], photo["sha256"]) == ("ready", hashlib.sha256(PICTURE).hexdigest())


async def _begun(client: httpx.AsyncClient, sender: Client, length: int) -> str:
    headers = {**sender.headers, **TUS, "Upload-Length": str(length)}
    answer = await client.post("/api/v1/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def _broken_off(port: int, sender: Client, location: str, content: bytes, declared: int) -> None:
    """A PATCH that announces more than it brings, and then its connection is closed."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = {**sender.headers, **TUS, "Upload-Offset": "0", "Content-Type": BYTES, "Content-Length": str(declared)}
    lines = [f"PATCH {location} HTTP/1.1", "Host: test", *[f"{name}: {value}" for name, value in headers.items()]]
    writer.write("\r\n".join([*lines, "", ""]).encode() + content)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def _offset(client: httpx.AsyncClient, sender: Client, location: str) -> int:
    answer = await client.head(location, headers={**sender.headers, **TUS})
    return int(answer.headers["upload-offset"])


async def test_a_connection_that_breaks_loses_nothing_that_came(
    world: World, sender: Client, database_url: str, settings: Any
) -> None:
    port, came = free_port(), 700_001
    async with (
        serving(database_url, settings.var_dir, port, workers=2),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        location = await _begun(client, sender, len(PICTURE))
        await _broken_off(port, sender, location, PICTURE[:came], len(PICTURE))
        async with asyncio.timeout(20):
            while await _offset(client, sender, location) < came:
                await asyncio.sleep(0.02)
        assert await _offset(client, sender, location) == came
        rest = {**sender.headers, **TUS, "Upload-Offset": str(came), "Content-Type": BYTES}
        done = await client.patch(location, content=PICTURE[came:], headers=rest)
        assert done.status_code == 204, done.text
    assert await stored(world, settings.var_dir, location.rpartition("/")[2]) == PICTURE


async def test_killed_in_the_middle_of_a_request_whole_pieces_are_kept(
    world: World, sender: Client, database_url: str, settings: Any
) -> None:
    port = free_port()
    enough, killed = asyncio.Event(), asyncio.Event()

    async def dripping() -> AsyncIterator[bytes]:
        yield PICTURE[: PIECE + 100_000]
        enough.set()
        await killed.wait()
        yield PICTURE[PIECE + 100_000 :]

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        async with serving(database_url, settings.var_dir, port):
            location = await _begun(client, sender, len(PICTURE))
            headers = {**sender.headers, **TUS, "Upload-Offset": "0", "Content-Type": BYTES}
            request = asyncio.create_task(client.patch(location, content=dripping(), headers=headers))
            await enough.wait()
            async with asyncio.timeout(20):
                while await _offset(client, sender, location) == 0:
                    await asyncio.sleep(0.02)
        killed.set()
        with pytest.raises(httpx.TransportError):
            await request
        async with serving(database_url, settings.var_dir, port):
            assert await _offset(client, sender, location) == PIECE
            rest = {**headers, "Upload-Offset": str(PIECE)}
            assert (await client.patch(location, content=PICTURE[PIECE:], headers=rest)).status_code == 204
    assert await stored(world, settings.var_dir, location.rpartition("/")[2]) == PICTURE
