from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.db import to_json
from app.deps import Db, IfMatch, Uow, permitted
from app.resources.dictionaries import ENTRY
from app.routing import api
from app.schemas.base import Code
from app.schemas.dictionaries import DictionariesOut, DictionaryOut, EntryDetail, EntryIn, EntryPatch
from app.services import dictionaries

router = api("places")


@router.get(
    "/dictionaries", summary="全部字典 List dictionaries", response_model=DictionariesOut, responses=NOT_MODIFIED
)
async def list_dictionaries(
    request: Request, db: Db, actor: Annotated[Actor, permitted("dictionaries.read")]
) -> Response:
    """Every code list with Chinese and English labels, in one answer: keep it and ask again with `If-None-Match`.

    Open dictionaries (`open: true`) can be added to; the codes of the others are part of this contract.
    """
    return _answer(request, {"dictionaries": await dictionaries.everything(db)})


@router.get("/dictionaries/{name}", summary="字典 Get dictionary", response_model=DictionaryOut, responses=NOT_MODIFIED)
async def get_dictionary(
    request: Request, db: Db, name: Code, actor: Annotated[Actor, permitted("dictionaries.read")]
) -> Response:
    """One code list."""
    return _answer(request, await dictionaries.named(db, name))


def _answer(request: Request, content: dict[str, Any]) -> Response:
    """Many rows have no one version: the ETag is taken from the content."""
    body = to_json(content)
    version = hashlib.sha256(body).hexdigest()[:32]
    headers = {"ETag": listing.etag(version)}
    asked = request.headers.get("if-none-match")
    if asked is not None and listing.matches(asked, version):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, listing.MEDIA_TYPE)


@router.post(
    "/dictionaries/{name}/entries",
    summary="新增字典条目 Create dictionary entry",
    status_code=201,
    response_model=EntryDetail,
    responses=CREATED,
)
async def create_dictionary_entry(
    uow: Uow, name: Code, body: EntryIn, actor: Annotated[Actor, permitted("dictionaries.write")]
) -> Response:
    """A new code in an open dictionary. Errors: 409 `dictionary_closed`, 409 `duplicate`."""
    row = await dictionaries.add(uow, name, body)
    location = f"/api/v1/dictionaries/{name}/entries/{row.code}"
    return await listing.shown(uow, ENTRY, dictionaries.entry_key(name, row.code), status=201, location=location)


@router.get(
    "/dictionaries/{name}/entries/{code}",
    summary="字典条目 Get dictionary entry",
    response_model=EntryDetail,
    responses=NOT_MODIFIED,
)
async def get_dictionary_entry(
    request: Request, name: Code, code: Code, actor: Annotated[Actor, permitted("dictionaries.read")]
) -> Response:
    """One entry of an open dictionary, with the ETag a change of it needs."""
    return await listing.one(request, ENTRY, actor, dictionaries.entry_key(name, code))


@router.patch(
    "/dictionaries/{name}/entries/{code}", summary="修改字典条目 Change dictionary entry", response_model=EntryDetail
)
async def update_dictionary_entry(
    uow: Uow,
    name: Code,
    code: Code,
    body: EntryPatch,
    actor: Annotated[Actor, permitted("dictionaries.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch of labels, position and `active`. An entry is never deleted, only made inactive.

    Errors: 409 `dictionary_closed`.
    """
    await dictionaries.change(uow, name, code, body, if_match)
    return await listing.shown(uow, ENTRY, dictionaries.entry_key(name, code))
