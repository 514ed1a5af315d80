"""Milestones of a row: what its 节点 columns would make or change.

A ledger has one cell for a milestone: a planned day, or the word that it is done. So a cell only speaks of what it
says: a planned day moves the plan and leaves the state alone, "已完成" leaves the plan alone, and nothing ever takes
back that a milestone is done, removes one, or erases a day. What is on record beside that is told as a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.ledgers.model import MilestoneValue
from app.ledgers.nodes import PREFIX, kind_of
from app.ledgers.text import fold, match_key
from app.services.import_stored import StoredMilestone
from app.services.import_verdict import Context, MilestoneWrite, Verdict

UPDATABLE = ("status", "planned_start", "planned_finish", "actual_finish")


def compare_milestones(verdict: Verdict, stored: Sequence[StoredMilestone]) -> None:
    """Each milestone the row names against the first of that name on record, in column order."""
    free: dict[str, StoredMilestone] = {}
    for each in stored:
        free.setdefault(match_key(each.name), each)
    place = min((each.position for each in stored), default=1) - 1
    for node in verdict.row.values.milestones:
        known = free.pop(match_key(node.name), None)
        if known is None:
            # Behind the milestone before it, until the next that was there already: of equal places the newer id
            # comes later.
            place = place if stored else place + 1
            _new(verdict, node, max(place, 0))
        else:
            place = known.position
            _known(verdict, node, known)


def all_done(verdict: Verdict, stored: Sequence[StoredMilestone]) -> bool:
    """Whether every milestone is done once the row is written; to be asked after `compare_milestones`."""
    after = {write.id: write.columns["status"] for write in verdict.writes.milestones if write.id is not None}
    made = [write.columns["status"] for write in verdict.writes.milestones if write.id is None]
    return all(status == "done" for status in [*made, *(after.get(each.id, each.status) for each in stored)])


def _new(verdict: Verdict, node: MilestoneValue, position: int) -> None:
    if not _may_be_done(verdict, node, None):
        return
    columns = {
        "position": position,
        "name": node.name,
        "kind": _kind(verdict.context, node.name),
        "status": node.status,
        "planned_finish": node.date if node.status == "planned" else None,
        "actual_finish": node.date if node.status == "done" else None,
    }
    verdict.writes.milestones.append(MilestoneWrite(None, columns))
    told = {name: columns[name] for name in ("status", "planned_finish", "actual_finish") if columns[name] is not None}
    verdict.change(PREFIX + node.name, None, told)
    _tell(verdict, node, "created")


def _known(verdict: Verdict, node: MilestoneValue, known: StoredMilestone) -> None:
    if not _may_be_done(verdict, node, known.actual_start):
        return
    after = _changes(verdict, node, known)
    if after:
        current = {name: getattr(known, name) for name in UPDATABLE}
        verdict.writes.milestones.append(MilestoneWrite(known.id, current | after))
        verdict.change(PREFIX + node.name, {name: current[name] for name in after}, after)
    _tell(verdict, node, "changed" if after else "unchanged")


def _changes(verdict: Verdict, node: MilestoneValue, known: StoredMilestone) -> dict[str, Any]:
    """Columns that come to differ."""
    field = PREFIX + node.name
    if node.status == "done":
        after: dict[str, Any] = {} if known.status == "done" else {"status": "done"}
        if node.date is not None and node.date != known.actual_finish:
            after["actual_finish"] = node.date
        return after
    if known.status == "done":
        verdict.note(field, "milestone_done_kept", node.name)
    if node.status == "in_progress":
        return {"status": "in_progress"} if known.status == "planned" else {}
    return _planned(verdict, node, known)


def _planned(verdict: Verdict, node: MilestoneValue, known: StoredMilestone) -> dict[str, Any]:
    """What a planned day, or that there is none yet, changes of the plan."""
    field = PREFIX + node.name
    if node.date is None:
        if known.planned_finish is not None and known.status != "done":
            verdict.note(field, "milestone_date_kept", node.name, kept=known.planned_finish)
        return {}
    if node.date == known.planned_finish:
        return {}
    if known.baselined:
        # What a baseline planned changes by a decision, and that makes another baseline.
        verdict.note(field, "baseline_kept", node.name, kept=known.planned_finish or "—")
        return {}
    if known.planned_start is not None and known.planned_start > node.date:
        verdict.note(field, "milestone_start_dropped", node.name, start=known.planned_start)
        return {"planned_finish": node.date, "planned_start": None}
    return {"planned_finish": node.date}


def _may_be_done(verdict: Verdict, node: MilestoneValue, begun: date | None) -> bool:
    """Done on a day to come, or before it was begun, is no fact."""
    if node.status != "done" or node.date is None:
        return True
    if node.date > verdict.context.today:
        verdict.refuse(PREFIX + node.name, "milestone_done_ahead", str(node.date))
        return False
    if begun is not None and begun > node.date:
        verdict.refuse(PREFIX + node.name, "milestone_done_before_begun", str(node.date), begun=begun)
        return False
    return True


def _kind(context: Context, name: str) -> str:
    """By the label of an entry of the dictionary, which a county may have added, else by the words ledgers use."""
    return context.milestone_kinds.get(fold(name)) or kind_of(name)


def _tell(verdict: Verdict, node: MilestoneValue, outcome: str) -> None:
    """For the preview: the milestone as the ledger has it."""
    verdict.milestones.append(
        {
            "cell": verdict.context.places.cell(verdict.row, PREFIX + node.name),
            "name": node.name,
            "kind": _kind(verdict.context, node.name),
            "outcome": outcome,
            "status": node.status,
            "date": node.date,
        }
    )
