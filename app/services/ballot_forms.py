"""What a ballot can say, for whoever holds a code or wants to compare keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from app.db import Database, to_json
from app.errors import not_found
from app.resources.rating_campaigns import RATING_CAMPAIGN
from app.services.ballot_papers import key_out

_FORM = """
SELECT id, region_code, year, name, status, opens_at, closes_at, groups, indicators, options, department_names
  FROM rating_campaigns WHERE id = $1 AND status <> 'draft'
"""
_KEYS = """
SELECT id, electorate, excluded_department_ids, modulus FROM rating_keys WHERE campaign_id = $1 ORDER BY id
"""


async def form(db: Database, campaign_id: UUID) -> bytes:
    """404 for a draft: nothing of it is decided."""
    row = await db.pool.fetchrow(_FORM, campaign_id)
    if row is None:
        raise not_found(RATING_CAMPAIGN.label)
    keys = await db.pool.fetch(_KEYS, campaign_id)
    names: dict[str, str] = orjson.loads(row["department_names"])
    groups: list[dict[str, Any]] = orjson.loads(row["groups"])
    shown: dict[str, Any] = {
        **{name: row[name] for name in ("id", "region_code", "year", "name", "status")},
        **{name: row[name].isoformat() for name in ("opens_at", "closes_at")},
        "groups": [
            {
                "code": group["code"],
                "name": group["name"],
                "departments": [{"id": d, "name": names.get(d, "")} for d in group["department_ids"]],
            }
            for group in groups
        ],
        "indicators": orjson.loads(row["indicators"]),
        "options": orjson.loads(row["options"]),
        "keys": [key_out(*key).model_dump() for key in keys],
    }
    return to_json(shown)
