"""Targets against what was reached of them on a day, by year or quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from app.access import Actor, Visible, visible
from app.db import Database
from app.domain.indicators import Indicator as Definition
from app.domain.indicators import growth
from app.domain.targets import Standing, quarter_end
from app.listing import Plan, plan_filters
from app.reading import prepared
from app.resources.target_figures import target_figures
from app.resources.targets import TARGET
from app.schemas.targets import TargetStatisticsQuery
from app.services import indicators


class Reached(NamedTuple):
    """What was reached: the figure, where it is from, and the day it speaks of when that is not the day asked for."""

    value: Decimal | None
    source: str | None
    as_of: date | None = None


async def statistics(
    db: Database, actor: Actor, query: TargetStatisticsQuery, today: date, *, english: bool
) -> dict[str, Any]:
    """Every target the actor sees that passes, as flat rows."""
    day = query.as_of or today
    year = query.year or day.year
    given = {n: v for n in ("region", "department_id", "of", "indicator") if (v := getattr(query, n)) not in (None, [])}
    plan = plan_filters(TARGET, {**given, "year": year}, visible(actor.scopes(TARGET.permission), TARGET.scoping))
    quarters: tuple[int | None, ...] = (1, 2, 3, 4) if query.by == "quarter" else (None,)
    catalogue, units = await indicators.catalogue(db), await indicators.unit_labels(db)
    by_target: dict[UUID, list[dict[str, Any]]] = {}
    for quarter in quarters:
        # A statement each: in a prefecture of 100 000 projects all four at once would take too long for one.
        last = day if quarter is None else min(day, quarter_end(year, quarter))
        for row in await _rows(db, plan, catalogue, last, day):
            definition = catalogue[row["indicator"]]
            labels = {
                "label": definition.label_en if english else definition.label_zh,
                "unit": definition.unit,
                "unit_label": units.get(definition.unit, (definition.unit,) * 2)[english],
            }
            by_target.setdefault(row["id"], []).append(_figures(row, definition, quarter, day, labels))
    return {"year": year, "as_of": day, "items": [item for items in by_target.values() for item in items]}


async def reached(db: Database, target_ids: Sequence[UUID], day: date) -> dict[UUID, Reached]:
    """What was reached of some targets up to a day; for letters, whose readers see what they are measured by."""
    if not target_ids:
        return {}
    everyone = Visible(lambda: TARGET.key.is_not(None), {}, ("linked",))
    plan = plan_filters(TARGET, {"id": list(target_ids)}, everyone)
    catalogue = await indicators.catalogue(db)
    rows = await _rows(db, plan, catalogue, day, day)
    return {row["id"]: _reached(row, catalogue[row["indicator"]]) for row in rows}


async def _rows(
    db: Database, plan: Plan, catalogue: Mapping[str, Definition], last: date, known: date
) -> list[asyncpg.Record]:
    """What was reached up to `last`, as known on `known`."""
    values = plan.values | {
        "codes": list(catalogue),
        "computations": [d.computation for d in catalogue.values()],
        "thresholds": [d.threshold for d in catalogue.values()],
        "series": [d.series for d in catalogue.values()],
        "day": last,
        "known": known,
    }
    statement = prepared(("target_figures", plan.shape), lambda: target_figures(plan.conditions()))
    return await db.rows(statement, values)


def _reached(row: Mapping[str, Any], definition: Definition) -> Reached:
    """Computed where it is; else what was entered; else what the statistics bureau published of the region."""
    if row["actual_from"] == "computed" and definition.computation != "series_growth":
        return Reached(row["computed"], None if row["computed"] is None else "computed")
    if row["entered"] is not None and row["actual_from"] == "entered":
        return Reached(row["entered"], "entered", row["entered_as_of"])
    if row["published_month"] is None:
        return Reached(None, None)
    value = row["published"]
    if definition.computation == "series_growth":
        entered = row["growth_percent"]
        value = growth(value, row["previous_value"]) if entered is None else entered
    return Reached(value, "series", _month_end(row["year"], row["published_month"]))


def _month_end(year: int, month: int) -> date:
    after = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(after.toordinal() - 1)


def _figures(
    row: Mapping[str, Any], definition: Definition, quarter: int | None, day: date, labels: Mapping[str, str]
) -> dict[str, Any]:
    found = _reached(row, definition)
    standing = Standing(
        year=row["year"],
        as_of=day,
        year_target=row["value"],
        actual=found.value,
        cumulative=definition.accrual == "cumulative",
        quarter=quarter,
        quarter_target=row["quarters"][quarter - 1] if quarter and row["quarters"] else None,
    )
    status = standing.status()
    begun = status != "not_begun"
    named = {n: row[n] for n in ("region_code", "region_name", "department_id", "department_name", "indicator")}
    rates = standing.rates() if begun else dict.fromkeys(standing.rates())
    return {
        "target_id": row["id"],
        **named,
        **labels,
        "year": row["year"],
        "quarter": quarter,
        "as_of": standing.day,
        "target": standing.target,
        "actual": found.value if begun else None,
        "actual_source": found.source if begun else None,
        "actual_as_of": found.as_of if begun else None,
        **rates,
        "year_target": row["value"],
        "status": status,
    }
