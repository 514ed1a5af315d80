"""Operations of phones as they are kept: read for a whole batch in one statement, written in another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from app.db import Database, to_json
from app.errors import AppError, not_found
from app.reading import Prepared
from app.schemas.sync import SyncOperation
from app.services.kept_problems import keep, kept
from app.uow import UnitOfWork

HOLD = timedelta(days=7)
"""How long an operation waits for the one it builds on."""
MOST_HELD = 1000
TOLD_AGAIN = timedelta(hours=24)
"""How long the outcome of what had been held is told with every batch: an answer may get lost."""
KEPT = timedelta(days=60)
LABEL = ("离线操作", "operation")


@dataclass(slots=True)
class Operation:
    """A row of `sync_operations`; what it says is fixed, what came of it is filled in."""

    user_id: UUID
    id: UUID
    type: str
    resource_id: UUID
    after: UUID | None
    base_version: int | None
    body: str
    fingerprint: bytes
    made_at: datetime | None
    skew_seconds: int | None
    received_at: datetime
    status: str = "held"
    held_until: datetime | None = None
    settled_at: datetime | None = None
    project_id: UUID | None = None
    version: int | None = None
    seen_version: int | None = None
    own_versions: list[int] = field(default_factory=list)
    problem: str | None = None

    def said(self) -> dict[str, Any]:
        """The body as it came, numbers exact."""
        found: dict[str, Any] = json.loads(self.body, parse_float=Decimal)
        return found

    def refusal(self) -> AppError | None:
        return None if self.problem is None else kept(json.loads(self.problem, parse_float=Decimal))

    def settle(self, now: datetime, error: AppError | None = None) -> None:
        self.settled_at = now
        self.status = "applied" if error is None else "conflict" if _both_shown(error) else "refused"
        self.problem = None if error is None else to_json(keep(error)).decode()


def _both_shown(error: AppError) -> bool:
    return error.code in {"edit_conflict", "id_taken"} and "fields" in error.extra


def arrived(uow: UnitOfWork, sent: SyncOperation, skew_seconds: int | None) -> Operation:
    body = _text(sent.body)
    return Operation(
        user_id=uow.actor.id,
        **sent.model_dump(exclude={"body"}),
        body=body,
        fingerprint=_fingerprint(sent, body),
        skew_seconds=skew_seconds,
        received_at=uow.now,
    )


def _text(body: dict[str, Any]) -> str:
    """JSON of whatever came, numbers as they were written."""
    try:
        return orjson.dumps(body, default=_number).decode()
    except (TypeError, ValueError):
        # More digits than fit, or half a character, which becomes "?": no route takes it, yet it is kept to be read.
        return json.dumps(body, default=str, ensure_ascii=False).encode("utf-8", "replace").decode()


def _number(value: Any) -> Any:
    # Never written out in full: 1e999999999 would fill the memory.
    return orjson.Fragment(str(value))


def _fingerprint(sent: SyncOperation, body: str) -> bytes:
    said = [sent.type, str(sent.resource_id), str(sent.after), sent.base_version, body, str(sent.made_at)]
    return hashlib.sha256(json.dumps(said).encode()).digest()


def is_same(known: Operation, sent: SyncOperation) -> bool:
    return known.fingerprint == _fingerprint(sent, _text(sent.body))


_FIELDS = tuple(Operation.__slots__)
_COLUMNS = ", ".join(_FIELDS)
_LOAD = Prepared(
    f"""
SELECT {_COLUMNS} FROM sync_operations
 WHERE user_id = $1::uuid
   AND (id = ANY($2::uuid[])
     OR (held_until IS NOT NULL AND (status = 'held' OR settled_at > $3::timestamptz)))
 ORDER BY received_at, id
""",  # noqa: S608  # column names of this module
    ("user_id", "ids", "since"),
    {},
)
_ONE = Prepared(
    f"SELECT {_COLUMNS} FROM sync_operations WHERE user_id = $1::uuid AND id = $2::uuid",  # noqa: S608
    ("user_id", "id"),
    {},
)
_OUTCOME = ("status", "held_until", "settled_at", "project_id", "version", "seen_version", "own_versions", "problem")
_SAVE = Prepared(
    f"""
INSERT INTO sync_operations ({_COLUMNS})
SELECT {_COLUMNS} FROM json_populate_recordset(NULL::sync_operations, $1::text::json)
ON CONFLICT (user_id, id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _OUTCOME)}
""",  # noqa: S608  # column names of this module
    ("operations",),
    {},
)
_EXPIRE = """
UPDATE sync_operations SET status = 'expired', settled_at = $1,
       problem = json_build_object('code', 'operation_expired', 'errors', json_build_array(), 'extra',
         json_build_object(), 'params', json_build_object('after', after, 'days', $2::int))::text
 WHERE status = 'held' AND held_until <= $1
"""


async def load(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, Operation]:
    """The account's operations of these ids, those that are held, and those that were until lately."""
    values = {"user_id": uow.actor.id, "ids": list(ids), "since": uow.now - TOLD_AGAIN}
    return {row["id"]: Operation(**row) for row in await uow.rows(_LOAD, values)}


async def one(uow: UnitOfWork, operation_id: UUID) -> Operation:
    """One of the account's own. Errors: 404."""
    row = await uow.db.row(_ONE, {"user_id": uow.actor.id, "id": operation_id})
    if row is None:
        raise not_found(LABEL)
    return Operation(**row)


async def save(uow: UnitOfWork, operations: Sequence[Operation]) -> None:
    if operations:
        rows = [_row(operation) for operation in operations]
        connection = await uow.session.connection()
        await connection.exec_driver_sql(_SAVE.sql, (to_json(rows).decode(),))


def _row(operation: Operation) -> dict[str, Any]:
    # Not `asdict`: its deep copies took a third of the time of a whole batch.
    row = {name: getattr(operation, name) for name in _FIELDS}
    return {**row, "fingerprint": "\\x" + operation.fingerprint.hex()}


def expire(operation: Operation, now: datetime) -> None:
    operation.settle(now, AppError("operation_expired", after=str(operation.after), days=HOLD.days))
    operation.status = "expired"


async def clear(db: Database, now: datetime) -> None:
    """What waited too long expires; what is long settled goes."""
    await db.pool.execute(_EXPIRE, now, HOLD.days, timeout=60)
    await db.pool.execute(
        "DELETE FROM sync_operations WHERE received_at < $1 AND status <> 'held'", now - KEPT, timeout=60
    )
