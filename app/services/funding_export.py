"""Money out as a ledger; read in again into the same region it changes nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from app.access import visible
from app.domain.funding import STEPS
from app.errors import AppError
from app.ledgers.funding import FundingValues
from app.ledgers.funding_export import write_funding
from app.ledgers.limits import MAX_ROWS
from app.listing import Plan, plan_filters
from app.models import FundingEntry, FundingRecord, Project, Region
from app.resources.funding_records import FUNDING_RECORD, REGION
from app.schemas.funding import FundingFilters
from app.services.funding_records import CHANNEL
from app.services.import_reading import a_place, dictionary_labels, lift_limits, off_loop
from app.uow import UnitOfWork

MAX_RECORDS = MAX_ROWS - 100
"""What an import can read again, headings and totals included."""


async def export(uow: UnitOfWork, query: FundingFilters) -> tuple[str, bytes]:
    """(file name, workbook) of the records the actor sees that pass the filters, in order of entry."""
    given = {name: value for name in query.model_fields_set if (value := getattr(query, name)) not in (None, [])}
    plan = plan_filters(FUNDING_RECORD, given, visible(uow.actor.scopes("funding.read"), FUNDING_RECORD.scoping))
    with a_place():
        await lift_limits(uow)
        rows = await _rows(uow, plan)
        channels = await dictionary_labels(uow, CHANNEL, active=False)
        region = await uow.session.get(Region, query.region) if query.region else None
        title = f"{region.name if region else ''}{f'{query.year}年' if query.year else ''}资金台账"
        as_of = uow.today
        # Nothing was written; writing the workbook needs no connection.
        await uow.close()
        content = await off_loop(write_funding, rows, title=title, as_of=as_of, channels=channels)
        return f"{title}-{as_of}.xlsx", content


async def _rows(uow: UnitOfWork, plan: Plan) -> list[FundingValues]:
    r, p = FundingRecord, Project
    conditions = plan.conditions()
    place = select(Region.name).where(Region.code == REGION).correlate(r).scalar_subquery()
    columns: list[Any] = [r, p.name.label("project"), p.code.label("own_code"), place.label("place")]
    statement = select(*columns).outerjoin(p, p.id == r.project_id).where(*conditions).order_by(r.id)
    found = (await uow.session.execute(statement.limit(MAX_RECORDS + 1), plan.values)).all()
    if len(found) > MAX_RECORDS:
        raise AppError("export_too_large", limit=MAX_RECORDS)
    last = await _last_entries(uow, plan, conditions)
    return [_values(row, last) for row in found]


async def _last_entries(
    uow: UnitOfWork, plan: Plan, conditions: list[ColumnElement[bool]]
) -> dict[tuple[Any, str], tuple[Any, str]]:
    """Of each record and step the day of the last entry in force, and the document numbers of all."""
    e, later, r = FundingEntry, aliased(FundingEntry), FundingRecord
    numbers = func.string_agg(e.document_number, aggregate_order_by(literal("、"), e.happened_on, e.id))
    columns: list[Any] = [e.funding_record_id, e.step, func.max(e.happened_on).label("day"), numbers.label("numbers")]
    statement = (
        select(*columns)
        .join_from(e, r, r.id == e.funding_record_id)
        .where(*conditions, e.amount > 0, ~exists().where(later.corrects_id == e.id))
        .group_by(e.funding_record_id, e.step)
    )
    rows = await uow.session.execute(statement, plan.values)
    return {(row.funding_record_id, row.step): (row.day, row.numbers) for row in rows}


def _values(row: Any, last: dict[tuple[Any, str], tuple[Any, str]]) -> FundingValues:
    record = row.FundingRecord
    told: dict[str, Any] = {step: getattr(record, step) for step in STEPS}
    for step in STEPS:
        day, numbers = last.get((record.id, step), (None, None))
        told |= {f"{step}_on": day, f"{step}_document": numbers[:500] if numbers else None}
    return FundingValues(
        record=record.id,
        name=row.project,
        own_code=row.own_code,
        level="allocated" if record.source_id else "project" if record.project_id else "region",
        region=row.place,
        channel=record.channel,
        batch=record.batch,
        year=record.year,
        title=record.name,
        excess_reason="；".join(filter(None, (record.received_over_reason, record.paid_over_reason))) or None,
        remark=record.remark,
        **told,
    )
