"""Money by channel: what was asked for, approved, received and paid, each as entries that are only ever added."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, RegionCode, Versioned

Fen = Annotated[Decimal, mapped_column(Numeric(20, 6))]
"""Money in 万元, exact to the fen (0.000001 万元): vouchers are in yuan and fen."""
Total = Annotated[Decimal, mapped_column(Numeric(20, 6), server_default=text("0"), default=Decimal(0))]


class FundingRecord(Identified, Versioned, Base):
    """资金: one sum of money of a project, of a region, or (`source_id`) of a project out of a region's.

    The totals are those of its entries in force. A trigger keeps them, under the row's lock, and refuses that anyone
    else writes them; so the CHECKs below hold across entries, for direct SQL and in parallel alike. `received_over`
    and `paid_over` are what a reason on record allows beyond the step before.
    """

    __tablename__ = "funding_records"

    project_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("projects.id"))
    region_code: Mapped[RegionCode | None] = mapped_column(ForeignKey("regions.code"))
    source_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("funding_records.id"))
    year: Mapped[int]
    channel: Mapped[str]
    batch: Mapped[int | None]
    name: Mapped[str | None]
    remark: Mapped[str | None]
    applied: Mapped[Total]
    approved: Mapped[Total]
    received: Mapped[Total]
    paid: Mapped[Total]
    allocated: Mapped[Total]
    received_over: Mapped[Total]
    received_over_reason: Mapped[str | None]
    paid_over: Mapped[Total]
    paid_over_reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("num_nonnulls(project_id, region_code) = 1", name="project_or_region"),
        CheckConstraint("source_id IS NULL OR project_id IS NOT NULL", name="allocated_to_a_project"),
        CheckConstraint("year BETWEEN 1949 AND 2199", name="year_sane"),
        CheckConstraint("batch >= 1", name="batch_positive"),
        CheckConstraint("channel <> 'special_construction_fund' OR batch IS NOT NULL", name="fund_has_batch"),
        CheckConstraint("least(applied, approved, received, paid, allocated) >= 0", name="totals_not_negative"),
        # What is allocated was approved for the region it came from.
        CheckConstraint(
            "source_id IS NOT NULL OR received <= approved + received_over", name="received_within_approved"
        ),
        CheckConstraint("source_id IS NULL OR (applied = 0 AND approved = 0)", name="allocated_is_approved_above"),
        CheckConstraint("paid + allocated <= received + paid_over", name="paid_within_received"),
        CheckConstraint("allocated <= received", name="allocated_within_received"),
        CheckConstraint("received_over = 0 OR received_over_reason IS NOT NULL", name="received_over_has_reason"),
        CheckConstraint("paid_over = 0 OR paid_over_reason IS NOT NULL", name="paid_over_has_reason"),
        # One sum of money, one record: two people who enter it, or a ledger sent twice, meet here.
        Index(
            "uq_funding_records_sum",
            text("coalesce(project_id::text, region_code)"),
            "year",
            "channel",
            text("coalesce(batch, 0)"),
            text("coalesce(name, '')"),
            text("coalesce(source_id::text, '')"),
            unique=True,
        ),
        Index("ix_funding_records_project_id", "project_id"),
        Index("ix_funding_records_region_code", "region_code"),
        Index("ix_funding_records_source_id", "source_id"),
        Index("ix_funding_records_year_channel", "year", "channel"),
    )


class FundingEntry(Identified, Base):
    """One step of a record's money: never changed, never deleted. A correction takes the place of the one it names.

    What was received by a record with a source was allocated to it; the trigger books that at the source too.
    """

    __tablename__ = "funding_entries"

    funding_record_id: Mapped[uuid.UUID]
    step: Mapped[str]
    happened_on: Mapped[date]
    amount: Mapped[Fen]
    document_number: Mapped[str | None]
    note: Mapped[str | None]
    corrects_id: Mapped[uuid.UUID | None]
    reason: Mapped[str | None]
    excess_reason: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    source: Mapped[str] = mapped_column(server_default=text("'api'"), default="api")

    __table_args__ = (
        ForeignKeyConstraint(["funding_record_id"], ["funding_records.id"], name="fk_funding_entries_record"),
        UniqueConstraint("funding_record_id", "step", "id", name="uq_funding_entries_place"),
        # A correction is of the same record and step as what it corrects, and nothing is corrected twice.
        ForeignKeyConstraint(
            ["funding_record_id", "step", "corrects_id"],
            ["funding_entries.funding_record_id", "funding_entries.step", "funding_entries.id"],
            name="fk_funding_entries_corrects",
        ),
        UniqueConstraint("corrects_id", name="uq_funding_entries_corrects_id"),
        CheckConstraint("corrects_id <> id", name="not_of_itself"),
        CheckConstraint("step IN ('applied', 'approved', 'received', 'paid')", name="step_known"),
        # NaN is larger than any number.
        CheckConstraint("amount >= 0 AND amount < 100000000000000", name="amount_sane"),
        CheckConstraint("amount > 0 OR corrects_id IS NOT NULL", name="amount_positive"),
        CheckConstraint("(corrects_id IS NULL) = (reason IS NULL)", name="correction_has_reason"),
        CheckConstraint("excess_reason <> '' AND reason <> ''", name="reasons_not_empty"),
        Index("ix_funding_entries_record", "funding_record_id", "happened_on", "recorded_at", "id"),
    )
