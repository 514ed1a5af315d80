"""The book of objects: noted before they are written, doomed when nothing refers to them, struck out when deleted.

So whatever moment a process is killed in, every object in the store stands in the book, and goes in time.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import any_, delete, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from app.errors import AppError
from app.models import StoredObject
from app.services.files import Files
from app.uow import UnitOfWork

GIVEN_UP_AFTER = timedelta(hours=6)
"""What has been writing for so long never will be written: its process is gone."""
_AT_ONCE = 200


async def write(files: Files, content: bytes) -> str:
    """The key of a new object, stored for good; nothing refers to it yet, see `keep`."""
    name = uuid.uuid4().hex
    key = f"{name[:2]}/{name}"
    async with files.transaction() as uow:
        await uow.session.execute(insert(StoredObject).values(key=key, state="writing", noted_at=uow.now))
    await files.objects.put(key, content)
    return key


async def keep(uow: UnitOfWork, keys: Collection[str]) -> None:
    """From this transaction on, something refers to them."""
    kept = await uow.session.execute(
        update(StoredObject)
        .where(_among(keys), StoredObject.state == "writing")
        .values(state="kept", noted_at=uow.now)
        .returning(StoredObject.key)
        .execution_options(synchronize_session=False)
    )
    if len(kept.all()) != len(keys):
        # Given up meanwhile as never to be finished.
        raise AppError("unavailable", headers={"Retry-After": "1"})


async def doom(uow: UnitOfWork, keys: Collection[str]) -> None:
    """From this transaction on, nothing refers to them; they are deleted after it, see `delete_doomed`."""
    await uow.session.execute(
        update(StoredObject)
        .where(_among(keys))
        .values(state="doomed", noted_at=uow.now)
        .execution_options(synchronize_session=False)
    )


async def discard(files: Files, keys: Collection[str]) -> None:
    """Objects that nothing came to refer to: delete them now, or, should that fail, in time."""
    if keys:
        async with files.transaction() as uow:
            await doom(uow, keys)
        await delete_doomed(files, keys)


async def delete_doomed(files: Files, keys: Collection[str]) -> None:
    """Delete these of the doomed; what the store does not let go now goes with the next housekeeping."""
    gone = []
    for key in keys:
        try:
            await files.objects.delete(key)
        except (AppError, OSError):
            continue
        gone.append(key)
    async with files.transaction() as uow:
        await uow.session.execute(
            delete(StoredObject)
            .where(_among(gone), StoredObject.state == "doomed")
            .execution_options(synchronize_session=False)
        )


async def clear(files: Files) -> int:
    """Give up what was never finished, delete all that is doomed; how many were deleted."""
    async with files.transaction() as uow:
        await uow.session.execute(
            update(StoredObject)
            .where(StoredObject.state == "writing", StoredObject.noted_at < uow.now - GIVEN_UP_AFTER)
            .values(state="doomed", noted_at=uow.now)
            .execution_options(synchronize_session=False)
        )
    cleared, after = 0, ""
    while True:
        async with files.transaction() as uow:
            doomed = select(StoredObject.key).where(StoredObject.state == "doomed", StoredObject.key > after)
            keys = list(await uow.session.scalars(doomed.order_by(StoredObject.key).limit(_AT_ONCE)))
        if not keys:
            return cleared
        await delete_doomed(files, keys)
        cleared, after = cleared + len(keys), keys[-1]


def _among(keys: Collection[str]) -> Any:
    return StoredObject.key == any_(literal(list(keys), ARRAY(Text)))
