from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from app.access import Actor
from app.contract import CREATED
from app.db import to_json
from app.deps import Uow, permitted
from app.listing import MEDIA_TYPE, etag
from app.routing import api
from app.schemas.assessment_schemes import SchemeCopyIn, SchemeIn, SchemeList, SchemeOut, SchemeQuery
from app.schemas.assessments import Preview, PreviewIn
from app.services import assessment_schemes, assessments

router = api("assessments")
Reader = Annotated[Actor, permitted("assessments.read")]
Office = Annotated[Actor, permitted("assessments.write")]


@router.get("/assessment-schemes", summary="考核办法列表 List assessment schemes", response_model=SchemeList)
async def list_assessment_schemes(uow: Uow, query: Annotated[SchemeQuery, Query()], actor: Reader) -> Response:
    """The schemes that ship, written from published practice (延安2017, 宁乡), and the regions' own, every version.

    To make one of them your own: `POST /assessment-schemes/{assessment_scheme_id}/copies`. Each says in `description`
    what is from the publication and what is ours. The list is short and not paged.
    """
    items = await assessment_schemes.list_schemes(uow, query.region)
    return Response(to_json({"items": items}), 200, media_type=MEDIA_TYPE)


@router.post(
    "/assessment-schemes",
    summary="新增考核办法 Create assessment scheme",
    status_code=201,
    response_model=SchemeOut,
    responses={**CREATED, 200: {"model": SchemeOut, "description": "Sent before; nothing changed"}},
)
async def create_assessment_scheme(uow: Uow, body: SchemeIn, actor: Office) -> Response:
    """A region's own scheme: items, each a `function` over known facts, with caps. It holds as soon as it is made.

    A scheme never changes; the same `code` again makes its next version. Try one out first with
    `POST /assessment-previews`. Functions: `count` (points a project), `sum` (points for an amount), `share` (numerator
    ÷ denominator), `bands`, `cases` (first that fits), `months`, `entered` (entered facts; negative points deduct),
    `reports` (weekly reports on time, late or missing), `figure`. An item is worked out exactly, capped, then rounded
    to two decimals, half up; the score is the sum of the rounded points. Errors: 409 `scheme_shipped`; 422 for repeated
    codes and kinds of facts the dictionary has not.
    """
    return _made(*await assessment_schemes.create(uow, body))


def _made(found: dict[str, Any], new: bool) -> Response:
    headers = {"ETag": etag(found["version"])}
    if new:
        headers["Location"] = f"/api/v1/assessment-schemes/{found['id']}"
    return Response(to_json(found), 201 if new else 200, headers, MEDIA_TYPE)


@router.get(
    "/assessment-schemes/{assessment_scheme_id}", summary="考核办法 Get assessment scheme", response_model=SchemeOut
)
async def get_assessment_scheme(uow: Uow, assessment_scheme_id: UUID, actor: Reader) -> Response:
    """One version of a scheme, shipped or of a region within yours or above it."""
    found = await assessment_schemes.find(uow, assessment_scheme_id)
    return Response(to_json(found), 200, media_type=MEDIA_TYPE)


@router.post(
    "/assessment-schemes/{assessment_scheme_id}/copies",
    summary="沿用考核办法 Copy assessment scheme",
    status_code=201,
    response_model=SchemeOut,
    responses={**CREATED, 200: {"model": SchemeOut, "description": "Sent before; nothing changed"}},
)
async def copy_assessment_scheme(uow: Uow, assessment_scheme_id: UUID, body: SchemeCopyIn, actor: Office) -> Response:
    """A shipped scheme, or another region's that you see, as a region's own: the same but for what the body says.

    Under a code the region has it makes the next version; a shipped code: 409 `scheme_shipped`.
    """
    return _made(*await assessment_schemes.copy(uow, assessment_scheme_id, body))


@router.post(
    "/assessment-previews",
    summary="试算考核 Try out a scheme",
    response_model=Preview,
)
async def preview_assessment(uow: Uow, body: PreviewIn, actor: Office) -> Response:
    """What a scheme, stored or not, would give for a period, say the last one. Nothing is kept.

    Movement is told with a stored scheme only: a period's published run is of some scheme.
    """
    return Response(await assessments.preview(uow, body), media_type=MEDIA_TYPE)
