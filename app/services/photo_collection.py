"""What nobody comes back for is forgotten: uploads left unfinished, photos that no report ever named."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select

from app.models import Photo, ReportPhoto, Upload
from app.services import stored_objects, uploads
from app.services.files import Files

_AT_ONCE = 100


async def collect(files: Files) -> int:
    """Strike out all that is due, then delete the objects: a crash in between leaves them doomed, not forgotten.

    How many photos and uploads went. Another process at it at the same time does the rest.
    """
    collected = 0
    while True:
        async with files.transaction() as uow:
            due = select(Photo).join(Upload, Upload.id == Photo.id).where(_due(files))
            photos = (
                await uow.session.scalars(due.limit(_AT_ONCE).with_for_update(of=(Upload, Photo), skip_locked=True))
            ).all()
            keys = [key for photo in photos for key in await uploads.remove(uow, photo)]
        await stored_objects.delete_doomed(files, keys)
        collected += len(photos)
        if len(photos) < _AT_ONCE:
            return collected


def _due(files: Files) -> ColumnElement[bool]:
    now = files.clock()
    named = exists().where(ReportPhoto.id == Photo.id)
    unfinished = and_(Photo.state == "uploading", Upload.expires_at <= now)
    unnamed = and_(Photo.state.in_(("ready", "rejected")), Photo.updated_at <= now - files.limits.unnamed, ~named)
    return or_(unfinished, unnamed)
