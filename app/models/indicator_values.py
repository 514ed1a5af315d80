from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Amount, Base, Identified, RegionCode

Rate = Annotated[Decimal, mapped_column(Numeric(9, 2))]


class IndicatorValue(Identified, Base):
    """One published figure of a region: January to `month` together. Append-only: what is published later corrects."""

    __tablename__ = "indicator_values"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    indicator: Mapped[str]
    year: Mapped[int]
    month: Mapped[int] = mapped_column(SmallInteger)
    value: Mapped[Amount | None]
    previous_value: Mapped[Amount | None]
    growth_percent: Mapped[Rate | None]
    rank: Mapped[int | None]
    growth_rank: Mapped[int | None]
    ranked_among: Mapped[int | None]
    contribution_percent: Mapped[Rate | None]
    contribution_points: Mapped[Rate | None]
    published_on: Mapped[date]
    source: Mapped[str | None]
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("year BETWEEN 1949 AND 2199", name="year_sane"),
        CheckConstraint("month BETWEEN 1 AND 12", name="month_sane"),
        CheckConstraint(
            "num_nonnulls(value, growth_percent, rank, growth_rank, contribution_percent, contribution_points) > 0",
            name="says_something",
        ),
        CheckConstraint("rank >= 1 AND growth_rank >= 1 AND ranked_among >= 1", name="ranks_from_one"),
        Index(
            "ix_indicator_values_latest",
            "indicator",
            "region_code",
            "year",
            "month",
            text("published_on DESC"),
            text("recorded_at DESC"),
            text("id DESC"),
        ),
        Index("ix_indicator_values_region_code", "region_code", "id"),
    )
