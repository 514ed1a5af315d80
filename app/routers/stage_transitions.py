from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import Uow, permitted
from app.domain.labels import LABELS
from app.domain.stages import CONDITIONS, MOVES, STALE_DAYS
from app.resources.stage_transitions import STAGE_TRANSITION
from app.routing import api
from app.schemas.stage_transitions import (
    StageRules,
    StageTransitionIn,
    StageTransitionOut,
    StageTransitionPage,
    StageTransitionQuery,
)
from app.services import stage_transitions
from app.services.project_parts import require_visible

router = api("projects")


@router.get(
    "/projects/{project_id}/stage-transitions",
    summary="阶段变更历史 List stage transitions",
    response_model=StageTransitionPage,
)
async def list_stage_transitions(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[StageTransitionQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """Every move the project ever made, in order, overridden conditions included."""
    await require_visible(uow, project_id)
    return await listing.page(request, STAGE_TRANSITION, actor, query, fixed={"project": project_id})


@router.post(
    "/projects/{project_id}/stage-transitions",
    summary="变更阶段 Create stage transition",
    status_code=201,
    response_model=StageTransitionOut,
    responses={**CREATED, 200: {"model": StageTransitionOut, "description": "Sent before; nothing changed"}},
)
async def create_stage_transition(
    uow: Uow, project_id: UUID, body: StageTransitionIn, actor: Annotated[Actor, permitted("stage_transitions.write")]
) -> Response:
    """Move the project from the stage it is in, by the table of `GET /stage-rules`.

    Not in the table: 409 `no_such_transition` with the stages in `allowed`. Not for your role: 403 with `roles`.
    Conditions that do not hold: 409 `transition_refused` with every one of them in `unmet` as `{code, message}`;
    mandatory permits that are not issued, or not even entered (`permit_id` and `state` null), stand in `permits` as
    `{kind, permit_id, state, mandatory_by, mandatory_from}`: by the word of the `permit` itself, of a `region` and its
    code, or `shipped`, see `GET /permit-kinds`.
    `override` with a `reason` moves nevertheless (permission `stage_transitions.override`); it is kept for all to see.
    Going back one stage and terminating are the dispatch office's, with a reason; nothing leads out of `terminated`,
    which also ends a suspension.
    """
    row, new = await stage_transitions.create(uow, project_id, body)
    location = f"/api/v1/stage-transitions/{row.id}" if new else None
    return await listing.shown(uow, STAGE_TRANSITION, row.id, status=201 if new else 200, location=location)


@router.get(
    "/stage-transitions/{stage_transition_id}",
    summary="阶段变更 Get stage transition",
    response_model=StageTransitionOut,
    responses=TAGGED,
)
async def get_stage_transition(
    request: Request, stage_transition_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """One move of a project you see. It never changes."""
    return await listing.one(request, STAGE_TRANSITION, actor, stage_transition_id)


@router.get("/stage-rules", summary="阶段规则 Stage rules", response_model=StageRules)
async def get_stage_rules(actor: Annotated[Actor, permitted("dictionaries.read")]) -> Any:
    """The pipeline as data: stages with the days after which a project is stale, conditions in words, and all moves."""
    return {
        "stages": [
            {"code": code, "label_zh": zh, "label_en": en, "stale_days": STALE_DAYS.get(code)}
            for code, (zh, en) in LABELS["stage"].items()
        ],
        "conditions": [{"code": code, "label_zh": zh, "label_en": en} for code, (zh, en) in CONDITIONS.items()],
        "transitions": [
            {
                "from_stage": move.from_stage,
                "to_stage": move.to_stage,
                "roles": sorted(move.roles),
                "conditions": move.conditions,
            }
            for move in MOVES.values()
        ],
    }
