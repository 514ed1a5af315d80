"""Which project a ledger row is about: own number, else national code, else exact name within the import's region."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.access import region_condition
from app.ledgers.model import CellError, LedgerRow
from app.models import Project
from app.reading import AnySelect
from app.resources.project_columns import SCOPING
from app.services.import_messages import Places

_LISTED = 20
"""How many other rows a message names."""


@dataclass(slots=True)
class Match:
    """The project a row is about (None: none yet), and what is to be said of finding it."""

    project_id: UUID | None = None
    errors: list[CellError] = field(default_factory=list)
    notes: list[CellError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    id: UUID
    region_code: str
    code: str


class Index:
    """Projects by own number and national code (of the whole county, where both are unique) and by name."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.by_code: dict[str, list[_Found]] = {}
        self.by_national_code: dict[str, list[_Found]] = {}
        self.by_name: dict[str, list[_Found]] = {}


async def load_index(session: AsyncSession, region: str, rows: Sequence[LedgerRow]) -> Index:
    index = Index(region)
    county = region[:6]
    values = [row.values for row in rows]
    for column, keys, within, into in (
        (Project.code, {v.own_code for v in values}, county, index.by_code),
        (Project.national_code, {v.code for v in values}, county, index.by_national_code),
        (Project.name, {v.name for v in values}, region, index.by_name),
    ):
        wanted = sorted(key for key in keys if key)
        for row in (await session.execute(_lookup(column, wanted, within))).all() if wanted else ():
            into.setdefault(row.key, []).append(_Found(row.id, row.region_code, row.code))
    return index


def _lookup(column: Any, keys: list[str], within: str) -> AnySelect:
    region: ColumnElement[bool] = region_condition(SCOPING, within, "within")
    return select(column.label("key"), Project.id, Project.region_code, Project.code).where(
        column == any_(bindparam("keys", keys, ARRAY(Text))), region
    )


def match_all(rows: Sequence[LedgerRow], index: Index, places: Places) -> list[Match]:
    """One match per row; rows that turn out to be about one and the same project are all refused."""
    matches = [Match() if row.errors else match_one(row, index, places) for row in rows]
    for position, others in _same(rows, matches):
        field_name = "own_code" if rows[position].values.own_code else "name"
        where = "、".join(places.where(rows[other], "name") for other in others[:_LISTED])
        matches[position].errors.append(places.finding(rows[position], field_name, "same_project", where=where))
    return matches


def match_one(row: Any, index: Index, places: Places) -> Match:
    match = Match()
    own, national = row.values.own_code, row.values.code
    by_code = _only(match, row, "own_code", index.by_code.get(own or "", []), index, places)
    by_national_code = _only(match, row, "code", index.by_national_code.get(national or "", []), index, places)
    if match.errors:
        return match
    if by_code and by_national_code and by_code.id != by_national_code.id:
        match.errors.append(places.finding(row, "code", "codes_disagree", row.values.code or ""))
        return match
    found = by_code or by_national_code
    if found is None:
        named = index.by_name.get(row.values.name or "", [])
        if len(named) > 1:
            match.errors.append(places.finding(row, "name", "ambiguous_name", row.values.name or "", count=len(named)))
            return match
        found = next(iter(named), None)
    if found is not None:
        match.project_id = found.id
        if own and found.code != own:
            match.notes.append(places.finding(row, "own_code", "own_code_kept", own, kept=found.code))
    return match


def _only(match: Match, row: Any, field_name: str, found: list[_Found], index: Index, places: Places) -> _Found | None:
    """The one project with that code, if it is the import's to change."""
    value = getattr(row.values, field_name) or ""
    if len(found) > 1:
        match.errors.append(places.finding(row, field_name, "ambiguous_code", value, count=len(found)))
        return None
    one = next(iter(found), None)
    if one is not None and not one.region_code.startswith(index.region):
        match.errors.append(places.finding(row, field_name, "code_taken", value, region=index.region))
        return None
    return one


def _same(rows: Sequence[LedgerRow], matches: Sequence[Match]) -> Iterator[tuple[int, list[int]]]:
    """(position, the other positions) of good rows that share a project or a national code."""
    groups: dict[object, list[int]] = {}
    for position, (row, match) in enumerate(zip(rows, matches, strict=True)):
        if row.errors or match.errors:
            continue
        for key in (match.project_id, row.values.code):
            if key is not None:
                groups.setdefault(key, []).append(position)
    told: dict[int, set[int]] = {}
    for group in groups.values():
        for position in group if len(group) > 1 else ():
            told.setdefault(position, set()).update(other for other in group if other != position)
    yield from ((position, sorted(others)) for position, others in sorted(told.items()))
