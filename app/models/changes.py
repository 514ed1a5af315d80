"""What the service remembers of writes: the change log, and answers to repeatable requests."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, RegionCode, Xid8


class Change(Base):
    """One row per write, append-only (a trigger refuses anything else).

    Readers go by (`xid`, `seq`) and see only rows of transactions below the oldest running one:
    a slower transaction can then never commit behind a reader's back.
    """

    __tablename__ = "changes"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    resource: Mapped[str]
    resource_id: Mapped[str]
    action: Mapped[str]
    version: Mapped[int | None]
    region_code: Mapped[RegionCode | None]
    project_id: Mapped[uuid.UUID | None]
    department_ids: Mapped[list[uuid.UUID] | None] = mapped_column(ARRAY(Uuid))
    user_ids: Mapped[list[uuid.UUID] | None] = mapped_column(ARRAY(Uuid))
    """Accounts that could see a project when it was written to, beside those that can now."""
    diff: Mapped[dict[str, Any]] = mapped_column(JSONB)
    request_id: Mapped[str | None]

    __table_args__ = (
        Index("ix_changes_xid_seq", "xid", "seq"),
        Index("ix_changes_resource", "resource", "resource_id"),
        Index("ix_changes_project_id", "project_id", "xid", "seq", postgresql_where=text("project_id IS NOT NULL")),
    )


class IdempotencyKey(Base):
    """The first answer to a POST that carried an Idempotency-Key, written in the same transaction."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    reach: Mapped[list[list[str]]] = mapped_column(JSONB)
    """Scopes of the permission it was answered under: it is given again only while they are still held."""
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)
