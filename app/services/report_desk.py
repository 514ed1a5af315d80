"""Reports taken up to be edited: read and locked together, edited in memory, written together.

However many reports and edits there are, reading takes three statements and writing at most three.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from app.access import visible
from app.db import to_json
from app.domain.merging import Written
from app.errors import AppError, not_found
from app.reading import prepared
from app.resources import report_edits
from app.resources.projects import PROJECT
from app.resources.reports import REPORT
from app.services import lights, report_flags
from app.services.report_checks import WRITE
from app.services.reports import CONTENT
from app.uow import UnitOfWork

REVIEW = "reports.review"
NO_HISTORY = 2**31 - 1
"""As the version from which on the history is wanted."""


@dataclass(frozen=True, slots=True)
class Place:
    """The project of a report: who reads of it, and what the actor may do there."""

    id: UUID
    region_code: str
    departments: list[UUID]
    accounts: list[UUID]
    allowed: bool
    office: bool


@dataclass(slots=True)
class Edited:
    """A report as this transaction knows it, what is still to be written included."""

    id: UUID
    place: Place
    week: date
    corrects: UUID | None
    reporter_id: UUID
    status: str
    version: int
    made_at: datetime | None
    number: int
    """Of its last round."""
    said: dict[str, Any]
    history: list[Written]


class Desk:
    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self._reports: dict[UUID, Edited] = {}
        self._changed: dict[UUID, Edited] = {}
        self._rounds: list[dict[str, Any]] = []
        self._of_photos: set[UUID] = set()

    async def read(self, wanted: Mapping[UUID, int]) -> None:
        """Take up these reports, as far as they are seen, each with what was written to it after that version."""
        self._reports = {}
        places = {place.id: place for place in await self._places(list(wanted))}
        values = {"reports": list(wanted), "bases": list(wanted.values()), "projects": list(places)}
        for row in await self.uow.rows(report_edits.REPORTS, values) if places else ():
            self._reports[row["id"]] = _edited(row, places[row["project_id"]])

    async def _places(self, report_ids: list[UUID]) -> list[Place]:
        actor = self.uow.actor
        seen = visible(actor.scopes(REPORT.permission), PROJECT.scoping)
        allowed = visible(actor.scopes(WRITE), PROJECT.scoping, "writing")
        office = visible(actor.scopes(REVIEW), PROJECT.scoping, "office")
        lock = prepared(("report edits, lock", seen.shape), lambda: report_edits.lock_statement(seen.condition()))
        # Only a statement that begins after it has them locked sees all that was done to them.
        locked = await self.uow.rows(lock, {**seen.values, "reports": report_ids})
        statement = prepared(
            ("report edits, projects", allowed.shape, office.shape),
            lambda: report_edits.projects_statement(allowed.condition(), office.condition()),
        )
        values = {**allowed.values, **office.values, "projects": [row["id"] for row in locked]}
        rows = await self.uow.rows(statement, values) if locked else ()
        return [
            Place(r["project_id"], r["region_code"], r["department_ids"], r["user_ids"], r["allowed"], r["office"])
            for r in rows
        ]

    def find(self, report_id: UUID) -> Edited:
        """Errors: 404."""
        if report_id not in self._reports:
            raise not_found(REPORT.label)
        return self._reports[report_id]

    def require_free(self, report: Edited, photos: Iterable[Mapping[str, Any]]) -> None:
        """A photo hangs on one report; those of reports that are not here the database knows of."""
        others = (other for other in self._reports.values() if other is not report)
        if {photo["id"] for photo in photos} & {photo["id"] for other in others for photo in other.said["photos"]}:
            raise AppError("photo_id_taken")

    def hand_in(self, report: Edited, said: dict[str, Any], made_at: datetime | None, diff: dict[str, Any]) -> None:
        """A version of its own, in the round that runs, or in a new one when it had been returned."""
        if report.status == "returned":
            diff["status"] = ["returned", "submitted"]
            report.status = "submitted"
            report.number += 1
        if "photos" in diff:
            self._of_photos.add(report.id)
        report.said, report.made_at = said, made_at
        report.version += 1
        report.history.append(Written(report.version, _as_read(diff)))
        self._changed[report.id] = report
        self._rounds.append(self._round(report))
        place = report.place
        self.uow.record_plain(
            "report.updated",
            resource_id=str(report.id),
            version=report.version,
            region_code=place.region_code,
            project_id=place.id,
            department_ids=place.departments,
            user_ids=place.accounts,
            diff=diff,
        )
        self.uow.then(report_flags.of_reports, report.id)

    def _round(self, report: Edited) -> dict[str, Any]:
        return {
            "report_id": report.id,
            "version": report.version,
            "number": report.number,
            "content": report.said,
            "sent_by": self.uow.actor.id,
            "made_at": report.made_at,
            "received_at": self.uow.now,
        }

    async def write(self) -> None:
        """All that was handed in since the last time."""
        if not self._changed:
            return
        values = {
            "reports": to_json([_row(report) for report in self._changed.values()]).decode(),
            "rounds": to_json(self._rounds).decode(),
            "now": self.uow.now,
            "of_photos": list(self._of_photos),
        }
        connection = await self.uow.session.connection()
        await connection.exec_driver_sql(report_edits.WRITE.sql, tuple(report_edits.WRITE.arguments(values)))
        photos = [photo for report_id in self._of_photos for photo in _photos(self._changed[report_id])]
        if photos:
            await connection.exec_driver_sql(report_edits.WRITE_PHOTOS.sql, (to_json(photos).decode(),))
        await self._note_activity({report.place.id: report.place for report in self._changed.values()})
        self._changed, self._rounds, self._of_photos = {}, [], set()

    async def _note_activity(self, places: Mapping[UUID, Place]) -> None:
        """The projects were reported on today: they are not stale, and say so once a day."""
        values = {"projects": list(places), "today": self.uow.today, "now": self.uow.now}
        for row in await self.uow.rows(report_edits.REPORTED_ON, values):
            place = places[row["id"]]
            self.uow.record_plain(
                "project.updated",
                resource_id=str(place.id),
                version=row["version"],
                region_code=place.region_code,
                project_id=place.id,
                department_ids=place.departments,
                user_ids=place.accounts,
            )
            self.uow.then(lights.refresh, place.id)


def _edited(row: RowMapping, place: Place) -> Edited:
    lists = {name: json.loads(row[name]) for name in ("milestones_done", "problems")}
    photos = [
        {**photo, "id": UUID(photo["id"]), "taken_at": photo["taken_at"] and datetime.fromisoformat(photo["taken_at"])}
        for photo in json.loads(row["photos"])
    ]
    read = {**lists, "photos": photos}
    return Edited(
        row["id"], place, row["week"], row["corrects"], row["reporter_id"], row["status"], row["version"], None,
        row["number"], {name: read[name] if name in read else row[name] for name in CONTENT},
        [Written(*each) for each in json.loads(row["history"], parse_float=Decimal)],
    )  # fmt: skip


def _row(report: Edited) -> dict[str, Any]:
    beside = {"id": report.id, "status": report.status, "version": report.version, "made_at": report.made_at}
    return {**beside, **report.said}


def _photos(report: Edited) -> list[dict[str, Any]]:
    return [{"report_id": report.id, "position": n, **photo} for n, photo in enumerate(report.said["photos"])]


def _as_read(diff: dict[str, Any]) -> dict[str, Any]:
    """As it reads back from the change log."""
    found: dict[str, Any] = json.loads(to_json(diff), parse_float=Decimal)
    return found
