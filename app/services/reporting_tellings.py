"""Figures of reporting as tables and pictures; the bodies are those of the JSON answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.headings import heading
from app.ledgers.tables import Report, Table
from app.plots.model import Bars, Chart, Values
from app.services.statistics_charts import MOST_ROWS, drawn
from app.services.statistics_report import TOTAL, title

Body = Mapping[str, Any]
_COLUMNS = ("key", "label", "expected", "on_time", "late", "missing", "open", "returned", "rate", "on_time_rate")
_DRAWN = ("on_time", "late", "missing")


def _title(body: Body, *, english: bool) -> str:
    by = heading(body["group_by"])
    return title(body, f"填报情况(按{by.zh})", f"Reporting by {by.en.lower()}", english=english)


def _moment(body: Body, *, english: bool) -> str:
    first, last = body["week_from"], body["week_to"]
    if first == last:
        return f"Week of {first}" if english else f"{first}起一周"
    return f"Weeks of {first} to {last}" if english else f"{first}至{last}各周"


def reporting(body: Body, *, english: bool) -> Report:
    by = heading(body["group_by"])
    named = {"label": by, "rate": heading("reporting_rate"), "on_time_rate": heading("reported_on_time_rate")}
    rows = [*body["groups"], {"label": TOTAL[english], **body["total"]}]
    table = Table(by.text(english=english), _COLUMNS, rows, named, totals=1)
    return Report(_title(body, english=english), _moment(body, english=english), (table,), english)


def reporting_chart(body: Body, *, english: bool) -> Chart:
    """What came in time, late and not at all, side by side."""
    groups = body["groups"][:MOST_ROWS]
    rows = [
        Values(group["label"], [float(group[name]) for name in _DRAWN], [str(group[name]) for name in _DRAWN])
        for group in groups
    ]
    told = _moment(body, english=english) + drawn(len(body["groups"]), len(groups), english=english)
    return Bars(_title(body, english=english), told, [heading(n).text(english=english) for n in _DRAWN], rows)
