from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.resources.permit_rules import PERMIT_RULE
from app.routing import api
from app.schemas.permit_rules import (
    PermitKinds,
    PermitKindsQuery,
    PermitRuleIn,
    PermitRuleOut,
    PermitRulePage,
    PermitRulePatch,
    PermitRuleQuery,
)
from app.services import permit_rules

router = api("permits")


@router.get("/permit-kinds", summary="手续种类与时限 Permit kinds of a region", response_model=PermitKinds)
async def list_permit_kinds(
    uow: Uow, query: Annotated[PermitKindsQuery, Query()], actor: Annotated[Actor, permitted("permit_rules.read")]
) -> Any:
    """Every kind with the time limit and whether it is mandatory before work starts, as it holds in the region.

    A kind that is `mandatory` keeps a project from `started` until its permits are issued; with `entry_required` (as
    shipped) also while none is entered. Exempt a single project by entering the permit with `mandatory: false`.
    The nearest region that says something decides, each thing for itself; `…_from` names it, null: the rules that
    ship with the product. Errors: 422 `unknown_reference`.
    """
    return await permit_rules.kinds(uow, query.region)


@router.get("/permit-rules", summary="手续规则列表 List permit rules", response_model=PermitRulePage)
async def list_permit_rules(
    request: Request,
    query: Annotated[PermitRuleQuery, Query()],
    actor: Annotated[Actor, permitted("permit_rules.read")],
) -> Response:
    """Where regions differ from the rules above them."""
    return await listing.page(request, PERMIT_RULE, actor, query)


@router.post(
    "/permit-rules",
    summary="新增手续规则 Create permit rule",
    status_code=201,
    response_model=PermitRuleOut,
    responses=CREATED,
)
async def create_permit_rule(
    uow: Uow, body: PermitRuleIn, actor: Annotated[Actor, permitted("permit_rules.write")]
) -> Response:
    """A region's own time limit for a kind, or whether it is mandatory before work starts, and has to be entered.

    A limit counts for permits entered from now on. `mandatory` counts at once, for permits of this kind that say
    nothing themselves, and for projects that have not even entered one: they do not get to `started` without it,
    unless `entry_required` is false. Stages that a ledger records are let through.
    Errors: 409 `duplicate`, 422 `permit_rule_says_nothing`, `unknown_code`, `unknown_reference`.
    """
    row = await permit_rules.create(uow, body)
    return await listing.shown(uow, PERMIT_RULE, row.id, status=201, location=f"/api/v1/permit-rules/{row.id}")


@router.get(
    "/permit-rules/{permit_rule_id}",
    summary="手续规则 Get permit rule",
    response_model=PermitRuleOut,
    responses=NOT_MODIFIED,
)
async def get_permit_rule(
    request: Request, permit_rule_id: UUID, actor: Annotated[Actor, permitted("permit_rules.read")]
) -> Response:
    """One rule of a region."""
    return await listing.one(request, PERMIT_RULE, actor, permit_rule_id)


@router.patch("/permit-rules/{permit_rule_id}", summary="修改手续规则 Change permit rule", response_model=PermitRuleOut)
async def update_permit_rule(
    uow: Uow,
    permit_rule_id: UUID,
    body: PermitRulePatch,
    actor: Annotated[Actor, permitted("permit_rules.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch. Permits entered before keep their time limit. Errors: 422 `permit_rule_says_nothing`."""
    row = await permit_rules.change(uow, permit_rule_id, body, if_match)
    return await listing.shown(uow, PERMIT_RULE, row.id)


@router.delete("/permit-rules/{permit_rule_id}", summary="删除手续规则 Delete permit rule", status_code=204)
async def delete_permit_rule(
    uow: Uow,
    permit_rule_id: UUID,
    actor: Annotated[Actor, permitted("permit_rules.write")],
    if_match: IfMatch = None,
) -> Response:
    """From now on the rules of the region above count again."""
    await permit_rules.remove(uow, permit_rule_id, if_match)
    return Response(status_code=204)
