"""Money added up in one statement: the chosen records, what their entries in force say by a day, then the groups.

What a region's record has allocated stands with the projects' shares: there it counts as approved and received, and
at the region only the rest does. So every yuan is counted once, in whatever groups it falls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
    values,
)
from sqlalchemy.orm import aliased

from app.domain.funding import STEPS
from app.models import Assignment, Department, DictionaryEntry, FundingEntry, FundingRecord, Project, Region
from app.reading import AnySelect
from app.resources.funding_records import REGION
from app.resources.project_columns import DAY, in_force
from app.resources.statistics import LEVEL, YEAR

DAY_BEFORE = bindparam("day_before", None, Date)
"""The same day a year earlier."""
_ZERO: Any = literal_column("0::numeric")


def in_force_entries(entry: Any) -> ColumnElement[bool]:
    """Entries nothing has taken the place of."""
    later = aliased(FundingEntry)
    return ~exists().where(later.corrects_id == entry.id)


def chosen_records(conditions: Sequence[ColumnElement[bool]]) -> CTE:
    r = FundingRecord
    columns: list[Any] = [
        r.id, r.project_id, r.source_id, r.year, r.channel, r.batch, REGION.label("region_code"),
    ]  # fmt: skip
    return select(*columns).where(*conditions).cte("chosen_money")


def moves(chosen: CTE) -> CTE:
    """What each entry in force adds to the steps of its record, with the record's columns and the entry's day."""
    e, c = FundingEntry, chosen.c
    share = and_(c.source_id.is_not(None), e.step == "received")
    amounts = {step: case((e.step == step, e.amount), else_=_ZERO) for step in STEPS}
    amounts["approved"] = case((e.step == "approved", e.amount), (share, e.amount), else_=_ZERO)
    own = (
        select(chosen, e.happened_on, *[amounts[step].label(step) for step in STEPS])
        .join_from(chosen, e, e.funding_record_id == c.id)
        .where(in_force_entries(e))
    )
    held, given = aliased(FundingRecord), aliased(FundingEntry)
    away = {"approved": -given.amount, "received": -given.amount}
    passed_on = (
        select(chosen, given.happened_on, *[away.get(step, _ZERO).label(step) for step in STEPS])
        .join_from(chosen, held, held.source_id == c.id)
        .join(given, and_(given.funding_record_id == held.id, given.step == "received"))
        .where(in_force_entries(given))
    )
    return union_all(own, passed_on).cte("moves")


def _told(chosen: CTE) -> CTE:
    """Every move twice: for its own year, and as what was before for the year after."""
    m = moves(chosen)
    turn = values(column("shift", Integer), column("before", Boolean), name="turn").data([(0, False), (1, True)])
    turns = turn.alias("turn")
    reached = m.c.happened_on <= case((turns.c.before, DAY_BEFORE), else_=DAY)
    return (
        select(*m.c, (m.c.year + turns.c.shift).label("told_year"), turns.c.before)
        .select_from(m)
        .join(turns, true())
        .where(reached)
        .cte("told")
    )


def _sums(told: CTE, measure: str) -> list[Any]:
    c = told.c
    now = ~c.before
    return [
        func.count(c.id.distinct()).filter(now).label("count"),
        *[func.coalesce(func.sum(c[step]).filter(now), 0).label(step) for step in STEPS],
        func.coalesce(func.sum(c[measure]).filter(c.before), 0).label("previous"),
    ]


class _Grouped(NamedTuple):
    """The moves joined with what names their groups."""

    source: FromClause
    key: Any
    label_zh: Any = cast(null(), Text)
    label_en: Any = cast(null(), Text)
    position: Any = cast(null(), Integer)


def _by_entry(dictionary: str, source: FromClause, code: Any) -> _Grouped:
    d = DictionaryEntry
    joined = source.outerjoin(d, and_(d.dictionary == dictionary, d.code == code))
    return _Grouped(joined, code, d.label_zh, d.label_en, d.position)


def _by_department(told: CTE) -> _Grouped:
    """Money of a project stands with each of its responsible departments."""
    a, d = Assignment, Department
    links = (
        select(a.project_id, a.department_id)
        .distinct()
        .where(a.role == "responsible", in_force(a, DAY))
        .subquery("links")
    )
    source = told.outerjoin(links, links.c.project_id == told.c.project_id).outerjoin(d, d.id == links.c.department_id)
    return _Grouped(source, d.id, d.name, d.name)


def _grouped(told: CTE, group_by: str) -> _Grouped:
    c, p = told.c, Project
    with_project = told.outerjoin(p, p.id == c.project_id)
    if group_by == "channel":
        return _by_entry("funding_channel", told, c.channel)
    if group_by == "sector":
        return _by_entry("sector", with_project, p.sector)
    if group_by == "department":
        return _by_department(told)
    if group_by == "project":
        return _Grouped(with_project, p.id, p.name, p.name)
    if group_by == "region":
        area = func.left(c.region_code, LEVEL)
        return _Grouped(told.outerjoin(Region, Region.code == area), area, Region.name, Region.name)
    number = c.batch if group_by == "batch" else c.told_year
    return _Grouped(told, number, cast(number, Text), cast(number, Text), number)


def funding_by_group(conditions: Sequence[ColumnElement[bool]], group_by: str, measure: str) -> AnySelect:
    """One row for the total (`is_total`), one for each group; by year, all years up to the one asked for."""
    told = _told(chosen_records(conditions))
    of_year = told.c.told_year <= YEAR if group_by == "year" else told.c.told_year == YEAR
    grouped = _grouped(told, group_by)
    nothing = _Grouped(told, cast(null(), Text))
    total = select(true().label("is_total"), *_labels(nothing), *_sums(told, measure)).select_from(told).where(of_year)
    groups = (
        select(false().label("is_total"), *_labels(grouped), *_sums(told, measure))
        .select_from(grouped.source)
        .where(of_year)
        .group_by(*grouped[1:])
    )
    return select(union_all(total, groups).subquery("figures"))


def _labels(grouped: _Grouped) -> list[Any]:
    _, key, label_zh, label_en, position = grouped
    return [
        cast(key, Text).label("key"), label_zh.label("label_zh"), label_en.label("label_en"),
        position.label("position"),
    ]  # fmt: skip
