"""The facts behind a light of a day, as shown beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.calendar_months import last_month_end
from app.domain.light_rules import Haikou, Ouhai, RuleSet
from app.domain.lights import Facts, Plan, month_milestones, months_behind, planned_by
from app.domain.progress import completion_rate, gap_points, half_up, time_progress


def explained(rule_set: RuleSet, facts: Facts, day: date) -> Mapping[str, Any]:
    """All facts the judgement of that day could go by; null where there is none or the rules do not ask for it."""
    plan = facts.plans.get(day.year, Plan())
    due, figure = facts.start_due(plan), facts.figure(day.year, day)
    investment = plan.investment or None
    completed = facts.completed(day.year, day)
    return {
        "year": day.year,
        "planned_start_month": due.isoformat()[:7] if due else None,
        "started_on": _by(facts.started_on, day),
        "enrolled_on": _by(facts.enrolled_on, day),
        "suspended_since": _by(facts.suspended_since, day),
        "terminated_on": _by(facts.terminated_on, day),
        "planned_investment": plan.investment,
        "completed": completed,
        "completed_as_of": figure[0] if figure else None,
        "completion_rate": completion_rate(completed, investment) if investment else None,
        "time_progress": time_progress(day.year, day),
        "gap_points": gap_points(completed, investment, day.year, day) if investment else None,
        "problem_stated": facts.problem_stated,
        "month": _month(rule_set, facts, plan, day),
    }


def _by(when: date | None, day: date) -> date | None:
    return when if when is not None and when <= day else None


def _month(rule_set: RuleSet, facts: Facts, plan: Plan, day: date) -> dict[str, Any] | None:
    """What the rules that go by month ends looked at."""
    rules = rule_set.rules
    judged = last_month_end(day)
    if not isinstance(rules, (Ouhai, Haikou)):
        return None
    in_year = judged.year == day.year
    found: dict[str, Any] = dict.fromkeys(
        ("planned_by", "gap_points", "months_behind", "milestones_due", "milestones_open", "milestones_caught_up")
    )
    found |= {"end": judged, "completed_by": facts.completed(day.year, judged) if in_year else None}
    if isinstance(rules, Ouhai):
        amount, divisor = planned_by(plan, judged.month if in_year else 0)
        found["planned_by"] = half_up(amount / divisor)
        due, still_open, caught_up = month_milestones(facts, day)
        counts = {"milestones_due": len(due), "milestones_open": len(still_open)}
        return found | counts | {"milestones_caught_up": len(caught_up)}
    if in_year and plan.investment is not None and plan.investment > Decimal(0):
        found["gap_points"] = gap_points(facts.completed(day.year, judged), plan.investment, day.year, judged)
        found["months_behind"] = months_behind(rules, facts, plan, judged)
    return found
