"""What every table shares: naming of constraints, column types, the versioned row."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from sqlalchemy import Date, DateTime, Dialect, Integer, MetaData, Numeric, Text, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

CODE_COLLATION = "C"
"""Codes compare byte by byte, so that a prefix is an index range whatever the server's locale."""

Amount = Annotated[Decimal, mapped_column(Numeric(18, 4))]
"""Money in 万元 (10 000 CNY), exact to the fen and beyond."""

Percent = Annotated[Decimal, mapped_column(Numeric(5, 2))]
RegionCode = Annotated[str, mapped_column(Text(collation=CODE_COLLATION))]


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id; travels as text."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "xid8"

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return lambda value: None if value is None else int(value)


ischema_names["xid8"] = Xid8  # so that comparing models with a database knows the type


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: DateTime(timezone=True),
        date: Date,
        int: Integer,
    }


class Versioned:
    """A row clients may change: `version` is its strong ETag and grows by one with every change."""

    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Identified:
    """Keyed by a UUIDv7 made by the service or by the client."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
