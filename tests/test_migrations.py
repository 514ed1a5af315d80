"""The migrations make exactly what the models say, once."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from fastapi import FastAPI
from sqlalchemy import Connection

from app.migrate import migrate
from app.models import Base


def _differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


async def test_a_migrated_database_is_what_the_models_say(app: FastAPI) -> None:
    async with app.state.db.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_migrating_again_changes_nothing(app: FastAPI) -> None:
    assert await migrate(app.state.db.engine) is False


async def test_no_extension_is_needed(app: FastAPI) -> None:
    names = await app.state.db.pool.fetch("SELECT extname FROM pg_extension")
    assert [row["extname"] for row in names] == ["plpgsql"]
