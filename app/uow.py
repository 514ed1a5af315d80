"""The unit of work: one transaction per request, the actor, the clock, and the log of what was done."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, Text, bindparam, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access import Actor
from app.db import Database, to_json
from app.errors import AppError
from app.ids import Uuid7Sequence
from app.models.base import Base, Versioned
from app.reading import Prepared

SHANGHAI = ZoneInfo("Asia/Shanghai")
_NOT_LOGGED = {"version", "created_at", "updated_at", "last_activity_on", "password_hash", "key_hash"}
# One text for all: a third of what it costs to send the rows of an import one by one.
_LOGGED = (
    "at, actor_id, resource, resource_id, action, version, region_code, project_id, department_ids, user_ids, diff,"
    " request_id"
)
_LOG = text(
    f"INSERT INTO changes ({_LOGGED}) SELECT {_LOGGED} FROM json_populate_recordset(NULL::changes, CAST(:rows AS json))"  # noqa: S608
).bindparams(bindparam("rows", type_=Text))

Consequence = Callable[["UnitOfWork", Collection[uuid.UUID]], Awaitable[None]]


class UnitOfWork:
    """Services change models through `session` and call `record`; the route commits before answering."""

    def __init__(self, db: Database, now: datetime, request_id: str | None = None, actor: Actor | None = None) -> None:
        self.db = db
        self.now = now
        self.request_id = request_id
        self._actor = actor
        self._session: AsyncSession | None = None
        self._changes: list[dict[str, Any]] = []
        self._following: dict[Consequence, set[uuid.UUID]] = {}
        self._ids = Uuid7Sequence(now)

    @property
    def session(self) -> AsyncSession:
        if self._session is None:
            self._session = self.db.session()
        return self._session

    @property
    def actor(self) -> Actor:
        if self._actor is None:
            raise AppError("not_authenticated")
        return self._actor

    @actor.setter
    def actor(self, actor: Actor) -> None:
        self._actor = actor

    @property
    def today(self) -> date:
        """The business day: Asia/Shanghai."""
        return self.now.astimezone(SHANGHAI).date()

    def new_id(self) -> uuid.UUID:
        return self._ids.next()

    def add(self, row: Base) -> None:
        if isinstance(row, Versioned):
            row.created_at = row.updated_at = self.now
            row.version = 1
        self.session.add(row)

    def touch(self, row: Versioned) -> None:
        """A new version of the row: its ETag changes."""
        row.version += 1
        row.updated_at = self.now

    def changed_fields(self, row: Base) -> dict[str, list[Any]]:
        """{field: [before, after]} of what was set since the row was read."""
        diff = {}
        state = inspect(row)
        for attribute in state.mapper.column_attrs:
            if attribute.key in _NOT_LOGGED or attribute.key in state.unloaded:
                continue
            history = state.attrs[attribute.key].history
            if history.has_changes():
                before = history.deleted[0] if history.deleted else None
                after = history.added[0] if history.added else None
                if before != after:
                    diff[attribute.key] = [_loggable(before), _loggable(after)]
        return diff

    def record(
        self,
        action: str,
        row: Base,
        *,
        region_code: str | None = None,
        project_id: uuid.UUID | None = None,
        department_ids: list[uuid.UUID] | None = None,
        user_ids: list[uuid.UUID] | None = None,
        diff: dict[str, Any] | None = None,
    ) -> None:
        """Note one write, e.g. `record("project.updated", project)`; the diff is read off the row unless given.

        `region_code`, `project_id`, `department_ids` and `user_ids` say who may read of it; the account that a row is
        about is always among them.
        """
        resource, _, _ = action.partition(".")
        identity: Any = getattr(row, "id", None) or getattr(row, "code", None)
        about: uuid.UUID | None = getattr(row, "user_id", None)
        self.record_plain(
            action,
            resource_id=str(identity),
            version=getattr(row, "version", None),
            region_code=region_code or getattr(row, "region_code", None),
            project_id=project_id or getattr(row, "project_id", None) or (identity if resource == "project" else None),
            department_ids=department_ids,
            user_ids=user_ids or ([about] if (about := getattr(row, "user_id", None)) else None),
            diff=self.changed_fields(row) if diff is None else diff,
        )

    def record_plain(self, action: str, **columns: Any) -> None:
        """Note a write of something that is no mapped row (a sign-in, a bulk import)."""
        resource, _, verb = action.partition(".")
        self._changes.append(
            {
                "at": self.now,
                "actor_id": self._actor.id if self._actor else None,
                "resource": resource,
                "action": verb,
                "request_id": self.request_id,
                "version": None,
                "region_code": None,
                "project_id": None,
                "department_ids": None,
                "user_ids": None,
                "diff": {},
                **columns,
            }
        )

    def then(self, consequence: Consequence, *ids: uuid.UUID) -> None:
        """What follows from the writes to these rows, worked out once for all of them when they are sent."""
        self._following.setdefault(consequence, set()).update(ids)

    async def flush(self) -> None:
        """Send everything so far to the database, what follows from it and the log rows included."""
        if self._session is None and not self._changes and not self._following:
            return
        await self.session.flush()
        while self._following:
            consequence, ids = self._following.popitem()
            await consequence(self, ids)
        if self._changes:
            await self.session.execute(_LOG, {"rows": to_json(self._changes).decode()})
            self._changes = []

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Work that is undone as a whole when it fails, its log rows included; what went before stays."""
        await self.flush()
        try:
            async with self.session.begin_nested():
                yield
                await self.flush()
        except BaseException:
            self._changes = []
            self._following = {}
            raise

    async def commit(self) -> None:
        await self.flush()
        if self._session is not None:
            await self._session.commit()

    async def close(self) -> None:
        """Roll back what was not committed and give the connection back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def rows(self, query: Prepared, values: Mapping[str, Any]) -> Sequence[RowMapping]:
        """Run a prepared statement within the transaction; JSON comes as text."""
        connection = await self.session.connection()
        result = await connection.exec_driver_sql(query.sql, tuple(query.arguments(values)))
        return result.mappings().all()

    async def lock_key(self, *parts: str) -> None:
        """Hold a lock of that name until the transaction ends; another holder is waited for."""
        key = func.hashtextextended(":".join(parts), 0)
        await self.session.execute(select(func.pg_advisory_xact_lock(key)))

    async def lock_key_shared(self, *parts: str) -> None:
        """The same, together with others that share it; who holds it alone is waited for."""
        key = func.hashtextextended(":".join(parts), 0)
        await self.session.execute(select(func.pg_advisory_xact_lock_shared(key)))

    async def try_lock_key(self, *parts: str) -> bool:
        key = func.hashtextextended(":".join(parts), 0)
        return bool(await self.session.scalar(select(func.pg_try_advisory_xact_lock(key))))


def _loggable(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_loggable(v) for v in value]
    if value is None or isinstance(value, (str, int, float, bool, Decimal, dict)):
        return value
    return str(value)
