"""Who comes to see a project and who no longer does: told in the change log, to just those.

What a phone keeps must go when its project leaves the phone's reach, and come when one enters it. Assignments change
by writes, by ledgers, by a project moving elsewhere, and by the calendar alone; so what they say today is held against
whom the log has told so far, and only the difference is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Text, Uuid, any_, bindparam, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.db import Database
from app.models import Project
from app.resources.project_columns import ANSWERING, TAKING_PART
from app.uow import UnitOfWork

PORTION = 500

_SEEING = """
SELECT DISTINCT a.project_id, coalesce(a.department_id, a.user_id) AS party_id, a.user_id IS NOT NULL AS account,
       p.region_code
  FROM assignments a JOIN projects p ON p.id = a.project_id
 WHERE a.valid_from <= :today AND (a.valid_to IS NULL OR a.valid_to > :today)
   AND ((a.department_id IS NOT NULL AND a.role = ANY(:answering))
     OR (a.user_id IS NOT NULL AND a.role = ANY(:taking_part)))
"""
_ROLES = {"answering": list(ANSWERING), "taking_part": list(TAKING_PART)}
_TYPES = (
    bindparam("today", type_=Date),
    bindparam("answering", type_=ARRAY(Text)),
    bindparam("taking_part", type_=ARRAY(Text)),
)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_REMOVED = text(f"""
WITH seeing AS ({_SEEING} AND a.project_id = ANY(:ids))
DELETE FROM project_parties t WHERE t.project_id = ANY(:ids)
   AND (t.project_id, t.party_id, t.region_code) NOT IN (SELECT project_id, party_id, region_code FROM seeing)
RETURNING t.project_id, t.party_id, t.account, t.region_code
""").bindparams(*_TYPES, _IDS)  # noqa: S608  # two constants of this module
_ADDED = text(f"""
INSERT INTO project_parties (project_id, party_id, account, region_code)
SELECT project_id, party_id, account, region_code FROM ({_SEEING} AND a.project_id = ANY(:ids)) AS seeing
ON CONFLICT DO NOTHING
RETURNING project_id, party_id, account, region_code
""").bindparams(*_TYPES, _IDS)  # noqa: S608  # two constants of this module
_DIFFERING = text(f"""
SELECT DISTINCT project_id
  FROM ({_SEEING}) AS seeing FULL JOIN project_parties t USING (project_id, party_id, region_code)
 WHERE seeing.account IS NULL OR t.account IS NULL
 ORDER BY project_id LIMIT :portion
""").bindparams(*_TYPES)  # noqa: S608  # two constants of this module


async def refresh(uow: UnitOfWork, project_ids: Collection[UUID]) -> None:
    """Tell who no longer sees these (locked) projects, then who has come to see them."""
    values = {"ids": sorted(project_ids), "today": uow.today, **_ROLES}
    # First who left: one that stays while the project moves elsewhere is told of both, in that order.
    for action, statement in (("removed", _REMOVED), ("added", _ADDED)):
        _tell(uow, action, (await uow.session.execute(statement, values)).all())


def _tell(uow: UnitOfWork, action: str, rows: Sequence[Any]) -> None:
    parties: dict[tuple[UUID, str], dict[bool, list[UUID]]] = defaultdict(lambda: {True: [], False: []})
    for row in rows:
        parties[row.project_id, row.region_code][row.account].append(row.party_id)
    for (project_id, region_code), told in sorted(parties.items()):
        uow.record_plain(
            f"project_access.{action}",
            resource_id=str(project_id),
            region_code=region_code,
            project_id=project_id,
            department_ids=sorted(told[False]) or None,
            user_ids=sorted(told[True]) or None,
        )


async def announce(db: Database, now: datetime) -> int:
    """Tell what the calendar brought about; of how many projects. Again: none."""
    count = 0
    while True:
        uow = UnitOfWork(db, now)
        try:
            values = {"today": uow.today, "portion": PORTION, **_ROLES}
            differing = list(await uow.session.scalars(_DIFFERING, values))
            # Another may be at it, or writing to it: what it holds is left to it.
            free = (
                select(Project.id)
                .where(Project.id == any_(literal(differing, ARRAY(Uuid))))
                .order_by(Project.id)
                .with_for_update(key_share=True, skip_locked=True)
            )
            ids = list(await uow.session.scalars(free)) if differing else []
            if ids:
                await refresh(uow, ids)
            await uow.commit()
        finally:
            await uow.close()
        count += len(ids)
        if len(differing) < PORTION or not ids:
            return count
