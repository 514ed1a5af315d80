"""The database: one engine for writes, one plain asyncpg pool for reads that return ready-made JSON."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Self

import asyncpg
import orjson
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.fair_pool import FairPool
from app.reading import Prepared
from app.versions import Versions

_LINE = {
    # What is asked there is long, always the same, and of few rows: planned once, row after row in their order and by
    # indexes, also as long as the tables are known to be empty.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # All who ask wait for each other: for a row that somebody holds (an import, say) only so long, then those who want
    # just that one wait for it by themselves.
    "lock_timeout": "250",
}


def exact(value: Decimal | None) -> orjson.Fragment | None:
    """An amount as JSON, as PostgreSQL writes it, which knows no -0."""
    return None if value is None else orjson.Fragment(format(value.normalize(), "f") if value else "0")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return exact(value)
    if isinstance(value, (uuid.UUID, date, datetime)):
        return str(value)
    raise TypeError(f"not JSON: {type(value)}")


def to_json(value: Any) -> bytes:
    """JSON with amounts as exact numbers."""
    return orjson.dumps(value, default=_plain)


def is_held(error: DBAPIError) -> bool:
    """Whether it failed only for want of what another transaction holds."""
    return getattr(error.orig, "sqlstate", None) in {"55P03", "40P01"}


def _normal_url(url: str) -> str:
    return str(make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False))


class Database:
    """Both ways into one PostgreSQL; open with `await Database.open(url, …)`, close when done."""

    def __init__(self, engine: AsyncEngine, pool: asyncpg.Pool | asyncpg.Connection, import_timeout_ms: int) -> None:
        self.engine = engine
        self.pool = pool
        self.import_timeout_ms = import_timeout_ms
        self.versions = Versions(self.rows)
        self._connect: Callable[[], Awaitable[asyncpg.Connection]] | None = None
        self._line: asyncpg.Connection | None = None
        self.sessions = async_sessionmaker(engine, expire_on_commit=False, autoflush=False)

    @classmethod
    async def open(
        cls, url: str, *, pool_size: int = 8, statement_timeout_ms: int = 5000, import_timeout_ms: int = 120_000
    ) -> Self:
        server_settings = {
            "application_name": "diaodu",
            "statement_timeout": str(statement_timeout_ms),
            # A writer waits for another at most this long, then the client is told to try again.
            "lock_timeout": str(max(statement_timeout_ms - 500, 500)),
            "idle_in_transaction_session_timeout": "30000",
            "timezone": "UTC",
            "jit": "off",
        }
        engine = create_async_engine(
            _normal_url(url),
            poolclass=FairPool,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            pool_pre_ping=True,
            # An error's text goes to the log; the values in a statement are hashes, names and telephone numbers.
            hide_parameters=True,
            connect_args={"server_settings": server_settings},
            json_serializer=lambda value: to_json(value).decode(),
            json_deserializer=orjson.loads,
        )
        pool = await asyncpg.create_pool(
            url.replace("postgresql+asyncpg://", "postgresql://"),
            # All at once, and kept: a new connection costs who gets it first more than most answers take.
            min_size=pool_size,
            max_size=pool_size,
            server_settings=server_settings,
            statement_cache_size=500,
            max_cached_statement_lifetime=0,
            max_inactive_connection_lifetime=0,
            # Reads leave nothing behind on a connection, so the usual RESET ALL would be a wasted round trip.
            reset=_keep_as_is,
        )
        db = cls(engine, pool, import_timeout_ms)
        db._connect = partial(
            asyncpg.connect,
            url.replace("postgresql+asyncpg://", "postgresql://"),
            server_settings={**server_settings, **_LINE},
            max_cached_statement_lifetime=0,
        )
        return db

    async def line(self) -> asyncpg.Connection:
        """A connection of its own, for one who asks one thing after the other: the pool costs more than many answers.

        Who uses it sees to it that nobody else does meanwhile.
        """
        assert self._connect is not None
        if self._line is None or self._line.is_closed():
            self._line = await self._connect()
        return self._line

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()
        await self.engine.dispose()
        await self.pool.close()

    @property
    def connections(self) -> int:
        """How many the pool for reads holds."""
        return int(self.pool.get_max_size())

    def on(self, connection: asyncpg.Connection) -> Self:
        """The same database, read by this one connection only."""
        return type(self)(self.engine, connection, self.import_timeout_ms)

    def session(self) -> AsyncSession:
        return self.sessions()

    async def rows(self, query: Prepared, values: Mapping[str, Any]) -> list[asyncpg.Record]:
        """Run a prepared read outside any transaction."""
        arguments = query.arguments(values)
        try:
            return await self.pool.fetch(query.sql, *arguments)  # type: ignore[no-any-return]  # asyncpg has no types
        except asyncpg.InvalidCachedStatementError:
            # Once per connection after a migration: the plan is stale, the second try makes a new one.
            return await self.pool.fetch(query.sql, *arguments)  # type: ignore[no-any-return]  # asyncpg has no types

    async def row(self, query: Prepared, values: Mapping[str, Any]) -> asyncpg.Record | None:
        found = await self.rows(query, values)
        return found[0] if found else None


async def _keep_as_is(_: asyncpg.Connection) -> None:
    return None
