"""Whom the change log has told that they see a project."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, RegionCode


class ProjectParty(Base):
    """A department that answers for a project, or an account that takes part in it, as last told in the change log.

    Assignments begin and end by writes, by ledgers and by the calendar alone. What they say today is held against
    these rows, so that each coming and going is told once, whatever brought it about.
    """

    __tablename__ = "project_parties"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    party_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether `party_id` is an account; else a department."""
    region_code: Mapped[RegionCode]
    """Where the project was: a party's grants may not reach where it is now."""
