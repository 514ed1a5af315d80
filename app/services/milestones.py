"""Milestones one by one. The project is locked, so that two changes never make a cycle between them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from app.domain.dictionaries import MilestoneStatus
from app.domain.milestones import FACTS, Facts, forecast_fault
from app.domain.scheduling import Fault
from app.errors import AppError, FieldError
from app.models import Milestone, MilestoneDependency, Project
from app.resources.milestones import MILESTONE
from app.resources.projects import PROJECT
from app.schemas.milestones import REPORTED, MilestoneIn, MilestonePatch, Step
from app.services import dictionaries, milestone_graph, permit_forecasts, planned_dates
from app.services.assignments import check_account
from app.services.project_log import note_activity, note_beside
from app.services.project_parts import lock_part, lock_project, sent_before
from app.uow import UnitOfWork
from app.writing import apply_patch, require_reach

WRITE, REPORT = "milestones.write", "milestones.report"
_BESIDE = frozenset({"predecessor_ids", "steps"})
_PLANNED = frozenset({"planned_start", "planned_finish"})


async def create(uow: UnitOfWork, project_id: UUID, body: MilestoneIn) -> tuple[Milestone, bool]:
    """The milestone, and whether it is new."""
    project = await lock_project(uow, project_id, WRITE)
    known: Milestone | None = await sent_before(uow, MILESTONE, Milestone, project, body, beside=_BESIDE)
    if known is not None:
        await _require_same(uow, known, body)
        return known, False
    facts = Facts().told(_sent_facts(body), uow.today)
    fields = body.model_dump(exclude={"id", "predecessor_ids", "steps", "position", *FACTS})
    row = Milestone(
        id=body.id or uow.new_id(),
        project_id=project.id,
        position=await _next_position(uow, project) if body.position is None else body.position,
        steps=_plain(body.steps),
        **fields,
        **{name: getattr(facts, name) for name in FACTS},
    )
    await _check(uow, project, row, body, facts, list(body.predecessor_ids))
    await _keep_baseline(uow, row, {name for name in _PLANNED if getattr(row, name) is not None})
    uow.add(row)
    diff = uow.changed_fields(row)
    if body.predecessor_ids:
        diff["predecessor_ids"] = [None, sorted(map(str, body.predecessor_ids))]
    await uow.flush()
    await _link(uow, row, set(), set(body.predecessor_ids))
    await note_beside(uow, "milestone.created", row, project, diff=diff)
    await permit_forecasts.recompute(uow, project)
    return row, True


async def change(uow: UnitOfWork, milestone_id: UUID, body: MilestonePatch, if_match: str | None) -> Milestone:
    project, row = await lock_part(uow, MILESTONE, Milestone, milestone_id, REPORT, if_match, body)
    if body.model_fields_set - REPORTED:
        await require_reach(uow, PROJECT, project.id, WRITE)
    before = await _predecessors(uow, row)
    after = set(body.predecessor_ids or []) if "predecessor_ids" in body.model_fields_set else before
    was = Facts(cast("MilestoneStatus", row.status), row.actual_start, row.actual_finish)
    facts = was.told(_sent_facts(body), uow.today)
    changed = apply_patch(row, body, skip=frozenset({"predecessor_ids", "steps", *FACTS}))
    if "steps" in body.model_fields_set and row.steps != (steps := _plain(body.steps or [])):
        row.steps = steps
        changed.add("steps")
    for name in FACTS:
        if getattr(row, name) != getattr(facts, name):
            setattr(row, name, getattr(facts, name))
            changed.add(name)
    await _check(uow, project, row, body, facts, list(body.predecessor_ids or []))
    await _keep_baseline(uow, row, changed & _PLANNED)
    if not changed and after == before:
        return row
    diff = uow.changed_fields(row)
    if after != before:
        diff["predecessor_ids"] = [sorted(map(str, before)), sorted(map(str, after))]
        await _link(uow, row, before, after)
    uow.touch(row)
    await note_beside(uow, "milestone.updated", row, project, diff=diff)
    if changed & REPORTED:
        await note_activity(uow, project)
    await permit_forecasts.recompute(uow, project)
    return row


async def remove(uow: UnitOfWork, milestone_id: UUID, if_match: str | None) -> None:
    """What waited for it no longer waits for anything here; baselines remember it."""
    project, row = await lock_part(uow, MILESTONE, Milestone, milestone_id, WRITE, if_match)
    d = MilestoneDependency
    waiting = await uow.session.scalars(
        select(Milestone)
        .where(Milestone.id.in_(select(d.milestone_id).where(d.predecessor_id == row.id)))
        .order_by(Milestone.id)
    )
    for other in waiting:
        uow.touch(other)
        await note_beside(uow, "milestone.updated", other, project, diff={"predecessor_ids": [[str(row.id)], []]})
    await note_beside(uow, "milestone.deleted", row, project, diff={"name": [row.name, None]})
    await uow.session.delete(row)
    await permit_forecasts.recompute(uow, project)


async def _keep_baseline(uow: UnitOfWork, row: Milestone, changed: Collection[str]) -> None:
    """409 where planned dates would leave those of the current baseline."""
    if changed:
        baseline = await planned_dates.current(uow, row.project_id)
        span = planned_dates.Span(row.planned_start, row.planned_finish)
        planned_dates.require_kept(
            baseline, [planned_dates.Wish(row.id, row.name, span, f"/{name}") for name in sorted(changed)]
        )


def _sent_facts(body: MilestoneIn | MilestonePatch) -> dict[str, Any]:
    return {name: getattr(body, name) for name in FACTS if name in body.model_fields_set}


def _plain(steps: list[Step]) -> list[dict[str, Any]]:
    return [step.model_dump(mode="json") for step in steps]


async def _next_position(uow: UnitOfWork, project: Project) -> int:
    last = await uow.session.scalar(select(func.max(Milestone.position)).where(Milestone.project_id == project.id))
    return 0 if last is None else last + 1


async def _predecessors(uow: UnitOfWork, row: Milestone) -> set[UUID]:
    d = MilestoneDependency
    return set(await uow.session.scalars(select(d.predecessor_id).where(d.milestone_id == row.id)))


async def _require_same(uow: UnitOfWork, row: Milestone, body: MilestoneIn) -> None:
    fields = []
    if "steps" in body.model_fields_set and row.steps != _plain(body.steps):
        fields.append("steps")
    if "predecessor_ids" in body.model_fields_set and await _predecessors(uow, row) != set(body.predecessor_ids):
        fields.append("predecessor_ids")
    if fields:
        raise AppError("id_taken", extra={"fields": fields})


async def _link(uow: UnitOfWork, row: Milestone, before: set[UUID], after: set[UUID]) -> None:
    d = MilestoneDependency
    if before - after:
        await uow.session.execute(delete(d).where(d.milestone_id == row.id, d.predecessor_id.in_(before - after)))
    if after - before:
        new = [
            {"project_id": row.project_id, "milestone_id": row.id, "predecessor_id": p} for p in sorted(after - before)
        ]
        await uow.session.execute(insert(d), new)


async def _check(
    uow: UnitOfWork,
    project: Project,
    row: Milestone,
    body: MilestoneIn | MilestonePatch,
    facts: Facts,
    predecessors: list[UUID],
) -> None:
    """Everything wrong with what would be stored, at once."""
    errors = [FieldError(f"/{field}", code, {}) for field, code in facts.faults(uow.today)]
    errors += step_errors(uow, body.steps or [])
    if row.forecast_finish is not None and "forecast_finish" in uow.changed_fields(row):
        fault = forecast_fault(row.forecast_finish, facts.status, uow.today)
        errors += [FieldError("/forecast_finish", fault, {})] if fault else []
    if row.planned_start is not None and row.planned_finish is not None and row.planned_finish < row.planned_start:
        errors.append(FieldError("/planned_finish", "dates_out_of_order", {}))
    if "kind" in body.model_fields_set:
        errors += await dictionaries.faults(uow, "milestone_kind", "/kind", row.kind)
    if "predecessor_ids" in body.model_fields_set:
        await _check_graph(uow, project, row, predecessors, errors)
    elif errors:
        raise AppError("invalid_content", errors=errors)
    if body.responsible_user_id is not None:
        await check_account(uow, project, body.responsible_user_id, "/responsible_user_id")


def step_errors(uow: UnitOfWork, steps: list[Step], at: str = "") -> list[FieldError]:
    ahead = [i for i, step in enumerate(steps) if step.done_on is not None and step.done_on > uow.today]
    return [FieldError(f"{at}/steps/{i}/done_on", "in_the_future", {}) for i in ahead]


async def _check_graph(
    uow: UnitOfWork, project: Project, row: Milestone, predecessors: list[UUID], errors: list[FieldError]
) -> None:
    nodes = [node for node in await milestone_graph.load(uow, project.id) if node.id != row.id]
    mine = milestone_graph.Node(
        row.id, row.name, row.position, row.duration_days, row.status, None, None, None, None, None, tuple(predecessors)
    )
    place = {p: i for i, p in enumerate(predecessors)}

    def pointer(fault: Fault[UUID]) -> str:
        return "/predecessor_ids" if fault.code == "cycle" else f"/predecessor_ids/{place[fault.keys[1]]}"

    graph = sorted([*nodes, mine], key=lambda node: (node.position, node.id))
    names = {node.id: node.name for node in graph}
    tasks = [node.task() for node in graph]
    milestone_graph.check(tasks, names, pointer, durations=False, about=row.id, also=errors)
