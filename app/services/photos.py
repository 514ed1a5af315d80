"""Pictures of a photo, for whoever may see it; the file as sent is never among them, except of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.access import Actor
from app.db import Database
from app.domain.labels import LABELS
from app.errors import AppError, not_found
from app.listing import seen_by
from app.models import Photo
from app.reading import prepared
from app.resources.photos import PHOTO, rendition

Kind = Literal["content", "thumbnail"]
_COLUMNS = {
    "content": (Photo.display_key, Photo.display_size),
    "thumbnail": (Photo.thumbnail_key, Photo.thumbnail_size),
}
_NONE = ("缩略图", "thumbnail")
DOCUMENT = "application/pdf"


@dataclass(frozen=True, slots=True)
class Picture:
    """Where it lies in the store; the key is never used again for anything else."""

    key: str
    size: int
    media_type: str
    filename: str


async def picture(db: Database, actor: Actor, photo_id: UUID, kind: Kind) -> Picture:
    """404 for a photo not visible, and for the thumbnail of a document; 409 `photo_not_ready` while there is none."""
    seen = seen_by(actor, PHOTO)
    statement = prepared((PHOTO.name, kind, seen.shape), lambda: rendition(*_COLUMNS[kind], seen))
    row = await db.row(statement, seen.values | {"key": photo_id})
    if row is None:
        raise not_found(PHOTO.label)
    if row["state"] != "ready":
        raise AppError("photo_not_ready", state=LABELS["photo_state"][row["state"]], extra={"state": row["state"]})
    if row["key"] is None:
        raise not_found(_NONE)
    if row["media_type"] == DOCUMENT:
        return Picture(row["key"], row["size"], DOCUMENT, row["filename"])
    return Picture(row["key"], row["size"], "image/jpeg", _as_jpeg(row["filename"]))


def _as_jpeg(filename: str) -> str:
    """The name it was sent under with the ending of what it is now."""
    stem, dot, ending = filename.rpartition(".")
    return f"{stem if dot and stem and len(ending) <= 5 else filename}.jpg"
