"""Photos: seen by whoever sees the project of the report that names them, until one does by who sent them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Uuid, and_, bindparam, case, exists, func, literal_column, select

from app.access import Actor, Scoping, Visible, visible
from app.listing import Resource
from app.models import Photo, Report, ReportPhoto, Upload
from app.reading import AnySelect
from app.resources.project_parts import account, through_project


def _of_sender() -> Scoping:
    named = exists().where(ReportPhoto.id == Photo.id).correlate(Photo)
    return Scoping(region=Photo.id, user=lambda p: and_(Photo.owner_id == p, ~named))


def _own(actor: Actor) -> Visible:
    """What the actor sent and no report names; the scopes of `uploads.write` are of one's own, whatever the region."""
    return visible(actor.scopes("uploads.write"), _of_sender(), "sender")


def _joined(*columns: Any) -> Select[Any]:
    joined = select(*columns).select_from(Photo).join(Upload, Upload.id == Photo.id)
    return joined.outerjoin(ReportPhoto, ReportPhoto.id == Photo.id).outerjoin(
        Report, Report.id == ReportPhoto.report_id
    )


def _full() -> AnySelect:
    p, told = Photo, ReportPhoto.sha256
    dhash = func.lpad(func.to_hex(p.dhash), literal_column("16"), literal_column("'0'"))
    return _joined(
        p.id, p.state, p.filename, p.media_type, Upload.length.label("size"), p.sha256,
        told.label("sha256_announced"), (p.sha256 == told).label("sha256_matches"), dhash.label("dhash"),
        p.width, p.height, p.taken_at, p.longitude, p.latitude, p.refusal,
        ReportPhoto.report_id.label("report_id"), Report.project_id.label("project_id"),
        account(p.owner_id).label("owner"), p.version, p.created_at, p.updated_at,
    )  # fmt: skip


def rendition(column: Any, size: Any, seen: Visible) -> AnySelect:
    """Where to find one picture of a photo the actor sees; a document is its own picture."""
    p = Photo
    document = and_(p.media_type == literal_column("'application/pdf'"), literal_column(str(column is p.display_key)))
    key = case((document, p.original_key), else_=column)
    length = case((document, Upload.length), else_=size)
    columns: list[Any] = [p.state, p.filename, p.media_type, key.label("key"), length.label("size")]
    return _joined(*columns).where(p.id == bindparam("key", None, Uuid), seen.condition())


PHOTO = Resource(
    name="photo",
    conditional=False,
    label=("照片", "photo"),
    permission="reports.read",
    key=Photo.id,
    scoping=through_project(Report.project_id),
    beside=_own,
    full=_full,
)
