"""Letters against what was reached on a day: item by item, and the weighted score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Date, and_, bindparam, or_, select, true
from sqlalchemy.orm import aliased

from app.access import Actor, visible
from app.db import Database
from app.domain.letters import Progress, total
from app.domain.progress import half_up, time_progress
from app.errors import not_found
from app.listing import Plan, plan_filters
from app.models import Department, LetterItem, LetterProgress, LetterSupplement, ResponsibilityLetter
from app.reading import AnySelect, prepared
from app.resources.responsibility_letters import LETTER
from app.schemas.responsibility_letters import LetterStatisticsQuery
from app.services.target_figures import Reached, reached

Letter = ResponsibilityLetter
DAY = bindparam("day", None, Date)


async def of_one(db: Database, actor: Actor, letter_id: UUID, day: date) -> dict[str, Any]:
    seen = visible(actor.scopes(LETTER.permission), LETTER.scoping)
    found = await _letters(db, plan_filters(LETTER, {}, seen), day, key=letter_id)
    if not found:
        raise not_found(LETTER.label)
    return found[0]


async def statistics(db: Database, actor: Actor, query: LetterStatisticsQuery, today: date) -> dict[str, Any]:
    """Signed letters of a year, the best first."""
    day = query.as_of or today
    year = query.year or day.year
    given: dict[str, Any] = {"year": year, "status": "signed"}
    given |= {"region": query.region} if query.region is not None else {}
    plan = plan_filters(LETTER, given, visible(actor.scopes(LETTER.permission), LETTER.scoping))
    letters = [letter for letter in await _letters(db, plan, day) if letter["signed_on"] <= day]
    rows = [_score(letter) for letter in letters]
    rows.sort(key=lambda row: (-row["score_percent"], row["department_name"], str(row["letter_id"])))
    better = [row["score_percent"] for row in rows]
    for row in rows:
        row["rank"] = 1 + sum(percent > row["score_percent"] for percent in better)
    return {"year": year, "as_of": day, "items": rows}


def _score(letter: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("letter_id", "title", "department_id", "department_name", "year", "overdue", "without_data")
    return {
        **{name: letter[name] for name in kept},
        "items": len(letter["items"]),
        "achieved": sum(item["status"] == "achieved" for item in letter["items"]),
        "score": letter["score"],
        "weight_total": letter["weight_total"],
        "score_percent": half_up(letter["score"] * 100 / letter["weight_total"]),
    }


async def _letters(db: Database, plan: Plan, day: date, key: UUID | None = None) -> list[dict[str, Any]]:
    values = plan.values | {"day": day, **({} if key is None else {"key": key})}
    statement = prepared(("letter_figures", key is None, plan.shape), lambda: _statement(plan, one=key is not None))
    rows = await db.rows(statement, values)
    linked = {row["target_id"] for row in rows} - {None}
    actuals = await reached(db, sorted(linked), day)
    return [_figures(list(items), actuals, day) for _, items in groupby(rows, key=lambda row: row["letter_id"])]


def _statement(plan: Plan, *, one: bool) -> AnySelect:
    """A row for every item in force on the day with its last entry; a letter without items has one row."""
    x, i, p, d = Letter, LetterItem, LetterProgress, Department
    lineage = _lineage(plan)
    added, ended = aliased(LetterSupplement, name="added"), aliased(LetterSupplement, name="ended")
    told_of = select(lineage.c.told_of).where(lineage.c.item_id == i.id).correlate(i)
    entry = (
        select(p)
        .where(p.item_id.in_(told_of), p.as_of <= DAY)
        .order_by(p.as_of.desc(), p.recorded_at.desc(), p.id.desc())
        .limit(1)
        .correlate(i)
        .lateral("entry")
    )
    there: ColumnElement[bool] = and_(
        or_(added.id.is_(None), added.signed_on <= DAY), or_(ended.id.is_(None), ended.signed_on > DAY)
    )
    items = (
        select(i, entry.c.as_of, entry.c.value.label("entered"), entry.c.percent)
        .select_from(i)
        .outerjoin(added, added.id == i.added_by)
        .outerjoin(ended, ended.id == i.ended_by)
        .outerjoin(entry, true())
        .where(there)
        .subquery("held")
    )
    h = items.c
    columns: list[Any] = [
        x.id.label("letter_id"), x.title, x.department_id, d.name.label("department_name"), x.year, x.status,
        x.signed_on, x.weight_total, h.id.label("item_id"), h.position, h.name, h.target_id,
        h.value, h.unit, h.due_on, h.weight, h.as_of, h.entered, h.percent,
    ]  # fmt: skip
    statement = (
        select(*columns)
        .select_from(x)
        .join(d, d.id == x.department_id)
        .outerjoin(items, h.letter_id == x.id)
        .where(*plan.conditions())
        .order_by(x.id, h.position, h.id)
    )
    return statement.where(x.id == bindparam("key", None, x.id.type)) if one else statement


def _lineage(plan: Plan) -> CTE:
    """Each item with those whose place it took, itself included: what was told of them is told of it too.

    As far back as they were measured alike: a supplement that asks for other units begins anew.
    """
    i, x = LetterItem, Letter
    of_letters = i.letter_id.in_(select(x.id).where(*plan.conditions()))
    measure: list[Any] = [i.unit, i.value.is_(None).label("in_percent"), i.replaces]
    own = (
        select(i.id.label("item_id"), i.id.label("told_of"), *measure).where(of_letters).cte("lineage", recursive=True)
    )
    before = aliased(LetterItem, name="before")
    alike = and_(before.unit.is_not_distinct_from(own.c.unit), before.value.is_(None) == own.c.in_percent)
    above: list[Any] = [own.c.item_id, before.id, before.unit, before.value.is_(None), before.replaces]
    return own.union_all(select(*above).join_from(own, before, and_(before.id == own.c.replaces, alike)))


def _figures(rows: Sequence[Mapping[str, Any]], actuals: Mapping[UUID, Reached], day: date) -> dict[str, Any]:
    first = rows[0]
    pairs = [_item(row, actuals, day) for row in rows if row["item_id"] is not None]
    items = [item for item, _ in pairs]
    named = ("letter_id", "title", "department_id", "department_name", "year", "status", "signed_on", "weight_total")
    return {
        **{name: first[name] for name in named},
        "as_of": day,
        "items": items,
        "score": total(progress for _, progress in pairs),
        "time_progress": time_progress(first["year"], day),
        "without_data": sum(item["completion_rate"] is None for item in items),
        "overdue": sum(item["status"] == "overdue" for item in items),
    }


def _item(row: Mapping[str, Any], actuals: Mapping[UUID, Reached], day: date) -> tuple[dict[str, Any], Progress]:
    """What was entered for the item itself goes before its linked target."""
    linked = actuals.get(row["target_id"]) if row["target_id"] is not None else None
    found = Reached(row["entered"], "entered" if row["as_of"] else None, row["as_of"])
    if row["as_of"] is None and linked is not None:
        found = linked
    progress = Progress(row["weight"], row["due_on"], row["value"], found.value, row["percent"])
    shown = ("item_id", "position", "name", "value", "unit", "due_on", "weight")
    return {
        **{name: row[name] for name in shown},
        "actual": found.value,
        "actual_source": found.source,
        "actual_as_of": found.as_of,
        "completion_rate": progress.rate(),
        "score": progress.score(),
        "status": progress.status(day),
    }, progress
