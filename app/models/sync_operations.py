"""What phones did offline and sent later, each with its outcome."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class SyncOperation(Base):
    """One operation of one account, under the id its phone gave it; written in the transaction that applied it.

    So a batch sent again finds either the operations and what they did, or neither.
    """

    __tablename__ = "sync_operations"

    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    type: Mapped[str]
    resource_id: Mapped[uuid.UUID]
    after: Mapped[uuid.UUID | None]
    base_version: Mapped[int | None]
    body: Mapped[str]
    """JSON as it came, as text: it may hold what jsonb would not take, and is kept even then."""
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """Tells whether the id comes again with other content."""
    made_at: Mapped[datetime | None]
    skew_seconds: Mapped[int | None]
    """How far the phone's clock was ahead of the server's when it sent this."""
    received_at: Mapped[datetime]
    status: Mapped[str]
    held_until: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    project_id: Mapped[uuid.UUID | None]
    version: Mapped[int | None]
    """Of what it changed, afterwards."""
    seen_version: Mapped[int | None]
    """The version its editor knew: what the next operation of the chain is held against."""
    own_versions: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"), default=list)
    """Versions that this operation and those before it in its chain made."""
    problem: Mapped[str | None]
    """Why it was not applied, as JSON, in no language yet."""

    __table_args__ = (
        CheckConstraint("status IN ('applied', 'refused', 'conflict', 'held', 'expired')", name="status_known"),
        CheckConstraint("(status = 'held') = (settled_at IS NULL)", name="settled_once"),
        CheckConstraint("status <> 'held' OR held_until IS NOT NULL", name="held_until_a_time"),
        Index("ix_sync_operations_received_at", "received_at"),
        Index("ix_sync_operations_held", "user_id", postgresql_where=text("held_until IS NOT NULL")),
    )
