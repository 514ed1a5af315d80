"""Writing what a ledger of money says: records, entries, and one change-log row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.models import Assignment, FundingEntry, FundingRecord, Project
from app.resources.project_columns import ANSWERING, in_force
from app.services.import_funding_matching import FundingVerdict
from app.services.import_writes import execute_many, table_of
from app.uow import UnitOfWork


async def write(uow: UnitOfWork, verdicts: Sequence[FundingVerdict]) -> None:
    """All new and changed records. The database books the entries one by one, in the order they were planned."""
    good = [verdict for verdict in verdicts if verdict.outcome in {"created", "changed"}]
    ids = {verdict.position: verdict.stored.id if verdict.stored else uow.new_id() for verdict in good}
    new = [_record(uow, verdict, ids[verdict.position]) for verdict in good if verdict.stored is None]
    await execute_many(uow, insert(table_of(FundingRecord)), new)
    await _write_remarks(uow, [verdict for verdict in good if verdict.stored and "remark" in verdict.changes])
    rows = [(verdict, _entry(uow, ids[verdict.position], entry)) for verdict in good for entry in verdict.entries]
    await execute_many(uow, insert(table_of(FundingEntry)), [row for _, row in rows])
    places, readers = await _readers(uow, [v.project_id for v in good if v.project_id])
    for verdict, entry in rows:
        diff = {name: [None, _plain(value)] for name, value in entry.items() if name in _TOLD and value is not None}
        _note(uow, "funding_entry.created", verdict, str(entry["id"]), None, diff, places, readers)
    for verdict in good:
        before = verdict.stored.version if verdict.stored else 1
        version = before + len(verdict.entries) + bool(verdict.stored and "remark" in verdict.changes)
        action = "funding_record.updated" if verdict.stored else "funding_record.created"
        identity = str(ids[verdict.position])
        _note(uow, action, verdict, identity, version, verdict.changes, places, readers)


_TOLD = ("funding_record_id", "step", "happened_on", "amount", "document_number", "corrects_id", "reason")


def _plain(value: Any) -> Any:
    return str(value) if not isinstance(value, (int, float)) and not hasattr(value, "as_tuple") else value


def _record(uow: UnitOfWork, verdict: FundingVerdict, identity: UUID) -> dict[str, Any]:
    v = verdict.row.values
    return {
        "id": identity,
        "project_id": verdict.project_id,
        "region_code": verdict.region_code,
        "year": verdict.year,
        "channel": v.channel,
        "batch": v.batch,
        "name": v.title,
        "remark": v.remark,
        "version": 1,
        "created_at": uow.now,
        "updated_at": uow.now,
    }


def _entry(uow: UnitOfWork, record_id: UUID, entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": uow.new_id(),
        "funding_record_id": record_id,
        "note": None,
        "recorded_at": uow.now,
        "recorded_by": uow.actor.id,
        "source": "import",
        **entry,
    }


async def _write_remarks(uow: UnitOfWork, verdicts: Sequence[FundingVerdict]) -> None:
    r = table_of(FundingRecord).c
    rows = [{"b_id": v.stored.id, "b_remark": v.row.values.remark} for v in verdicts if v.stored]
    statement = update(table_of(FundingRecord)).where(r.id == bindparam("b_id"))
    values = {"remark": bindparam("b_remark"), "version": r.version + 1, "updated_at": uow.now}
    await execute_many(uow, statement.values(values), rows)


async def _readers(uow: UnitOfWork, projects: Sequence[UUID]) -> tuple[dict[UUID, str], dict[UUID, set[UUID]]]:
    """Where each project is, and the departments that see it today."""
    a, p = Assignment, Project
    wanted = bindparam("ids", sorted(set(projects)), ARRAY(Uuid))
    places = await uow.session.execute(select(p.id, p.region_code).where(p.id == any_(wanted)))
    held = await uow.session.execute(
        select(a.project_id, a.department_id).where(
            a.project_id == any_(wanted),
            a.role.in_(ANSWERING),
            a.department_id.is_not(None),
            in_force(a, literal(uow.today)),
        )
    )
    readers: dict[UUID, set[UUID]] = {}
    for row in held:
        readers.setdefault(row.project_id, set()).add(row.department_id)
    return {row.id: row.region_code for row in places}, readers


def _note(
    uow: UnitOfWork,
    action: str,
    verdict: FundingVerdict,
    identity: str,
    version: int | None,
    diff: dict[str, Any],
    places: dict[UUID, str],
    readers: dict[UUID, set[UUID]],
) -> None:
    project = verdict.project_id
    uow.record_plain(
        action,
        resource_id=identity,
        version=version,
        region_code=places[project] if project else verdict.region_code,
        project_id=project,
        department_ids=sorted(readers.get(project, ())) if project else None,
        diff=diff,
    )
