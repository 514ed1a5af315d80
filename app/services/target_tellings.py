"""Targets, published indicators and letters as tables and pictures; the bodies are those of the JSON answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain import progress
from app.domain.headings import heading
from app.domain.labels import LABELS
from app.ledgers.tables import Report, Table
from app.plots.model import Bars, Chart, Lines, Rate, Rates, Values
from app.services.statistics_charts import MOST_ROWS, drawn, percent, rate_legend
from app.services.statistics_report import moment, title

Body = Mapping[str, Any]
_TARGET_COLUMNS = (
    "region_name", "department_name", "label", "unit_label", "year", "quarter", "as_of", "target", "actual",
    "completion_rate", "difference", "year_target", "year_rate", "time_progress", "gap_points", "status",
    "actual_source", "actual_as_of", "region_code", "indicator",
)  # fmt: skip
_SERIES_COLUMNS = (
    "region_name", "label", "unit_label", "year", "month", "value", "value_since", "previous_value", "growth_percent",
    "growth_computed", "previous_computed", "rank", "rank_movement", "growth_rank", "growth_rank_movement",
    "ranked_among", "contribution_percent", "contribution_points", "published_on", "source", "region_code", "indicator",
)  # fmt: skip
_LETTER_COLUMNS = (
    "rank", "title", "department_name", "year", "items", "achieved", "overdue", "without_data", "score", "weight_total",
    "score_percent",
)  # fmt: skip
_MOST_LINES = 4


def _number(value: Decimal | float | None) -> str:
    return "—" if value is None else f"{Decimal(str(value)).normalize():,f}"


_INDICATOR = {"label": heading("indicator")._replace(zh="指标", en="Indicator")}


def targets(body: Body, *, english: bool) -> Report:
    rows = [
        {
            **item,
            "status": LABELS["target_status"][item["status"]][english],
            "actual_source": LABELS["actual_source"][source][english] if (source := item["actual_source"]) else None,
        }
        for item in body["items"]
    ]
    table = Table("Targets" if english else "目标", _TARGET_COLUMNS, rows, _INDICATOR)
    return Report(_targets_title(body, english=english), moment(body, english=english), (table,), english)


def _targets_title(body: Body, *, english: bool) -> str:
    return title(body, "年度目标完成进度", "Targets against time progress", english=english)


def targets_chart(body: Body, *, english: bool) -> Chart:
    """What was reached of each target of the year, against time progress; levels against the target itself."""
    items = body["items"][:MOST_ROWS]
    several = len({(item["region_code"], item["department_id"]) for item in items}) > 1
    rows = [_target(item, several=several, english=english) for item in items]
    told = moment(body, english=english) + drawn(len(body["items"]), len(items), english=english)
    chart = _against_time(_targets_title(body, english=english), told, rows, body, english=english)
    if any(item["quarter"] is not None for item in items):
        names = ("as the quarter asked", "less than that") if english else ("达到该季要求", "未达到该季要求")
        chart = replace(chart, legend=names)
    return chart


def _against_time(name: str, told: str, rows: list[Rate], body: Body, *, english: bool) -> Rates:
    line = progress.time_progress(body["year"], body["as_of"])
    text = f"{heading('time_progress').text(english=english)} {percent(line)}"
    return Rates(name, told, rows, float(line), text, rate_legend(english=english))


def _target(item: Body, *, several: bool, english: bool) -> Rate:
    whose = item["department_name"] or item["region_name"]
    label = f"{whose} {item['label']}" if several else item["label"]
    if item["quarter"] is not None:
        # In front: where there is no room for all of a label, its end goes.
        label = f"Q{item['quarter']} {label}" if english else f"{'一二三四'[item['quarter'] - 1]}季度 {label}"
    status = LABELS["target_status"][item["status"]][english]
    rate = item["year_rate"]
    bar = None if rate is None else max(float(rate), 0.0)
    # A quarter is not measured by the time passed until today, nor is a level by time at all.
    by_status = item["quarter"] is not None or item["gap_points"] is None
    behind = item["status"] in {"behind", "missed"} if by_status else None
    return Rate(label, bar, percent(rate), f"{status} · {_reached(item, english=english)}", behind)


def _reached(item: Body, *, english: bool) -> str:
    """Of the year's target; before it that of the quarter, where there is one."""
    reached, wanted = _number(item["actual"]), _number(item["year_target"])
    unit = item["unit_label"]
    of = f"{reached} of {wanted} {unit}" if english else f"{reached} / {wanted} {unit}"
    if item["quarter"] is None or item["target"] is None or item["target"] == item["year_target"]:
        return of
    quarter = _number(item["target"])
    return f"{of} (quarter: {quarter})" if english else f"{of}（本季 {quarter}）"


def indicators(body: Body, *, english: bool) -> Report:
    table = Table("Indicators" if english else "指标", _SERIES_COLUMNS, body["items"], _INDICATOR)
    return Report(_indicators_title(body, english=english), moment(body, english=english), (table,), english)


