"""Stage, annual plan and progress figure of a row."""

from __future__ import annotations

from decimal import Decimal

from app.domain.labels import LABELS
from app.domain.stages import CONDITIONS, MOVES, ORDER, TERMINATED, facts, unmet
from app.ledgers.model import ProjectValues
from app.services.import_milestones import all_done
from app.services.import_stored import Stored, StoredFigure, StoredPlan, Was
from app.services.import_verdict import Verdict

_FIRST_STAGE = {"continued": "started", "new_start": "landed", "preliminary": "reserve"}
"""Where a project that is new to us stands when only its category is known."""


def first_stage(verdict: Verdict) -> None:
    values = verdict.row.values
    stage = values.stage or _FIRST_STAGE.get(values.category or "", "reserve")
    verdict.set("stage", None, stage)
    verdict.writes.project |= {"stage_since": verdict.context.as_of, "last_activity_on": verdict.context.as_of}
    verdict.writes.transition = {
        "from_stage": None,
        "to_stage": stage,
        "reason": None,
        "overridden": False,
        "unmet": [],
    }


def compare_stage(verdict: Verdict, stored: Stored) -> None:
    """Only a stage the ledger names (sheet, section or column) moves a project; to be called after its other fields.

    The ledger is the office's record of what happened: unmet conditions do not stop the move, they stay with it.
    """
    before, after = stored.columns["stage"], verdict.row.values.stage
    if after is None or after == before:
        return
    as_of, since = verdict.context.as_of, stored.columns["stage_since"]
    if since > as_of:
        verdict.note("stage", "later_stage_kept", after, since=since)
        return
    move = MOVES.get((before, after))
    if move is None:
        (from_zh, from_en), (to_zh, to_en) = LABELS["stage"][before], LABELS["stage"][after]
        verdict.refuse("stage", "no_such_move", after, from_zh=from_zh, to_zh=to_zh, from_en=from_en, to_en=to_en)
        return
    failing = unmet(move, _facts(verdict, stored))
    if failing:
        words = [CONDITIONS[condition] for condition in failing]
        verdict.note(
            "stage",
            "stage_overridden",
            after,
            unmet_zh="；".join(zh for zh, _ in words),
            unmet_en="; ".join(en for _, en in words),
        )
    verdict.set("stage", before, after)
    verdict.writes.project["stage_since"] = as_of
    if after == TERMINATED:
        verdict.writes.project["suspended_since"] = None
    explained = bool(failing) or "reason" in move.conditions
    verdict.writes.transition = {
        "from_stage": before,
        "to_stage": after,
        "reason": verdict.context.reason if explained else None,
        "overridden": bool(failing),
        "unmet": failing,
    }


def _facts(verdict: Verdict, stored: Stored) -> dict[str, bool]:
    """What speaks for a move once the row's other changes are made; the import itself is the reason."""
    now = {**stored.columns, **verdict.writes.project}
    owned = bool(stored.current("owner")) or any(opening.role == "owner" for opening in verdict.writes.opened)
    return facts(
        investors=bool(now["investors"]),
        owners=owned,
        place=bool(now["location"]) or now["longitude"] is not None,
        land_status=now["land_status"],
        permits_issued=not now["permits_waiting"],
        open_milestones=not all_done(verdict, stored.milestones),
        suspended=now["suspended_since"] is not None,
        reason=True,
    )


def compare_plan(verdict: Verdict, plan: StoredPlan | None, stage: str) -> None:
    """The year's plan; `stage` is the project's after this row."""
    values = verdict.row.values
    if plan is None:
        if values.category or values.annual_plan is not None:
            _new_plan(verdict, stage)
        return
    after: dict[str, object] = {}
    if values.category and values.category != plan.category:
        after["category"] = values.category
        verdict.change("annual_plan.category", plan.category, values.category)
    if verdict.says("annual_plan") and values.annual_plan != plan.planned_investment:
        after["planned_investment"] = values.annual_plan
        verdict.change("annual_plan.planned_investment", plan.planned_investment, values.annual_plan)
        if plan.monthly is not None and sum(plan.monthly, Decimal(0)) != (values.annual_plan or 0):
            after["monthly"] = None
            verdict.change("annual_plan.monthly", plan.monthly, None)
            verdict.note("annual_plan", "monthly_split_dropped")
    if after:
        kept = {"category": plan.category, "planned_investment": plan.planned_investment, "monthly": plan.monthly}
        verdict.writes.plan_id = plan.id
        verdict.writes.plan = {**kept, **after}


def _new_plan(verdict: Verdict, stage: str) -> None:
    values = verdict.row.values
    category = values.category or _inferred_category(values, verdict.context.period.year, stage)
    if values.category is None:
        zh, en = LABELS["plan_category"][category]
        verdict.note("annual_plan", "category_inferred", label_zh=zh, label_en=en)
    verdict.writes.plan = {"category": category, "planned_investment": values.annual_plan, "monthly": None}
    verdict.change("annual_plan.category", None, category)
    if values.annual_plan is not None:
        verdict.change("annual_plan.planned_investment", None, values.annual_plan)


def _inferred_category(values: ProjectValues, year: int, stage: str) -> str:
    """By the planned start where it is known, else by the stage."""
    if values.start is not None:
        if values.start.year == year:
            return "new_start"
        return "continued" if values.start.year < year else "preliminary"
    under_way = stage in ORDER and ORDER.index(stage) >= ORDER.index("started")
    return "continued" if under_way else "new_start"


def compare_figure(verdict: Verdict, figure: StoredFigure | None, was: Was | None) -> None:
    """Completed investment and physical progress. The same as what is in force on the ledger's day is no news; what
    the row does not say goes on as it was, for the newest figure must not hide it. `was` is None for a new project."""
    values = verdict.row.values
    before = figure.completed if figure else None
    completed = before if values.completed is None else values.completed
    text_before = figure.physical_text if figure else None
    same = values.progress_text is None or (was and was.agrees(lambda v: v.progress_text, values.progress_text))
    text = text_before if same else values.progress_text
    if completed == before and text == text_before:
        return
    if verdict.context.as_of.year < verdict.context.period.year:
        verdict.note("completed", "figure_before_year", year=verdict.context.period.year)
        return
    verdict.writes.figure = {
        "completed": completed,
        "physical_text": text,
        "physical_percent": figure.physical_percent if figure else None,
    }
    if completed != before:
        verdict.change("progress.completed", before, completed)
    if text != text_before:
        verdict.change("progress.physical_text", text_before, text)
