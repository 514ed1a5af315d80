"""Projects against their money: what is secured of the investment, and how the money that came is paid out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Numeric,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from app.domain.funding import STEPS
from app.models import DictionaryEntry, FundingRecord, Project
from app.reading import AnySelect
from app.resources.funding_records import FUNDING_RECORD
from app.resources.funding_statistics import chosen_records, moves
from app.resources.project_columns import DAY
from app.resources.statistics import chosen_projects

CAME_BY = bindparam("came_by", None, Date)
"""What came by that day should have been paid out by now."""


def _of_records(found: CTE) -> CTE:
    """One row a record: its steps by the day, and what of it had come early enough."""
    m = moves(found)
    c = m.c
    sums = {step: func.sum(c[step]) for step in STEPS}
    return (
        select(
            c.id, c.project_id, c.channel, *[total.label(step) for step, total in sums.items()],
            func.greatest(sums["approved"], sums["received"]).label("secured"),
            func.coalesce(func.sum(c.received).filter(c.happened_on <= CAME_BY), 0).label("came_early"),
        )
        .where(c.happened_on <= DAY)
        .group_by(c.id, c.project_id, c.channel)
        .cte("of_records")
    )  # fmt: skip


_SUMMED = (*STEPS, "secured", "came_early")


def _of_projects(conditions: Sequence[ColumnElement[bool]], *, past: bool) -> CTE:
    """Chosen projects with their money, all years together; `recorded` is false where none is on record."""
    found = chosen_projects(conditions, past=past, more=[Project.name, Project.code])
    records = chosen_records([FundingRecord.project_id.in_(select(found.c.id))])
    money = _of_records(records)
    sums = (
        select(money.c.project_id, *[func.sum(money.c[name]).label(name) for name in _SUMMED])
        .group_by(money.c.project_id)
        .subquery("sums")
    )
    shown: list[Any] = [func.coalesce(sums.c[name], 0).label(name) for name in _SUMMED]
    gap = found.c.total_investment - func.coalesce(sums.c.secured, 0)
    return (
        select(
            found.c.id, found.c.code, found.c.name, found.c.region_code, found.c.sector, found.c.stage,
            found.c.total_investment, *shown, gap.label("gap"), sums.c.project_id.is_not(None).label("recorded"),
        )
        .select_from(found.outerjoin(sums, sums.c.project_id == found.c.id))
        .cte("of_projects")
    )  # fmt: skip


def _flagged(p: Any, *, unrecorded: bool) -> CTE:
    at_least, share = bindparam("gap_at_least", None, Numeric), bindparam("gap_share_at_least", None, Numeric)
    below = bindparam("pay_out_below", None, Numeric)
    too_wide = and_(p.c.gap > 0, p.c.gap >= at_least, p.c.gap * 100 >= share * p.c.total_investment)
    slow = and_(p.c.came_early > 0, p.c.paid * 100 < below * p.c.came_early)
    looked_at = [] if unrecorded else [p.c.recorded]
    return (
        select(p, func.coalesce(too_wide, False).label("short"), func.coalesce(slow, False).label("slow"))
        .where(*looked_at)
        .cte("flagged")
    )


def funding_gaps(conditions: Sequence[ColumnElement[bool]], *, past: bool, unrecorded: bool) -> AnySelect:
    """One row: `items` (JSON, widest gap first, at most `row_limit`) and the totals of all that are held up."""
    projects = _of_projects(conditions, past=past)
    flagged = _flagged(projects, unrecorded=unrecorded)
    held = select(flagged).where(or_(flagged.c.short, flagged.c.slow)).cte("held")
    d = DictionaryEntry
    page = (
        select(held, d.label_zh.label("sector_zh"), d.label_en.label("sector_en"))
        .outerjoin_from(held, d, and_(d.dictionary == "sector", d.code == held.c.sector))
        .order_by(held.c.short.desc(), held.c.gap.desc().nulls_last(), held.c.id)
        .limit(bindparam("row_limit", 100, Integer))
        .subquery("x")
    )
    rows = select(func.coalesce(func.json_agg(func.row_to_json(literal_column("x"))), literal_column("'[]'::json")))
    h = held.c
    sums = [
        func.coalesce(func.sum(h[name]), 0).label(name) for name in ("total_investment", "secured", "received", "paid")
    ]
    silent = select(func.count()).where(~projects.c.recorded).scalar_subquery()
    return select(
        cast(rows.select_from(page).scalar_subquery(), Text).label("items"),
        func.count().label("count"),
        func.count().filter(h.short).label("short_count"),
        func.count().filter(h.slow).label("slow_count"),
        func.coalesce(func.sum(h.gap).filter(h.short), 0).label("gap"),
        *sums,
        silent.label("unrecorded_count"),
    ).select_from(held)


def funding_of_project(seen: ColumnElement[bool]) -> AnySelect:
    """A project's money by channel; of records the actor sees, which are all of a project they see."""
    chosen = chosen_records([FundingRecord.project_id == bindparam("key", None, FUNDING_RECORD.key.type), seen])  # type: ignore[attr-defined]  # a column
    money = _of_records(chosen)
    d = DictionaryEntry
    source = money.outerjoin(d, and_(d.dictionary == "funding_channel", d.code == money.c.channel))
    sums = [func.sum(money.c[name]).label(name) for name in (*STEPS, "secured")]
    columns: list[Any] = [money.c.channel.label("key"), d.label_zh, d.label_en, d.position, *sums]
    return (
        select(*columns)
        .select_from(source)
        .group_by(money.c.channel, d.label_zh, d.label_en, d.position)
        .order_by(case((d.position.is_(None), 1), else_=0), d.position, money.c.channel)
    )
