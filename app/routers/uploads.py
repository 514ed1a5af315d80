from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC
from email.utils import format_datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Request, Response
from starlette.requests import ClientDisconnect

from app.access import Actor
from app.deps import FileDesk, Uow, permitted
from app.errors import AppError
from app.routing import StreamedRoute, api
from app.schemas import uploads as headers
from app.services import photo_processing, upload_bytes, uploads
from app.services.files import Files
from app.services.upload_bytes import Interrupted
from app.services.uploads import Progress
from app.tus import BYTES, EXTENSIONS, MOST, PREFIX, VERSION
from app.uow import UnitOfWork

router = api("photos")
router.route_class = StreamedRoute
STALLED_AFTER = 60.0
"""Seconds without a byte; the connection is then taken for dead, and what came is kept."""

Version = Annotated[str | None, Header(alias="Tus-Resumable", description="`1.0.0`", examples=[VERSION])]
Offset = Annotated[str | None, Header(alias="Upload-Offset", description="Where these bytes begin", examples=["0"])]
Sum = Annotated[
    str | None,
    Header(
        alias="Upload-Checksum",
        description="`sha1` or `sha256`, and the digest of this request's bytes in Base64: all of them count or none",
        examples=["sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
    ),
]


def _told(**more: str) -> dict[str, Any]:
    names = {"Tus-Resumable": "The version of tus", **more}
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in names.items()}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


_OFFSET = "How many bytes are there"
_EXPIRES = "When what is unfinished becomes void, unless more comes (RFC 9110 date)"
_AT: dict[str, str] = {"Upload-Offset": _OFFSET, "Upload-Expires": _EXPIRES}
_BYTES = {"content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}}


@router.options(
    "/uploads",
    summary="上传能力 What uploads can do",
    status_code=204,
    response_class=Response,
    responses={
        204: {
            "description": "Told by its headers",
            "headers": _told(
                **{
                    "Tus-Version": "Versions of tus",
                    "Tus-Extension": "Extensions of tus",
                    "Tus-Max-Size": "Most bytes of a file",
                    "Tus-Checksum-Algorithm": "For Upload-Checksum",
                }
            ),
        }
    },
)
async def upload_options(files: FileDesk, actor: Annotated[Actor, permitted("uploads.write")]) -> Response:
    """Versions and extensions of tus, and the most bytes a file may have, as headers."""
    told = {
        "Tus-Version": VERSION,
        "Tus-Extension": ",".join(EXTENSIONS),
        "Tus-Max-Size": str(files.limits.file),
        "Tus-Checksum-Algorithm": ",".join(headers.ALGORITHMS),
    }
    return Response(status_code=204, headers=told)


@router.post(
    "/uploads",
    summary="创建上传 Begin an upload",
    status_code=201,
    response_class=Response,
    responses={
        201: {
            "description": "Begun, or found as begun before",
            "headers": _told(Location="Where to send its bytes", **_AT),
        },
        **_problems(400, 412, 413, 415, 422, 460),
    },
    openapi_extra={"requestBody": {"required": False, **_BYTES}},
    max_body_size=MOST,
)
async def create_upload(
    request: Request,
    uow: Uow,
    files: FileDesk,
    actor: Annotated[Actor, permitted("uploads.write")],
    version: Version = None,
    length: Annotated[
        str | None, Header(alias="Upload-Length", description="Bytes of the whole file", examples=["2481152"])
    ] = None,
    sent: Annotated[
        str | None,
        Header(
            alias="Upload-Metadata",
            description="Keys with Base64 values: `photo_id` (UUIDv7 by the phone), `filename`; others are kept",
            examples=["filename 5bel5ZywLmpwZw==,photo_id MDE5OWMxYTAtN2MwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAx"],
        ),
    ] = None,
    checksum: Sum = None,
) -> Response:
    """Begin to send a file (tus 1.0, creation). Its address is the photo's id: `/uploads/{photo_id}`.

    The same id again gives the same upload with how much of it is there: whoever lost the answer asks by HEAD and
    goes on. There is never a second file for an id: another length is 409 `id_taken` until the upload is ended by
    DELETE. A refused or expired one begins anew. Without `photo_id` the service makes an id. Bytes may come along
    (creation-with-upload).

    Errors: 412 `tus_version_unsupported`; 413 `upload_too_large`, `upload_quota_total`; 429 `upload_quota_day`.
    """
    _require_version(version)
    expected = headers.checksum(checksum)
    upload = await uploads.create(uow, files, headers.number("Upload-Length", length), headers.metadata(sent))
    if _carries_bytes(request) and upload.received == 0:
        upload = await _append(request, uow, files, upload, 0, expected)
    return Response(status_code=201, headers={"Location": f"{PREFIX}/{upload.id}", **_stand(upload)})


@router.get(
    "/uploads/{upload_id}",
    summary="上传进度 How far an upload is",
    response_class=Response,
    responses={
        200: {
            "description": "Told by its headers",
            "content": {},
            "headers": _told(
                **_AT,
                **{"Upload-Length": "Bytes of the whole file", "Upload-Metadata": "As it was sent"},
            ),
        },
        **_problems(410, 412),
    },
)
async def get_upload_offset(
    uow: Uow,
    files: FileDesk,
    upload_id: UUID,
    actor: Annotated[Actor, permitted("uploads.write")],
    version: Version = None,
) -> Response:
    """How many bytes are stored for good, as `Upload-Offset`: go on from there. By HEAD, as tus has it; GET tells the
    same. Only one's own uploads are seen.

    All there means just that; whether the file was taken says `GET /photos/{photo_id}`. Errors: 410
    `upload_expired`.
    """
    upload = await uploads.find(uow, files, upload_id)
    _require_version(version)
    told = {"Upload-Length": str(upload.length), "Cache-Control": "no-store", **_stand(upload)}
    if upload.metadata:
        told["Upload-Metadata"] = upload.metadata
    return Response(status_code=200, headers=told)


@router.patch(
    "/uploads/{upload_id}",
    summary="续传 Send bytes of an upload",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "They are stored for good", "headers": _told(**_AT)}, **_problems(410, 412, 460)},
    openapi_extra={"requestBody": {"required": True, **_BYTES}},
    max_body_size=MOST,
)
async def append_to_upload(
    request: Request,
    uow: Uow,
    files: FileDesk,
    upload_id: UUID,
    actor: Annotated[Actor, permitted("uploads.write")],
    version: Version = None,
    offset: Offset = None,
    checksum: Sum = None,
) -> Response:
    """Bytes from `Upload-Offset` on, as `application/offset+octet-stream`, up to 64 MiB at once.

    They are stored piece by piece as they come, so of a request that breaks off most is kept: ask by HEAD. Of two
    that write at once the first goes on, the other is told where it stands (409). With the last byte the file is
    looked at, and this answers whether it was taken; when many wait it is looked at a little later.

    Errors: 409 `upload_offset_conflict` with `offset`; 413 `upload_overrun`, `image_too_large`; 415
    `file_type_refused` (content decides, not the name); 422 `file_damaged`; 460 `checksum_mismatch`.
    """
    upload = await uploads.find(uow, files, upload_id)
    _require_version(version)
    if not _carries_bytes(request):
        raise AppError("unsupported_media_type", expected=BYTES)
    start = headers.number("Upload-Offset", offset)
    upload = await _append(request, uow, files, upload, start, headers.checksum(checksum))
    return Response(status_code=204, headers=_stand(upload))


