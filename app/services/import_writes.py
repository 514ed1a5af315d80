"""Writing what the comparison found, a whole ledger at once: a statement per table, not per row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, any_, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from app.domain.progress import Figure
from app.domain.stages import TERMINATED
from app.models import AnnualPlan, Assignment, Milestone, Project, StageTransition, Suspension
from app.models.base import Base
from app.resources.project_columns import ANSWERING
from app.services import lights, project_parties, report_flags
from app.services.import_milestones import UPDATABLE
from app.services.import_verdict import Opening, Verdict
from app.services.progress_figures import record_figures
from app.uow import UnitOfWork


def table_of(model: type[Base]) -> Table:
    """For statements of many rows at once, which need nothing of the mapped class."""
    return cast("Table", model.__table__)


_PROJECT = table_of(Project)
_PORTION = 2000
_UPDATABLE = (
    "region_code", "national_code", "name", "location", "sector", "content", "investors", "key_years", "major",
    "total_investment", "planned_start", "planned_completion", "enrolled_on", "land_status", "problem", "remark",
    "stage", "stage_since", "suspended_since",
)  # fmt: skip


async def write(uow: UnitOfWork, verdicts: Sequence[Verdict]) -> None:
    """All created and changed projects with everything below them, and one change-log row each."""
    created = [v for v in verdicts if v.outcome == "created"]
    changed = [v for v in verdicts if v.outcome == "changed"]
    await _insert_projects(uow, created)
    await _update_projects(uow, changed)
    good = created + changed
    await _write_transitions(uow, good)
    await _write_assignments(uow, good)
    await _write_plans(uow, good)
    await _write_figures(uow, good)
    await _write_milestones(uow, good)
    for verdict in good:
        _record(uow, verdict)
    if good:
        written = {verdict.project_id for verdict in good if verdict.project_id is not None}
        uow.then(project_parties.refresh, *written)
        await lights.imported(uow, written, good[0].context.as_of)
        uow.then(report_flags.of_projects, *written)


async def execute_many(uow: UnitOfWork, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    """The statement for every row, in portions: other requests are served in between."""
    for start in range(0, len(rows), _PORTION):
        await uow.session.execute(statement, rows[start : start + _PORTION])


async def _insert_projects(uow: UnitOfWork, created: Sequence[Verdict]) -> None:
    unnumbered = sum(1 for v in created if not v.writes.project["code"])
    numbers = iter(
        (
            await uow.session.scalars(
                select(func.nextval("project_code_numbers")).select_from(func.generate_series(1, unnumbered))
            )
        ).all()
    )
    rows = []
    for verdict in created:
        project = verdict.writes.project
        verdict.project_id = uow.new_id()
        if not project["code"]:
            project["code"] = f"{project['region_code'][:6]}-{next(numbers):06d}"
            verdict.change("code", None, project["code"])
        rows.append({"id": verdict.project_id, "programmes": [], **project, **_stamp(uow)})
    await execute_many(uow, insert(_PROJECT), rows)


def _stamp(uow: UnitOfWork) -> dict[str, Any]:
    return {"version": 1, "created_at": uow.now, "updated_at": uow.now}


async def _update_projects(uow: UnitOfWork, changed: Sequence[Verdict]) -> None:
    """All updatable columns of each, so that one statement serves every row."""
    rows = []
    for verdict in changed:
        assert verdict.stored is not None
        now = {**verdict.stored.columns, **verdict.writes.project}
        moved = bool(verdict.writes.transition or verdict.writes.figure)
        rows.append(
            {"b_id": now["id"], "b_active": verdict.context.as_of if moved else None}
            | {f"b_{name}": now[name] for name in _UPDATABLE}
        )
    p = _PROJECT.c
    statement = (
        update(_PROJECT)
        .where(p.id == bindparam("b_id"))
        .values(
            {name: bindparam(f"b_{name}", type_=p[name].type) for name in _UPDATABLE}
            | {
                "version": p.version + 1,
                "updated_at": uow.now,
                "last_activity_on": func.greatest(
                    p.last_activity_on, bindparam("b_active", type_=p.last_activity_on.type)
                ),
            }
        )
    )
    await execute_many(uow, statement, rows)


async def _write_transitions(uow: UnitOfWork, good: Sequence[Verdict]) -> None:
    moved = [verdict for verdict in good if verdict.writes.transition]
    last = await _last_entries(uow, moved)
    rows = [
        {
            "id": uow.new_id(),
            "project_id": verdict.project_id,
            "happened_on": verdict.context.as_of,
            # Later than the last one, even if that was entered while this waited for the lock.
            "entered_at": max(uow.now, last.get(verdict.project_id, uow.now)),
            "entered_by": uow.actor.id,
            "evidence": None,
            "source": "import",
            **(verdict.writes.transition or {}),
        }
        for verdict in moved
    ]
    await execute_many(uow, insert(table_of(StageTransition)), rows)
    ended = [verdict.project_id for verdict in moved if verdict.stored and _ends(verdict)]
    if ended:
        s = table_of(Suspension)
        await uow.session.execute(
            update(s)
            .where(s.c.project_id == any_(bindparam("ids", ended, ARRAY(Uuid))), s.c.until.is_(None))
            .values(until=func.greatest(s.c.since, moved[0].context.as_of), version=s.c.version + 1, updated_at=uow.now)
        )


def _ends(verdict: Verdict) -> bool:
    """A terminated project is no longer suspended."""
    return verdict.writes.project.get("stage") == TERMINATED


async def _last_entries(uow: UnitOfWork, moved: Sequence[Verdict]) -> dict[Any, datetime]:
    """The moment after the last entry in each project's stage history."""
    known = [verdict.project_id for verdict in moved if verdict.stored]
    t = StageTransition
    rows = await uow.session.execute(
        select(t.project_id, func.max(t.entered_at).label("last"))
        .where(t.project_id == any_(bindparam("ids", known, ARRAY(Uuid))))
        .group_by(t.project_id)
    )
    return {row.project_id: row.last + timedelta(microseconds=1) for row in rows}


