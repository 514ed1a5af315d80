"""责任状: what a department, park or township signs for, and how far it has come."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Amount, Base, Identified, Percent, RegionCode, Versioned

Weight = Annotated[Decimal, mapped_column(Numeric(7, 2))]


class ResponsibilityLetter(Identified, Versioned, Base):
    """`region_code` with `superior_name` (and its leader) on one side, the department on the other."""

    __tablename__ = "responsibility_letters"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    year: Mapped[int]
    title: Mapped[str]
    superior_name: Mapped[str]
    leader_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("leaders.id"))
    department_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("departments.id"))
    signatory: Mapped[str | None]
    preamble: Mapped[str | None]
    weight_total: Mapped[Weight] = mapped_column(server_default=text("100"), default=Decimal(100))
    status: Mapped[str] = mapped_column(server_default=text("'draft'"), default="draft")
    signed_on: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("year BETWEEN 1949 AND 2199", name="year_sane"),
        CheckConstraint("weight_total > 0", name="weight_total_positive"),
        CheckConstraint("status IN ('draft', 'signed')", name="status_known"),
        CheckConstraint("(status = 'signed') = (signed_on IS NOT NULL)", name="signed_has_day"),
        UniqueConstraint("region_code", "department_id", "year", "title"),
        Index("ix_responsibility_letters_department_id", "department_id", "year"),
    )


class LetterSupplement(Identified, Base):
    """补充协议: the only way a signed letter changes, numbered and dated; never changed itself."""

    __tablename__ = "letter_supplements"

    letter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("responsibility_letters.id"))
    number: Mapped[int]
    signed_on: Mapped[date]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (UniqueConstraint("letter_id", "number"),)


class LetterItem(Identified, Base):
    """One target of a letter; `added_by` and `ended_by` are the supplements that brought it and took it away."""

    __tablename__ = "letter_items"

    letter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("responsibility_letters.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    target_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("targets.id"))
    value: Mapped[Amount | None]
    unit: Mapped[str | None]
    due_on: Mapped[date]
    weight: Mapped[Weight]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("letter_supplements.id"))
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("letter_supplements.id"))
    replaces: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("letter_items.id"))

    __table_args__ = (
        CheckConstraint("weight >= 0", name="weight_not_negative"),
        CheckConstraint("value > 0", name="value_positive"),
        CheckConstraint("target_id IS NULL OR value IS NOT NULL", name="linked_has_value"),
        Index("ix_letter_items_letter_id", "letter_id", "position"),
        Index("ix_letter_items_target_id", "target_id", postgresql_where=text("target_id IS NOT NULL")),
    )


class LetterProgress(Identified, Base):
    """How far an item has come by a day, as entered. Append-only: a later row for the same day corrects it."""

    __tablename__ = "letter_progress"

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("letter_items.id", ondelete="CASCADE"))
    as_of: Mapped[date]
    value: Mapped[Amount | None]
    percent: Mapped[Percent | None]
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("num_nonnulls(value, percent) = 1", name="value_or_percent"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent_range"),
        Index("ix_letter_progress_latest", "item_id", text("as_of DESC"), text("recorded_at DESC"), text("id DESC")),
    )