@router.delete(
    "/uploads/{upload_id}",
    summary="终止上传 End an upload",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "Ended, and nothing of it is left", "headers": _told()}, **_problems(412)},
)
async def end_upload(
    uow: Uow,
    files: FileDesk,
    upload_id: UUID,
    actor: Annotated[Actor, permitted("uploads.write")],
    version: Version = None,
) -> Response:
    """End an upload and forget the file, finished or not (tus 1.0, termination).

    Errors: 409 `photo_in_use` when it is all there and a report names it.
    """
    await uploads.find(uow, files, upload_id)
    _require_version(version)
    await uploads.terminate(uow, files, upload_id)
    return Response(status_code=204)


def _require_version(version: str | None) -> None:
    if version != VERSION:
        raise AppError("tus_version_unsupported", version=VERSION, headers={"Tus-Version": VERSION})


def _carries_bytes(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == BYTES


def _stand(upload: Progress) -> dict[str, str]:
    told = {"Upload-Offset": str(upload.received)}
    if upload.state == "uploading":
        told["Upload-Expires"] = format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)
    return told


async def _append(
    request: Request, uow: UnitOfWork, files: Files, upload: Progress, offset: int, checksum: headers.Checksum | None
) -> Progress:
    declared = request.headers.get("content-length", "")
    try:
        upload = await upload_bytes.append(
            uow, files, upload, offset, _body(request),
            declared=int(declared) if declared.isascii() and declared.isdigit() else None, checksum=checksum,
        )  # fmt: skip
    except Interrupted:
        # Who is gone reads no answer; who only fell silent is to ask where it stands.
        raise AppError("unavailable", headers={"Retry-After": "1"}) from None
    if upload.state == "processing":
        await photo_processing.process(files, upload.id, uow)
    return upload


async def _body(request: Request) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(STALLED_AFTER):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except (ClientDisconnect, TimeoutError):
            raise Interrupted from None
        if chunk:
            yield chunk
