"""Who holds which role, where and from when to when; and what the roles are."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.permissions import PERMISSIONS, ROLES
from app.resources.grants import GRANT
from app.routing import api
from app.schemas.grants import GrantIn, GrantOut, GrantPage, GrantPatch, GrantQuery, RoleOut, Roles
from app.services import grants

router = api("accounts")


@router.get("/roles", summary="角色与权限表 List roles", response_model=Roles)
async def list_roles(actor: Annotated[Actor, permitted("roles.read")]) -> Roles:
    """Every role with its permissions and how far each reaches: the very table the service decides by."""
    return Roles(
        items=[
            RoleOut(
                code=role.code,
                label_zh=role.label_zh,
                label_en=role.label_en,
                needs_department=role.needs_department,
                administrator=role.administrator,
                permissions={p: table[role.code] for p, table in PERMISSIONS.items() if role.code in table},
            )
            for role in ROLES.values()
        ]
    )


@router.get("/grants", summary="授权列表 List grants", response_model=GrantPage)
async def list_grants(
    request: Request, query: Annotated[GrantQuery, Query()], actor: Annotated[Actor, permitted("grants.read")]
) -> Response:
    """Grants for the regions you see, ended and future ones too; `on=` picks those in force on a day."""
    return await listing.page(request, GRANT, actor, query)


@router.post("/grants", summary="授权 Create grant", status_code=201, response_model=GrantOut, responses=CREATED)
async def create_grant(uow: Uow, body: GrantIn, actor: Annotated[Actor, permitted("grants.write")]) -> Response:
    """A role for an account you see, in a region within your own, for some days or until ended.

    Errors: 409 `administrators_kept_apart`, `own_grant`, `duplicate` (the same in overlapping days); 422
    `department_required`, `department_not_allowed`, `unknown_reference`, `dates_out_of_order`.
    """
    row = await grants.create(uow, body)
    return await listing.shown(uow, GRANT, row.id, status=201, location=f"/api/v1/grants/{row.id}")


@router.get("/grants/{grant_id}", summary="授权详情 Get grant", response_model=GrantOut, responses=NOT_MODIFIED)
async def get_grant(request: Request, grant_id: UUID, actor: Annotated[Actor, permitted("grants.read")]) -> Response:
    """One grant."""
    return await listing.one(request, GRANT, actor, grant_id)


@router.patch("/grants/{grant_id}", summary="修改授权期限 Change grant's end", response_model=GrantOut)
async def update_grant(
    uow: Uow,
    grant_id: UUID,
    body: GrantPatch,
    actor: Annotated[Actor, permitted("grants.write")],
    if_match: IfMatch = None,
) -> Response:
    """Ends later, or earlier but not before today; null: open-ended. Errors: 409 `already_ended`, `own_grant`."""
    row = await grants.change(uow, grant_id, body, if_match)
    return await listing.shown(uow, GRANT, row.id)


@router.delete("/grants/{grant_id}", summary="终止授权 End grant", status_code=204)
async def end_grant(
    uow: Uow, grant_id: UUID, actor: Annotated[Actor, permitted("grants.write")], if_match: IfMatch = None
) -> Response:
    """Counts no more, from now on and everywhere within 1 s. The grant stays on record with its days."""
    await grants.end(uow, grant_id, if_match)
    return Response(status_code=204)
