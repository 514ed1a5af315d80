"""How much an account may send: what it holds and what it has begun today, beside its limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.errors import AppError
from app.reading import Prepared
from app.services.files import FileLimits
from app.uow import SHANGHAI, UnitOfWork

_USED = Prepared(
    """
SELECT coalesce(sum(u.length), 0)::bigint AS held,
       coalesce(sum(u.length) FILTER (WHERE u.began_at >= $2::timestamptz), 0)::bigint AS begun
  FROM uploads u JOIN photos p ON p.id = u.id
 WHERE p.owner_id = $1::uuid AND p.state <> 'rejected' AND u.id IS DISTINCT FROM $3::uuid
""",
    ("account", "midnight", "besides"),
    {},
)


async def require_room(uow: UnitOfWork, limits: FileLimits, length: int, besides: UUID | None = None) -> None:
    """`length` more bytes fit beside all else of the account; one upload of an account is begun at a time.

    Errors: 413 beyond what it may hold, 429 beyond what it may begin in a day (Asia/Shanghai).
    """
    await uow.lock_key("uploads of", str(uow.actor.id))
    [used] = await uow.rows(_USED, _asked(uow, besides))
    if used["held"] + length > limits.total:
        raise AppError("upload_quota_total", limit=limits.total, extra={"limit": limits.total, "used": used["held"]})
    if used["begun"] + length > limits.day:
        wait = str(int((_midnight(uow) + timedelta(days=1) - uow.now).total_seconds()) + 1)
        extra = {"limit": limits.day, "used": used["begun"]}
        raise AppError("upload_quota_day", limit=limits.day, headers={"Retry-After": wait}, extra=extra)


async def used(uow: UnitOfWork) -> tuple[int, int]:
    """Bytes the account has begun to send today, and all it holds. Reads outside any transaction."""
    row = await uow.db.row(_USED, _asked(uow, None))
    assert row is not None
    return row["begun"], row["held"]


def _asked(uow: UnitOfWork, besides: UUID | None) -> dict[str, Any]:
    return {"account": uow.actor.id, "midnight": _midnight(uow), "besides": besides}


def _midnight(uow: UnitOfWork) -> datetime:
    return datetime.combine(uow.today, datetime.min.time(), SHANGHAI)
