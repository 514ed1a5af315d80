from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.models.base import Base, Identified, RegionCode, Versioned


class Import(Identified, Versioned, Base):
    """A ledger that was sent in: the file itself, what was understood of it, and what became of it."""

    __tablename__ = "imports"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    kind: Mapped[str]
    filename: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    year: Mapped[int | None]
    as_of: Mapped[date | None]
    status: Mapped[str]
    preview: Mapped[dict[str, Any]] = mapped_column(JSONB)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    applied_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_imports_region_code_id", "region_code", "id"),)


class ImportRow(Base):
    """One ledger row of an import as last judged."""

    __tablename__ = "import_rows"

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sheet: Mapped[str]
    row: Mapped[int]
    outcome: Mapped[str]
    project_id: Mapped[uuid.UUID | None]
    name: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
