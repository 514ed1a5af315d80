"""Ids chosen by clients, sent twice: the same thing again is answered as before, another thing is told apart."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, func, select

from app.access import visible
from app.errors import AppError
from app.listing import Resource, representation
from app.models.base import Base
from app.uow import UnitOfWork

Row = TypeVar("Row", bound=Base)


async def sent_again(
    uow: UnitOfWork,
    resource: Resource,
    model: type[Row],
    identity: UUID | None,
    body: BaseModel,
    **beside: Any,
) -> Row | None:
    """The row made before under the id the client sends again, None when there is none.

    `beside` are columns the path gives. 409 `id_taken` when that row says something else, with both where the actor
    may see it. The id stays locked until the transaction ends, so that two at once do not both find nothing.
    """
    if identity is None:
        return None
    await uow.lock_key(resource.name, str(identity))
    row = await uow.session.get(model, identity)
    if row is None:
        return None
    seen = visible(uow.actor.scopes(resource.permission), resource.scoping)
    if await uow.session.scalar(select(resource.key).where(resource.key == identity, seen.condition())) is None:
        raise AppError("id_taken")
    # What was left out took its default then; only what was said can differ.
    sent = body.model_dump(exclude_unset=True, exclude_none=True, exclude={"id"})
    compared = {name: value for name, value in {**sent, **beside}.items() if hasattr(row, name)}
    fields = sorted(name for name, value in compared.items() if getattr(row, name) != value)
    if fields:
        shown, _ = await representation(uow, resource, identity)
        current = json.loads(shown, parse_float=Decimal)
        raise AppError("id_taken", extra={"current": current, "sent": sent, "fields": fields})
    return row


async def after_last(uow: UnitOfWork, recorded_at: Any, *conditions: ColumnElement[bool]) -> datetime:
    """When a row of an append-only history is recorded: later than all before it, even if its request came earlier.

    The caller holds the lock of what the history is of.
    """
    last: datetime | None = await uow.session.scalar(select(func.max(recorded_at)).where(*conditions))
    return uow.now if last is None else max(uow.now, last + timedelta(microseconds=1))
