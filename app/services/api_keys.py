from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.access import Actor
from app.errors import AppError, FieldError, not_found
from app.models import ApiKey, Region, User
from app.permissions import PERMISSIONS
from app.resources.api_keys import API_KEY
from app.schemas.api_keys import ApiKeyIn
from app.security import opaque_tokens
from app.uow import UnitOfWork
from app.writing import get_for_update, get_visible

LONGEST = timedelta(days=366)
NEVER_FOR_KEYS = frozenset({"me.write", "api_keys.read", "api_keys.write"})
"""A key acts for a system, not for the person: it changes no password, ends no sign-in and makes no keys."""


async def create(uow: UnitOfWork, body: ApiKeyIn) -> tuple[ApiKey, str]:
    """A key of the actor's own and its text, which is stored nowhere."""
    errors = [*_check_expiry(uow, body), *await _check_region(uow, body), *_check_permissions(uow.actor, body)]
    if errors:
        raise AppError("invalid_content", errors=errors)
    key = opaque_tokens.new_api_key()
    row = ApiKey(
        id=body.id or uow.new_id(),
        user_id=uow.actor.id,
        name=body.name,
        prefix=key.prefix,
        key_hash=key.digest,
        permissions=sorted(set(body.permissions)),
        region_code=body.region_code,
        expires_at=body.expires_at,
    )
    uow.add(row)
    uow.record("api_key.created", row, region_code=await _home(uow))
    await uow.flush()
    return row, key.text


async def revoke(uow: UnitOfWork, key_id: UUID, if_match: str | None) -> None:
    row = await get_visible(uow, API_KEY, ApiKey, key_id, lock=True)
    # Before If-Match is looked at: a revoked key has no current content to show.
    if row.revoked_at is not None:
        raise not_found(API_KEY.label)
    row = await get_for_update(uow, API_KEY, ApiKey, key_id, "api_keys.write", if_match)
    row.revoked_at = uow.now
    uow.touch(row)
    uow.record("api_key.revoked", row, region_code=await _home(uow))


async def _home(uow: UnitOfWork) -> str | None:
    """Where the owner is administered: the auditors of that region read of it."""
    return await uow.session.scalar(select(User.region_code).where(User.id == uow.actor.id))


def _check_expiry(uow: UnitOfWork, body: ApiKeyIn) -> list[FieldError]:
    if uow.now < body.expires_at <= uow.now + LONGEST:
        return []
    expected = ("一年以内的将来时间", "a time within the coming year")
    return [FieldError("/expires_at", "out_of_range", {"expected": expected})]


async def _check_region(uow: UnitOfWork, body: ApiKeyIn) -> list[FieldError]:
    if body.region_code is None:
        return []
    if await uow.session.get(Region, body.region_code) is None:
        return [FieldError("/region_code", "unknown_reference", {"resource": ("行政区划", "region")})]
    held = [g.region_code for g in uow.actor.grants]
    if not any(body.region_code.startswith(region) for region in held):
        return [FieldError("/region_code", "outside_region", {"region": ", ".join(held)})]
    return []


def _check_permissions(actor: Actor, body: ApiKeyIn) -> list[FieldError]:
    """Each must be held, and held for the key's region where one is given."""
    errors = []
    for i, permission in enumerate(body.permissions):
        if permission in NEVER_FOR_KEYS:
            errors.append(FieldError(f"/permissions/{i}", "not_for_keys", {}))
        elif permission not in PERMISSIONS or not _held(actor, permission, body.region_code):
            errors.append(FieldError(f"/permissions/{i}", "not_held", {}))
    return errors


def _held(actor: Actor, permission: str, region: str | None) -> bool:
    return any(region is None or region.startswith(scope.region) for scope in actor.scopes(permission))
