from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED, TAGGED
from app.db import to_json
from app.deps import IfMatch, Uow, permitted
from app.domain.milestone_templates import BY_ID
from app.resources.milestone_templates import MILESTONE_TEMPLATE, TEMPLATE_APPLICATION
from app.routing import api
from app.schemas.milestone_templates import (
    MilestoneTemplateIn,
    MilestoneTemplateOut,
    MilestoneTemplatePatch,
    MilestoneTemplateQuery,
    MilestoneTemplates,
    TemplateApplicationIn,
    TemplateApplicationOut,
)
from app.services import milestone_templates

router = api("milestones")


@router.get("/milestone-templates", summary="节点模板列表 List milestone templates", response_model=MilestoneTemplates)
async def list_milestone_templates(
    uow: Uow,
    query: Annotated[MilestoneTemplateQuery, Query()],
    actor: Annotated[Actor, permitted("milestone_templates.read")],
) -> Response:
    """All templates there are to choose from, in one answer: `?sector=industry`."""
    return Response(await milestone_templates.everything(uow, query), media_type=listing.MEDIA_TYPE)


@router.post(
    "/milestone-templates",
    summary="新增节点模板 Create milestone template",
    status_code=201,
    response_model=MilestoneTemplateOut,
    responses={**CREATED, 200: {"model": MilestoneTemplateOut, "description": "Sent before; nothing changed"}},
)
async def create_milestone_template(
    uow: Uow, body: MilestoneTemplateIn, actor: Annotated[Actor, permitted("milestone_templates.write")]
) -> Response:
    """A template of your own, e.g. one that ships, adapted. Its name is unique in the region: else 409 `duplicate`.

    A key given twice, an unknown key in `after`, or a cycle: 422 naming the milestones.
    """
    row, new = await milestone_templates.create(uow, body)
    location = f"/api/v1/milestone-templates/{row.id}" if new else None
    return await listing.shown(uow, MILESTONE_TEMPLATE, row.id, status=201 if new else 200, location=location)


@router.get(
    "/milestone-templates/{milestone_template_id}",
    summary="节点模板 Get milestone template",
    response_model=MilestoneTemplateOut,
    responses=NOT_MODIFIED,
)
async def get_milestone_template(
    request: Request, milestone_template_id: UUID, actor: Annotated[Actor, permitted("milestone_templates.read")]
) -> Response:
    """One template, shipped or kept by a region."""
    shipped = BY_ID.get(milestone_template_id)
    if shipped is None:
        return await listing.one(request, MILESTONE_TEMPLATE, actor, milestone_template_id)
    headers = {"ETag": listing.etag(0)}
    asked = request.headers.get("if-none-match")
    if asked is not None and listing.matches(asked, 0):
        return Response(status_code=304, headers=headers)
    return Response(to_json(milestone_templates.shown_shipped(shipped)), 200, headers, listing.MEDIA_TYPE)


@router.patch(
    "/milestone-templates/{milestone_template_id}",
    summary="修改节点模板 Change milestone template",
    response_model=MilestoneTemplateOut,
)
async def update_milestone_template(
    uow: Uow,
    milestone_template_id: UUID,
    body: MilestoneTemplatePatch,
    actor: Annotated[Actor, permitted("milestone_templates.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch; projects begun with it stay as they are. What ships stays, too: 409 `template_shipped`."""
    row = await milestone_templates.change(uow, milestone_template_id, body, if_match)
    return await listing.shown(uow, MILESTONE_TEMPLATE, row.id)


@router.delete(
    "/milestone-templates/{milestone_template_id}",
    summary="删除节点模板 Delete milestone template",
    status_code=204,
)
async def delete_milestone_template(
    uow: Uow,
    milestone_template_id: UUID,
    actor: Annotated[Actor, permitted("milestone_templates.write")],
    if_match: IfMatch = None,
) -> Response:
    """Take it off the list. Projects begun with it stay as they are."""
    await milestone_templates.remove(uow, milestone_template_id, if_match)
    return Response(status_code=204)


@router.post(
    "/projects/{project_id}/milestone-template-applications",
    summary="套用节点模板 Apply milestone template",
    status_code=201,
    response_model=TemplateApplicationOut,
    responses={**CREATED, 200: {"model": TemplateApplicationOut, "description": "Sent before; nothing changed"}},
)
async def create_template_application(
    uow: Uow, project_id: UUID, body: TemplateApplicationIn, actor: Annotated[Actor, permitted("milestones.write")]
) -> Response:
    """Give the project the template's milestones, with durations, weights and what waits for what.

    Where it has milestones already: 409 `has_milestones`, unless `add_to_existing`. Sent again under the same `id`
    it makes nothing new.
    """
    row, new = await milestone_templates.apply(uow, project_id, body)
    location = f"/api/v1/milestone-template-applications/{row.id}" if new else None
    return await listing.shown(uow, TEMPLATE_APPLICATION, row.id, status=201 if new else 200, location=location)


@router.get(
    "/milestone-template-applications/{template_application_id}",
    summary="模板套用记录 Get template application",
    response_model=TemplateApplicationOut,
    responses=TAGGED,
)
async def get_template_application(
    request: Request, template_application_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """That a template was applied to a project you see, and the milestones that came of it."""
    return await listing.one(request, TEMPLATE_APPLICATION, actor, template_application_id)
