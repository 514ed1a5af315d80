"""The change feed: read by cursor, nothing missed, nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.access import Actor
from app.db import Database
from app.errors import invalid
from app.reading import prepared
from app.resources.changes import WINDOW, now, page_after, readable
from app.schemas.changes import ChangesQuery
from app.security.cursors import CursorSigner, InvalidCursor

PURPOSE = "changes"
Position = tuple[int, int]
"""Transaction and sequence number of the last row read, or a transaction that all earlier ones have been read of."""


@dataclass(frozen=True, slots=True)
class Page:
    items: list[str]
    """Each change as JSON."""
    next: str
    more: bool


async def read(db: Database, signer: CursorSigner, actor: Actor, query: ChangesQuery) -> Page:
    """What the actor may see of the log after a position. Errors: 422 `invalid_cursor`."""
    if query.after == "now":
        found = await db.row(prepared(("changes", "now"), now), {})
        assert found is not None
        return Page([], _sign(signer, (int(found["horizon"]), 0)), more=False)
    after = _position(signer, query.after)
    seen = readable(actor)
    of_project, of_resources = query.project_id is not None, bool(query.resource)
    statement = prepared(
        ("changes", "page", seen.shape, of_project, of_resources),
        lambda: page_after(seen, of_project=of_project, of_resources=of_resources),
    )
    values = seen.values | {
        "after_xid": str(after[0]),
        "after_seq": after[1],
        "page_limit": query.limit + 1,
        "window": WINDOW,
        "project_id": query.project_id,
        "resources": query.resource,
    }
    rows = await db.rows(statement, values)
    position, more = _stand(rows, query.limit, after)
    items = [row["j"] for row in rows[: query.limit] if row["j"] is not None]
    return Page(items, _sign(signer, position), more)


def _stand(rows: list[Any], limit: int, before: Position) -> tuple[Position, bool]:
    """Where the reader stands after this page, and whether to ask again at once."""
    if len(rows) > limit:
        last = rows[limit - 1]
        return (int(last["xid"]), last["seq"]), True
    if rows[0]["looked_at"] == WINDOW:
        return (int(rows[0]["last_xid"]), rows[0]["last_seq"]), True
    horizon = (int(rows[0]["horizon"]), 0)
    if horizon < before:
        # The database was restored to an earlier time, or elsewhere: what comes now would look as if read already.
        raise invalid("after", "invalid_cursor")
    return horizon, False


def _position(signer: CursorSigner, after: str | None) -> Position:
    if after is None:
        return 0, 0
    try:
        xid, seq = signer.decode(after, PURPOSE)
    except (InvalidCursor, ValueError):
        raise invalid("after", "invalid_cursor") from None
    assert isinstance(xid, int)
    assert isinstance(seq, int)
    return xid, seq


def _sign(signer: CursorSigner, position: Position) -> str:
    return signer.encode(position, PURPOSE)
