"""Accounts, what they may do, and how they sign in."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, RegionCode, Versioned


class User(Identified, Versioned, Base):
    """An account. `region_code` is where it is administered, not what it may see: grants say that."""

    __tablename__ = "users"

    username: Mapped[str]
    display_name: Mapped[str]
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    phone: Mapped[str | None]
    leader_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("leaders.id"))
    """The leader whose own account this is; visits are entered in that name."""
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    disabled: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    demo: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    failed_attempts: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    locked_until: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{1,63}$'", name="username_form"),
        Index("uq_users_username", "username", unique=True),
        Index("ix_users_region_code", "region_code"),
        Index("ix_users_leader_id", "leader_id"),
    )


class Grant(Identified, Versioned, Base):
    """A role in a region (a code prefix) and, where the role asks for it, a department; dated."""

    __tablename__ = "grants"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    role: Mapped[str]
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    department_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("departments.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    granted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        Index("ix_grants_user_id", "user_id"),
        Index("ix_grants_region_code", "region_code"),
    )


class Session(Identified, Base):
    """One sign-in: the family of all refresh tokens that descend from it."""

    __tablename__ = "sessions"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None]

    __table_args__ = (Index("ix_sessions_user_id", "user_id"),)


class RefreshToken(Base):
    """A refresh token, by its hash only; one use."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_refresh_tokens_session_id", "session_id"),)


class ApiKey(Identified, Versioned, Base):
    """A system's key: acts as its owner, narrowed to `permissions` and, when given, to a region prefix."""

    __tablename__ = "api_keys"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(LargeBinary)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    region_code: Mapped[RegionCode | None] = mapped_column(ForeignKey("regions.code"))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_api_keys_prefix", "prefix", unique=True),
        Index("ix_api_keys_user_id", "user_id"),
    )
