"""Lights of projects: what was known, what is shown from when until when, who set one by hand, and by which rules."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, RegionCode, Versioned

_COLOUR = "IN ('green', 'yellow', 'red')"


class LightFacts(Base):
    """What the light of a project goes by, as known from the end of a day on: a row for each day it changed."""

    __tablename__ = "light_facts"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    entered_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


class LightPeriod(Base):
    """What a project shows from a day until a day (exclusive), days to come included; no row: no light.

    `turned`: `light` or `computed` is another one than on the day before.
    """

    __tablename__ = "light_periods"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    from_day: Mapped[date]
    until_day: Mapped[date]
    light: Mapped[str | None]
    computed: Mapped[str | None]
    reason: Mapped[str | None]
    rule_set_id: Mapped[uuid.UUID | None]
    rule_set_code: Mapped[str | None]
    rule_set_version: Mapped[int | None]
    override_id: Mapped[uuid.UUID | None]
    parts: Mapped[list[list[str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    turned: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (
        # A list of projects by light looks at the light of each: read off the index, without the row.
        PrimaryKeyConstraint("project_id", "from_day", postgresql_include=["until_day", "light"]),
        CheckConstraint("until_day > from_day", name="days_in_order"),
        CheckConstraint(f"light {_COLOUR}", name="light_known"),
        CheckConstraint(f"computed {_COLOUR}", name="computed_known"),
        CheckConstraint("(computed IS NULL) = (reason IS NOT NULL)", name="light_or_reason"),
        Index("ix_light_periods_turned", "from_day", postgresql_where=text("turned")),
    )


class LightOverride(Identified, Versioned, Base):
    """A light set by hand beside the computed one, with its reason, until a day (exclusive; null: until taken back)."""

    __tablename__ = "light_overrides"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    light: Mapped[str]
    reason: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    ended_because: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"light {_COLOUR}", name="light_known"),
        CheckConstraint("until >= since", name="dates_in_order"),
        Index("ix_light_overrides_project_id", "project_id", "since"),
    )


class LightRuleSet(Identified, Base):
    """A county's own version of a practice; never changed. The shipped ones are in `domain.light_rules`."""

    __tablename__ = "light_rule_sets"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    code: Mapped[str]
    version: Mapped[int]
    practice: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    label_zh: Mapped[str]
    label_en: Mapped[str | None]
    description: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("practice IN ('yinchuan', 'ouhai', 'haikou')", name="practice_known"),
        CheckConstraint("version >= 1", name="version_counts"),
        Index("uq_light_rule_sets_version", "region_code", "code", "version", unique=True),
    )


class LightRuleChoice(Identified, Base):
    """From a day on a region goes by a rule set; never changed: the next choice replaces it."""

    __tablename__ = "light_rule_choices"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    rule_set_id: Mapped[uuid.UUID]
    from_day: Mapped[date]
    reason: Mapped[str | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (Index("ix_light_rule_choices_region_code", "region_code", "from_day", "entered_at"),)
