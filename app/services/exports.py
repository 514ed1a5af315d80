"""Projects out as a county's ledger; read in again into the same region it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access import visible
from app.errors import AppError
from app.ledgers.export import write_projects
from app.ledgers.limits import MAX_ROWS
from app.ledgers.model import ProjectValues
from app.listing import plan_filters
from app.models import Project, Region
from app.resources.project_columns import DAY, stage_on
from app.resources.projects import PROJECT, PROJECT_AS_OF
from app.schemas.projects import ProjectFilters
from app.services.import_reading import a_place, lift_limits, off_loop, sector_labels
from app.services.import_stored import load
from app.uow import UnitOfWork

MAX_PROJECTS = MAX_ROWS - 100
"""What an import can read again, headings and totals included."""

_AT_ONCE = 2000


async def export(uow: UnitOfWork, query: ProjectFilters) -> tuple[str, bytes]:
    """(file name, workbook) of the projects the actor sees that pass the filters, in order of entry.

    With `as_of` in the past: stages, people and figures of that day. 422 `export_too_large` beyond MAX_PROJECTS.
    """
    with a_place():
        as_of = query.as_of or uow.today
        year = query.year or as_of.year
        await lift_limits(uow)
        rows = await _rows(uow, query, year, as_of)
        sectors = await sector_labels(uow)
        title = f"{await _region_name(uow, query.region)}{year}年重点项目台账"
        # Nothing was written; writing the workbook needs no connection.
        await uow.close()
        content = await off_loop(write_projects, rows, title=title, year=year, as_of=as_of, sectors=sectors)
        return f"{title}-{as_of}.xlsx", content


async def _rows(uow: UnitOfWork, query: ProjectFilters, year: int, as_of: date) -> list[ProjectValues]:
    stages = await _stages(uow, query, as_of)
    ids = list(stages)
    rows: list[ProjectValues] = []
    for some in _portions(ids):
        stored = await load(uow.session, some, year, as_of)
        rows += [replace(stored[each].values(), stage=stages[each]) for each in some if each in stored]
    return rows


async def _stages(uow: UnitOfWork, query: ProjectFilters, as_of: date) -> Mapping[UUID, str]:
    """Stage by project of all that is to be written."""
    filters = query.filters(uow.today)
    resource = PROJECT_AS_OF if "stage_as_of" in filters else PROJECT
    plan = plan_filters(resource, filters, visible(uow.actor.scopes(PROJECT.permission), PROJECT.scoping))
    stage: Any = Project.stage if resource is PROJECT else stage_on(DAY)
    statement = select(Project.id, stage.label("stage")).where(*plan.conditions()).order_by(Project.id)
    found = await uow.session.execute(statement.limit(MAX_PROJECTS + 1), {**plan.values, "day": as_of})
    stages = {row.id: row.stage for row in found}
    if len(stages) > MAX_PROJECTS:
        raise AppError("export_too_large", limit=MAX_PROJECTS)
    return stages


def _portions(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


async def _region_name(uow: UnitOfWork, code: str | None) -> str:
    region = await uow.session.get(Region, code) if code else None
    return region.name if region else ""
