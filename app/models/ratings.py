"""软环境评议: campaigns, who may rate, sealed ballots, opened stacks, frozen results.

Nothing here joins a ballot to a person: see docs/rating-secrecy.md before adding a column.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, RegionCode, Versioned

_EMPTY = text("'[]'")
_NONE = text("'{}'")


class RatingCampaign(Identified, Versioned, Base):
    """A year's rating in a region. From opening on a trigger keeps its rules as they are, after publication all of it.

    `department_names` are frozen at opening, `turnout` at closing. `inputs_salt`, drawn at closing and shown to nobody,
    keeps the published hash of the slips from being tried out slip by slip.
    """

    __tablename__ = "rating_campaigns"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    year: Mapped[int]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'draft'"), default="draft")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    groups: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=_EMPTY, default=list)
    indicators: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=_EMPTY, default=list)
    electorates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=_EMPTY, default=list)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=_EMPTY, default=list)
    best_count: Mapped[int]
    worst_count: Mapped[int]
    minimum_ballots: Mapped[int]
    below_minimum: Mapped[str]
    tie_rule: Mapped[str]
    smallest_count: Mapped[int]
    copied_from_id: Mapped[uuid.UUID | None]
    department_names: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    turnout: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    inputs_salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[str | None]
    published_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("region_code", "year"),
        CheckConstraint("status IN ('draft', 'open', 'closed', 'published')", name="status_known"),
        CheckConstraint("below_minimum IN ('leave_out', 'unrated')", name="below_minimum_known"),
        CheckConstraint("tie_rule IN ('name_all', 'name_none', 'compare_indicators')", name="tie_rule_known"),
        CheckConstraint("best_count >= 0 AND worst_count >= 0", name="counts_not_negative"),
    )


class RatingElector(Base):
    """名册: an account entitled to one ballot paper. `blinded_hash`: of the one number that was signed blindly."""

    __tablename__ = "rating_electors"

    campaign_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("rating_campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    electorate: Mapped[str]
    excluded_department_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default=_NONE, default=list)
    key_id: Mapped[uuid.UUID | None]
    blinded_hash: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        CheckConstraint("(key_id IS NULL) = (blinded_hash IS NULL)", name="signed_whole"),
        Index("ix_rating_electors_user_id", "user_id"),
    )


class RatingCodeBatch(Identified, Base):
    """One-time codes made together, to be handed out on paper or by message: to whom is written nowhere."""

    __tablename__ = "rating_code_batches"

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_campaigns.id", ondelete="CASCADE"))
    electorate: Mapped[str]
    excluded_department_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default=_NONE, default=list)
    count: Mapped[int]
    note: Mapped[str | None]
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_rating_code_batches_campaign_id", "campaign_id"),)


class RatingCode(Base):
    """A code by its digest alone; whether it was used stands nowhere in this row."""

    __tablename__ = "rating_codes"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_code_batches.id", ondelete="CASCADE"))

    __table_args__ = (Index("ix_rating_codes_batch_id", "batch_id"),)


class RatingKey(Identified, Base):
    """A signing key of one class of raters: same electorate, same departments not to be rated.

    The private half is sealed, and gone at closing.
    """

    __tablename__ = "rating_keys"

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_campaigns.id", ondelete="CASCADE"))
    electorate: Mapped[str]
    excluded_department_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default=_NONE, default=list)
    modulus: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_private: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        UniqueConstraint("campaign_id", "electorate", "excluded_department_ids", name="uq_rating_keys_class"),
    )


class RatingSecret(Base):
    """The salt of an open campaign's keys; destroyed at closing."""

    __tablename__ = "rating_secrets"

    campaign_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("rating_campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class SealedBallot(Base):
    """A ballot while the campaign is open: ciphertext of one length, under the hash of the token it came with.

    No person, no time, no number: on purpose. All rows of a campaign go at closing.
    """

    __tablename__ = "rating_sealed_ballots"

    ballot_key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_campaigns.id", ondelete="CASCADE"))
    electorate: Mapped[str]
    revision: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_rating_sealed_ballots_campaign_id", "campaign_id"),)


class RatingStack(Base):
    """All slips an electorate gave a department, sorted; a byte per indicator. Written once, at closing, and only where
    they are enough to count."""

    __tablename__ = "rating_stacks"

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_campaigns.id"), primary_key=True)
    electorate: Mapped[str] = mapped_column(primary_key=True)
    department_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("departments.id"), primary_key=True)
    slips: Mapped[bytes] = mapped_column(LargeBinary)


class RatingResult(Base):
    """What was published, byte for byte, and the hash over inputs, rules and outputs."""

    __tablename__ = "rating_results"

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_campaigns.id"), primary_key=True)
    previous_campaign_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("rating_campaigns.id"))
    document: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    published_at: Mapped[datetime]


class RatingCorrection(Identified, Base):
    """A dated word added to a published result, which itself never changes."""

    __tablename__ = "rating_corrections"

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_campaigns.id"))
    department_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("departments.id"))
    text: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (Index("ix_rating_corrections_campaign_id", "campaign_id"),)
