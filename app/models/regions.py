from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, RegionCode, Versioned


class Region(Versioned, Base):
    """行政区划, keyed by its statistical code; the code's prefix is its parent."""

    __tablename__ = "regions"

    code: Mapped[RegionCode] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    parent_code: Mapped[RegionCode | None] = mapped_column(ForeignKey("regions.code"))
    national_name: Mapped[str | None]
    """The name in the national list last imported: while that stays the same, a local `name` is kept."""

    __table_args__ = (
        CheckConstraint("code ~ '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$'", name="code_form"),
        CheckConstraint(
            "parent_code IS NULL OR (length(parent_code) < length(code) AND starts_with(code, parent_code))",
            name="parent_is_prefix",
        ),
        Index("ix_regions_parent_code", "parent_code"),
    )
