"""Project statistics as tables for spreadsheets; the bodies are those of the JSON answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.headings import heading
from app.domain.labels import LABELS
from app.ledgers.tables import Report, Table

Body = Mapping[str, Any]
FIGURES = (
    "count", "total_investment", "annual_plan", "completed", "completion_rate", "time_progress", "gap_points",
)  # fmt: skip
_LIGHTS = ("light_green", "light_yellow", "light_red", "light_none")
_SIZED = ("at_least_count", "at_least_share")
TOTAL = ("合计", "Total")


def place_name(body: Body) -> str:
    region = body.get("region")
    return region["name"] if region else ""


def moment(body: Body, *, english: bool) -> str:
    """Of which year and day the figures are."""
    year = body.get("year")
    if english:
        return f"Year {year}, as of {body['as_of']}" if year else f"As of {body['as_of']}"
    return f"{year}年，截至{body['as_of']}" if year else f"截至{body['as_of']}"


def note(body: Body, *, english: bool) -> str:
    """The same, and the unit of money."""
    unit = ". Amounts in 10 000 CNY." if english else "。金额单位：万元"
    return moment(body, english=english) + unit


def lit(figures: Body) -> dict[str, Any]:
    """With the lights as columns of their own."""
    return {**figures, **{f"light_{light}": count for light, count in figures["lights"].items()}}


def title(body: Body, zh: str, en: str, *, english: bool) -> str:
    name = place_name(body)
    return f"{name} {en}".strip() if english else f"{name}{zh}"


def projects_title(body: Body, *, english: bool) -> str:
    by = heading(body["group_by"])
    return title(body, f"项目统计(按{by.zh})", f"Projects by {by.en.lower()}", english=english)


def projects(body: Body, *, english: bool) -> Report:
    """One table: the groups, then the total."""
    columns = ("key", "label", *FIGURES, *_LIGHTS, *(_SIZED if "at_least_count" in body["total"] else ()))
    rows = [lit(row) for row in (*body["groups"], {"label": TOTAL[english], **body["total"]})]
    group = {"label": heading(body["group_by"])}
    name = heading(body["group_by"]).text(english=english)
    table = Table(name, columns, rows, group, totals=1)
    return Report(projects_title(body, english=english), note(body, english=english), (table,), english)


_OVERVIEW = {
    "total": ("总计", "Total"),
    "by_stage": ("按阶段", "By stage"),
    "by_sector": ("按行业", "By sector"),
    "by_category": ("按建设性质", "By category"),
    "counts": ("需要关注", "Needs attention"),
    "largest_gaps": ("进度落后", "Furthest behind"),
    "recent_moves": ("最近变动", "Recent moves"),
}


def overview_title(body: Body, *, english: bool) -> str:
    return title(body, "重点项目总览", "Key projects at a glance", english=english)


def overview(body: Body, *, english: bool) -> Report:
    """A table for each member of the answer."""
    plain = ("key", "label")
    counts = [
        {"key": name, "label": heading(name).text(english=english), "count": count}
        for name, count in body["counts"].items()
    ]
    behind = [{**gap, "key": gap["id"], "label": gap["name"]} for gap in body["largest_gaps"]]
    tables = (
        _table("total", ("label", *FIGURES), [{"label": TOTAL[english], **body["total"]}], english=english),
        *(
            _table(name, (*plain, *FIGURES), body[name], english=english)
            for name in ("by_stage", "by_sector", "by_category")
        ),
        _table("counts", (*plain, "count"), counts, english=english),
        _table("largest_gaps", (*plain, "completion_rate", "gap_points"), behind, english=english),
        _table(
            "recent_moves", (*plain, "from_stage", "to_stage", "happened_on"), _moves(body, english), english=english
        ),
    )
    return Report(overview_title(body, english=english), note(body, english=english), tables, english)


def _moves(body: Body, english: bool) -> list[dict[str, Any]]:
    stage = LABELS["stage"]
    return [
        {
            "key": move["project_id"],
            "label": move["name"],
            "from_stage": stage[move["from_stage"]][english],
            "to_stage": stage[move["to_stage"]][english],
            "happened_on": move["happened_on"],
        }
        for move in body["recent_moves"]
    ]


def _table(name: str, columns: tuple[str, ...], rows: Sequence[Body], *, english: bool) -> Table:
    named = {"label": heading("name")} if name in {"largest_gaps", "recent_moves"} else {}
    return Table(_OVERVIEW[name][english], columns, rows, named)
