"""Flags follow what is known: worked out when a report is changed or reviewed, when a photo's bytes arrive and when
what it is compared with changes, within the same transaction. They block nothing.

Handing in a report does not wait for them: `report_flag_duties` meets what it leaves to do a moment later."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.access import Actor, Visible
from app.db import Database, to_json
from app.domain.labels import LABELS
from app.domain.report_flags import Flag, FlagRule, Reported, ReportFlagState, flags, rule_for
from app.errors import AppError, not_found
from app.listing import seen_by
from app.models import Report, ReportFlag, ReportPhoto
from app.reading import AnySelect, prepared
from app.resources.report_contexts import readers_of
from app.resources.report_flag_facts import (
    FACTS,
    LOCKS,
    PATIENCE,
    PLAN_ONCE,
    USED,
    USED_LATER,
)
from app.resources.report_flags import REPORT_FLAG
from app.resources.reports import REPORT
from app.schemas.report_flags import DismissalIn
from app.uow import UnitOfWork
from app.writing import get_visible, require_reach

DISMISS = "reports.review"
PICTURES = "photos looked at"


@dataclass(frozen=True, slots=True)
class _Found:
    """A report with the flags it has and those it should have."""

    report_id: UUID
    project_id: UUID
    standing: Sequence[Mapping[str, Any]]
    due: Sequence[Flag]


async def of_reports(uow: UnitOfWork, report_ids: Collection[UUID]) -> None:
    """What follows from these reports having been written.

    Two reports of one project at once, or a report and the bytes of its photo, would not see each other: reports wait
    for those of the same project, and for photos just being taken in; photos wait for all.
    """
    await uow.rows(LOCKS, {"reports": list(report_ids), "pictures": PICTURES})
    await _work_out(uow, report_ids)


async def of_photos(uow: UnitOfWork, photo_ids: Collection[UUID]) -> None:
    """What follows from the bytes of these photos having arrived, for the reports that name them and for later ones."""
    # While it waits, what reports come next to waits behind it; the photo can be taken in later.
    await uow.rows(PATIENCE, {})
    await uow.lock_key(PICTURES)
    await uow.rows(PLAN_ONCE, {})
    p = ReportPhoto
    named = set(await uow.session.scalars(select(p.report_id).where(p.id.in_(photo_ids))))
    if named:
        await _work_out(uow, named)


async def of_projects(uow: UnitOfWork, project_ids: Collection[UUID]) -> None:
    """What follows from a change of what reports are compared with: of those that wait for their review, and of those
    that have been flagged already."""
    r, f = Report, ReportFlag
    flagged = select(f.id).where(f.report_id == r.id, f.withdrawn_at.is_(None), f.dismissed_at.is_(None)).exists()
    concerned = select(r.id).where(r.project_id.in_(project_ids), or_(r.status != "accepted", flagged))
    found = set(await uow.session.scalars(concerned))
    if found:
        await of_reports(uow, found)


async def of_month(uow: UnitOfWork, project_id: UUID, first: date, last: date) -> None:
    """What follows from the bureau's figure of that month: it comes when most reports are accepted already."""
    r = Report
    concerned = select(r.id).where(r.project_id == project_id, r.as_of.between(first, last))
    found = list(await uow.session.scalars(concerned))
    if found:
        uow.then(of_reports, *found)


async def _work_out(uow: UnitOfWork, report_ids: Collection[UUID]) -> None:
    known = await _known(uow, report_ids)
    used: Mapping[str, Any] = {}
    if _with_pictures(known):
        more = await uow.rows(USED_LATER, {"reports": _with_pictures(known)})
        if unknown := {row["report_id"] for row in more} - known.keys():
            known |= await _known(uow, unknown)
        rows = await uow.rows(USED, {"reports": _with_pictures(known)})
        used = {str(row["photo_id"]): _exact(row["used"]) for row in rows}
    found = [_found(report_id, facts, used) for report_id, facts in known.items()]
    if any(one.standing or one.due for one in found):
        await _write(uow, found)


