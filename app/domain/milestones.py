"""What is known of a milestone's work: not begun, in progress, done, and on which days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.dictionaries import MilestoneStatus

FACTS = ("status", "actual_start", "actual_finish")


@dataclass(frozen=True, slots=True)
class Facts:
    """`actual_finish` may be unknown of what is done: a ledger often says 已完成 and no day."""

    status: MilestoneStatus = "planned"
    actual_start: date | None = None
    actual_finish: date | None = None

    def told(self, sent: Mapping[str, Any], today: date) -> Facts:
        """The facts after what was said: a day implies its status, a status without its day means today."""
        status = sent.get("status") or self._implied(sent)
        start = sent.get("actual_start", self.actual_start)
        finish = sent.get("actual_finish", self.actual_finish)
        if status == "planned":
            # Begun by mistake: what was not said along with it is taken back.
            return Facts(status, sent.get("actual_start"), sent.get("actual_finish"))
        if status == "in_progress":
            if self.status == "planned" and "actual_start" not in sent:
                start = today
            return Facts(status, start, sent.get("actual_finish"))
        if self.status != "done" and "actual_finish" not in sent:
            finish = today
        return Facts(status, start, finish)

    def _implied(self, sent: Mapping[str, Any]) -> MilestoneStatus:
        if sent.get("actual_finish") is not None:
            return "done"
        if self.status == "planned" and sent.get("actual_start") is not None:
            return "in_progress"
        return self.status

    def faults(self, today: date) -> list[tuple[str, str]]:
        """(field, error code) of all that cannot be."""
        found = []
        for field, day, fits in (
            ("actual_start", self.actual_start, self.status != "planned"),
            ("actual_finish", self.actual_finish, self.status == "done"),
        ):
            if day is None:
                continue
            if not fits:
                found.append((field, "status_does_not_fit"))
            elif day > today:
                found.append((field, "in_the_future"))
        if self.actual_start is not None and self.actual_finish is not None and self.actual_finish < self.actual_start:
            found.append(("actual_finish", "dates_out_of_order"))
        return found


def forecast_fault(forecast: date, status: MilestoneStatus, today: date) -> str | None:
    """Error code of a forecast that cannot be stated today: of what is done there is none, and none is of the past."""
    if status == "done":
        return "status_does_not_fit"
    return "in_the_past" if forecast < today else None
