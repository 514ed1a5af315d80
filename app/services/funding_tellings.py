"""Figures of money as tables and pictures; the bodies are those of the JSON answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.headings import heading
from app.domain.labels import LABELS
from app.ledgers.tables import Report, Table
from app.plots.model import Bars, Chart, Values
from app.services.statistics_charts import MOST_ROWS, amount, drawn
from app.services.statistics_report import TOTAL, moment, note, title

Body = Mapping[str, Any]
_STEPS = ("applied", "approved", "received", "paid")
_HELD_UP_BY = {"gap": ("资金缺口", "gap"), "slow_pay_out": ("支付慢", "slow pay-out")}


def funding_title(body: Body, *, english: bool) -> str:
    by = heading(body["group_by"])
    return title(body, f"资金统计(按{by.zh})", f"Funding by {by.en.lower()}", english=english)


def funding(body: Body, *, english: bool) -> Report:
    """The groups, then the total; `previous`, change and share speak of the measure asked for."""
    step = LABELS["funding_step"][body["measure"]]
    named = {
        "label": heading(body["group_by"]),
        "count": heading("records"),
        "previous": heading("previous")._replace(zh=f"上年同期{step[0]}", en=f"{step[1]} the year before"),
        "change_percent": heading("change_percent")._replace(zh=f"{step[0]}同比增减", en=f"Change ({step[1].lower()})"),
        "share": heading("share")._replace(zh=f"{step[0]}占比", en=f"Share ({step[1].lower()})"),
    }
    columns = ("key", "label", "count", *_STEPS, "previous", "change_percent", "share")
    rows = [*body["items"], {"label": TOTAL[english], **body["total"]}]
    table = Table(heading(body["group_by"]).text(english=english), columns, rows, named, totals=1)
    return Report(funding_title(body, english=english), note(body, english=english), (table,), english)


def funding_chart(body: Body, *, english: bool) -> Chart:
    """The measure of the year beside that of the year before; by year the steps beside each other."""
    items = body["items"][:MOST_ROWS]
    by_year = body["group_by"] == "year"
    # Years beside each other are not of one year.
    of = {**body, "year": None} if by_year else body
    told = moment(of, english=english) + drawn(len(body["items"]), len(items), english=english)
    if by_year:
        series = ["approved", "received", "paid"]
        names = [LABELS["funding_step"][step][english] for step in series]
        rows = [_row(item["label"], [item[step] for step in series], english=english) for item in items]
        return Bars(funding_title(body, english=english), told, names, rows)
    measure = body["measure"]
    step = LABELS["funding_step"][measure][english]
    before = f"{step} by {body['previous_as_of']}" if english else f"上年同期{step}(截至{body['previous_as_of']})"
    rows = []
    for item in items:
        row = _row(_label(body, item, english=english), [item[measure], item["previous"]], english=english)
        if item["change_percent"] is not None:
            row.texts[0] += f"({item['change_percent']:+.2f}%)"
        rows.append(row)
    told += _whole(body, english=english) if len(items) > 1 else ""
    this = f"{step}, {body['year']}" if english else f"{body['year']}年{step}"
    return Bars(funding_title(body, english=english), told, [this, before], rows)


def _label(body: Body, item: Body, *, english: bool) -> str:
    """A bare number says nothing beside a bar."""
    if body["group_by"] != "batch" or item["key"] is None:
        return str(item["label"])
    return f"Batch {item['label']}" if english else f"第{item['label']}批"


def _whole(body: Body, *, english: bool) -> str:
    """All of it together, which no bar shows."""
    total = body["total"]
    text = amount(total[body["measure"]], english=english)
    if total["change_percent"] is not None:
        change = f"{total['change_percent']:+.2f}%"
        text += f" ({change} on the year before)" if english else f"，比上年同期 {change}"
    return f"; {text} in all" if english else f"；合计 {text}"


def _row(label: str, values: list[Any], *, english: bool) -> Values:
    return Values(label, [float(v) for v in values], [amount(v, english=english) for v in values])


def gaps(body: Body, *, english: bool) -> Report:
    columns = (
        "id", "code", "name", "region_code", "sector", "stage", "total_investment", "secured", "gap", "secured_rate",
        "received", "paid", "pay_out_rate", "held_up_by",
    )  # fmt: skip
    rows: list[dict[str, Any]] = [
        {
            **item,
            "sector": item["sector_label"],
            "stage": LABELS["stage"][item["stage"]][english],
            "held_up_by": _reasons(item["held_up_by"], english=english),
        }
        for item in body["items"]
    ]
    rows.append({**body["total"], "name": TOTAL[english]})
    name = _gaps_title(body, english=english)
    table = Table("Held up" if english else "资金制约项目", columns, rows, {}, totals=1)
    return Report(name, note(body, english=english), (table,), english)


def _gaps_title(body: Body, *, english: bool) -> str:
    return title(body, "资金制约项目", "Projects held up by money", english=english)


def _reasons(codes: str, *, english: bool) -> str:
    return (", " if english else "、").join(_HELD_UP_BY[code][english] for code in codes.split(",") if code)


def gaps_chart(body: Body, *, english: bool) -> Chart:
    """What is secured beside what is lacking, the widest gap first."""
    items = body["items"][:MOST_ROWS]
    rows = []
    for item in items:
        values = [item["secured"], item["gap"]]
        texts = [amount(v, english=english) if v is not None else "—" for v in values]
        rows.append(Values(item["name"], [None if v is None else float(v) for v in values], texts))
    told = moment(body, english=english) + drawn(body["total"]["count"], len(items), english=english)
    names = [heading(name).text(english=english) for name in ("secured", "gap")]
    return Bars(_gaps_title(body, english=english), told, names, rows)
