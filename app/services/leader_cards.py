"""Leaders' cards: what the leader sponsored and heard, and the three marks of the departments supervised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from app.access import Actor, visible
from app.domain.assessment import rounded
from app.domain.calendar_months import month_end
from app.domain.held_days import Days, Held, held
from app.domain.labels import LABELS
from app.domain.leader_cards import Figures, State, figures, months_owed
from app.errors import invalid, not_found
from app.reading import prepared
from app.resources.leader_cards import LEADERS, READ, leader, leaders_at_work
from app.resources.leaders import LEADER
from app.schemas.leader_cards import CardQuery, CardsQuery
from app.services import card_reports
from app.services.card_facts import LeaderFacts, Oversight, Span, Sponsorship, gather
from app.services.card_rankings import Placed, Rankings, published
from app.services.statistics import home, place
from app.uow import UnitOfWork

Told = dict[str, Any]
_COUNTY = 6


def span_of(query: CardQuery, today: date) -> Span:
    """The days asked for, of one calendar year. 422 for days that contradict each other or have not come."""
    dated = query.from_ is not None or query.to is not None
    if dated and {query.year, query.quarter, query.month} != {None}:
        expected = ("from、to 与 year、quarter、month 二选一", "either from and to, or year, quarter, month")
        raise invalid("from", "invalid_value", expected=expected)
    if query.quarter is not None and query.month is not None:
        raise invalid("month", "invalid_value", expected=("季度与月份二选一", "either a quarter or a month"))
    first, last = _given(query, today) if dated else _named(query, today)
    if last < first:
        raise invalid("to", "dates_out_of_order")
    if last.year != first.year:
        raise invalid("to", "invalid_value", expected=("与 from 同一年", "a day of the same year as `from`"))
    if first > today:
        raise invalid("from" if query.from_ is not None else "year", "in_the_future")
    return Span(first, last, min(last, today))


def _given(query: CardQuery, today: date) -> tuple[date, date]:
    year = (query.from_ or query.to or today).year
    return query.from_ or date(year, 1, 1), query.to or date(year, 12, 31)


def _named(query: CardQuery, today: date) -> tuple[date, date]:
    year = query.year or today.year
    if query.month is not None:
        return date(year, query.month, 1), month_end(date(year, query.month, 1))
    if query.quarter is not None:
        return date(year, 3 * query.quarter - 2, 1), month_end(date(year, 3 * query.quarter, 1))
    return date(year, 1, 1), date(year, 12, 31)


async def card(uow: UnitOfWork, actor: Actor, leader_id: UUID, query: CardQuery) -> Told:
    """One leader's card; 404 for a leader the actor does not see."""
    span, db = span_of(query, uow.today), uow.db
    seen = visible(actor.scopes(READ), LEADERS)
    statement = prepared(("leader_card", "leader", seen.shape), lambda: leader(seen))
    row = await db.row(statement, seen.values | {"leader": leader_id})
    if row is None:
        raise not_found(LEADER.label)
    [facts] = await gather(uow, actor, [dict(row)], span)
    rankings = await published(db, actor, row["region_code"][:_COUNTY], span.first.year)
    return {"leader": facts.leader, "period": _period(span), **_card(facts, rankings, span)}


async def cards(uow: UnitOfWork, actor: Actor, query: CardsQuery) -> Told:
    """Of all who sponsored or supervised in the period, in the order of the four bodies, then by name."""
    span, db = span_of(query, uow.today), uow.db
    region = query.region if query.region is not None else home(actor.scopes(READ))
    if len(region) < _COUNTY:
        raise invalid("region", "out_of_range", expected=("一个县区：至少6位", "one county: at least 6 digits"))
    seen = visible(actor.scopes(READ), LEADERS)
    statement = prepared(("leader_card", "leaders", seen.shape), lambda: leaders_at_work(seen))
    values = seen.values | {"region": region, "first": span.first, "last": span.through}
    rows = [dict(row) for row in await db.rows(statement, values)]
    rows.sort(key=lambda row: list(LABELS["leader_body"]).index(row["body"]))
    rankings = await published(db, actor, region[:_COUNTY], span.first.year)
    return {
        "region": await place(db, query.region, region),
        "period": _period(span),
        "items": [_item(facts, _card(facts, rankings, span)) for facts in await gather(uow, actor, rows, span)],
    }


def _period(span: Span) -> Told:
    return {"starts_on": span.first, "ends_on": span.last, "through": span.through}


def _item(facts: LeaderFacts, whole: Told) -> Told:
    marks = {
        name: {"departments": mark["departments"], "by_days": mark["by_days"]} for name, mark in whole["marks"].items()
    }
    departments = len(whole["departments"])
    return {"leader": facts.leader, "sponsored": whole["sponsored"], "departments": departments, "marks": marks}


