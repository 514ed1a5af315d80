from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Header, Request, Response
from starlette.responses import StreamingResponse

from app import listing, ranges
from app.access import Actor
from app.contract import STATE_FORBIDS, TAGGED
from app.db import Database
from app.deps import Db, FileDesk, permitted
from app.downloads import NAMED, named
from app.errors import AppError
from app.objects import ObjectMissing
from app.resources.photos import PHOTO
from app.routing import api
from app.schemas.photos import PhotoOut
from app.services import photos
from app.services.files import Files

router = api("photos")

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_TAG = {"ETag": {"description": "Of these bytes, for If-None-Match and If-Range", "schema": {"type": "string"}}}
_NAMED = {**NAMED, **_TAG}
_PART = {"Content-Range": {"description": "Which bytes of how many", "schema": {"type": "string"}}}


def _bytes_of(*media: str) -> dict[int | str, dict[str, Any]]:
    content = dict.fromkeys(media, _BINARY)
    return {
        200: {"description": "The whole", "content": content, "headers": _NAMED},
        206: {"description": "The part asked for", "content": content, "headers": {**_NAMED, **_PART}},
        304: {"description": "Not modified", "headers": _TAG},
        **STATE_FORBIDS,
        416: {"$ref": "#/components/responses/Problem416"},
    }


Range = Annotated[
    str | None,
    Header(alias="Range", description="One range of bytes; several: the whole", examples=["bytes=0-65535"]),
]
IfRange = Annotated[str | None, Header(alias="If-Range", description="The ETag the range is of; another: the whole")]


@router.get("/photos/{photo_id}", summary="照片 Get photo", response_model=PhotoOut, responses=TAGGED)
async def get_photo(request: Request, photo_id: UUID, actor: Annotated[Actor, permitted("reports.read")]) -> Response:
    """What is known of a photo, or of another file sent for a report.

    Seen by whoever sees the project of the report that names it; before that, by the account that sent it. `state`
    tells whether the file was taken; `sha256_matches` is false when it is not the one the report spoke of.
    """
    return await listing.one(request, PHOTO, actor, photo_id)


@router.get(
    "/photos/{photo_id}/content",
    summary="照片内容 Look at a photo",
    response_class=Response,
    responses=_bytes_of("image/jpeg", photos.DOCUMENT),
)
async def get_photo_content(
    request: Request,
    db: Db,
    files: FileDesk,
    photo_id: UUID,
    actor: Annotated[Actor, permitted("reports.read")],
    range_: Range = None,
    if_range: IfRange = None,
) -> Response:
    """The photo as JPEG of at most 2048 pixels a side, upright, made anew from the file sent: without what was hidden
    in it. A PDF comes as it is, to be saved rather than opened.

    Errors: 409 `photo_not_ready` until it is ready; 416 `range_not_satisfiable`.
    """
    return await _send(request, db, files, actor, photo_id, "content")


@router.get(
    "/photos/{photo_id}/thumbnail",
    summary="缩略图 Thumbnail of a photo",
    response_class=Response,
    responses=_bytes_of("image/jpeg"),
)
async def get_photo_thumbnail(
    request: Request,
    db: Db,
    files: FileDesk,
    photo_id: UUID,
    actor: Annotated[Actor, permitted("reports.read")],
    range_: Range = None,
    if_range: IfRange = None,
) -> Response:
    """The same with at most 320 pixels a side; a PDF has none (404)."""
    return await _send(request, db, files, actor, photo_id, "thumbnail")


async def _send(
    request: Request, db: Database, files: Files, actor: Actor, photo_id: UUID, kind: photos.Kind
) -> Response:
    picture = await photos.picture(db, actor, photo_id, kind)
    etag = listing.etag(picture.key.rpartition("/")[2])
    told = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        # It never changes; whoever signs in on the same device asks anew.
        "Cache-Control": "private, max-age=86400",
        "Vary": "Authorization, X-API-Key",
    }
    asked = request.headers.get("if-none-match")
    if asked is not None and listing.matches(asked, etag.strip('"')):
        return Response(status_code=304, headers=told)
    part = ranges.wanted(request.headers.get("range"), request.headers.get("if-range"), etag, picture.size)
    start, end = part or (0, picture.size)
    way: Literal["attachment", "inline"] = "attachment" if picture.media_type == photos.DOCUMENT else "inline"
    told |= {
        "Content-Disposition": named(picture.filename, way),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Length": str(end - start),
    }
    if part is not None:
        told["Content-Range"] = f"bytes {start}-{end - 1}/{picture.size}"
    try:
        body = await files.objects.stream(picture.key, start, end)
    except ObjectMissing:
        raise AppError("unavailable", headers={"Retry-After": "5"}) from None
    return StreamingResponse(body, 206 if part is not None else 200, told, picture.media_type)
