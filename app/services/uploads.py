"""Uploads by tus: begun under the photo's own id, looked at, ended; their bytes come through `upload_bytes`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from app.errors import AppError, invalid, not_found
from app.models import Photo, ReportPhoto, Upload, UploadPiece
from app.schemas.uploads import Metadata
from app.services import photo_log, stored_objects
from app.services.files import FileLimits, Files
from app.services.upload_quotas import require_room
from app.uow import UnitOfWork

LABEL = ("上传", "upload")


@dataclass(frozen=True, slots=True)
class Progress:
    """An upload as its headers tell it."""

    id: UUID
    length: int
    received: int
    metadata: str
    generation: int
    expires_at: datetime
    state: str


async def create(request: UnitOfWork, files: Files, length: int, metadata: Metadata) -> Progress:
    """Begin an upload, or find the one begun before under the same photo's id: there is never a second file for an id.

    What was refused or has expired begins anew. 409 `id_taken` when that id has a file of another length, or is
    another account's; 413 and 429 beyond the limits.
    """
    if length == 0:
        raise invalid("Upload-Length", "invalid_value", expected=("大于 0", "more than 0"))
    if length > files.limits.file:
        raise AppError("upload_too_large", limit=files.limits.file, extra={"limit": files.limits.file})
    async with files.transaction(request) as uow:
        return await _create(uow, files.limits, metadata.photo_id or uow.new_id(), length, metadata)


async def _create(uow: UnitOfWork, limits: FileLimits, photo_id: UUID, length: int, metadata: Metadata) -> Progress:
    await uow.lock_key("upload", str(photo_id))
    upload = await uow.session.get(Upload, photo_id, with_for_update=True)
    if upload is None:
        return await _begin(uow, limits, photo_id, length, metadata)
    photo = await uow.session.get_one(Photo, photo_id)
    if photo.owner_id != uow.actor.id:
        raise AppError("id_taken")
    if photo.state == "rejected" or _expired(photo, upload, uow.now):
        return await _begin_anew(uow, limits, photo, upload, length, metadata)
    if upload.length != length:
        current = {"length": upload.length, "offset": upload.received, "state": photo.state}
        raise AppError("id_taken", extra={"current": current, "sent": {"length": length}, "fields": ["length"]})
    return _progress(photo, upload)


async def find(request: UnitOfWork, files: Files, upload_id: UUID) -> Progress:
    """The actor's own upload; 404 for any other, 410 once it has expired."""
    async with files.transaction(request) as uow:
        photo, upload = await _own(uow, upload_id)
        if _expired(photo, upload, uow.now):
            raise AppError("upload_expired")
        return _progress(photo, upload)


async def terminate(request: UnitOfWork, files: Files, upload_id: UUID) -> None:
    """End it and forget the file, finished or not.

    409 `photo_in_use` while a report names the photo and the file is there.
    """
    async with files.transaction(request) as uow:
        photo, _ = await _own(uow, upload_id, lock=True)
        named = select(ReportPhoto.id).where(ReportPhoto.id == photo.id)
        if photo.state in {"processing", "ready"} and await uow.session.scalar(named) is not None:
            raise AppError("photo_in_use")
        keys = await remove(uow, photo)
    await stored_objects.delete_doomed(files, keys)


async def remove(uow: UnitOfWork, photo: Photo) -> list[str]:
    """Strike out the photo with its upload; its objects are doomed, and given to be deleted after the commit.

    The caller holds the photo's lock.
    """
    keys = await pieces(uow, photo.id)
    keys += [key for key in (photo.original_key, photo.display_key, photo.thumbnail_key) if key is not None]
    if photo.state == "ready":
        await photo_log.note(uow, "photo.deleted", photo)
    await uow.session.delete(photo)
    await uow.flush()
    await stored_objects.doom(uow, keys)
    return keys


async def pieces(uow: UnitOfWork, upload_id: UUID) -> list[str]:
    """Keys of its bytes, in order."""
    p = UploadPiece
    return list(await uow.session.scalars(select(p.key).where(p.upload_id == upload_id).order_by(p.start)))


async def drop_pieces(uow: UnitOfWork, upload_id: UUID) -> list[str]:
    """Their objects are doomed, and given to be deleted after the commit."""
    keys = await pieces(uow, upload_id)
    await uow.session.execute(
        delete(UploadPiece).where(UploadPiece.upload_id == upload_id).execution_options(synchronize_session=False)
    )
    await stored_objects.doom(uow, keys)
    return keys


async def _own(uow: UnitOfWork, upload_id: UUID, *, lock: bool = False) -> tuple[Photo, Upload]:
    if lock:
        await lock_upload(uow, upload_id)
    statement = select(Photo, Upload).join(Upload, Upload.id == Photo.id)
    found = (await uow.session.execute(statement.where(Photo.id == upload_id, _mine(uow)))).one_or_none()
    if found is None:
        raise not_found(LABEL)
    return found[0], found[1]


async def lock_upload(uow: UnitOfWork, upload_id: UUID) -> None:
    """Whatever changes a photo's file holds its upload first: so nobody waits for each other, and what is read after
    this is how it stands."""
    await uow.session.execute(select(Upload.id).where(Upload.id == upload_id).with_for_update())


def _mine(uow: UnitOfWork) -> ColumnElement[bool]:
    return Photo.owner_id == uow.actor.id


async def _begin(uow: UnitOfWork, limits: FileLimits, photo_id: UUID, length: int, metadata: Metadata) -> Progress:
    await require_room(uow, limits, length)
    photo = Photo(id=photo_id, owner_id=uow.actor.id, state="uploading", filename=metadata.filename)
    uow.add(photo)
    await uow.flush()
    upload = Upload(id=photo_id, **_fresh(uow, limits, length, metadata), received=0, generation=1, attempts=0)
    uow.add(upload)
    await uow.flush()
    return _progress(photo, upload)


async def _begin_anew(
    uow: UnitOfWork, limits: FileLimits, photo: Photo, upload: Upload, length: int, metadata: Metadata
) -> Progress:
    await require_room(uow, limits, length, besides=upload.id)
    await drop_pieces(uow, upload.id)
    for name, value in _fresh(uow, limits, length, metadata).items():
        setattr(upload, name, value)
    upload.received, upload.attempts, upload.claimed_until = 0, 0, None
    upload.generation += 1
    photo.state, photo.refusal, photo.filename = "uploading", None, metadata.filename
    uow.touch(photo)
    await uow.flush()
    return _progress(photo, upload)


def _fresh(uow: UnitOfWork, limits: FileLimits, length: int, metadata: Metadata) -> dict[str, Any]:
    expires_at = uow.now + limits.unfinished
    return {"length": length, "metadata_sent": metadata.sent, "began_at": uow.now, "expires_at": expires_at}


def _expired(photo: Photo, upload: Upload, now: datetime) -> bool:
    return photo.state == "uploading" and upload.expires_at <= now


def _progress(photo: Photo, upload: Upload) -> Progress:
    return Progress(
        id=upload.id,
        length=upload.length,
        received=upload.received,
        metadata=upload.metadata_sent,
        generation=upload.generation,
        expires_at=upload.expires_at,
        state=photo.state,
    )
