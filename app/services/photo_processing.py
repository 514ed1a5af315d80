"""A photo whose bytes are all there becomes a photo that can be looked at, or is refused with the reason.

At once, by the request that brought the last byte; should that be cut short or too many be waiting, by housekeeping.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import DBAPIError

from app.db import is_held
from app.errors import AppError
from app.images.model import Reading, Refused
from app.models import Photo, Upload
from app.objects import ObjectMissing
from app.services import photo_log, report_flags, stored_objects, uploads
from app.services.files import Files
from app.uow import UnitOfWork

CLAIMED_FOR = timedelta(minutes=5)
ATTEMPTS = 5
"""What could not be read so often takes too long to be a photo."""


async def process(files: Files, photo_id: UUID, request: UnitOfWork | None = None) -> None:
    """Read it and make its pictures. Nothing to do, or nobody free to: it stays as it is.

    Errors: `file_type_refused`, `file_damaged`, `image_too_large`; then the photo is rejected.
    """
    claim = await _claim(files, photo_id)
    if claim is None:
        return
    generation, attempts, keys = claim
    try:
        content = b"".join([await files.objects.get(key) for key in keys])
        reading = await files.images.read(content)
    except Refused as refused:
        await _reject(files, photo_id, generation, refused.code, request)
        raise AppError(refused.code) from refused
    except (TimeoutError, ObjectMissing) as failed:
        if attempts + 1 < ATTEMPTS:
            await _unclaim(files, photo_id, attempts + 1)
            return
        await _reject(files, photo_id, generation, "file_damaged", request)
        raise AppError("file_damaged") from failed
    except AppError:
        # The store does not answer, or too many wait: no fault of the file.
        await _unclaim(files, photo_id, attempts)
        return
    try:
        await _finish(files, photo_id, generation, content, reading, request)
    except DBAPIError as error:
        if not is_held(error):
            raise
        # By an import, say, that works out flags: later, then.
        await _unclaim(files, photo_id, attempts)


async def catch_up(files: Files) -> int:
    """Read what waits, longest first; how many were looked at."""
    waiting = (
        select(Photo.id)
        .join(Upload, Upload.id == Photo.id)
        .where(Photo.state == "processing", or_(Upload.claimed_until.is_(None), Upload.claimed_until < files.clock()))
        .order_by(Photo.updated_at)
        .limit(500)
    )
    async with files.transaction() as uow:
        ids = list(await uow.session.scalars(waiting))
    for photo_id in ids:
        try:
            await process(files, photo_id)
        except AppError:
            continue  # refused, which is noted on the photo
    return len(ids)


async def _claim(files: Files, photo_id: UUID) -> tuple[int, int, list[str]] | None:
    """Its generation, how often it was tried in vain, its pieces; None when it is not to be had."""
    async with files.transaction() as uow:
        upload = await uow.session.scalar(
            select(Upload)
            .join(Photo, Photo.id == Upload.id)
            .where(Upload.id == photo_id, Photo.state == "processing")
            .with_for_update(of=Upload, skip_locked=True)
        )
        if upload is None or (upload.claimed_until is not None and upload.claimed_until >= uow.now):
            return None
        upload.claimed_until = uow.now + CLAIMED_FOR
        return upload.generation, upload.attempts, await uploads.pieces(uow, photo_id)


async def _unclaim(files: Files, photo_id: UUID, attempts: int) -> None:
    async with files.transaction() as uow:
        upload = await uow.session.get(Upload, photo_id, with_for_update=True)
        if upload is not None:
            upload.claimed_until, upload.attempts = None, attempts


async def _locked(uow: UnitOfWork, photo_id: UUID, generation: int) -> Photo | None:
    """The photo, if it still waits for just this."""
    await uploads.lock_upload(uow, photo_id)
    return await uow.session.scalar(
        select(Photo)
        .join(Upload, Upload.id == Photo.id)
        .where(Photo.id == photo_id, Photo.state == "processing", Upload.generation == generation)
    )


async def _reject(files: Files, photo_id: UUID, generation: int, code: str, request: UnitOfWork | None) -> None:
    async with files.transaction(request) as uow:
        photo = await _locked(uow, photo_id, generation)
        if photo is None:
            return
        photo.state, photo.refusal = "rejected", code
        uow.touch(photo)
        await photo_log.note(uow, "photo.rejected", photo, {"refusal": [None, code]})
        dropped = await uploads.drop_pieces(uow, photo_id)
    await stored_objects.delete_doomed(files, dropped)


async def _finish(
    files: Files, photo_id: UUID, generation: int, content: bytes, reading: Reading, request: UnitOfWork | None
) -> None:
    written = await _write(files, [content, reading.display, reading.thumbnail])
    new = [key for key in written if key is not None]
    try:
        async with files.transaction(request) as uow:
            photo = await _locked(uow, photo_id, generation)
            if photo is not None:
                gone = await _describe(uow, photo, reading, written)
            else:
                # Ended meanwhile, or read by another.
                await stored_objects.doom(uow, new)
                gone = new
    except AppError:
        await stored_objects.discard(files, new)
        return
    except DBAPIError:
        await stored_objects.discard(files, new)
        raise
    await stored_objects.delete_doomed(files, gone)


async def _write(files: Files, contents: list[bytes]) -> list[str | None]:
    async def one(content: bytes) -> str | None:
        return await stored_objects.write(files, content) if content else None

    return list(await asyncio.gather(*[one(content) for content in contents]))


async def _describe(uow: UnitOfWork, photo: Photo, reading: Reading, written: list[str | None]) -> list[str]:
    """The photo is ready; what it came in is no longer needed, and given to be deleted after the commit."""
    await stored_objects.keep(uow, [key for key in written if key is not None])
    facts = reading.facts
    photo.state = "ready"
    photo.media_type, photo.sha256, photo.dhash = facts.media_type, facts.sha256, facts.dhash
    photo.width, photo.height = facts.width, facts.height
    photo.taken_at, photo.longitude, photo.latitude = facts.moment, facts.longitude, facts.latitude
    photo.original_key, photo.display_key, photo.thumbnail_key = written
    photo.display_size = len(reading.display) or None
    photo.thumbnail_size = len(reading.thumbnail) or None
    uow.touch(photo)
    await photo_log.note(uow, "photo.created", photo)
    uow.then(report_flags.of_photos, photo.id)
    return await uploads.drop_pieces(uow, photo.id)
