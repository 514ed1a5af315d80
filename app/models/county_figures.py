"""Sums kept per county, so that a province or the country is not added up from every project again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, RegionCode


class CountyFigure(Base):
    """What a county's projects of one stage, sector, category and light come to in a year, on a day; '' is none."""

    __tablename__ = "county_figures"

    county_code: Mapped[RegionCode] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    sector: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    light: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    # Of no fixed precision: sums may be longer than what they are made of.
    total_investment: Mapped[Decimal] = mapped_column(Numeric)
    annual_plan: Mapped[Decimal] = mapped_column(Numeric)
    completed: Mapped[Decimal] = mapped_column(Numeric)


class CountyFigureState(Base):
    """Which data the sums of a county, year and day were made from: its mark in `data_versions`.

    `past`: as projects were on the day, and not as they were when the sums were made.
    """

    __tablename__ = "county_figure_states"

    county_code: Mapped[RegionCode] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    mark: Mapped[int] = mapped_column(BigInteger)
    past: Mapped[bool] = mapped_column(server_default=text("false"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
