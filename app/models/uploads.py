"""Files of phones: what they are, the uploads they came by, and every object the store holds for them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, Versioned

STATES = ("uploading", "processing", "ready", "rejected")


class StoredObject(Base):
    """An object in the store, noted before it is written and until it is deleted: so that no crash leaves one behind.

    `writing` is not referred to yet, `doomed` no longer.
    """

    __tablename__ = "stored_objects"

    key: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    noted_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("state IN ('writing', 'kept', 'doomed')", name="state_known"),
        Index("ix_stored_objects_state", "state", "noted_at", postgresql_where=text("state <> 'kept'")),
    )


class Photo(Identified, Versioned, Base):
    """A file a phone made, under the id it gave it; a report names it by the same id.

    `longitude`, `latitude` and `taken_at` are what the file itself says. The original is never served.
    """

    __tablename__ = "photos"

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    state: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str | None]
    sha256: Mapped[str | None]
    dhash: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    taken_at: Mapped[datetime | None]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    refusal: Mapped[str | None]
    original_key: Mapped[str | None] = mapped_column(ForeignKey("stored_objects.key"))
    display_key: Mapped[str | None] = mapped_column(ForeignKey("stored_objects.key"))
    display_size: Mapped[int | None]
    thumbnail_key: Mapped[str | None] = mapped_column(ForeignKey("stored_objects.key"))
    thumbnail_size: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("state IN ('uploading', 'processing', 'ready', 'rejected')", name="state_known"),
        CheckConstraint("(state = 'ready') = (original_key IS NOT NULL)", name="original_when_ready"),
        CheckConstraint("state <> 'ready' OR num_nulls(media_type, sha256) = 0", name="known_when_ready"),
        CheckConstraint("(state = 'rejected') = (refusal IS NOT NULL)", name="refusal_when_rejected"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_form"),
        CheckConstraint("num_nulls(display_key, display_size) IN (0, 2)", name="display_whole"),
        CheckConstraint("num_nulls(thumbnail_key, thumbnail_size) IN (0, 2)", name="thumbnail_whole"),
        CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name="point_whole"),
        CheckConstraint("longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90", name="point_on_earth"),
        Index("ix_photos_owner_id", "owner_id", "created_at"),
        Index("ix_photos_sha256", "sha256", postgresql_where=text("sha256 IS NOT NULL")),
        Index("ix_photos_processing", "updated_at", postgresql_where=text("state = 'processing'")),
        Index(
            "ix_photos_hash_quarters",
            text("diaodu_hash_quarters(dhash)"),
            postgresql_using="gin",
            postgresql_where=text("dhash IS NOT NULL"),
        ),
        # Objects are deleted by key, and each asks who still refers to it.
        Index("ix_photos_original_key", "original_key"),
        Index("ix_photos_display_key", "display_key"),
        Index("ix_photos_thumbnail_key", "thumbnail_key"),
    )


class Upload(Base):
    """How far a photo's bytes have come (tus). Its id is the photo's; `generation` grows when it begins anew."""

    __tablename__ = "uploads"

    id: Mapped[uuid.UUID] = mapped_column(ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True)
    length: Mapped[int]
    received: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    metadata_sent: Mapped[str]
    generation: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    began_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    claimed_until: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("length > 0", name="length_positive"),
        CheckConstraint("received BETWEEN 0 AND length", name="received_within_length"),
        Index("ix_uploads_expires_at", "expires_at"),
    )


class UploadPiece(Base):
    """A run of an upload's bytes that is in the store."""

    __tablename__ = "upload_pieces"

    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    key: Mapped[str] = mapped_column(ForeignKey("stored_objects.key"))

    __table_args__ = (
        CheckConstraint("size > 0", name="size_positive"),
        Index("ix_upload_pieces_key", "key"),
    )
