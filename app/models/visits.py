from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, Versioned


class Visit(Identified, Versioned, Base):
    """包扶: a leader was at a project, or heard it report, on a day; what was found and decided."""

    __tablename__ = "visits"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    leader_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("leaders.id"))
    kind: Mapped[str]
    happened_on: Mapped[date]
    finding: Mapped[str]
    decision: Mapped[str | None]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("kind IN ('watch', 'follow', 'help', 'press')", name="kind_known"),
        Index("ix_visits_project_id", "project_id", "happened_on"),
        Index("ix_visits_leader_id", "leader_id", "happened_on"),
    )
