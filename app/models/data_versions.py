"""What tells whether figures may have changed since they were last worked out."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, RegionCode


class DataVersion(Base):
    """A mark per county (and per region above counties; '' stands for what belongs to no region).

    Every transaction that leaves rows in the change log gives their counties new marks as it commits, by a deferred
    trigger: readers see the mark change together with the data. Marks are random, not counted, so that a database
    restored from a backup does not come by the marks of its lost future again.
    """

    __tablename__ = "data_versions"

    region_code: Mapped[RegionCode] = mapped_column(primary_key=True)
    mark: Mapped[int] = mapped_column(BigInteger)
