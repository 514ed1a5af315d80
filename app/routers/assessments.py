from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, ETAG_HEADERS, NOT_MODIFIED
from app.db import to_json
from app.deps import IfMatch, Uow, permitted
from app.downloads import PICTURE, WORD, WORKBOOK, document, drawn, workbook
from app.problems import wants_english
from app.resources.assessments import ASSESSMENT, seen
from app.routing import api
from app.schemas.assessments import (
    AssessmentIn,
    AssessmentOut,
    AssessmentPage,
    AssessmentPatch,
    AssessmentQuery,
    Explanation,
    Ranking,
    SubjectQuery,
    Verification,
)
from app.schemas.rating_results import GroupQuery
from app.services import assessment_documents, assessment_schemes, assessments, rating_charts
from app.uow import UnitOfWork

router = api("assessments")
Reader = Annotated[Actor, permitted("assessments.read")]
Office = Annotated[Actor, permitted("assessments.write")]
_ONE = "/assessments/{assessment_id}"


async def _shown(uow: UnitOfWork, assessment_id: UUID, *, new: bool = False) -> Response:
    location = f"/api/v1/assessments/{assessment_id}" if new else None
    return await listing.shown(uow, ASSESSMENT, assessment_id, status=201 if new else 200, location=location)


@router.get("/assessments", summary="考核列表 List assessments", response_model=AssessmentPage)
async def list_assessments(
    request: Request, uow: Uow, query: Annotated[AssessmentQuery, Query()], actor: Reader
) -> Response:
    """Published runs of the regions you see; the dispatch office also sees its drafts. A scheme there is not: 422
    `unknown_code`, naming those there are."""
    await assessment_schemes.require_known(uow, query.scheme)
    seen(actor)
    return await listing.page(request, ASSESSMENT, actor, query)


@router.post(
    "/assessments",
    summary="开展考核 Create assessment",
    status_code=201,
    response_model=AssessmentOut,
    responses={**CREATED, 200: {"model": AssessmentOut, "description": "Sent before; nothing changed"}},
)
async def create_assessment(uow: Uow, body: AssessmentIn, actor: Office) -> Response:
    """A draft: one version of a scheme over a year, quarter or month, worked out at once from what is known now.

    Who is assessed: `department` (bureaus, townships and parks in three groups), one of these kinds, or `leader`
    (包扶领导). A project counts for whoever answers for it (`responsible`, of leaders `sponsor`; a township or a park
    for those its department is responsible for, beside others), by days of the period; days nobody is on record for
    count for the next one. Completed investment is split at a transfer by the figures of that day, else evenly over
    the days between two figures. `joint` of the scheme: how several at once count.
    Errors: 422 `no_subjects`, `unknown_reference`, `in_two_groups`, `in_the_future`.
    """
    identity, new = await assessments.create(uow, body)
    return await _shown(uow, identity, new=new)


@router.get(_ONE, summary="考核 Get assessment", response_model=AssessmentOut, responses=NOT_MODIFIED)
async def get_assessment(request: Request, assessment_id: UUID, actor: Reader) -> Response:
    """One run without its result, which is under `/ranking`."""
    seen(actor)
    return await listing.one(request, ASSESSMENT, actor, assessment_id)


@router.patch(_ONE, summary="修改考核草稿 Change draft assessment", response_model=AssessmentOut)
async def update_assessment(
    uow: Uow, assessment_id: UUID, body: AssessmentPatch, actor: Office, if_match: IfMatch = None
) -> Response:
    """JSON merge patch of a draft's name and groups (null: everybody at work now); new groups are worked out at once.

    Published: 409 `assessment_published`.
    """
    await assessments.change(uow, assessment_id, body, if_match)
    return await _shown(uow, assessment_id)


@router.delete(_ONE, summary="删除考核草稿 Delete draft assessment", status_code=204)
async def delete_assessment(uow: Uow, assessment_id: UUID, actor: Office, if_match: IfMatch = None) -> Response:
    """Drafts only."""
    await assessments.remove(uow, assessment_id, if_match)
    return Response(status_code=204)


@router.post(_ONE + "/recomputation", summary="重新计算 Work out anew", response_model=AssessmentOut)
async def recompute_assessment(uow: Uow, assessment_id: UUID, actor: Office, if_match: IfMatch = None) -> Response:
    """From what is known now: figures, lights, entered facts, and the published run of the period before."""
    await assessments.recompute(uow, assessment_id, if_match)
    return await _shown(uow, assessment_id)


