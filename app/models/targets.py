"""目标: what a region or a department is to reach in a year, and what was reached where no record here tells."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Amount, Base, Identified, RegionCode, Versioned

Quarters = Annotated[list[Decimal], mapped_column(ARRAY(Numeric(18, 4)))]


class Indicator(Versioned, Base):
    """An indicator counties added to those that ship (`domain.indicators`); the code is one for all of them."""

    __tablename__ = "indicators"

    code: Mapped[str] = mapped_column(primary_key=True)
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    label_zh: Mapped[str]
    label_en: Mapped[str]
    unit: Mapped[str]
    computation: Mapped[str]
    accrual: Mapped[str]
    threshold: Mapped[Amount | None]
    series: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)

    __table_args__ = (
        CheckConstraint("threshold >= 0", name="threshold_not_negative"),
        CheckConstraint("accrual IN ('cumulative', 'level')", name="accrual_known"),
        CheckConstraint("(computation = 'series_growth') = (series IS NOT NULL)", name="series_of_growth"),
    )


class Target(Identified, Versioned, Base):
    """The target in force last: `value` for the year, `quarters` cumulative to each quarter's end where set."""

    __tablename__ = "targets"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    department_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("departments.id"))
    year: Mapped[int]
    indicator: Mapped[str]
    actual_from: Mapped[str]
    value: Mapped[Amount]
    quarters: Mapped[Quarters | None]
    valid_from: Mapped[date]
    note: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("year BETWEEN 1949 AND 2199", name="year_sane"),
        CheckConstraint("cardinality(quarters) = 4", name="four_quarters"),
        CheckConstraint("actual_from IN ('computed', 'entered')", name="actual_from_known"),
        Index(
            "uq_targets_region_department_year_indicator",
            "region_code",
            "department_id",
            "year",
            "indicator",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_targets_department_id", "department_id", "year"),
    )


class TargetRevision(Identified, Base):
    """Every value a target had, from which day; never changed. Of one day the last recorded holds."""

    __tablename__ = "target_revisions"

    target_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"))
    valid_from: Mapped[date]
    value: Mapped[Amount]
    quarters: Mapped[Quarters | None]
    reason: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("cardinality(quarters) = 4", name="four_quarters"),
        Index(
            "ix_target_revisions_latest",
            "target_id",
            text("valid_from DESC"),
            text("recorded_at DESC"),
            text("id DESC"),
        ),
    )


class TargetActual(Identified, Base):
    """What was reached up to a day, as entered. Append-only: a later row for the same day corrects it."""

    __tablename__ = "target_actuals"

    target_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"))
    as_of: Mapped[date]
    value: Mapped[Amount]
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        Index("ix_target_actuals_latest", "target_id", text("as_of DESC"), text("recorded_at DESC"), text("id DESC")),
    )
