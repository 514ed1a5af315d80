"""A whole ledger held against the database: what every row would do, and what is missing for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from app.ledgers.model import AnyLedger, Ledger, LedgerRow
from app.ledgers.text import fold
from app.models import Import, Region
from app.services.import_directory import load_directory
from app.services.import_fields import add_key_year, compare_columns, fill_columns
from app.services.import_matching import Match, load_index, match_all
from app.services.import_messages import Places
from app.services.import_milestones import compare_milestones
from app.services.import_progress import compare_figure, compare_plan, compare_stage, first_stage
from app.services.import_reading import Period, dictionary_labels, off_loop, sector_labels
from app.services.import_roles import compare_roles
from app.services.import_stored import Stored, Was, load
from app.services.import_verdict import Context, Missing, Verdict
from app.uow import UnitOfWork

OUTCOMES = ("created", "changed", "unchanged", "rejected")
_LISTED = 1000
"""At most so many totals, and of each sheet so many ignored rows, are shown."""


async def compare(
    uow: UnitOfWork, ledger: Ledger, region: Region, period: Period, filename: str, *, lock: bool = False
) -> list[Verdict]:
    """One verdict per row, in ledger order. With `lock`, the projects stay locked until the transaction ends."""
    places = Places.of(ledger.sheets)
    matches = match_all(ledger.rows, await load_index(uow.session, region.code, ledger.rows), places)
    ids = sorted({match.project_id for match in matches if match.project_id})
    stored = await load(uow.session, ids, period.year, period.as_of, lock=lock)
    context = Context(
        period=period,
        directory=await load_directory(uow.session, region, ledger.rows),
        places=places,
        provides={sheet.name: frozenset(sheet.provides) for sheet in ledger.sheets},
        sectors=await sector_labels(uow),
        milestone_kinds={fold(label): code for code, label in (await dictionary_labels(uow, "milestone_kind")).items()},
        today=uow.today,
        reason=f"台账导入：{filename}",
    )
    return await off_loop(_judge_all, ledger.rows, matches, stored, context)


def _judge_all(
    rows: Sequence[LedgerRow], matches: Sequence[Match], stored: Mapping[UUID, Stored], context: Context
) -> list[Verdict]:
    return [
        _judge(position, row, match, stored, context)
        for position, (row, match) in enumerate(zip(rows, matches, strict=True), 1)
    ]


def _judge(position: int, row: LedgerRow, match: Match, stored: Mapping[UUID, Stored], context: Context) -> Verdict:
    known = stored.get(match.project_id) if match.project_id else None
    verdict = Verdict(position, row, known, context, match.project_id)
    verdict.errors = [*row.errors, *match.errors]
    verdict.notes = [*row.notes, *match.notes]
    if not verdict.errors:
        if known is None:
            _judge_new(verdict)
        else:
            _judge_known(verdict, known)
    if verdict.errors:
        verdict.changes = {}
        verdict.milestones = []
        verdict.missing = []
    return verdict


def _judge_new(verdict: Verdict) -> None:
    fill_columns(verdict)
    first_stage(verdict)
    compare_roles(verdict, None, None, verdict.writes.project["region_code"])
    compare_plan(verdict, None, verdict.writes.project["stage"])
    compare_figure(verdict, None, None)
    compare_milestones(verdict, ())


def _judge_known(verdict: Verdict, stored: Stored) -> None:
    was = Was(stored, verdict.context.sectors)
    compare_columns(verdict, was, stored)
    project = verdict.writes.project
    compare_roles(verdict, was, stored, project.get("region_code", stored.columns["region_code"]))
    # Before the stage, which may depend on them.
    compare_milestones(verdict, stored.milestones)
    compare_stage(verdict, stored)
    compare_plan(verdict, stored.plan, project.get("stage", stored.columns["stage"]))
    add_key_year(verdict, stored)
    compare_figure(verdict, stored.figure, was)


def refuse_missing(verdicts: Iterable[Any]) -> None:
    """Rows that name someone who is not there are rejected, unless the sender wants them made."""
    for verdict in verdicts:
        for missing in verdict.missing:
            verdict.refuse(missing.field, _code(missing), missing.name)
        if verdict.missing:
            verdict.changes = {}
            verdict.milestones = []


def note_missing(verdicts: Iterable[Any]) -> None:
    """In a preview it is still open whether they will be made."""
    for verdict in verdicts:
        for missing in verdict.missing:
            verdict.note(missing.field, _code(missing), missing.name)


def _code(missing: Missing) -> str:
    return "missing_leader" if missing.field == "leader" else "missing_department"


def counts(verdicts: Iterable[Any]) -> dict[str, int]:
    found: Counter[str] = Counter(verdict.outcome for verdict in verdicts)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def summary(ledger: AnyLedger, verdicts: Sequence[Any], asked: dict[str, Any]) -> dict[str, Any]:
    """What the preview says of the ledger as a whole, as plain JSON."""
    read = [sheet for sheet in ledger.sheets if sheet.skipped is None]
    return {
        "asked": asked,
        "unit": read[0].unit if read else None,
        "sheets": [_sheet(asdict(sheet)) for sheet in ledger.sheets],
        "counts": counts(verdicts),
        "missing": _all_missing(verdicts),
        "totals": [
            {**asdict(check), "stated": _number(check.stated), "computed": _number(check.computed)}
            for check in ledger.totals[:_LISTED]
        ],
        "row_count": len(verdicts),
    }


def _sheet(sheet: dict[str, Any]) -> dict[str, Any]:
    return {key: list(value[:_LISTED]) if isinstance(value, tuple) else value for key, value in sheet.items()}


def _number(amount: Any) -> int | float | None:
    if amount is None:
        return None
    return int(amount) if amount == int(amount) else float(amount)


def _all_missing(verdicts: Iterable[Any]) -> dict[str, Any]:
    """Each once, in ledger order; `rows` says how many rows need one of them."""
    departments: dict[str, None] = {}
    leaders: dict[str, str | None] = {}
    rows = 0
    for verdict in verdicts:
        rows += bool(verdict.missing)
        for missing in verdict.missing:
            if missing.field == "leader":
                leaders[missing.name] = leaders.get(missing.name) or missing.title
            else:
                departments[missing.name] = None
    people = [{"name": name, "title": title} for name, title in leaders.items()]
    return {"departments": list(departments), "leaders": people, "rows": rows}


def row_records(row: Import, verdicts: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows for the table `import_rows`."""
    return [
        {
            "import_id": row.id,
            "position": verdict.position,
            "sheet": verdict.row.sheet,
            "row": verdict.row.row,
            "outcome": verdict.outcome,
            "project_id": verdict.project_id,
            "name": verdict.row.values.name,
            "detail": _detail(verdict),
        }
        for verdict in verdicts
    ]


def _detail(verdict: Any) -> dict[str, Any]:
    """Changes, and the findings in both languages: what is asked for is picked in the database."""
    detail: dict[str, Any] = {"changes": verdict.changes}
    if verdict.milestones:
        detail["milestones"] = verdict.milestones
    for language in ("zh", "en"):
        for kind, findings in (("errors", verdict.errors), ("notes", verdict.notes)):
            if findings:
                detail.setdefault(language, {})[kind] = [
                    {"cell": f.cell, "field": f.field, "code": f.code, "message": getattr(f, f"message_{language}")}
                    for f in findings
                ]
    return detail
