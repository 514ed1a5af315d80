from __future__ import annotations

from sqlalchemy import literal, select

from app.access import Scoping
from app.listing import Resource, Sort
from app.models import ApiKey
from app.reading import AnySelect

SCOPING = Scoping(
    # Keys are their owner's alone, wherever: the region of a key limits what it may do, not who sees it.
    region=literal(""),
    user=lambda user: ApiKey.user_id == user,
)


def _select() -> AnySelect:
    k = ApiKey
    # A revoked key is gone for its owner; the row stays so that its prefix is never given out again.
    return select(
        k.id,
        k.name,
        k.prefix,
        k.permissions,
        k.region_code,
        k.expires_at,
        k.version,
        k.created_at,
        k.updated_at,
    ).where(k.revoked_at.is_(None))


API_KEY = Resource(
    name="api_key",
    label=("API 密钥", "API key"),
    permission="api_keys.read",
    key=ApiKey.id,
    scoping=SCOPING,
    full=_select,
    sorts={"id": Sort(ApiKey.id)},
)