def _card(facts: LeaderFacts, rankings: Rankings, span: Span) -> Told:
    projects = [_project(s, span) for s in facts.sponsorships]
    departments = [_department(o) for o in facts.oversights]
    return {
        "sponsored": _sponsored(facts.sponsorships, projects, span),
        "projects": projects,
        "departments": departments,
        "marks": _marks(facts.oversights, departments, rankings),
        "rankings": [one.told() for one in rankings.get(facts.leader["id"], ()) if _meets(one.days, span.days)],
    }


def _meets(one: Days, other: Days) -> bool:
    return one.first <= other.last and other.first <= one.last


def _stretches(part: Held) -> list[Told]:
    return [{"first_day": stretch.first, "last_day": stretch.last} for stretch in part.stretches]


def _tenure(part: Held) -> Told:
    return {"days": _stretches(part), "share_percent": rounded(part.share * 100), "judged_on": part.last}


def _figures(found: Figures) -> Told:
    return {
        "annual_plan": found.annual_plan,
        "completed": found.completed,
        "completion_rate": found.completion_rate,
        "time_progress": found.time_progress,
        "gap_points": found.gap_points,
    }


def _before(states: Iterable[State], part: Held) -> Told:
    day = part.day_before
    gap = None if day is None else figures((state, day) for state in states).gap_points
    return {"gap_points_before": gap}


def _project(s: Sponsorship, span: Span) -> Told:
    visited = Counter(day.replace(day=1) for day in s.visits)
    months = months_owed(s.tenures, span.days, s.state)
    return {
        "project_id": s.project_id,
        "name": s.name,
        "region_code": s.region_code,
        **_tenure(s.held),
        "stage": s.state.stage,
        "light": s.state.light,
        "category": s.state.category,
        **_figures(figures([(s.state, s.held.last)])),
        **_before([s.before] if s.before is not None else [], s.held),
        "months": [
            {"month": f"{month:%Y-%m}", "visits": visited[month], "heard": visited[month] > 0} for month in months
        ],
        "last_heard_on": max(s.visits, default=None),
        "reports": card_reports.told(s.reports),
    }


def _sponsored(found: Sequence[Sponsorship], projects: Sequence[Told], span: Span) -> Told:
    lights = Counter(project["light"] or "none" for project in projects)
    stages = Counter(project["stage"] for project in projects)
    month = f"{span.through:%Y-%m}"
    silent = [(p, n) for p, s in zip(projects, found, strict=True) if (n := card_reports.missing_in(s.reports, month))]
    waiting = [p for p in projects if any(m["month"] == month and not m["heard"] for m in p["months"])]
    return {
        "count": len(projects),
        "by_light": {light: lights[light] for light in (*LABELS["light"], "none")},
        "by_stage": [{"stage": stage, "count": stages[stage]} for stage in LABELS["stage"] if stage in stages],
        **_figures(figures((s.state, s.held.last) for s in found)),
        "month": month,
        "not_heard": [{name: p[name] for name in ("project_id", "name", "last_heard_on")} for p in waiting],
        "missed_hearings": sum(not m["heard"] for p in projects for m in p["months"]),
        "reports": card_reports.told([r for s in found for r in s.reports]),
        "not_reported": [{"project_id": p["project_id"], "name": p["name"], "missing": n} for p, n in silent],
    }


def _department(o: Oversight) -> Told:
    found = figures((state, o.held.last) for state in o.states)
    return {
        "department_id": o.department_id,
        "name": o.name,
        **_tenure(o.held),
        "projects": len(o.states),
        **_figures(found),
        **_before(o.before, o.held),
        "lags": found.gap_points is not None and found.gap_points < 0,
        "reports": card_reports.told(o.reports),
    }


def _marks(oversights: Sequence[Oversight], departments: Sequence[Told], rankings: Rankings) -> Told:
    ranked = [
        (placed, part, o)
        for o in oversights
        for placed in rankings.get(o.department_id, ())
        if (part := held(o.tenures, placed.days)) and _meets(placed.days, o.held.period)
    ]
    lagging = [(told, o) for told, o in zip(departments, oversights, strict=True) if told["lags"]]
    return {
        "worst_rated": _rank_mark([each for each in ranked if each[0].worst]),
        "fell_in_rank": _rank_mark([each for each in ranked if each[0].fell]),
        "lagging": {
            "departments": len(lagging),
            "by_days": rounded(sum((o.held.share for _, o in lagging), Fraction(0))),
            "facts": [told for told, _ in lagging],
        },
    }


def _rank_mark(facts: Sequence[tuple[Placed, Held, Oversight]]) -> Told:
    shares: dict[UUID, Fraction] = {}
    for _, part, o in facts:
        shares[o.department_id] = max(part.share, shares.get(o.department_id, Fraction(0)))
    return {
        "departments": len(shares),
        "by_days": rounded(sum(shares.values(), Fraction(0))),
        "facts": [_rank_fact(placed, part, o) for placed, part, o in facts],
    }


def _rank_fact(placed: Placed, part: Held, o: Oversight) -> Mapping[str, Any]:
    return {
        **placed.told(),
        "department_id": o.department_id,
        "department_name": o.name,
        "days": _stretches(part),
        "share_percent": rounded(part.share * 100),
    }
