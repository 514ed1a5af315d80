from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, ETAG_HEADERS, TAGGED
from app.db import to_json
from app.deps import Db, IfMatch, Uow, permitted
from app.downloads import DOCX, NAMED, named
from app.resources.responsibility_letters import LETTER, LETTER_PROGRESS
from app.routing import api
from app.schemas.responsibility_letters import (
    LetterDayQuery,
    LetterFigures,
    LetterIn,
    LetterOut,
    LetterPage,
    LetterPatch,
    LetterProgressIn,
    LetterProgressOut,
    LetterProgressPage,
    LetterProgressQuery,
    LetterQuery,
    LetterStatistics,
    LetterStatisticsQuery,
    SignatureIn,
    SupplementIn,
)
from app.services import (
    letter_documents,
    letter_figures,
    letter_progress,
    letter_supplements,
    responsibility_letters,
    target_tellings,
)
from app.statistics_forms import Telling, figures, told

router = api("targets")
DOCUMENT: dict[int | str, dict[str, object]] = {
    200: {
        "description": "A Word document",
        "content": {DOCX: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {**ETAG_HEADERS, **NAMED},
    },
    304: {"description": "Not modified", "headers": ETAG_HEADERS},
}


# Letters are measured by targets, and those by what lies outside their region too.
SCORES = Telling(
    "/statistics/responsibility-letters", target_tellings.letters, target_tellings.letters_chart, reads="all"
)


@figures(router, SCORES, summary="责任状得分 Scores of letters", response_model=LetterStatistics)
async def letter_statistics(
    request: Request,
    db: Db,
    uow: Uow,
    query: Annotated[LetterStatisticsQuery, Query()],
    actor: Annotated[Actor, permitted("letters.read")],
) -> Response:
    """The signed letters of a year that you see, ranked by what they have scored on `as_of`."""
    return await told(request, SCORES, await letter_figures.statistics(db, actor, query, uow.today))


@router.get("/responsibility-letters", summary="责任状列表 List letters of responsibility", response_model=LetterPage)
async def list_responsibility_letters(
    request: Request, query: Annotated[LetterQuery, Query()], actor: Annotated[Actor, permitted("letters.read")]
) -> Response:
    """Letters of the regions you see; a department reads its own."""
    return await listing.page(request, LETTER, actor, query)


@router.post(
    "/responsibility-letters",
    summary="草拟责任状 Create letter of responsibility",
    status_code=201,
    response_model=LetterOut,
    responses={**CREATED, 200: {"model": LetterOut, "description": "Made before under this id; nothing changed"}},
)
async def create_responsibility_letter(
    uow: Uow, body: LetterIn, actor: Annotated[Actor, permitted("letters.write")]
) -> Response:
    """A draft between a superior and a department, township or park. It can be changed until it is signed.

    An item is measured by a linked target's actual, by a figure entered for it, or by a percentage. The weights must
    add up to `weight_total` when it is signed. Errors: 409 `duplicate` for the same title in a year; 422
    `unknown_reference`, `outside_region`.
    """
    row, new = await responsibility_letters.create(uow, body)
    location = f"/api/v1/responsibility-letters/{row.id}" if new else None
    return await listing.shown(uow, LETTER, row.id, status=201 if new else 200, location=location)


@router.get(
    "/responsibility-letters/{letter_id}",
    summary="责任状 Get letter of responsibility",
    response_model=LetterOut,
    responses=TAGGED,
)
async def get_responsibility_letter(
    request: Request, letter_id: UUID, actor: Annotated[Actor, permitted("letters.read")]
) -> Response:
    """The letter with all items, ended ones too, and its supplements."""
    return await listing.one(request, LETTER, actor, letter_id)


@router.patch("/responsibility-letters/{letter_id}", summary="修改责任状 Change letter draft", response_model=LetterOut)
async def update_responsibility_letter(
    uow: Uow,
    letter_id: UUID,
    body: LetterPatch,
    actor: Annotated[Actor, permitted("letters.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch of a draft; `items` are replaced as a whole. Errors: 409 `letter_signed`."""
    await responsibility_letters.change(uow, letter_id, body, if_match)
    return await listing.shown(uow, LETTER, letter_id)


@router.delete("/responsibility-letters/{letter_id}", summary="删除责任状草稿 Delete letter draft", status_code=204)
async def delete_responsibility_letter(
    uow: Uow, letter_id: UUID, actor: Annotated[Actor, permitted("letters.write")], if_match: IfMatch = None
) -> Response:
    """Only a draft can be removed: else 409 `letter_signed`."""
    await responsibility_letters.remove(uow, letter_id, if_match)
    return Response(status_code=204)


@router.post(
    "/responsibility-letters/{letter_id}/signature",
    summary="签订责任状 Sign letter",
    status_code=201,
    response_model=LetterOut,
    responses=CREATED,
)
async def sign_responsibility_letter(
    uow: Uow,
    letter_id: UUID,
    body: SignatureIn,
    actor: Annotated[Actor, permitted("letters.sign")],
    if_match: IfMatch = None,
) -> Response:
    """Both sides have signed on paper: from now on the letter stands, and only supplements change it.

    Needs `If-Match`, so that what is signed is what was read. Errors: 409 `letter_signed`; 422
    `weights_do_not_add_up`, `missing` without items, `in_the_future`.
    """
    await responsibility_letters.sign(uow, letter_id, body, if_match)
    location = f"/api/v1/responsibility-letters/{letter_id}"
    return await listing.shown(uow, LETTER, letter_id, status=201, location=location)


@router.post(
    "/responsibility-letters/{letter_id}/supplements",
    summary="补充协议 Add supplement",
    status_code=201,
    response_model=LetterOut,
    responses=CREATED,
)
async def create_letter_supplement(
    uow: Uow,
    letter_id: UUID,
    body: SupplementIn,
    actor: Annotated[Actor, permitted("letters.write")],
    if_match: IfMatch = None,
) -> Response:
    """Items added, changed or withdrawn from a day on, with a reason. What was signed before stays to be read.

    The weights that hold afterwards must still add up. Errors: 409 `letter_not_signed`; 422 `weights_do_not_add_up`,
    `unknown_reference` for an item not in force, `dates_out_of_order` for a day before the last signing.
    """
    await letter_supplements.create(uow, letter_id, body, if_match)
    location = f"/api/v1/responsibility-letters/{letter_id}"
    return await listing.shown(uow, LETTER, letter_id, status=201, location=location)


@router.get(
    "/responsibility-letters/{letter_id}/progress", summary="责任状进度 Letter progress", response_model=LetterFigures
)
async def get_letter_progress(
    db: Db,
    uow: Uow,
    letter_id: UUID,
    query: Annotated[LetterDayQuery, Query()],
    actor: Annotated[Actor, permitted("letters.read")],
) -> Response:
    """Every item that held on the day against what was reached of it, and the weighted score.

    An item brings its weight times its completion, never more than its weight. What was entered for the item itself
    goes before its linked target's actual.
    """
    found = await letter_figures.of_one(db, actor, letter_id, query.as_of or uow.today)
    return Response(to_json(found), media_type=listing.MEDIA_TYPE)


@router.get(
    "/responsibility-letters/{letter_id}/document.docx",
    summary="打印责任状 Letter as Word document",
    response_class=Response,
    responses=DOCUMENT,
)
async def get_letter_document(
    request: Request, uow: Uow, letter_id: UUID, actor: Annotated[Actor, permitted("letters.read")]
) -> Response:
    """The letter as it holds now, A4, ready to be printed and signed. Always in Chinese."""
    letter, digest = await letter_documents.source(uow, letter_id)
    headers = {"ETag": listing.etag(digest)}
    asked = request.headers.get("if-none-match")
    if asked is not None and listing.matches(asked, digest):
        return Response(status_code=304, headers=headers)
    name, content = await letter_documents.printed(letter)
    headers["Content-Disposition"] = named(name)
    return Response(content, 200, headers, DOCX)


@router.get(
    "/letter-items/{letter_item_id}/progress",
    summary="事项进展列表 List item progress",
    response_model=LetterProgressPage,
)
async def list_letter_item_progress(
    request: Request,
    uow: Uow,
    letter_item_id: UUID,
    query: Annotated[LetterProgressQuery, Query()],
    actor: Annotated[Actor, permitted("letters.read")],
) -> Response:
    """All that was ever entered for the item. Of entries for one day the last recorded is in force."""
    await letter_progress.require_item(uow, letter_item_id)
    return await listing.page(request, LETTER_PROGRESS, actor, query, fixed={"item": letter_item_id})


@router.post(
    "/letter-items/{letter_item_id}/progress",
    summary="填报事项进展 Create item progress",
    status_code=201,
    response_model=LetterProgressOut,
    responses={**CREATED, 200: {"model": LetterProgressOut, "description": "In force already; nothing changed"}},
)
async def create_letter_item_progress(
    uow: Uow, letter_item_id: UUID, body: LetterProgressIn, actor: Annotated[Actor, permitted("letters.write")]
) -> Response:
    """How far the item has come by a day: `value` where it has a figure to reach, else `percent`. Never overwritten."""
    identity, new = await letter_progress.create(uow, letter_item_id, body)
    location = f"/api/v1/letter-progress/{identity}" if new else None
    return await listing.shown(uow, LETTER_PROGRESS, identity, status=201 if new else 200, location=location)


@router.get(
    "/letter-progress/{letter_progress_id}",
    summary="事项进展 Get item progress",
    response_model=LetterProgressOut,
    responses=TAGGED,
)
async def get_letter_item_progress(
    request: Request, letter_progress_id: UUID, actor: Annotated[Actor, permitted("letters.read")]
) -> Response:
    """One entry; it never changes."""
    return await listing.one(request, LETTER_PROGRESS, actor, letter_progress_id)