async def _write_assignments(uow: UnitOfWork, good: Sequence[Verdict]) -> None:
    a = table_of(Assignment)
    ended = [each for verdict in good for each in verdict.writes.ended]
    if ended:
        as_of = good[0].context.as_of
        await uow.session.execute(
            update(a)
            .where(a.c.id == any_(bindparam("ids", ended, ARRAY(Uuid))))
            .values(valid_to=as_of, version=a.c.version + 1, updated_at=uow.now)
        )
    phones = [{"b_id": k, "b_phone": v} for verdict in good for k, v in verdict.writes.phones.items()]
    change_phone = update(a).where(a.c.id == bindparam("b_id"))
    values = {"phone": bindparam("b_phone"), "version": a.c.version + 1, "updated_at": uow.now}
    await execute_many(uow, change_phone.values(values), phones)
    rows = [_assignment(uow, verdict, opening) for verdict in good for opening in verdict.writes.opened]
    await execute_many(uow, insert(a), rows)


def _assignment(uow: UnitOfWork, verdict: Verdict, opening: Opening) -> dict[str, Any]:
    party = opening.party
    if opening.missing is not None:
        directory, region = verdict.context.directory, verdict.context.directory.region.code
        find = directory.leader if opening.role == "sponsor" else directory.department
        party = find(opening.missing.name, region)
    if party and opening.role in ANSWERING:
        verdict.writes.joined_departments.append(party.id)
    return {
        "id": uow.new_id(),
        "project_id": verdict.project_id,
        "role": opening.role,
        "leader_id": party.id if party and opening.role == "sponsor" else None,
        "department_id": party.id if party and opening.role != "sponsor" else None,
        "user_id": None,
        "person_name": opening.person,
        "phone": opening.phone,
        "position": opening.position,
        "valid_from": verdict.context.as_of,
        "valid_to": None,
        **_stamp(uow),
    }


async def _write_plans(uow: UnitOfWork, good: Sequence[Verdict]) -> None:
    table = table_of(AnnualPlan)
    new = [
        {
            "id": uow.new_id(),
            "project_id": verdict.project_id,
            "year": verdict.context.period.year,
            "planned_start": None,
            "planned_completion": None,
            **verdict.writes.plan,
            **_stamp(uow),
        }
        for verdict in good
        if verdict.writes.plan and verdict.writes.plan_id is None
    ]
    await execute_many(uow, insert(table), new)
    names = ("category", "planned_investment", "monthly")
    changed = [
        {"b_id": verdict.writes.plan_id} | {f"b_{name}": verdict.writes.plan[name] for name in names}
        for verdict in good
        if verdict.writes.plan_id is not None
    ]
    values = {name: bindparam(f"b_{name}", type_=table.c[name].type) for name in names}
    statement = update(table).where(table.c.id == bindparam("b_id"))
    await execute_many(
        uow, statement.values({**values, "version": table.c.version + 1, "updated_at": uow.now}), changed
    )


async def _write_figures(uow: UnitOfWork, good: Sequence[Verdict]) -> None:
    figures = [
        (verdict.project_id, Figure(verdict.context.period.year, verdict.context.as_of, **verdict.writes.figure))
        for verdict in good
        if verdict.project_id and verdict.writes.figure
    ]
    await record_figures(uow, figures, source="import")


async def _write_milestones(uow: UnitOfWork, good: Sequence[Verdict]) -> None:
    table = table_of(Milestone)
    writes = [(verdict.project_id, write) for verdict in good for write in verdict.writes.milestones]
    new = [
        {"id": uow.new_id(), "project_id": project_id, **write.columns, **_stamp(uow)}
        for project_id, write in writes
        if write.id is None
    ]
    await execute_many(uow, insert(table), new)
    changed = [
        {"b_id": write.id} | {f"b_{name}": write.columns[name] for name in UPDATABLE}
        for _, write in writes
        if write.id is not None
    ]
    values = {name: bindparam(f"b_{name}", type_=table.c[name].type) for name in UPDATABLE}
    statement = update(table).where(table.c.id == bindparam("b_id"))
    await execute_many(
        uow, statement.values({**values, "version": table.c.version + 1, "updated_at": uow.now}), changed
    )


def _record(uow: UnitOfWork, verdict: Verdict) -> None:
    assert verdict.project_id is not None
    columns = verdict.stored.columns if verdict.stored else {}
    project: dict[str, Any] = {**columns, **verdict.writes.project}
    uow.record_plain(
        "project.updated" if verdict.stored else "project.created",
        resource_id=str(verdict.project_id),
        version=columns.get("version", 0) + 1,
        region_code=project["region_code"],
        project_id=verdict.project_id,
        department_ids=sorted(_readers(uow, verdict)),
        diff=verdict.changes,
    )


def _readers(uow: UnitOfWork, verdict: Verdict) -> set[UUID]:
    """The departments that see the project, those included that only now do, or only until now did."""
    readers = verdict.stored.readers(uow.today) if verdict.stored else set()
    return readers | set(verdict.writes.left_departments) | set(verdict.writes.joined_departments)
