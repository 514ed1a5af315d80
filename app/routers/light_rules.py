from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.access import Actor
from app.contract import CREATED
from app.db import to_json
from app.deps import Uow, permitted
from app.listing import MEDIA_TYPE, etag
from app.routing import api
from app.schemas.lights import (
    LightRegionQuery,
    LightRuleChoiceIn,
    LightRuleChoiceOut,
    LightRuleChoices,
    LightRuleSetIn,
    LightRuleSetOut,
    LightRuleSets,
)
from app.services import light_rules

router = api("lights")


@router.get("/light-rule-sets", summary="亮灯规则列表 List light rule sets", response_model=LightRuleSets)
async def list_light_rule_sets(
    uow: Uow, query: Annotated[LightRegionQuery, Query()], actor: Annotated[Actor, permitted("light_rules.read")]
) -> Response:
    """Rule sets for lights: the three shipped practices (银川, default; 瓯海; 海口) and the regions' own versions.

    Each says in `description` how it judges. The list is short and not paged.
    """
    items = await light_rules.list_sets(uow, query.region)
    return Response(to_json({"items": items}), 200, media_type=MEDIA_TYPE)


@router.post(
    "/light-rule-sets",
    summary="新增亮灯规则 Create light rule set",
    status_code=201,
    response_model=LightRuleSetOut,
    responses={**CREATED, 200: {"model": LightRuleSetOut, "description": "Sent before; nothing changed"}},
)
async def create_light_rule_set(
    uow: Uow, body: LightRuleSetIn, actor: Annotated[Actor, permitted("light_rules.write")]
) -> Response:
    """A region's own version of a practice: other lines, the same way to judge. It counts once it is chosen.

    A set never changes; the same `code` again makes its next version. Parameters left out are as shipped.
    Errors: 409 `rule_set_shipped` for a shipped set's code; 422 for parameters of another practice and for a red line
    before the yellow one.
    """
    found, new = await light_rules.create_set(uow, body)
    headers = {"ETag": etag(found.version)}
    if new:
        headers["Location"] = f"/api/v1/light-rule-sets/{found.id}"
    return Response(to_json(light_rules.shown(found)), 201 if new else 200, headers, MEDIA_TYPE)


@router.get(
    "/light-rule-sets/{light_rule_set_id}", summary="亮灯规则 Get light rule set", response_model=LightRuleSetOut
)
async def get_light_rule_set(
    uow: Uow, light_rule_set_id: UUID, actor: Annotated[Actor, permitted("light_rules.read")]
) -> Response:
    """One rule set, shipped or of a region within yours or above it."""
    found = await light_rules.get_set(uow, light_rule_set_id)
    return Response(to_json(light_rules.shown(found)), 200, media_type=MEDIA_TYPE)


@router.get("/light-rule-choices", summary="规则选用记录 List light rule choices", response_model=LightRuleChoices)
async def list_light_rule_choices(
    uow: Uow, query: Annotated[LightRegionQuery, Query()], actor: Annotated[Actor, permitted("light_rules.read")]
) -> Response:
    """Which region goes by which rule set from which day on; with `region` also what is in force there today.

    The closest region's last choice counts: a county's own before its prefecture's. Without any: `yinchuan`.
    """
    return Response(to_json(await light_rules.list_choices(uow, query.region)), 200, media_type=MEDIA_TYPE)


@router.post(
    "/light-rule-choices",
    summary="选用亮灯规则 Choose light rule set",
    status_code=201,
    response_model=LightRuleChoiceOut,
    responses={
        201: {"description": "Chosen"},
        200: {"model": LightRuleChoiceOut, "description": "Sent before; nothing changed"},
    },
)
async def create_light_rule_choice(
    uow: Uow, body: LightRuleChoiceIn, actor: Annotated[Actor, permitted("light_rules.write")]
) -> Response:
    """The region and all below it go by this rule set from `from_day` on: today (default) or later, never earlier.

    The lights of all its projects are drawn anew in the same transaction; what was shown on past days stays, with the
    rules of then. Another set chosen for the same day: the later entry counts. The same set chosen again, without an id
    and with no other reason: 200 with the choice there is. Errors: 422 `in_the_past`,
    `unknown_reference` for a set of another region.
    """
    found, new = await light_rules.choose(uow, body)
    return Response(to_json(found), 201 if new else 200, media_type=MEDIA_TYPE)
