"""Figures of permits as tables and pictures; the bodies are those of the JSON answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.headings import heading
from app.ledgers.tables import Report, Table
from app.plots.model import Bars, Chart, Values
from app.services.statistics_charts import MOST_ROWS, drawn
from app.services.statistics_report import TOTAL, moment, title

Body = Mapping[str, Any]
_COLUMNS = (
    "key", "label", "count", "not_applied", "applied", "accepted", "supplementing", "issued", "refused", "withdrawn",
    "overdue", "due_soon", "decided", "decided_late", "on_time_rate",
)  # fmt: skip
_DRAWN = ("accepted", "due_soon", "overdue")


def _by(body: Body) -> Any:
    department = heading("department")._replace(zh="受理部门", en="Accepting department")
    return department if body["group_by"] == "department" else heading(body["group_by"])


def _title(body: Body, *, english: bool) -> str:
    by = _by(body)
    return title(body, f"手续办理统计(按{by.zh})", f"Permits by {by.en.lower()}", english=english)


def permits(body: Body, *, english: bool) -> Report:
    named = {"label": _by(body), "count": heading("permits"), "applied": heading("being_applied")}
    rows = [*body["groups"], {"label": TOTAL[english], **body["total"]}]
    table = Table(_by(body).text(english=english), _COLUMNS, rows, named, totals=1)
    return Report(_title(body, english=english), moment(body, english=english), (table,), english)


def permits_chart(body: Body, *, english: bool) -> Chart:
    """What is in hand, due soon and overdue, side by side."""
    groups = body["groups"][:MOST_ROWS]
    rows = [
        Values(group["label"], [float(group[name]) for name in _DRAWN], [str(group[name]) for name in _DRAWN])
        for group in groups
    ]
    told = moment(body, english=english) + drawn(len(body["groups"]), len(groups), english=english)
    return Bars(_title(body, english=english), told, [heading(n).text(english=english) for n in _DRAWN], rows)
