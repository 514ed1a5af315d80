from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Versioned


class WorkdayYear(Versioned, Base):
    """The notice on one year's holidays as entered here; it takes the place of what ships for that year."""

    __tablename__ = "workday_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holidays: Mapped[list[date]] = mapped_column(ARRAY(Date))
    makeup_days: Mapped[list[date]] = mapped_column(ARRAY(Date))
    source: Mapped[str]

    __table_args__ = (
        CheckConstraint("year BETWEEN 1949 AND 2199", name="year_sane"),
        CheckConstraint("NOT (holidays && makeup_days)", name="off_or_worked"),
    )
