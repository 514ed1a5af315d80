"""Keys for systems, made by the people they act for."""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.db import to_json
from app.deps import IfMatch, Uow, permitted
from app.resources.api_keys import API_KEY
from app.routing import ShownOnce, api
from app.schemas.api_keys import ApiKeyCreated, ApiKeyIn, ApiKeyOut, ApiKeyPage, ApiKeyQuery
from app.services import api_keys

router = api("auth")


@router.get("/api-keys", summary="我的 API 密钥 List own API keys", response_model=ApiKeyPage)
async def list_api_keys(
    request: Request, query: Annotated[ApiKeyQuery, Query()], actor: Annotated[Actor, permitted("api_keys.read")]
) -> Response:
    """The account's own keys, expired ones too; by their prefixes only."""
    return await listing.page(request, API_KEY, actor, query)


@router.post(
    "/api-keys",
    summary="新建 API 密钥 Create API key",
    status_code=201,
    response_model=ApiKeyCreated,
    responses=CREATED,
)
async def create_api_key(uow: Uow, body: ApiKeyIn, actor: Annotated[Actor, permitted("api_keys.write")]) -> Response:
    """A key acts as its owner, limited to its permissions, its region and what the owner may do at that moment.

    `key` is shown in this answer and never again: the service keeps only a hash. With an Idempotency-Key the answer
    given again has `key: null`; whoever lost the first one revokes the key and makes another. Keys cannot make keys.
    Errors: 422 `not_held`, `not_for_keys`, `outside_region`, `out_of_range`.
    """
    row, key = await api_keys.create(uow, body)
    answer, _ = await listing.representation(uow, API_KEY, row.id)
    shown = json.loads(answer)
    headers = {"ETag": listing.etag(row.version), "Location": f"/api/v1/api-keys/{row.id}"}
    response = ShownOnce(to_json({**shown, "key": key}), 201, headers, listing.MEDIA_TYPE)
    response.kept_body = to_json({**shown, "key": None})
    return response


@router.get("/api-keys/{key_id}", summary="API 密钥 Get own API key", response_model=ApiKeyOut, responses=NOT_MODIFIED)
async def get_api_key(request: Request, key_id: UUID, actor: Annotated[Actor, permitted("api_keys.read")]) -> Response:
    """One of the account's own keys."""
    return await listing.one(request, API_KEY, actor, key_id)


@router.delete("/api-keys/{key_id}", summary="吊销 API 密钥 Revoke own API key", status_code=204)
async def revoke_api_key(
    uow: Uow, key_id: UUID, actor: Annotated[Actor, permitted("api_keys.write")], if_match: IfMatch = None
) -> Response:
    """The key counts no more, everywhere within 1 s."""
    await api_keys.revoke(uow, key_id, if_match)
    return Response(status_code=204)
