from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.db import to_json
from app.deps import IfMatch, Uow, permitted
from app.listing import MEDIA_TYPE
from app.resources.lights import LIGHT_OVERRIDE, LIGHT_PERIOD
from app.routing import api
from app.schemas.lights import (
    LightHistoryQuery,
    LightOverrideIn,
    LightOverrideOut,
    LightOverridePage,
    LightOverridePatch,
    LightOverrideQuery,
    LightPeriodPage,
    LightQuery,
    ProjectLight,
)
from app.services import light_explained, light_overrides
from app.services.project_parts import require_visible

router = api("lights")


@router.get("/projects/{project_id}/light", summary="项目亮灯 Get light", response_model=ProjectLight)
async def get_project_light(
    uow: Uow,
    project_id: UUID,
    query: Annotated[LightQuery, Query()],
    actor: Annotated[Actor, permitted("lights.read")],
) -> Response:
    """红黄绿灯 of a day: the parts with the rule that gave each, the facts, the rule set, the override beside it.

    `light` is shown, `computed_light` is what the rules give: the worst of the parts. Without a light `reason` says
    why. A past day is told by what had been entered by its end (`known=then`), so it never changes; for the days
    before a project was entered here at all, the ledgers of those days tell what was known. `known=now` computes the
    day by everything known of it by now. A day to come is foreseen: as it will be if nothing is written.
    """
    found = await light_explained.explain(uow, project_id, query.as_of, query.known)
    return Response(to_json(found), 200, media_type=MEDIA_TYPE)


@router.get(
    "/projects/{project_id}/light-history", summary="亮灯历史 List light history", response_model=LightPeriodPage
)
async def list_light_history(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[LightHistoryQuery, Query()],
    actor: Annotated[Actor, permitted("lights.read")],
) -> Response:
    """When the light, one of its parts or the rules behind it changed; each period until the next one begins.

    With `foreseen` also what is to come if nothing is written: the day a project will turn red.
    """
    await require_visible(uow, project_id)
    fixed = {"project": project_id, **({} if query.foreseen else {"until": uow.today})}
    return await listing.page(request, LIGHT_PERIOD, actor, query, filters={}, fixed=fixed)


@router.get(
    "/projects/{project_id}/light-overrides",
    summary="人工定灯列表 List light overrides",
    response_model=LightOverridePage,
)
async def list_light_overrides(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[LightOverrideQuery, Query()],
    actor: Annotated[Actor, permitted("lights.read")],
) -> Response:
    """Lights set by hand: who set which, why, from when until when."""
    await require_visible(uow, project_id)
    return await listing.page(request, LIGHT_OVERRIDE, actor, query, fixed={"project": project_id})


@router.post(
    "/projects/{project_id}/light-overrides",
    summary="人工定灯 Create light override",
    status_code=201,
    response_model=LightOverrideOut,
    responses={**CREATED, 200: {"model": LightOverrideOut, "description": "Sent before; nothing changed"}},
)
async def create_light_override(
    uow: Uow, project_id: UUID, body: LightOverrideIn, actor: Annotated[Actor, permitted("light_overrides.write")]
) -> Response:
    """Show this light from today on instead of the computed one, which stays visible beside it.

    409 `already_overridden` while another holds, `project_terminated`. Under a client's own `id` it may be sent twice.
    """
    row, new = await light_overrides.create(uow, project_id, body)
    location = f"/api/v1/light-overrides/{row.id}" if new else None
    return await listing.shown(uow, LIGHT_OVERRIDE, row.id, status=201 if new else 200, location=location)


@router.get(
    "/light-overrides/{light_override_id}",
    summary="人工定灯详情 Get light override",
    response_model=LightOverrideOut,
    responses=TAGGED,
)
async def get_light_override(
    request: Request, light_override_id: UUID, actor: Annotated[Actor, permitted("lights.read")]
) -> Response:
    """One light set by hand, of a project you see."""
    return await listing.one(request, LIGHT_OVERRIDE, actor, light_override_id)


@router.patch(
    "/light-overrides/{light_override_id}", summary="结束人工定灯 End light override", response_model=LightOverrideOut
)
async def end_light_override(
    uow: Uow,
    light_override_id: UUID,
    body: LightOverridePatch,
    actor: Annotated[Actor, permitted("light_overrides.write")],
    if_match: IfMatch = None,
) -> Response:
    """The computed light is shown again from `until` on: today at once, later then. Past days stay as they were.

    Ended already: 409 `already_ended`.
    """
    row = await light_overrides.end(uow, light_override_id, body, if_match)
    return await listing.shown(uow, LIGHT_OVERRIDE, row.id)
