"""Published series as flat rows: growth both ways, ranks and their movement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement

from app.access import Actor, Scoping, visible
from app.db import Database
from app.domain.indicators import disagrees, growth, level_before
from app.reading import prepared
from app.resources.indicator_series import series
from app.resources.indicator_values import INDICATOR_VALUE
from app.schemas.indicator_values import IndicatorStatisticsQuery
from app.services import indicators
from app.services.statistics import home


async def statistics(
    db: Database, actor: Actor, query: IndicatorStatisticsQuery, today: date, *, english: bool
) -> dict[str, Any]:
    scopes = actor.scopes(INDICATOR_VALUE.permission)
    seen = visible(scopes, INDICATOR_VALUE.scoping)
    day, region = query.as_of or today, query.region or home(scopes)
    values = seen.values | {
        "known": day,
        "year": query.year,
        "month": query.month,
        "region": query.region or "",
        # Sisters of a county stand in its prefecture, those of a prefecture in its province.
        "around": region[:4] if len(region) > 4 else region[:2],
        "indicators": query.indicator or None,
    }

    def seen_code(code: Any) -> ColumnElement[bool]:
        return visible(scopes, Scoping(region=code)).condition()

    rows = await db.rows(prepared(("indicator_series", seen.shape), lambda: series(seen_code)), values)
    catalogue, units = await indicators.catalogue(db), await indicators.unit_labels(db)
    items = []
    for row in rows:
        definition = catalogue[row["indicator"]]
        labels = {
            "label": definition.label_en if english else definition.label_zh,
            "unit": definition.unit,
            "unit_label": units.get(definition.unit, (definition.unit,) * 2)[english],
        }
        items.append(_figures(row, labels))
    return {"as_of": day, "items": items}


def _figures(row: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    value, previous, published = row["value"], row["previous_value"], row["growth_percent"]
    same_year = row["before_year"] == row["year"]
    before = row["before_value"] if same_year else Decimal(0)
    since = None if value is None or before is None else value - before
    return {
        **{name: row[name] for name in ("region_code", "region_name", "indicator")},
        **labels,
        "year": row["year"],
        "month": row["month"],
        "value": value,
        "value_since": since,
        "months_since": None if since is None else row["month"] - (row["before_month"] if same_year else 0),
        "previous_value": previous,
        "previous_source": None if previous is None else "entered" if row["previous_entered"] is not None else "series",
        "previous_computed": level_before(value, published),
        "growth_percent": published,
        "growth_computed": growth(value, previous),
        "growth_disagrees": disagrees(published, value, previous),
        **_rank(row, "rank"),
        **_rank(row, "growth_rank"),
        "ranked_among": row["sisters"] if row["rank_computed"] or row["growth_rank_computed"] else row["ranked_among"],
        "contribution_percent": row["contribution_percent"],
        "contribution_points": row["contribution_points"],
        "published_on": row["published_on"],
        "revisions": row["revisions"],
        "source": row["source"],
    }


def _rank(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    place, before = row[f"{name}_told"], row[f"before_{name}"]
    computed = row[f"{name}_computed"] is not None
    return {
        name: place,
        f"{name}_source": None if place is None else "computed" if computed else "entered",
        f"{name}_entered": row[name],
        f"{name}_movement": None if place is None or before is None else before - place,
    }