async def _known(uow: UnitOfWork, report_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Of these reports and all that they concern, whatever their photos show."""
    rows = await uow.rows(FACTS, {"reports": list(report_ids)})
    return {row["id"]: _exact(row["facts"]) | {"project_id": row["project_id"]} for row in rows}


def _with_pictures(known: Mapping[UUID, Mapping[str, Any]]) -> list[UUID]:
    return [report_id for report_id, facts in known.items() if any(photo["ready"] for photo in facts["photos"])]


_EXACT = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)


def _exact(text: str) -> Any:
    return _EXACT.decode(text)


def _found(report_id: UUID, known: dict[str, Any], used: Mapping[str, Any]) -> _Found:
    project_id, standing, region_code = (known.pop(name) for name in ("project_id", "standing", "region_code"))
    week, as_of = (date.fromisoformat(known.pop(name)) for name in ("week", "as_of"))
    photos = [photo | {"used": used.get(photo["id"])} for photo in known.pop("photos")]
    rules = [
        FlagRule(region, date.fromisoformat(since), points, int(metres), int(bits), percent)
        for region, since, points, metres, bits, percent in known.pop("rules")
    ]
    reported = Reported(as_of=as_of, photos=photos, **known)
    return _Found(report_id, project_id, standing, flags(reported, rule_for(rules, region_code, week)))


async def _write(uow: UnitOfWork, found: Sequence[_Found]) -> None:
    """Withdraw what holds no longer, raise what is new; what stands as it is stays, dismissed or not."""
    gone: dict[UUID, _Found] = {}
    new: list[tuple[_Found, Flag]] = []
    for one in found:
        standing = {_identity(each["kind"], each["photo_id"], each["facts"]): UUID(each["id"]) for each in one.standing}
        due = {_identity(flag.kind, flag.photo_id, flag.facts): flag for flag in one.due}
        gone |= {identity: one for key, identity in standing.items() if key not in due}
        new += [(one, flag) for key, flag in due.items() if key not in standing]
    if not gone and not new:
        return
    readers = await _readers(uow, {one.project_id for one in (*gone.values(), *(one for one, _ in new))})
    if gone:
        await _withdraw(uow, gone, readers)
    if new:
        await _raise(uow, new, readers)


def _identity(kind: str, photo_id: str | None, facts: Mapping[str, Any]) -> tuple[str, str | None, str]:
    """Facts as one text: members in one order, numbers without trailing zeros."""
    plain = json.loads(to_json(facts), parse_float=str, parse_int=str)
    return kind, photo_id, json.dumps(plain, sort_keys=True)


async def _withdraw(uow: UnitOfWork, gone: Mapping[UUID, _Found], readers: Mapping[UUID, Mapping[str, Any]]) -> None:
    f = ReportFlag
    withdrawn = await uow.session.execute(
        update(f)
        .where(f.id.in_(gone), f.withdrawn_at.is_(None))
        .values(withdrawn_at=uow.now, version=f.version + 1, updated_at=uow.now)
        .returning(f.id, f.version)
        .execution_options(synchronize_session=False)
    )
    for identity, version in withdrawn:
        project_id = gone[identity].project_id
        diff = {"withdrawn_at": [None, str(uow.now)]}
        uow.record_plain(
            "report_flag.withdrawn", resource_id=str(identity), version=version, diff=diff, **readers[project_id]
        )


async def _raise(
    uow: UnitOfWork, new: Sequence[tuple[_Found, Flag]], readers: Mapping[UUID, Mapping[str, Any]]
) -> None:
    rows = {uow.new_id(): (one, flag) for one, flag in new}
    # Another transaction may come to the same about a third report at the same time.
    statement = insert(ReportFlag).on_conflict_do_nothing().returning(ReportFlag.id)
    raised = await uow.session.scalars(
        statement, [_row(uow, identity, one, flag) for identity, (one, flag) in rows.items()]
    )
    for identity in raised.all():
        one, flag = rows[identity]
        said = {"report_id": str(one.report_id), "kind": flag.kind, "facts": flag.facts}
        uow.record_plain(
            "report_flag.created",
            resource_id=str(identity),
            version=1,
            diff={name: [None, value] for name, value in said.items()},
            **readers[one.project_id],
        )


def _row(uow: UnitOfWork, identity: UUID, one: _Found, flag: Flag) -> dict[str, Any]:
    return {
        "id": identity,
        "report_id": one.report_id,
        "kind": flag.kind,
        "photo_id": UUID(flag.photo_id) if flag.photo_id else None,
        "other_report_id": UUID(flag.other_report_id) if flag.other_report_id else None,
        "facts": flag.facts,
        "raised_at": uow.now,
        "created_at": uow.now,
        "updated_at": uow.now,
    }


async def _readers(uow: UnitOfWork, project_ids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """Who sees the projects today, as the change log wants it."""
    rows = await uow.rows(prepared("readers of projects", readers_of), {"projects": list(project_ids)})
    return {row["project_id"]: dict(row) for row in rows}


async def require_seen(db: Database, actor: Actor, report_id: UUID) -> None:
    """404 for a report the actor does not see; an empty list would tell nothing.

    Outside any transaction: who held one while `catch_up` waits for another would keep those from coming to an end
    who wait for just that.
    """
    seen = seen_by(actor, REPORT)
    statement = prepared((REPORT.name, "there", seen.shape), lambda: _there(seen))
    if await db.row(statement, seen.values | {"key": report_id}) is None:
        raise not_found(REPORT.label)


def _there(seen: Visible) -> AnySelect:
    return select(literal_column("1").label("one")).where(Report.id == bindparam("key", None, Uuid), seen.condition())


async def dismiss(uow: UnitOfWork, report_id: UUID, flag_id: UUID, body: DismissalIn) -> ReportFlag:
    """It is all right, and why. Not of one that was dismissed or withdrawn meanwhile (409)."""
    report = await get_visible(uow, REPORT, Report, report_id)
    row = await get_visible(uow, REPORT_FLAG, ReportFlag, flag_id, lock=True)
    if row.report_id != report_id:
        raise not_found(REPORT_FLAG.label)
    await require_reach(uow, REPORT, report_id, DISMISS)
    state: ReportFlagState = "withdrawn" if row.withdrawn_at else "dismissed" if row.dismissed_at else "open"
    if state != "open":
        raise AppError("flag_not_open", now=LABELS["report_flag_state"][state])
    row.dismissed_at, row.dismissed_by, row.reason = uow.now, uow.actor.id, body.reason
    diff = uow.changed_fields(row)
    uow.touch(row)
    readers = await _readers(uow, {report.project_id})
    uow.record_plain(
        "report_flag.dismissed",
        resource_id=str(row.id),
        version=row.version,
        diff=diff,
        **readers[report.project_id],
    )
    return row
