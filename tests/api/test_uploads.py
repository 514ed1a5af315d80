"""Uploads by tus 1.0: what is acknowledged is stored, nothing is stored twice, two at once corrupt nothing."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.types import Message

from app.services import upload_bytes
from tests.photo_files import BYTES, TUS, Phone, metadata, quarters, saved, scene
from tests.world import COUNTY_B, World, new_id

PICTURE = saved(scene())


@pytest.fixture
async def phone(world: World) -> Phone:
    return Phone(await world.user("reporter"))


async def stored(world: World, photo_id: str) -> bytes:
    """The file as sent, from the store."""
    key = await world.pool.fetchval("SELECT original_key FROM photos WHERE id = $1::uuid", photo_id)
    content: bytes = await world.app.state.files.objects.get(key)
    return content


async def keys(world: World) -> set[tuple[str, str]]:
    return {(r["key"], r["state"]) for r in await world.pool.fetch("SELECT key, state FROM stored_objects")}


async def test_options_tell_what_there_is(phone: Phone) -> None:
    answer = await phone.client.request("OPTIONS", "/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    extensions = answer.headers["tus-extension"].split(",")
    assert {"creation", "creation-with-upload", "checksum", "termination", "expiration"} == set(extensions)
    assert answer.headers["tus-max-size"] == str(32 * 1024**2)
    assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256"


async def test_a_file_comes_in_parts_and_is_whole(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    begun = await phone.begin(len(PICTURE), photo_id)
    assert begun.status_code == 201, begun.text
    assert begun.headers["location"] == f"/api/v1/uploads/{photo_id}"
    assert (begun.headers["upload-offset"], begun.headers["tus-resumable"]) == ("0", "1.0.0")
    assert begun.headers["upload-expires"].endswith(" GMT")
    at = 0
    for size in (1, 70_000, len(PICTURE)):
        assert await phone.offset(photo_id) == at
        part = PICTURE[at : at + size]
        answer = await phone.append(photo_id, at, part)
        assert answer.status_code == 204, answer.text
        at += len(part)
        assert answer.headers["upload-offset"] == str(at)
    assert await stored(world, photo_id) == PICTURE
    photo = await phone.photo(photo_id)
    assert (photo["state"], photo["size"]) == ("ready", len(PICTURE))
    assert photo["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert photo["filename"] == "施工现场.jpg"
    # Of the parts it came in nothing is left.
    assert [state for _, state in await keys(world)] == ["kept"] * 3
    head = await phone.head(photo_id)
    assert head.content == b""
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == (str(len(PICTURE)),) * 2
    assert head.headers["cache-control"] == "no-store"
    assert "upload-expires" not in head.headers


async def test_large_parts_are_cut_into_pieces(world: World, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_bytes, "PIECE", 10_000)
    photo_id = await phone.sent(PICTURE)
    assert await stored(world, photo_id) == PICTURE


async def test_bytes_may_come_with_the_creation(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    headers = {**TUS, "Upload-Length": str(len(PICTURE)), "Content-Type": BYTES}
    named = {"Upload-Metadata": metadata(photo_id=photo_id)}
    first = await phone.client.request("POST", "/uploads", content=PICTURE[:500], headers={**headers, **named})
    assert (first.status_code, first.headers["upload-offset"]) == (201, "500")
    assert (await phone.append(photo_id, 500, PICTURE[500:])).status_code == 204
    assert await stored(world, photo_id) == PICTURE
    # Without an id of the phone's own the service makes one.
    whole = await phone.client.request("POST", "/uploads", content=PICTURE, headers=headers)
    assert whole.status_code == 201, whole.text
    made = whole.headers["location"].rpartition("/")[2]
    assert made != photo_id
    assert (await phone.photo(made))["filename"] == "file"


@pytest.mark.parametrize(
    ("length", "status", "code"),
    [
        ("0", 422, "invalid_content"), ("-5", 422, "invalid_content"), ("1e3", 422, "invalid_content"),
        ("１２", 422, "invalid_content"), ("", 422, "invalid_content"), ("33554433", 413, "upload_too_large"),
        ("999999999999999", 413, "upload_too_large"), ("9" * 40, 422, "invalid_content"),
    ],
)  # fmt: skip
async def test_lengths_that_are_none(phone: Phone, length: str, status: int, code: str) -> None:
    headers = {**TUS, "Upload-Length": length.encode()}
    answer = await phone.client.request("POST", "/uploads", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_length_is_needed(phone: Phone) -> None:
    for headers in (TUS, {**TUS, "Upload-Defer-Length": "1"}):
        answer = await phone.client.post("/uploads", headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0] | {"message": ""} == {
            "pointer": "Upload-Length", "code": "missing", "message": "",
        }  # fmt: skip


@pytest.mark.parametrize(
    "sent",
    [
        "filename", "filename !!!", "filename /w==", "photo_id " + base64.b64encode(b"7").decode(),
        "photo_id " + base64.b64encode(b"c56a4180-65aa-42ec-a945-5fd21dec0538").decode(), "a b,a c", ",", "a b,,c d",
        "filename " + "A" * 5000, "schl\u00fcssel QQ==",
    ],
)  # fmt: skip
async def test_nonsense_in_metadata_is_refused_by_name(phone: Phone, sent: str) -> None:
    answer = await phone.client.request(
        "POST", "/uploads", headers={**TUS, "Upload-Length": "5", "Upload-Metadata": sent.encode("latin-1")}
    )
    if sent == "filename":
        assert answer.status_code == 201  # a key without a value is allowed
        return
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("Upload-Metadata")


async def test_names_are_made_plain_and_metadata_given_back(phone: Phone) -> None:
    sent = metadata(filename="C:\\图片\\工地\u202e全景\n.jpg", filetype="image/jpeg", other="什么都行")
    begun = await phone.client.post("/uploads", headers={**TUS, "Upload-Length": "5", "Upload-Metadata": sent})
    assert begun.status_code == 201, begun.text
    made = begun.headers["location"].rpartition("/")[2]
    assert (await phone.head(made)).headers["upload-metadata"] == sent
    assert (await phone.photo(made))["filename"] == "工地 全景 .jpg"


async def test_the_version_of_tus_is_asked_for(phone: Phone) -> None:
    photo_id = str(new_id())
    assert (await phone.begin(5, photo_id)).status_code == 201
    for version in ({}, {"Tus-Resumable": "0.2.2"}):
        for method, path in (("POST", "/uploads"), ("HEAD", f"/uploads/{photo_id}"),
                             ("PATCH", f"/uploads/{photo_id}"), ("DELETE", f"/uploads/{photo_id}")):  # fmt: skip
            answer = await phone.client.request(method, path, headers={**version, "Upload-Length": "5"})
            assert answer.status_code == 412, (method, answer.text)
            assert (answer.headers["tus-version"], answer.headers["tus-resumable"]) == ("1.0.0", "1.0.0")
    assert await phone.offset(photo_id) == 0


async def test_a_wrong_offset_is_told_where_it_stands(phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(10, photo_id)
    await phone.append(photo_id, 0, b"abc")
    for offset in (0, 2, 4, 10, 999):
        answer = await phone.append(photo_id, offset, b"xyz")
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_offset_conflict")
        assert (answer.headers["upload-offset"], answer.json()["offset"]) == ("3", 3)
    for nonsense in ("-1", "x", ""):
        assert (await phone.append(photo_id, nonsense, b"xyz")).status_code == 422
    assert await phone.offset(photo_id) == 3


async def test_no_more_than_announced_is_taken(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(10, photo_id)
    answer = await phone.append(photo_id, 0, b"x" * 11)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_overrun")

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield b"yy"

    answer = await phone.append(photo_id, 0, unannounced())
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_overrun")
    assert await phone.offset(photo_id) == 0
    assert await keys(world) == set()


async def test_the_content_type_is_that_of_tus(phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(3, photo_id)
    for media in ("application/octet-stream", "application/json", ""):
        answer = await phone.append(photo_id, 0, b"abc", **{"Content-Type": media})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_a_checksum_counts_for_all_or_nothing(
    world: World, phone: Phone, algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_bytes, "PIECE", 50_000)
    photo_id = str(new_id())
    await phone.begin(len(PICTURE), photo_id)
    first, rest = PICTURE[:200_000], PICTURE[200_000:]

    def told(content: bytes) -> str:
        return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"

    wrong = await phone.append(photo_id, 0, first, **{"Upload-Checksum": told(b"other")})
    assert (wrong.status_code, wrong.json()["code"]) == (460, "checksum_mismatch")
    assert await phone.offset(photo_id) == 0
    assert await keys(world) == set()
    assert (await phone.append(photo_id, 0, first, **{"Upload-Checksum": told(first)})).status_code == 204
    assert (await phone.append(photo_id, len(first), rest, **{"Upload-Checksum": told(rest)})).status_code == 204
    assert await stored(world, photo_id) == PICTURE


async def test_checksums_that_are_none(phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(3, photo_id)
    unknown = await phone.append(photo_id, 0, b"abc", **{"Upload-Checksum": "md5 kAFQmDzST7DWlj99KOF/cg=="})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "checksum_algorithm_unknown")
    for value in ("sha1", "sha1 !!", "sha256 QQ=="):
        assert (await phone.append(photo_id, 0, b"abc", **{"Upload-Checksum": value})).status_code == 422
    assert await phone.offset(photo_id) == 0


async def test_what_came_before_an_interruption_is_kept(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(len(PICTURE), photo_id)
    await _cut_off(world, phone, photo_id, PICTURE[:123_456])
    assert await phone.offset(photo_id) == 123_456
    assert (await phone.append(photo_id, 123_456, PICTURE[123_456:])).status_code == 204
    assert await stored(world, photo_id) == PICTURE


async def test_nothing_unchecked_is_kept_of_an_interruption(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(len(PICTURE), photo_id)
    told = f"sha1 {base64.b64encode(hashlib.sha1(PICTURE).digest()).decode()}"
    await _cut_off(world, phone, photo_id, PICTURE[:700_000], {"Upload-Checksum": told})
    assert await phone.offset(photo_id) == 0
    assert await keys(world) == set()


async def _cut_off(
    world: World, phone: Phone, photo_id: str, content: bytes, more: dict[str, str] | None = None
) -> None:
    """A request that brings this much, and then its connection is gone."""
    messages: list[Message] = [
        {"type": "http.request", "body": content, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pass

    headers = {**phone.client.headers, **TUS, "Upload-Offset": "0", "Content-Type": BYTES, **(more or {})}
    path = f"/api/v1/uploads/{photo_id}"
    scope = {
        "type": "http", "method": "PATCH", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 1), "server": ("test", 80), "root_path": "",
    }  # fmt: skip
    await world.app(scope, receive, send)


async def test_of_two_at_once_one_goes_on_and_nothing_is_corrupt(
    world: World, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_bytes, "PIECE", 20_000)
    for _ in range(3):
        photo_id = str(new_id())
        await phone.begin(len(PICTURE), photo_id)
        answers = await asyncio.gather(*[phone.append(photo_id, 0, _slowly(PICTURE)) for _ in range(4)])
        assert sorted(a.status_code for a in answers) == [204, 409, 409, 409]
        assert await stored(world, photo_id) == PICTURE
    assert {state for _, state in await keys(world)} == {"kept"}
    assert len(await keys(world)) == 9


async def _slowly(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 7_000):
        yield content[at : at + 7_000]
        await asyncio.sleep(0)


async def test_many_beginnings_at_once_are_one_upload(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    answers = await asyncio.gather(*[phone.begin(100, photo_id) for _ in range(8)])
    assert {(a.status_code, a.headers["location"]) for a in answers} == {(201, f"/api/v1/uploads/{photo_id}")}
    assert await world.pool.fetchval("SELECT count(*) FROM uploads") == 1


async def test_beginning_again_finds_what_is_there(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(len(PICTURE), photo_id)
    await phone.append(photo_id, 0, PICTURE[:1000])
    again = await phone.begin(len(PICTURE), photo_id)
    assert (again.status_code, again.headers["upload-offset"]) == (201, "1000")
    other = await phone.begin(len(PICTURE) + 1, photo_id)
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    assert other.json()["current"] == {"length": len(PICTURE), "offset": 1000, "state": "uploading"}
    assert (await phone.append(photo_id, 1000, PICTURE[1000:])).status_code == 204
    done = await phone.begin(len(PICTURE), photo_id)
    assert (done.status_code, done.headers["upload-offset"]) == (201, str(len(PICTURE)))
    assert (await phone.append(photo_id, len(PICTURE), b"")).status_code == 204
    assert await world.pool.fetchval("SELECT count(*) FROM photos") == 1


async def test_an_id_of_somebody_elses_is_taken_and_their_upload_not_there(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(10, photo_id)
    others = [await world.user("reporter"), await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)]
    for other in others:
        stranger = Phone(other)
        taken = await stranger.begin(10, photo_id)
        assert (taken.status_code, taken.json()["code"]) == (409, "id_taken")
        assert "current" not in taken.json()
        for answer in (
            await stranger.head(photo_id), await stranger.append(photo_id, 0, b"abc"), await stranger.end(photo_id),
            await other.get(f"/photos/{photo_id}"),
        ):  # fmt: skip
            assert answer.status_code == 404
    assert await phone.offset(photo_id) == 0


async def test_an_upload_can_be_ended_and_begun_anew(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(10, photo_id)
    await phone.append(photo_id, 0, b"abc")
    assert (await phone.end(photo_id)).status_code == 204
    assert (await phone.head(photo_id)).status_code == 404
    assert (await phone.append(photo_id, 3, b"abc")).status_code == 404
    assert (await phone.end(photo_id)).status_code == 404
    assert await keys(world) == set()
    assert await stored(world, await phone.sent(PICTURE, photo_id)) == PICTURE


async def test_a_finished_one_goes_with_all_its_pictures(world: World, phone: Phone) -> None:
    photo_id = await phone.sent(PICTURE)
    assert len(await keys(world)) == 3
    assert (await phone.end(photo_id)).status_code == 204
    assert await keys(world) == set()
    assert (await phone.client.get(f"/photos/{photo_id}")).status_code == 404


async def test_ended_in_the_middle_of_a_request_nothing_is_left(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(len(PICTURE), photo_id)

    async def ended_half_way() -> AsyncIterator[bytes]:
        yield PICTURE[:600_000]
        assert (await phone.end(photo_id)).status_code == 204
        yield PICTURE[600_000:]

    answer = await phone.append(photo_id, 0, ended_half_way())
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_offset_conflict")
    assert await keys(world) == set()


async def test_post_may_stand_for_patch_and_delete(world: World, phone: Phone) -> None:
    photo_id = str(new_id())
    await phone.begin(3, photo_id)
    told = {**TUS, "Upload-Offset": "0", "Content-Type": BYTES, "X-HTTP-Method-Override": "PATCH"}
    url = f"/api/v1/uploads/{photo_id}"
    headers = phone.client.headers
    sent = await world.http.post(url, content=b"ab", headers={**headers, **told})
    assert (sent.status_code, sent.headers["upload-offset"]) == (204, "2")
    ended = await world.http.post(url, headers={**headers, **TUS, "X-HTTP-Method-Override": "DELETE"})
    assert ended.status_code == 204
    elsewhere = await world.http.post(
        f"/api/v1/photos/{photo_id}", headers={**headers, "X-HTTP-Method-Override": "DELETE"}
    )
    assert elsewhere.status_code == 405


async def test_nobody_uploads_without_an_account_or_the_right_to(world: World) -> None:
    assert (await Phone(world.anonymous()).begin(5)).status_code == 401
    for role in ("viewer", "leader", "rater", "system_admin"):
        assert (await Phone(await world.user(role)).begin(5)).status_code == 403


def _in_a_month() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()


async def test_an_api_key_uploads_as_well(world: World, phone: Phone) -> None:
    key = await phone.client.created(
        "/api-keys",
        {"name": "采集", "permissions": ["uploads.write", "reports.read"], "expires_at": _in_a_month()},
    )
    small = saved(quarters())
    headers = {"X-API-Key": key["key"], **TUS, "Upload-Length": str(len(small)), "Content-Type": BYTES}
    answer = await world.http.post("/api/v1/uploads", content=small, headers=headers)
    assert answer.status_code == 201, answer.text
    photo = answer.headers["location"].replace("uploads", "photos")
    assert (await world.http.get(photo, headers={"X-API-Key": key["key"]})).json()["state"] == "ready"


async def test_errors_carry_the_version_too(world: World) -> None:
    answer: httpx.Response = await world.http.post("/api/v1/uploads")
    assert (answer.status_code, answer.headers["tus-resumable"]) == (401, "1.0.0")
