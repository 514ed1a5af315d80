"""Moving a project along the pipeline by the table in `domain.stages`. The project is locked: moves queue up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, literal, select

from app.access import Actor, visible
from app.domain.labels import LABELS
from app.domain.stages import CONDITIONS, MOVES, TERMINATED, Move, facts, moves_from, unmet
from app.errors import AppError, invalid
from app.models import Assignment, Milestone, Project, StageTransition
from app.resources.project_columns import in_force
from app.resources.projects import PROJECT
from app.resources.stage_transitions import STAGE_TRANSITION
from app.schemas.stage_transitions import StageTransitionIn
from app.services import suspensions
from app.services.permit_rules import missing_for_start
from app.services.project_log import departments_of, note_part
from app.services.project_parts import lock_project, sent_before
from app.uow import UnitOfWork
from app.writing import require_reach

PERMISSION = "stage_transitions.write"


async def create(uow: UnitOfWork, project_id: UUID, body: StageTransitionIn) -> tuple[StageTransition, bool]:
    """The transition, and whether it is new."""
    project = await lock_project(uow, project_id, PERMISSION)
    known: StageTransition | None = await sent_before(
        uow, STAGE_TRANSITION, StageTransition, project, body, beside=frozenset({"override"})
    )
    if known is not None:
        return known, False
    move = _move(project.stage, body.to_stage)
    await _check_role(uow, project, move)
    if body.override:
        await require_reach(uow, PROJECT, project.id, "stage_transitions.override")
        if body.reason is None:
            raise invalid("/reason", "reason_required")
    last = await _last(uow, project)
    happened_on = _happened_on(uow, project, last, body.happened_on)
    permits = await missing_for_start(uow, project) if "permits_issued" in move.conditions else []
    failing = await _failing(uow, project, move, body, permits_issued=not permits)
    if failing and not body.override:
        raise _refused(move, failing, permits)
    row = StageTransition(
        id=body.id or uow.new_id(),
        project_id=project.id,
        from_stage=move.from_stage,
        to_stage=move.to_stage,
        happened_on=happened_on,
        # Later than the last one even if its request came earlier and waited for the lock.
        entered_at=uow.now if last is None else max(uow.now, last.entered_at + timedelta(microseconds=1)),
        entered_by=uow.actor.id,
        reason=body.reason,
        evidence=body.evidence,
        overridden=bool(failing),
        unmet=failing,
        source="api",
    )
    await _apply(uow, project, row)
    return row, True


async def _apply(uow: UnitOfWork, project: Project, row: StageTransition) -> None:
    project.stage = row.to_stage
    project.stage_since = row.happened_on
    project.last_activity_on = max(project.last_activity_on, row.happened_on)
    uow.add(row)
    if row.to_stage == TERMINATED:
        ended = await suspensions.end_with_project(uow, project, row.happened_on)
        if ended is not None:
            readers = sorted(await departments_of(uow, project.id))
            uow.record("suspension.updated", ended, region_code=project.region_code, department_ids=readers)
    await note_part(uow, "stage_transition.created", row, project)
    await uow.flush()


def _stage_label(stage: str) -> tuple[str, str]:
    return LABELS["stage"][stage]


def _move(from_stage: str, to_stage: str) -> Move:
    move = MOVES.get((from_stage, to_stage))
    if move is None:
        allowed = [m.to_stage for m in moves_from(from_stage)]
        words = [_stage_label(stage) for stage in allowed] or [("无", "nothing")]
        raise AppError(
            "no_such_transition",
            from_stage=_stage_label(from_stage),
            to_stage=_stage_label(to_stage),
            allowed=("、".join(zh for zh, _ in words), ", ".join(en for _, en in words)),
            extra={"from_stage": from_stage, "allowed": allowed},
        )
    return move


async def _check_role(uow: UnitOfWork, project: Project, move: Move) -> None:
    """One of the actor's grants that reach this project must be of a role that may make the move."""
    actor = uow.actor
    for role in move.roles & {grant.role for grant in actor.grants}:
        grants = tuple(grant for grant in actor.grants if grant.role == role)
        scopes = Actor(actor.id, actor.username, grants, narrowed_to=actor.narrowed_to).scopes(PERMISSION)
        reached = visible(scopes, PROJECT.scoping)
        if await uow.session.scalar(select(Project.id).where(Project.id == project.id, reached.condition())):
            return
    raise AppError("forbidden", permission=PERMISSION, extra={"roles": sorted(move.roles)})


async def _last(uow: UnitOfWork, project: Project) -> StageTransition | None:
    t = StageTransition
    newest = select(t).where(t.project_id == project.id).order_by(t.entered_at.desc(), t.id.desc()).limit(1)
    found: StageTransition | None = await uow.session.scalar(newest)
    return found


def _happened_on(uow: UnitOfWork, project: Project, last: StageTransition | None, said: date | None) -> date:
    day = said or uow.today
    if day > uow.today:
        raise invalid("/happened_on", "in_the_future")
    if day < (last.happened_on if last is not None else project.stage_since):
        raise invalid("/happened_on", "dates_out_of_order")
    return day


async def _failing(
    uow: UnitOfWork, project: Project, move: Move, body: StageTransitionIn, *, permits_issued: bool
) -> list[str]:
    a = Assignment
    owners = await uow.session.scalar(
        select(func.count()).where(a.project_id == project.id, a.role == "owner", in_force(a, literal(uow.today)))
    )
    open_milestones = await uow.session.scalar(
        select(exists().where(Milestone.project_id == project.id, Milestone.status != "done"))
    )
    holds = facts(
        investors=bool(project.investors),
        owners=bool(owners),
        place=bool(project.location) or project.longitude is not None,
        land_status=project.land_status,
        permits_issued=permits_issued,
        open_milestones=bool(open_milestones),
        suspended=project.suspended_since is not None,
        reason=body.reason is not None,
    )
    return unmet(move, holds)


def _refused(move: Move, failing: list[str], permits: list[dict[str, Any]]) -> AppError:
    return AppError(
        "transition_refused",
        from_stage=_stage_label(move.from_stage),
        to_stage=_stage_label(move.to_stage),
        count=len(failing),
        extra={
            "unmet": [{"code": condition, "message": CONDITIONS[condition]} for condition in failing],
            **({"permits": permits} if permits else {}),
        },
    )