def _indicators_title(body: Body, *, english: bool) -> str:
    return title(body, "主要经济指标", "Published indicators", english=english)


def indicators_chart(body: Body, *, english: bool) -> Chart:
    """Months of one indicator as lines; the latest of several as bars of growth."""
    items = body["items"]
    one = {item["indicator"] for item in items}
    months = {(item["year"], item["month"]) for item in items}
    series = {(item["region_code"], item["indicator"]) for item in items}
    # One figure of each is no line, however different their months.
    if len(one) == 1 and len(months) > 1 and len(items) > len(series):
        return _months(body, sorted(months), english=english)
    latest = {(item["region_code"], item["indicator"]): item for item in sorted(items, key=_when)}
    several = len({item["region_code"] for item in items}) > 1
    shown = list(latest.values())[:MOST_ROWS]
    rows = [_growth(item, several=several, english=english) for item in shown]
    told = moment(body, english=english) + drawn(len(latest), len(shown), english=english)
    names = ["growth", "decline"] if english else ["同比增长", "同比下降"]
    return Bars(_indicators_title(body, english=english), told, names, rows)


def _when(item: Body) -> tuple[int, int]:
    return item["year"], item["month"]


def _growth(item: Body, *, several: bool, english: bool) -> Values:
    rate = item["growth_percent"] if item["growth_percent"] is not None else item["growth_computed"]
    label = f"{item['region_name']} {item['label']}" if several else item["label"]
    rank = f" · rank {item['rank']}" if english else f" · 第{item['rank']}位"
    amount = f"{_number(item['value'])} {item['unit_label']}"
    until = f"{item['year']}-{item['month']:02}" if english else f"{item['year']}年1—{item['month']}月"
    text = f"{'—' if rate is None else f'{rate:+.2f}%'} · {amount}{rank if item['rank'] else ''} · {until}"
    up = rate is None or rate >= 0
    size = None if rate is None else abs(float(rate))
    return Values(label, [size, None] if up else [None, size], [text, ""] if up else ["", text])


def _months(body: Body, months: Sequence[tuple[int, int]], *, english: bool) -> Lines:
    """A line for each region; of one region alone also the year before, dashed."""
    items = body["items"]
    first = items[0]
    name = title(body, first["label"], first["label"], english=english)
    years = {year for year, _ in months}
    one_year = next(iter(years)) if len(years) == 1 else None
    ticks = [f"{month}" if english else f"{month}月" for _, month in months]
    if one_year is None:
        ticks = [f"{year}-{month}" for year, month in months]
    regions: dict[str, dict[tuple[int, int], Body]] = {}
    for item in items:
        regions.setdefault(item["region_name"], {})[_when(item)] = item
    series = [_line(region, [found.get(month) for month in months], "value") for region, found in regions.items()]
    if len(regions) == 1:
        (found,) = regions.values()
        before = heading("previous_value").text(english=english)
        if one_year is not None:
            series = [replace(series[0], label=f"{one_year}" if english else f"{one_year}年")]
            before = f"{one_year - 1}" if english else f"{one_year - 1}年同期"
        series.append(_line(before, [found.get(month) for month in months], "previous_value"))
    told = moment({**body, "year": one_year}, english=english)
    told += "; each month from January on" if english else "；各月均为1月起累计"
    told += drawn(len(series), _MOST_LINES, english=english)
    return Lines(name, told, first["unit_label"], ticks, series[:_MOST_LINES])


def _line(label: str, found: Sequence[Body | None], member: str) -> Values:
    values = [item[member] if item else None for item in found]
    return Values(label, [None if v is None else float(v) for v in values], [_number(v) for v in values])


def letters(body: Body, *, english: bool) -> Report:
    named = {"overdue": heading("overdue_items")}
    table = Table("Letters" if english else "责任状", _LETTER_COLUMNS, body["items"], named)
    return Report(_letters_title(body, english=english), moment(body, english=english), (table,), english)


def _letters_title(body: Body, *, english: bool) -> str:
    return title(body, "责任状得分", "Scores of responsibility letters", english=english)


def letters_chart(body: Body, *, english: bool) -> Chart:
    items = body["items"][:MOST_ROWS]
    rows = []
    for item in items:
        score = f"{_number(item['score'])} / {_number(item['weight_total'])}"
        achieved = f"{item['achieved']}/{item['items']}"
        done = f"{achieved} done" if english else f"完成 {achieved} 项"
        rate = item["score_percent"]
        rows.append(Rate(f"{item['rank']}. {item['department_name']}", float(rate), percent(rate), f"{score} · {done}"))
    told = moment(body, english=english) + drawn(len(body["items"]), len(items), english=english)
    return _against_time(_letters_title(body, english=english), told, rows, body, english=english)
