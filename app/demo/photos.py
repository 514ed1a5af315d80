"""Photos of the demo's reports: one from the site, one shown twice, one from elsewhere. Their bytes are sent as a
phone sends them; the server reads them, and raises their flags, as soon as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from app.access import Actor
from app.schemas.reports import ReportPhotoIn
from app.schemas.uploads import Metadata
from app.services import upload_bytes, uploads
from app.services.files import Files
from app.uow import SHANGHAI, UnitOfWork

_FIRST_SITE = (106.52, 26.58)


class _Shot(NamedTuple):
    picture: int
    file_says_where: bool
    degrees_off: float = 0.0002


_SHOTS = {
    (3, 0): _Shot(1, file_says_where=True),
    (2, 1): _Shot(2, file_says_where=False),
    (3, 2): _Shot(2, file_says_where=False),
    (3, 4): _Shot(3, file_says_where=True, degrees_off=0.08),
}
"""By week and project; the second picture is shown twice, the third was taken some ten kilometres away."""
_FILENAME = "施工现场.jpg"


def place(project: int) -> tuple[float, float]:
    """Where the demo's projects lie, which their ledger does not say."""
    return (round(_FIRST_SITE[0] + 0.03 * project, 6), round(_FIRST_SITE[1] - 0.02 * project, 6))


class Photo(NamedTuple):
    said: ReportPhotoIn
    shot: _Shot
    taken_at: datetime


def of_report(new_id: UUID, week: date, n: int, i: int) -> Photo | None:
    """What the report of that week (the n-th) and project names; without the hash of a file that is not drawn yet."""
    shot = _SHOTS.get((n, i))
    if shot is None:
        return None
    taken_at = datetime.combine(week + timedelta(days=3), time(10, 30 + i), SHANGHAI)
    longitude, latitude = (round(degrees + shot.degrees_off, 6) for degrees in place(i))
    said = ReportPhotoIn(id=new_id, taken_at=taken_at, longitude=longitude, latitude=latitude, caption="施工现场")
    return Photo(said, shot, taken_at)


async def send(files: Files, reporter: Actor, photos: list[Photo]) -> None:
    # Only here: a server that starts over data that are there already draws nothing.
    from app.demo.pictures import site  # noqa: PLC0415

    for photo in photos:
        said, shot = photo.said, photo.shot
        point = (said.longitude or 0.0, said.latitude or 0.0) if shot.file_says_where else None
        # The picture that is shown twice is one file.
        content = await asyncio.to_thread(site, shot.picture, _first_of(photos, shot).taken_at, point)
        request = UnitOfWork(files.db, files.clock(), actor=reporter)
        begun = await uploads.create(request, files, len(content), Metadata("", said.id, _FILENAME))
        await upload_bytes.append(request, files, begun, 0, _at_once(content), declared=len(content))


def _first_of(photos: list[Photo], shot: _Shot) -> Photo:
    return next(photo for photo in photos if photo.shot.picture == shot.picture)


async def _at_once(content: bytes) -> AsyncIterator[bytes]:
    yield content
