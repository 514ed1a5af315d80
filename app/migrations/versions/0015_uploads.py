"""Files of phones: photos, the uploads they come by, the objects that hold them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:

    op.create_table(
        "stored_objects",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('writing', 'kept', 'doomed')", name=op.f("ck_stored_objects_state_known")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stored_objects")),
    )
    op.create_index(
        "ix_stored_objects_state",
        "stored_objects",
        ["state", "noted_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'kept'"),
    )
    op.create_table(
        "photos",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("dhash", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("original_key", sa.Text(), nullable=True),
        sa.Column("display_key", sa.Text(), nullable=True),
        sa.Column("display_size", sa.Integer(), nullable=True),
        sa.Column("thumbnail_key", sa.Text(), nullable=True),
        sa.Column("thumbnail_size", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(state = 'ready') = (original_key IS NOT NULL)", name=op.f("ck_photos_original_when_ready")
        ),
        sa.CheckConstraint(
            "(state = 'rejected') = (refusal IS NOT NULL)", name=op.f("ck_photos_refusal_when_rejected")
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_photos_sha256_form")),
        sa.CheckConstraint(
            "state <> 'ready' OR num_nulls(media_type, sha256) = 0", name=op.f("ck_photos_known_when_ready")
        ),
        sa.CheckConstraint(
            "state IN ('uploading', 'processing', 'ready', 'rejected')", name=op.f("ck_photos_state_known")
        ),
        sa.CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name=op.f("ck_photos_point_whole")),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90", name=op.f("ck_photos_point_on_earth")
        ),
        sa.CheckConstraint("num_nulls(display_key, display_size) IN (0, 2)", name=op.f("ck_photos_display_whole")),
        sa.CheckConstraint(
            "num_nulls(thumbnail_key, thumbnail_size) IN (0, 2)", name=op.f("ck_photos_thumbnail_whole")
        ),
        sa.ForeignKeyConstraint(["display_key"], ["stored_objects.key"], name=op.f("fk_photos_display_key")),
        sa.ForeignKeyConstraint(["original_key"], ["stored_objects.key"], name=op.f("fk_photos_original_key")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_photos_owner_id")),
        sa.ForeignKeyConstraint(["thumbnail_key"], ["stored_objects.key"], name=op.f("fk_photos_thumbnail_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    op.create_index(
        "ix_photos_processing",
        "photos",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("state = 'processing'"),
    )
    op.create_index("ix_photos_display_key", "photos", ["display_key"], unique=False)
    op.create_index("ix_photos_original_key", "photos", ["original_key"], unique=False)
    op.create_index("ix_photos_owner_id", "photos", ["owner_id", "created_at"], unique=False)
    op.create_index(
        "ix_photos_sha256", "photos", ["sha256"], unique=False, postgresql_where=sa.text("sha256 IS NOT NULL")
    )
    op.create_index("ix_photos_thumbnail_key", "photos", ["thumbnail_key"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("metadata_sent", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length > 0", name=op.f("ck_uploads_length_positive")),
        sa.CheckConstraint("received BETWEEN 0 AND length", name=op.f("ck_uploads_received_within_length")),
        sa.ForeignKeyConstraint(["id"], ["photos.id"], name=op.f("fk_uploads_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"], unique=False)
    op.create_table(
        "upload_pieces",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_upload_pieces_size_positive")),
        sa.ForeignKeyConstraint(["key"], ["stored_objects.key"], name=op.f("fk_upload_pieces_key")),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name=op.f("fk_upload_pieces_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "start", name=op.f("pk_upload_pieces")),
    )
    op.create_index("ix_upload_pieces_key", "upload_pieces", ["key"], unique=False)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
