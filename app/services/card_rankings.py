"""What published ratings and assessments of a year say of departments and leaders, by subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from app.access import Actor, visible
from app.db import Database
from app.domain.assessment_shares import Period
from app.domain.held_days import Days
from app.reading import prepared
from app.resources.leader_cards import ASSESSMENTS, RATINGS, READ, assessment_results, rating_results

Rankings = Mapping[UUID, Sequence["Placed"]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A subject in one result. `worst`: among the worst named by a rating."""

    source: str
    id: UUID
    name: str
    days: Days
    group: str
    rank: int | None
    ranked_among: int
    score: float | None
    previous_rank: int | None
    movement: int | None
    consequences: Sequence[str]
    worst: bool = False

    @property
    def fell(self) -> bool:
        return self.movement is not None and self.movement < 0

    def told(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "id": self.id,
            "name": self.name,
            "starts_on": self.days.first,
            "ends_on": self.days.last,
            "group": self.group,
            "rank": self.rank,
            "ranked_among": self.ranked_among,
            "score": self.score,
            "previous_rank": self.previous_rank,
            "movement": self.movement,
            "consequences": self.consequences,
        }


async def published(db: Database, actor: Actor, county: str, year: int) -> Rankings:
    """Of the county's results, and of those of the regions it lies in, as far as the actor sees them."""
    values = {"county": county, "above": [county[:n] for n in (2, 4)], "year": year}
    found: dict[UUID, list[Placed]] = defaultdict(list)
    seen = visible(actor.scopes(READ), RATINGS)
    statement = prepared(("card_ratings", seen.shape), lambda: rating_results(seen))
    for row in await db.rows(statement, seen.values | values):
        days = Days(date(row["year"], 1, 1), date(row["year"], 12, 31))
        _add(found, "rating", row, days, "departments", "department_id")
    seen = visible(actor.scopes(READ), ASSESSMENTS)
    statement = prepared(("card_assessments", seen.shape), lambda: assessment_results(seen))
    for row in await db.rows(statement, seen.values | values):
        period = Period(row["period_kind"], row["year"], row["number"])
        _add(found, "assessment", row, Days(period.starts_on, period.ends_on), "subjects", "subject_id")
    return found


def _add(
    found: dict[UUID, list[Placed]], source: str, row: Mapping[str, Any], days: Days, members: str, key: str
) -> None:
    for group in orjson.loads(row["document"])["groups"]:
        among = sum(one["rank"] is not None for one in group[members])
        for one in group[members]:
            placed = Placed(
                source, row["id"], row["name"], days, group["name"], one["rank"], among, one["score"],
                one["previous_rank"], one["movement"], one["consequences"], one.get("worst", False),
            )  # fmt: skip
            found[UUID(one[key])].append(placed)
