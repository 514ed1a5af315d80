"""Photos as phones save them, and files that only pretend to be some; and tus as a phone speaks it."""

from __future__ import annotations

import base64
import io
import random
import struct
import zlib
from typing import Any

import httpx
import pillow_heif
from PIL import Image

from tests.world import Client, new_id

BYTES = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}
CORNERS = {"red": (0, 0), "green": (1, 0), "blue": (0, 1), "white": (1, 1)}
"""Colour of each quarter of `quarters`: (right half?, lower half?)."""

pillow_heif.register_heif_opener()


def quarters(width: int = 400, height: int = 200) -> Image.Image:
    image = Image.new("RGB", (width, height))
    for colour, (right, lower) in CORNERS.items():
        quarter = Image.new("RGB", (width // 2, height // 2), colour)
        image.paste(quarter, (right * width // 2, lower * height // 2))
    return image


def scene(width: int = 1600, height: int = 1200, seed: int = 7) -> Image.Image:
    """Patches that differ by `seed`, grainy enough that the file has some size."""
    dice = random.Random(seed)
    patches = Image.new("L", (16, 12))
    patches.putdata([dice.randrange(256) for _ in range(16 * 12)])
    patches = patches.resize((width, height), Image.Resampling.BICUBIC)
    grain = Image.effect_noise((width, height), 40)
    return Image.merge("RGB", (patches, Image.blend(patches, grain, 0.3), grain))


def exif(
    *, orientation: int = 1, taken: str | None = "2026:03:05 10:20:30", offset: str | None = None, gps: Any = None
) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    camera = tags.get_ifd(0x8769)
    if taken:
        camera[0x9003] = taken
    if offset:
        camera[0x9011] = offset
    if gps is not None:
        tags.get_ifd(0x8825).update(gps)
    return tags


NINGXIA = {1: "N", 2: (38.0, 28.0, 12.0), 3: "E", 4: (106.0, 16.0, 30.0)}


def saved(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    if form == "HEIF" and isinstance(options.get("exif"), Image.Exif):
        options["exif"] = options["exif"].tobytes()
    image.save(out, form, **options)
    return out.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A few hundred bytes that would unpack to gigabytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def metadata(**pairs: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


class Phone:
    """Speaks tus for one account."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def begin(self, length: int | str, photo_id: str | None = None, **headers: str) -> httpx.Response:
        named = {"Upload-Metadata": metadata(photo_id=photo_id, filename="施工现场.jpg")} if photo_id else {}
        return await self.client.post("/uploads", headers={**TUS, "Upload-Length": str(length), **named, **headers})

    async def append(self, photo_id: str, offset: int | str, content: Any, **headers: str) -> httpx.Response:
        told = {**TUS, "Upload-Offset": str(offset), "Content-Type": BYTES, **headers}
        return await self.client.request("PATCH", f"/uploads/{photo_id}", content=content, headers=told)

    async def head(self, photo_id: str) -> httpx.Response:
        return await self.client.request("HEAD", f"/uploads/{photo_id}", headers=TUS)

    async def offset(self, photo_id: str) -> int:
        answer = await self.head(photo_id)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["upload-offset"])

    async def end(self, photo_id: str) -> httpx.Response:
        return await self.client.delete(f"/uploads/{photo_id}", headers=TUS)

    async def send(self, content: bytes, photo_id: str | None = None) -> tuple[str, httpx.Response]:
        """The whole file; its id and the answer to its last byte."""
        photo_id = photo_id or str(new_id())
        begun = await self.begin(len(content), photo_id)
        assert begun.status_code == 201, begun.text
        return photo_id, await self.append(photo_id, 0, content)

    async def sent(self, content: bytes, photo_id: str | None = None) -> str:
        photo_id, answer = await self.send(content, photo_id)
        assert answer.status_code == 204, answer.text
        return photo_id

    async def photo(self, photo_id: str) -> dict[str, Any]:
        answer = await self.client.get(f"/photos/{photo_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]  # JSON