@router.post(_ONE + "/publication", summary="公布考核结果 Publish result", response_model=AssessmentOut)
async def publish_assessment(uow: Uow, assessment_id: UUID, actor: Office, if_match: IfMatch = None) -> Response:
    """Freeze the result exactly as it was last worked out (`If-Match`: as you have seen it), with its facts.

    Errors: 409 `assessment_period_running` before the period is over, `duplicate` when another run of scheme, period
    and kind is published, `assessment_published`.
    """
    await assessments.publish(uow, assessment_id, if_match)
    return await _shown(uow, assessment_id)


@router.get(
    _ONE + "/ranking",
    summary="考核排名 Ranking",
    response_model=Ranking,
    responses={200: {"headers": ETAG_HEADERS}, 304: {"description": "Not modified", "headers": ETAG_HEADERS}},
)
async def get_assessment_ranking(request: Request, uow: Uow, assessment_id: UUID, actor: Reader) -> Response:
    """Scores, ranks and points by item in each group, movement (进位/退位) against the published run of the period
    before by the same scheme, and consequences: the first rewarded, the last without award eligibility, and proposed
    for organisational action when it was so as often running as the scheme says. Who would be both is neither.
    """
    content, digest = await assessments.ranking(uow, assessment_id)
    headers = {"ETag": listing.etag(digest)}
    asked = request.headers.get("if-none-match")
    if asked is not None and listing.matches(asked, digest):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, listing.MEDIA_TYPE)


@router.get(_ONE + "/explain", summary="得分说明 Explain a score", response_model=Explanation)
async def explain_assessment(
    uow: Uow, assessment_id: UUID, query: Annotated[SubjectQuery, Query()], actor: Reader
) -> Response:
    """Every point of one subject: by item its facts, projects (each with its share), raw, capped and rounded points."""
    found = await assessments.explain(uow, assessment_id, query.subject)
    return Response(to_json(found), media_type=listing.MEDIA_TYPE)


@router.get(_ONE + "/verification", summary="复核结果 Verify result", response_model=Verification)
async def verify_assessment(uow: Uow, assessment_id: UUID, actor: Reader) -> Response:
    """Works the result out anew from the kept facts and compares it byte for byte."""
    return Response(to_json(await assessments.verification(uow, assessment_id)), media_type=listing.MEDIA_TYPE)


@router.get(_ONE + "/ranking.xlsx", summary="排名表 Ranking as workbook", response_class=Response, responses=WORKBOOK)
async def get_assessment_workbook(uow: Uow, assessment_id: UUID, actor: Reader) -> Response:
    """A sheet for each group, a column for each item's points."""
    return workbook(*await assessment_documents.workbook(await assessment_documents.page(uow, assessment_id)))


@router.get(_ONE + "/ranking.docx", summary="打印排名 Ranking as Word", response_class=Response, responses=WORD)
async def get_assessment_document(uow: Uow, assessment_id: UUID, actor: Reader) -> Response:
    """The ranking, A4, ready to be printed; a draft says that it is one. Always in Chinese."""
    return document(*await assessment_documents.word(await assessment_documents.page(uow, assessment_id)))


@router.get(
    _ONE + "/movement.svg", summary="名次变动图 Places and movement", response_class=Response, responses=PICTURE
)
async def draw_assessment_movement(
    request: Request, uow: Uow, assessment_id: UUID, query: Annotated[GroupQuery, Query()], actor: Reader
) -> Response:
    """Each subject's place the period before and now, score, movement and consequences; the last are shaded. All groups
    below each other, or one. Words follow Accept-Language."""
    english = wants_english(request)
    told = await assessment_documents.picture(uow, assessment_id, english=english)
    return await drawn(request, rating_charts.assessment_movement(*told, query.group, english=english))


@router.get(_ONE + "/points.svg", summary="各项得分图 Points by item", response_class=Response, responses=PICTURE)
async def draw_assessment_points(
    request: Request, uow: Uow, assessment_id: UUID, query: Annotated[GroupQuery, Query()], actor: Reader
) -> Response:
    """Score and points of every item for each subject, as bars within their columns; points taken off are striped.
    At most 120 subjects and 15 items: ask for one group where there are more. Words follow Accept-Language."""
    english = wants_english(request)
    told = await assessment_documents.picture(uow, assessment_id, english=english)
    return await drawn(request, rating_charts.assessment_points(*told, query.group, english=english))
