"""A dashboard's first screen in one statement, so that all its figures are of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Numeric,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.domain.stages import ORDER, TERMINATED
from app.models import DictionaryEntry, Project, Region, StageTransition
from app.reading import AnySelect
from app.resources.project_columns import DAY
from app.resources.project_filters import FILTERS
from app.resources.project_past import stale_then, suspended_then
from app.resources.statistics import chosen_projects, stage_and_since, sums

YEAR_START = bindparam("year_start", None, Date)
YEAR_END = bindparam("year_end", None, Date)
TIME_SHARE = bindparam("time_share", None, Numeric)
REGIONS = bindparam("regions", None, ARRAY(Text))
LARGEST_GAPS = 5
RECENT_MOVES = 10


def overview(conditions: Sequence[ColumnElement[bool]], *, past: bool) -> AnySelect:
    """One row of JSON columns: groups, counts, gaps, moves, region."""
    chosen = chosen_projects(conditions, past=past, more=_marks(past))
    return select(
        _array(_groups(chosen)).label("groups"),
        _object(_counts(chosen)).label("counts"),
        _array(_gaps(chosen)).label("gaps"),
        _array(_moves(chosen)).label("moves"),
        _object(_region()).label("region"),
    )


def _array(rows: AnySelect) -> Any:
    x = rows.subquery("x")
    as_json = func.json_agg(func.row_to_json(literal_column("x")))
    return cast(select(func.coalesce(as_json, literal_column("'[]'::json"))).select_from(x).scalar_subquery(), Text)


def _object(row: AnySelect) -> Any:
    x = row.subquery("x")
    return cast(select(func.row_to_json(literal_column("x"))).select_from(x).scalar_subquery(), Text)


def _marks(past: bool) -> list[Any]:
    """What else is told of a project, as of the day; land and the major flag have no history and are as now."""
    p = Project
    stage, since = stage_and_since(past)
    return [
        p.name,
        p.major,
        (p.land_status == "pending").label("waiting_for_land"),
        (suspended_then() if past else p.suspended_since.is_not(None)).label("suspended"),
        (stale_then(stage, since) if past else FILTERS["stale"].build((True, None, None))).label("stale"),
        _newly("started", stage, since).label("newly_started"),
        _newly("completed", stage, since).label("newly_completed"),
    ]


def _newly(reached: str, stage: Any, since: Any) -> Any:
    """Moved into or past a stage within the year, and still there on the day."""
    i = ORDER.index(reached)
    before, after = ORDER[:i], ORDER[i:]
    t = StageTransition
    moves = (
        select(true())
        .where(
            t.project_id == Project.id,
            t.from_stage.in_(before),
            t.to_stage.in_(after),
            t.happened_on.between(YEAR_START, func.least(YEAR_END, DAY)),
        )
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )
    # CASE keeps the look into the history to the few projects whose last move is recent enough; as an EXISTS it would
    # be answered by going through the whole history once.
    moved = case((and_(stage.in_(after), since >= YEAR_START), moves), else_=false())
    return func.coalesce(moved, false())


def _groups(chosen: CTE) -> AnySelect:
    """The total and the groups by stage, sector and category in one pass; `grouping` tells them apart."""
    c = chosen.c
    columns: list[Any] = [
        func.grouping(c.stage, c.sector, c.category).label("grouping"), c.stage, c.sector, c.category, *sums(chosen),
    ]  # fmt: skip
    sets = func.grouping_sets(literal_column("()"), c.stage, c.sector, c.category)
    counted = select(*columns).group_by(sets).subquery("counted")
    d = DictionaryEntry
    source = counted.outerjoin(d, and_(d.dictionary == "sector", d.code == counted.c.sector))
    named: list[Any] = [*counted.c, d.label_zh, d.label_en, d.position]
    return select(*named).select_from(source)


def _counts(chosen: CTE) -> AnySelect:
    c = chosen.c
    marks = ("suspended", "stale", "waiting_for_land", "major", "newly_started", "newly_completed")
    columns: list[Any] = [func.count().filter(c[mark]).label(mark) for mark in marks]
    return select(*columns).select_from(chosen)


def _gaps(chosen: CTE) -> AnySelect:
    """Projects furthest behind time progress; the larger plan first where they are equally behind."""
    c = chosen.c
    done = func.coalesce(c.completed, 0)
    share = done / func.nullif(c.annual_plan, 0)
    return (
        select(c.id, c.name, c.annual_plan, done.label("completed"))
        .where(share < TIME_SHARE, c.stage != TERMINATED)
        .order_by(share, c.annual_plan.desc(), c.id)
        .limit(LARGEST_GAPS)
    )


def _moves(chosen: CTE) -> AnySelect:
    """The last moves along the pipeline; a project's first entry is no move."""
    t = StageTransition
    return (
        select(t.project_id, chosen.c.name, t.from_stage, t.to_stage, t.happened_on)
        .join_from(t, chosen, chosen.c.id == t.project_id)
        .where(t.from_stage.is_not(None), t.happened_on <= DAY)
        .order_by(t.happened_on.desc(), t.entered_at.desc(), t.id.desc())
        .limit(RECENT_MOVES)
    )


def _region() -> AnySelect:
    """The deepest of the regions asked for."""
    r = Region
    columns: list[Any] = [r.code, r.name]
    return select(*columns).where(r.code == func.any(REGIONS)).order_by(func.length(r.code).desc()).limit(1)
