from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, RegionCode, Versioned


class Department(Identified, Versioned, Base):
    """部门: a unit of one region, owners of projects (业主单位) included."""

    __tablename__ = "departments"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    name: Mapped[str]
    kind: Mapped[str]
    assessment_group: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)

    __table_args__ = (UniqueConstraint("region_code", "name"),)


class Leader(Identified, Versioned, Base):
    """领导: a county leader of one of the four bodies (四大班子)."""

    __tablename__ = "leaders"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    name: Mapped[str]
    title: Mapped[str | None]
    body: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)

    __table_args__ = (UniqueConstraint("region_code", "name"),)


class Supervision(Identified, Versioned, Base):
    """分管: a leader supervises a department from a day until a day (exclusive; null: still)."""

    __tablename__ = "supervisions"

    leader_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("leaders.id"))
    department_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("departments.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates_in_order"),
        Index("ix_supervisions_leader_id", "leader_id"),
        Index("ix_supervisions_department_id", "department_id"),
        Index(
            "uq_supervisions_open",
            "leader_id",
            "department_id",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
    )


class DictionaryEntry(Versioned, Base):
    """A code a county may add itself: sectors, programmes; labels in both languages."""

    __tablename__ = "dictionary_entries"

    dictionary: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    label_zh: Mapped[str]
    label_en: Mapped[str]
    position: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
