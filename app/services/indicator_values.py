"""Published figures of regions: entered and corrected by adding, never by overwriting."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.errors import invalid
from app.models import IndicatorValue, Region
from app.resources.indicator_values import INDICATOR_VALUE
from app.schemas.indicator_values import IndicatorValueIn
from app.services import indicators
from app.services.sent_again import after_last, sent_again
from app.uow import UnitOfWork

_TOLD = (
    "value", "previous_value", "growth_percent", "rank", "growth_rank", "ranked_among", "contribution_percent",
    "contribution_points", "source", "note",
)  # fmt: skip
_SAYING = ("value", "growth_percent", "rank", "growth_rank", "contribution_percent", "contribution_points")


async def create(uow: UnitOfWork, body: IndicatorValueIn) -> tuple[UUID, bool]:
    """The id of the figure in force, and whether it is new; the same as in force adds nothing."""
    uow.actor.require_in_region("indicators.write", body.region_code)
    known = await sent_again(uow, INDICATOR_VALUE, IndicatorValue, body.id, body)
    if known is not None:
        return known.id, False
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    await indicators.require(uow, body.indicator)
    published_on = _published_on(body, uow.today)
    v = IndicatorValue
    of_month = (
        v.region_code == body.region_code, v.indicator == body.indicator, v.year == body.year, v.month == body.month,
    )  # fmt: skip
    await uow.lock_key("indicator_value", body.region_code, body.indicator, f"{body.year}-{body.month}")
    newest = (v.published_on.desc(), v.recorded_at.desc(), v.id.desc())
    before = await uow.session.scalar(
        select(v).where(*of_month, v.published_on <= published_on).order_by(*newest).limit(1)
    )
    told = {name: _said(body, before, name) for name in _TOLD}
    if all(told[name] is None for name in _SAYING):
        raise invalid("/value", "missing")
    if told["rank"] is not None or told["growth_rank"] is not None:
        _check_ranks(told)
    if before is not None and _same(before, body, told):
        return before.id, False
    row = IndicatorValue(
        id=body.id or uow.new_id(),
        region_code=body.region_code,
        indicator=body.indicator,
        year=body.year,
        month=body.month,
        published_on=published_on,
        recorded_at=await after_last(uow, v.recorded_at, *of_month),
        recorded_by=uow.actor.id,
        **told,
    )
    uow.add(row)
    uow.record("indicator_value.created", row)
    await uow.flush()
    return row.id, True


def _published_on(body: IndicatorValueIn, today: date) -> date:
    """A figure is not known before its month has begun, nor ahead of today."""
    day = body.published_on or today
    if day > today:
        raise invalid("/published_on", "in_the_future")
    if day < date(body.year, body.month, 1):
        pointer = "/month" if body.published_on is None else "/published_on"
        raise invalid(pointer, "in_the_future" if body.published_on is None else "dates_out_of_order")
    return day


def _said(body: IndicatorValueIn, before: IndicatorValue | None, name: str) -> Any:
    """What a correction leaves out stands."""
    return getattr(body if before is None or name in body.model_fields_set else before, name)


def _same(before: IndicatorValue, body: IndicatorValueIn, told: dict[str, Any]) -> bool:
    if body.published_on not in (None, before.published_on):
        return False
    return all(getattr(before, name) == value for name, value in told.items())


def _check_ranks(told: dict[str, Any]) -> None:
    among = told["ranked_among"]
    for name in ("rank", "growth_rank"):
        if among is not None and told[name] is not None and told[name] > among:
            raise invalid(f"/{name}", "out_of_range", expected=(f"不大于 {among}", f"at most {among}"))
