from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import Db, Uow, permitted
from app.resources.assessments import ASSESSMENT_FACT
from app.routing import api
from app.schemas.assessment_facts import FactIn, FactOut, FactPage, FactQuery, RetractionIn
from app.services import assessment_facts, dictionaries
from app.uow import UnitOfWork

router = api("assessments")
Reader = Annotated[Actor, permitted("assessment_facts.read")]
Office = Annotated[Actor, permitted("assessments.write")]
_AGAIN: dict[int | str, dict[str, Any]] = {
    **CREATED,
    200: {"model": FactOut, "description": "Sent before"},
}


@router.get("/assessment-facts", summary="考核事项列表 List entered facts", response_model=FactPage)
async def list_assessment_facts(
    request: Request, db: Db, query: Annotated[FactQuery, Query()], actor: Reader
) -> Response:
    """Facts that were entered for assessments, retractions among them. A kind the dictionary has not: 422
    `unknown_code`, naming those it has."""
    await dictionaries.require_known(db, "assessment_fact_kind", "kind", query.kind)
    return await listing.page(request, ASSESSMENT_FACT, actor, query)


@router.post(
    "/assessment-facts",
    summary="登记考核事项 Enter a fact",
    status_code=201,
    response_model=FactOut,
    responses=_AGAIN,
)
async def create_assessment_fact(uow: Uow, body: FactIn, actor: Office) -> Response:
    """What the system cannot know: a collective start hosted, a criticism, a project in the provincial assessment …

    About one department or leader, or about a project, on a day, with the document that says so. About a project it
    counts for whoever answered for that project on that day (responsible department, sponsor leader), unless one of
    them is named; on a day nobody is on record for, for nobody. An entry never changes; a mistake is taken back by
    `POST …/retraction`.

    Errors: 422 `unknown_code` for a kind the dictionary has not, `about_a_project` for one that needs a project,
    `not_answering` where the department or leader did not answer for the project on that day, `unknown_reference`,
    `outside_region`, `in_the_future`.
    """
    identity, new = await assessment_facts.create(uow, body)
    return await _shown(uow, identity, new=new)


@router.get(
    "/assessment-facts/{assessment_fact_id}",
    summary="考核事项 Get entered fact",
    response_model=FactOut,
    responses=TAGGED,
)
async def get_assessment_fact(request: Request, assessment_fact_id: UUID, actor: Reader) -> Response:
    """One entry."""
    return await listing.one(request, ASSESSMENT_FACT, actor, assessment_fact_id)


@router.post(
    "/assessment-facts/{assessment_fact_id}/retraction",
    summary="撤回考核事项 Take back a fact",
    status_code=201,
    response_model=FactOut,
    responses=_AGAIN,
)
async def retract_assessment_fact(uow: Uow, assessment_fact_id: UUID, body: RetractionIn, actor: Office) -> Response:
    """A second entry that takes the first one back: neither counts from now on, both stay to be read.

    Published assessments stay as they are. Taken back before, or itself a retraction: 409 `fact_retracted`.
    """
    fact = await assessment_facts.find(uow, assessment_fact_id)
    identity, new = await assessment_facts.retract(uow, fact, body)
    return await _shown(uow, identity, new=new)


async def _shown(uow: UnitOfWork, identity: UUID, *, new: bool) -> Response:
    location = f"/api/v1/assessment-facts/{identity}" if new else None
    return await listing.shown(uow, ASSESSMENT_FACT, identity, status=201 if new else 200, location=location)
