from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import Db, Uow, permitted
from app.problems import wants_english
from app.resources.indicator_values import INDICATOR_VALUE
from app.routing import api
from app.schemas.indicator_values import (
    IndicatorStatistics,
    IndicatorStatisticsQuery,
    IndicatorValueIn,
    IndicatorValueOut,
    IndicatorValuePage,
    IndicatorValueQuery,
)
from app.services import indicator_series, indicator_values, target_tellings
from app.statistics_forms import Telling, figures, told

router = api("targets")


# Ranks go by the figures of the sister regions.
INDICATORS = Telling(
    "/statistics/indicators", target_tellings.indicators, target_tellings.indicators_chart, reads="all"
)


@figures(router, INDICATORS, summary="指标数据 Published indicators", response_model=IndicatorStatistics)
async def indicator_statistics(
    request: Request,
    db: Db,
    uow: Uow,
    query: Annotated[IndicatorStatisticsQuery, Query()],
    actor: Annotated[Actor, permitted("indicators.read")],
) -> Response:
    """Published series of the regions you see, as known on `as_of`: level, growth, rank and movement, contributions.

    Figures are cumulative from 1 January (1—N月累计), as Chinese statistics are published; January is often told only
    together with February. Growth is shown as published and as the two levels give it; `growth_disagrees` when they
    differ by more than their rounding. Ranks are computed where the figures of all sister regions (same kind, same
    parent) are here, else as published; the movement is against the month told before in the series.
    """
    english = wants_english(request)
    found = await indicator_series.statistics(db, actor, query, uow.today, english=english)
    return await told(request, INDICATORS, found)


@router.get("/indicator-values", summary="指标数据列表 List indicator values", response_model=IndicatorValuePage)
async def list_indicator_values(
    request: Request,
    query: Annotated[IndicatorValueQuery, Query()],
    actor: Annotated[Actor, permitted("indicators.read")],
) -> Response:
    """All that was ever entered, corrected figures included; what counts on a day: `GET /statistics/indicators`."""
    return await listing.page(request, INDICATOR_VALUE, actor, query)


@router.post(
    "/indicator-values",
    summary="填报指标数据 Create indicator value",
    status_code=201,
    response_model=IndicatorValueOut,
    responses={**CREATED, 200: {"model": IndicatorValueOut, "description": "In force already; nothing changed"}},
)
async def create_indicator_value(
    uow: Uow, body: IndicatorValueIn, actor: Annotated[Actor, permitted("indicators.write")]
) -> Response:
    """One published figure: January to `month` together. Nothing is overwritten: what is published later corrects.

    A correction keeps what it does not say; null clears. A growth rate that does not fit the levels is taken as it is
    and flagged in the statistics. Errors: 422 `unknown_code`, `in_the_future`, `dates_out_of_order`; `missing` when
    nothing is said.
    """
    identity, new = await indicator_values.create(uow, body)
    location = f"/api/v1/indicator-values/{identity}" if new else None
    return await listing.shown(uow, INDICATOR_VALUE, identity, status=201 if new else 200, location=location)


@router.get(
    "/indicator-values/{indicator_value_id}",
    summary="指标数据 Get indicator value",
    response_model=IndicatorValueOut,
    responses=TAGGED,
)
async def get_indicator_value(
    request: Request, indicator_value_id: UUID, actor: Annotated[Actor, permitted("indicators.read")]
) -> Response:
    """One figure as it was entered; it never changes."""
    return await listing.one(request, INDICATOR_VALUE, actor, indicator_value_id)
