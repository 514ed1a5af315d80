"""What somebody else changed between an import's preview and its application.

The sender agreed to what the preview showed: these values there, those values after. Where something else is there by
now, the row is given back instead of written over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from app.db import to_json
from app.models import Import, ImportRow
from app.uow import UnitOfWork

_LONGEST = 60


async def refuse_edited(uow: UnitOfWork, row: Import, verdicts: Iterable[Any]) -> None:
    """Refuse the rows that would now overwrite, or make, something other than the preview said."""
    columns = (ImportRow.position, ImportRow.project_id, ImportRow.detail["changes"].label("changes"))
    shown = await uow.session.execute(select(*columns).where(ImportRow.import_id == row.id))
    previewed = {each.position: (each.project_id, each.changes) for each in shown}
    for verdict in verdicts:
        if verdict.errors or not (verdict.changes or verdict.stored is None):
            continue
        project_id, changes = previewed[verdict.position]
        if _refuse(verdict, project_id, changes):
            verdict.changes = {}
            verdict.milestones = []
            verdict.missing = []


def _refuse(verdict: Any, project_id: UUID | None, previewed: Mapping[str, Any]) -> bool:
    if project_id is not None and project_id != verdict.project_id:
        verdict.refuse("name", "other_since_preview")
        return True
    if verdict.stored is None:
        return False
    # What the ledger says is the same as then; what it would replace may not be.
    for name, (now, _) in orjson.loads(to_json(verdict.changes)).items():
        if name not in previewed or previewed[name][0] != now:
            verdict.refuse(name, "changed_since_preview", now=_told(now))
    return bool(verdict.errors)


def _told(value: Any) -> str:
    if value in (None, "", []):
        return "—"
    parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
    text = "、".join(
        "—" if part is None else f"{part:.15g}" if isinstance(part, float) else str(part) for part in parts
    )
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
