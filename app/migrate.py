"""Bring a database to the newest schema; safe to run by several processes at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 7_031_201_611  # any number nobody else uses for advisory locks


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _settle_restored_log(connection: Connection) -> None:
    """After a restore into another cluster, the log's transaction ids are of the old one.

    Readers only see ids below the oldest running transaction, so such rows would stay hidden, and turn up in the
    middle later. They become the oldest of all; `seq` keeps their order. Cursors from before are refused (422).
    """
    if connection.scalar(text("SELECT to_regclass('public.changes')")) is None:
        return
    newest = connection.scalar(text("SELECT max(xid) >= pg_current_xact_id() FROM changes"))
    if newest:
        connection.execute(text("ALTER TABLE changes DISABLE TRIGGER changes_append_only"))
        connection.execute(text("UPDATE changes SET xid = '3'::xid8"))
        connection.execute(text("ALTER TABLE changes ENABLE TRIGGER changes_append_only"))


def _upgrade(connection: Connection) -> bool:
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    _settle_restored_log(connection)
    config = _config(connection)
    head = ScriptDirectory.from_config(config).get_current_head()
    if MigrationContext.configure(connection).get_current_revision() == head:
        return False
    command.upgrade(config, "head")
    return True


async def migrate(engine: AsyncEngine) -> bool:
    """True when something was applied."""
    async with engine.begin() as connection:
        return await connection.run_sync(_upgrade)
