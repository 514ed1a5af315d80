"""What becomes of a file: content decides, pictures are made anew, who may see them, in which parts."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import signal
from typing import Any

import pytest
from PIL import Image

from app.images.model import Limits
from app.images.process import Images
from app.permissions import ROLES
from app.services import photo_processing, report_flags
from tests import reports
from tests.photo_files import CORNERS, NINGXIA, Phone, exif, png_bomb, quarters, saved, scene
from tests.world import COUNTY_A, COUNTY_B, World, new_id

FORMS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
async def phone(world: World) -> Phone:
    return Phone(await world.user("reporter"))


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


async def shown(phone: Phone, photo_id: str, kind: str = "content") -> Image.Image:
    answer = await phone.client.get(f"/photos/{photo_id}/{kind}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    return opened(answer.content)


@pytest.mark.parametrize("form", FORMS)
async def test_a_photo_is_shown_upright_without_what_it_told(phone: Phone, form: str) -> None:
    sent = saved(quarters(), form, exif=exif(orientation=6, gps=NINGXIA))
    photo_id = await phone.sent(sent)
    photo = await phone.photo(photo_id)
    assert (photo["media_type"], photo["width"], photo["height"]) == (FORMS[form], 200, 400)
    assert (photo["longitude"], photo["latitude"]) == (106.275, 38.47)
    # A camera's time without an offset is China's.
    assert photo["taken_at"] == "2026-03-05T02:20:30+00:00"
    for kind, size in (("content", (200, 400)), ("thumbnail", (160, 320))):
        image = await shown(phone, photo_id, kind)
        assert image.size == size
        assert dict(image.getexif()) == {}
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        # Turned clockwise by a quarter: what was lower left is upper left now.
        for colour, (right, lower) in CORNERS.items():
            at = (image.width * (3 if not lower else 1) // 4, image.height * (3 if right else 1) // 4)
            assert _near(image.getpixel(at), Image.new("RGB", (1, 1), colour).getpixel((0, 0))), (form, kind, colour)


def _near(one: Any, other: Any) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))


async def test_large_photos_are_shown_smaller(phone: Phone) -> None:
    photo_id = await phone.sent(saved(scene(5000, 2500)))
    assert (await shown(phone, photo_id)).size == (2048, 1024)
    assert (await shown(phone, photo_id, "thumbnail")).size == (320, 160)
    photo = await phone.photo(photo_id)
    assert (photo["width"], photo["height"]) == (5000, 2500)


@pytest.mark.parametrize(
    ("mode", "form"),
    [("CMYK", "JPEG"), ("L", "JPEG"), ("RGBA", "PNG"), ("P", "PNG"), ("I;16", "PNG"), ("1", "PNG"), ("LA", "PNG")],
)
async def test_every_kind_of_colour_can_be_shown(phone: Phone, mode: str, form: str) -> None:
    image = await shown(phone, await phone.sent(saved(Image.new(mode, (64, 48)), form)))
    assert (image.mode, image.size) == ("RGB", (64, 48))


async def test_what_is_transparent_is_white(phone: Phone) -> None:
    image = await shown(phone, await phone.sent(saved(Image.new("RGBA", (64, 48), (255, 0, 0, 0)), "PNG")))
    assert _near(image.getpixel((30, 20)), (255, 255, 255))


async def test_looks_are_alike_whatever_the_form(phone: Phone) -> None:
    image = scene(1200, 900)
    hashes = [(await phone.photo(await phone.sent(saved(each, form))))["dhash"] for each, form in (
        (image, "JPEG"), (image, "PNG"), (image.resize((600, 450)), "JPEG"), (image, "HEIF"))]  # fmt: skip
    bits = [int(each, 16) for each in hashes]
    assert all(len(each) == 16 for each in hashes)
    assert max((bits[0] ^ other).bit_count() for other in bits) <= 6
    other = await phone.photo(await phone.sent(saved(scene(1200, 900, seed=8))))
    assert (bits[0] ^ int(other["dhash"], 16)).bit_count() > 16


@pytest.mark.parametrize(
    "gps",
    [
        {1: "N", 2: (95.0, 0.0, 0.0), 3: "E", 4: (106.0, 0.0, 0.0)},
        {1: "N", 2: (38.0, 75.0, 0.0), 3: "E", 4: (106.0, 0.0, 0.0)},
        {1: "N", 2: (38.0, 0.0, 0.0)},
        {1: "X", 2: (38.0, 0.0, 0.0), 3: "E", 4: (106.0, 0.0, 0.0)},
        {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},
        {2: (38.0, 0.0, 0.0), 4: (106.0, 0.0, 0.0)},
    ],
)
async def test_places_that_are_none_are_left_out(phone: Phone, gps: Any) -> None:
    photo = await phone.photo(await phone.sent(saved(quarters(), exif=exif(gps=gps, taken="0000:00:00 00:00:00"))))
    assert (photo["state"], photo["longitude"], photo["latitude"], photo["taken_at"]) == ("ready", None, None, None)


async def test_an_offset_is_heeded(phone: Phone) -> None:
    photo = await phone.photo(await phone.sent(saved(quarters(), exif=exif(offset="-03:30"))))
    assert photo["taken_at"] == "2026-03-05T13:50:30+00:00"


def _polyglot() -> bytes:
    return saved(quarters()) + b"PK\x03\x04<script>alert(1)</script>"


async def test_what_hides_behind_a_photo_is_not_shown(phone: Phone) -> None:
    answer = await phone.client.get(f"/photos/{await phone.sent(_polyglot())}/content")
    assert b"script" not in answer.content
    commented = saved(quarters(), comment=b"<script>", xmp=b"<x:xmpmeta>secret</x:xmpmeta>")
    answer = await phone.client.get(f"/photos/{await phone.sent(commented)}/content")
    assert b"script" not in answer.content
    assert b"secret" not in answer.content


REFUSED = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', 415, "file_type_refused"),
    "html": (b"<!doctype html><script>alert(1)</script>", 415, "file_type_refused"),
    "gif": (saved(quarters(), "GIF"), 415, "file_type_refused"),
    "tiff": (saved(quarters(), "TIFF"), 415, "file_type_refused"),
    "zip": (b"PK\x03\x04" + bytes(100), 415, "file_type_refused"),
    "one byte": (b"\xff", 415, "file_type_refused"),
    "avif": (b"\0\0\0\x1cftypavif" + bytes(50), 415, "file_type_refused"),
    "cut jpeg": (saved(scene())[:100_000], 422, "file_damaged"),
    "cut png": (saved(scene(), "PNG")[:100_000], 422, "file_damaged"),
    "cut heic": (saved(scene(), "HEIF")[:20_000], 422, "file_damaged"),
    "cut pdf": (PDF[:30], 422, "file_damaged"),
    "only a head": (b"\xff\xd8\xff\xe0" + bytes(40), 422, "file_damaged"),
    "png that is none": (b"\x89PNG\r\n\x1a\n" + bytes(99), 422, "file_damaged"),
    "bomb": (png_bomb(60_000, 60_000), 413, "image_too_large"),
    "long bomb": (png_bomb(2_000_000, 2), 413, "image_too_large"),
    "small bomb": (png_bomb(8_001, 8_000), 413, "image_too_large"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_photo_is_refused_whatever_its_name(world: World, phone: Phone, name: str) -> None:
    content, status, code = REFUSED[name]
    photo_id, answer = await phone.send(content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    photo = await phone.photo(photo_id)
    assert (photo["state"], photo["refusal"], photo["sha256"]) == ("rejected", code, None)
    assert await world.pool.fetchval("SELECT count(*) FROM stored_objects") == 0
    refused = await phone.client.get(f"/photos/{photo_id}/content")
    assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (
        409,
        "photo_not_ready",
        "rejected",
    )
    # The same id may be tried again with a file that is one.
    await phone.sent(saved(quarters()), photo_id)
    assert (await phone.photo(photo_id))["state"] == "ready"


async def test_a_pdf_is_kept_as_it_is_and_never_opened_in_place(phone: Phone) -> None:
    photo_id = await phone.sent(PDF)
    assert (await phone.photo(photo_id))["media_type"] == "application/pdf"
    answer = await phone.client.get(f"/photos/{photo_id}/content")
    assert (answer.content, answer.headers["content-type"]) == (PDF, "application/pdf")
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%E6%96%BD%E5%B7%A5" in answer.headers["content-disposition"]
    assert (await phone.client.get(f"/photos/{photo_id}/thumbnail")).status_code == 404


async def test_headers_of_a_picture(phone: Phone) -> None:
    photo_id = await phone.sent(saved(quarters(), "HEIF"))
    answer = await phone.client.get(f"/photos/{photo_id}/content")
    assert answer.headers["content-disposition"] == (
        "inline; filename=\"file.jpg\"; filename*=UTF-8''%E6%96%BD%E5%B7%A5%E7%8E%B0%E5%9C%BA.jpg"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["accept-ranges"] == "bytes"
    assert not answer.headers["etag"].startswith("W/")
    thumbnail = await phone.client.get(f"/photos/{photo_id}/thumbnail")
    assert thumbnail.headers["etag"] != answer.headers["etag"]
    for tag in (answer.headers["etag"], "*", f'"x", W/{answer.headers["etag"]}'):
        again = await phone.client.get(f"/photos/{photo_id}/content", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


async def test_ranges(phone: Phone) -> None:
    path = f"/photos/{await phone.sent(saved(scene()))}/content"
    whole = await phone.client.get(path)
    content, tag = whole.content, whole.headers["etag"]
    size = len(content)

    async def part(value: str, **more: str) -> tuple[int, bytes, str | None]:
        answer = await phone.client.get(path, headers={"Range": value, **more})
        return answer.status_code, answer.content, answer.headers.get("content-range")

    assert await part("bytes=0-0") == (206, content[:1], f"bytes 0-0/{size}")
    assert await part("bytes=10-19") == (206, content[10:20], f"bytes 10-19/{size}")
    assert await part("bytes=10-") == (206, content[10:], f"bytes 10-{size - 1}/{size}")
    assert await part("bytes=-7") == (206, content[-7:], f"bytes {size - 7}-{size - 1}/{size}")
    assert await part(f"bytes=-{size + 5}") == (206, content, f"bytes 0-{size - 1}/{size}")
    assert await part(f"bytes=5-{size + 5}") == (206, content[5:], f"bytes 5-{size - 1}/{size}")
    for beyond in (f"bytes={size}-", "bytes=-0", f"bytes={size}-{size + 9}"):
        answer = await phone.client.get(path, headers={"Range": beyond})
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
        assert answer.json()["code"] == "range_not_satisfiable"
    for ignored in ("bytes=0-1,5-6", "bytes=9-5", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=０-１".encode()):
        answer = await phone.client.get(path, headers={"Range": ignored})
        assert (answer.status_code, answer.content) == (200, content), ignored
    assert await part("bytes=0-9", **{"If-Range": tag}) == (206, content[:10], f"bytes 0-9/{size}")
    for other in ('"other"', f"W/{tag}", "Sat, 29 Oct 2016 19:43:31 GMT"):
        assert await part("bytes=0-9", **{"If-Range": other}) == (200, content, None)


async def _named(world: World, phone_content: bytes, **said: Any) -> tuple[reports.Site, Phone, str]:
    """A photo of a report of county A, sent by its reporter."""
    site = await reports.site(world)
    phone = Phone(site.reporter)
    photo_id = await phone.sent(phone_content)
    await site.put(photos=[{"id": photo_id, **said}])
    return site, phone, photo_id


async def test_before_its_report_only_the_sender_sees_it(world: World) -> None:
    site = await reports.site(world)
    phone = Phone(site.reporter)
    photo_id = await phone.sent(saved(quarters()))
    for kind in ("", "/content", "/thumbnail"):
        assert (await site.reporter.get(f"/photos/{photo_id}{kind}")).status_code == 200
        assert (await site.office.get(f"/photos/{photo_id}{kind}")).status_code == 404
    report = await site.put(photos=[{"id": photo_id}])
    photo = await Phone(site.office).photo(photo_id)
    assert (photo["report_id"], photo["project_id"]) == (report["id"], site.project_id)
    assert photo["owner"]["id"] == str(site.reporter.user_id)


async def test_once_named_it_is_seen_as_its_report_is(world: World) -> None:
    site, _, photo_id = await _named(world, saved(quarters()))
    await world.pool.execute("UPDATE assignments SET valid_to = valid_from WHERE user_id = $1", site.reporter.user_id)
    for kind in ("", "/content", "/thumbnail"):
        assert (await site.reporter.get(f"/photos/{photo_id}{kind}")).status_code == 404
        assert (await site.office.get(f"/photos/{photo_id}{kind}")).status_code == 200


async def test_who_sees_the_project_sees_its_photos_and_nobody_else(world: World) -> None:
    site, _, photo_id = await _named(world, saved(quarters()))
    stranger = await world.department(name="无关部门")
    seeing = {"dispatcher", "leader", "viewer"}
    for role in ROLES:
        for region in (COUNTY_A, COUNTY_B):
            needs = ROLES[role].needs_department
            client = await world.user(role, region, department_id=stranger if needs else None)
            for kind in ("", "/content", "/thumbnail"):
                answer = await client.get(f"/photos/{photo_id}{kind}")
                may = {"dispatcher", "leader", "viewer", "department", "reporter"}
                expected = 200 if role in seeing and region == COUNTY_A else 404 if role in may else 403
                assert answer.status_code == expected, (role, region, kind)
    responsible = await world.user("department", department_id=site.department)
    assert (await responsible.get(f"/photos/{photo_id}/content")).status_code == 200


async def test_a_file_other_than_announced_is_told(world: World) -> None:
    content = saved(quarters())
    true = hashlib.sha256(content).hexdigest()
    site, phone, photo_id = await _named(world, content, sha256="0" * 64)
    photo = await phone.photo(photo_id)
    assert (photo["sha256"], photo["sha256_announced"], photo["sha256_matches"]) == (true, "0" * 64, False)
    other = str(new_id())
    await site.put(week="2016-05-09", as_of="2016-05-13", photos=[{"id": other, "sha256": true}])
    await phone.sent(content, other)
    assert (await phone.photo(other))["sha256_matches"] is True


async def test_a_photo_of_a_report_stays(world: World) -> None:
    _, phone, photo_id = await _named(world, saved(quarters()))
    refused = await phone.end(photo_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "photo_in_use")
    assert (await phone.photo(photo_id))["state"] == "ready"


async def test_the_log_tells_those_who_see_the_project(world: World) -> None:
    site = await reports.site(world)
    phone, photo_id = Phone(site.reporter), str(new_id())
    await site.put(photos=[{"id": photo_id}])
    await phone.sent(saved(quarters()), photo_id)
    unnamed = await phone.sent(saved(quarters()))
    for client, seen in ((site.office, True), (await world.user("dispatcher", COUNTY_B), False)):
        answer = await client.get("/changes", params={"resource": "photo", "limit": 100})
        told = [(item["id"], item["action"]) for item in answer.json()["items"]]
        assert told == ([(photo_id, "created")] if seen else []), unnamed


async def test_the_reading_process_is_replaced_when_it_dies(world: World, phone: Phone) -> None:
    await phone.sent(saved(quarters()))
    images: Images = world.app.state.files.images
    assert images.pid is not None
    os.kill(images.pid, signal.SIGKILL)
    assert (await phone.photo(await phone.sent(saved(quarters()))))["state"] == "ready"


async def test_when_many_wait_the_file_is_read_later(
    world: World, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    images: Images = world.app.state.files.images
    monkeypatch.setattr(images, "_waiting_at_most", 0)
    photo_id = await phone.sent(saved(quarters()))
    assert (await phone.photo(photo_id))["state"] == "processing"
    assert await photo_processing.catch_up(world.app.state.files) == 1
    assert (await phone.photo(photo_id))["state"] == "processing"
    monkeypatch.undo()
    assert await photo_processing.catch_up(world.app.state.files) == 1
    assert (await phone.photo(photo_id))["state"] == "ready"
    assert await photo_processing.catch_up(world.app.state.files) == 0


async def test_while_others_hold_what_flags_take_the_file_waits_and_is_then_read(world: World, phone: Phone) -> None:
    """An import works out flags of thousands of reports: nothing is refused for it, and nothing claimed for long."""
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", report_flags.PICTURES)
        photo_id = await phone.sent(saved(quarters()))
        assert (await phone.photo(photo_id))["state"] == "processing"
    assert await photo_processing.catch_up(world.app.state.files) == 1
    assert (await phone.photo(photo_id))["state"] == "ready"
    assert await world.pool.fetchval("SELECT count(*) FROM stored_objects WHERE state <> 'kept'") == 0


async def test_what_takes_too_long_is_tried_a_few_times_only(
    world: World, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Images(Limits(64_000_000), seconds=0.0001)

    async def slowly(content: bytes) -> Any:
        return await slow.read(content)

    monkeypatch.setattr(world.app.state.files.images, "read", slowly)
    photo_id = await phone.sent(saved(quarters()))
    for _ in range(photo_processing.ATTEMPTS - 1):
        assert (await phone.photo(photo_id))["state"] == "processing"
        await photo_processing.catch_up(world.app.state.files)
    photo = await phone.photo(photo_id)
    assert (photo["state"], photo["refusal"]) == ("rejected", "file_damaged")


async def test_read_by_two_at_once_it_is_one_photo(world: World, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.app.state.files.images, "_waiting_at_most", 0)
    photo_id = await phone.sent(saved(quarters()))
    monkeypatch.undo()
    await asyncio.gather(*[photo_processing.catch_up(world.app.state.files) for _ in range(4)])
    assert (await phone.photo(photo_id))["state"] == "ready"
    rows = await world.pool.fetch("SELECT state, count(*) FROM stored_objects GROUP BY 1")
    assert [tuple(row) for row in rows] == [("kept", 3)]
