"""Leaders' cards as tables and as a picture; the bodies are those of the JSON answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.domain import progress
from app.domain.headings import Heading, heading
from app.domain.labels import LABELS
from app.ledgers.tables import Report, Table
from app.plots.model import Chart, Rate, Rates
from app.services.statistics_charts import MOST_ROWS, drawn, percent, rate_legend
from app.services.statistics_report import title

Body = Mapping[str, Any]
_MARKS = ("worst_rated", "fell_in_rank", "lagging")
_HEADINGS: dict[str, Heading] = {
    "leader": Heading("领导", "Leader"),
    "position": Heading("职务", "Position"),
    "body": Heading("班子", "Body"),
    "not_heard": Heading("本月未听取", "Not heard this month", "个", "projects"),
    "not_heard_names": Heading("未听取的项目", "Projects not heard"),
    "missed_hearings": Heading("期内未听取", "Hearings missed", "项次", "times"),
    "not_reported": Heading("本月漏报项目", "Not reported this month", "个", "projects"),
    "reports_due": Heading("应报", "Reports due", "次", "reports"),
    "reports_late": Heading("迟报", "Reports late", "次", "reports"),
    "reports_missing": Heading("漏报", "Reports missing", "次", "reports"),
    "departments": Heading("分管部门", "Departments", "个", "departments"),
    "worst_rated": Heading("评议末位", "Worst-rated", "个", "departments"),
    "fell_in_rank": Heading("名次下降", "Fell in rank", "个", "departments"),
    "lagging": Heading("项目滞后", "Lagging", "个", "departments"),
    "days": Heading("负责时段", "Days"),
    "share_percent": Heading("时段占比", "Share of days", "%", "%"),
    "gap_points_before": Heading("接手前差距", "Gap taken over", "百分点", "points"),
    "heard": Heading("本月听取", "Heard this month"),
    "last_heard_on": Heading("最近听取", "Last heard"),
    "name": heading("name"),
    "department": Heading("部门", "Department"),
    "projects": heading("count"),
    "mark": Heading("情形", "Mark"),
    "source": Heading("依据", "By"),
    "rank": Heading("名次", "Rank"),
    "previous_rank": Heading("上期名次", "Rank before"),
    "movement": Heading("进退位", "Places gained"),
    "score": Heading("得分", "Score"),
}
_FIGURES = ("annual_plan", "completed", "completion_rate", "time_progress", "gap_points")
_REPORTS = ("reports_due", "reports_late", "reports_missing")
_CARDS = (
    "leader", "position", "body", "count", "light_green", "light_yellow", "light_red", "light_none", *_FIGURES,
    "not_heard", "not_heard_names", "missed_hearings", "not_reported", *_REPORTS, "departments", *_MARKS,
)  # fmt: skip
_PROJECTS = (
    "name", "stage", "light", "days", "share_percent", *_FIGURES, "gap_points_before", "heard", "last_heard_on",
    *_REPORTS,
)  # fmt: skip
_DEPARTMENTS = (
    "department", "projects", "days", "share_percent", *_FIGURES, "gap_points_before", *_REPORTS, *_MARKS,
)  # fmt: skip
_FACTS = (
    "mark", "department", "source", "name", "days", "share_percent", "rank", "previous_rank", "movement", "score",
)  # fmt: skip


def through(body: Body, *, english: bool) -> str:
    """Of which days it is."""
    starts, ends = body["period"]["starts_on"], body["period"]["through"]
    return f"{starts} to {ends}" if english else f"{starts}至{ends}"


def _note(body: Body, *, english: bool) -> str:
    unit = ". Amounts in 10 000 CNY." if english else "。金额单位：万元"
    return through(body, english=english) + unit


def cards_title(body: Body, *, english: bool) -> str:
    return title(body, "领导包扶与分管情况", "Leaders' cards", english=english)


def cards(body: Body, *, english: bool) -> Report:
    """A row for each leader."""
    rows = [_leader(item, english=english) for item in body["items"]]
    table = Table("Leaders" if english else "领导", _CARDS, rows, _HEADINGS)
    return Report(cards_title(body, english=english), _note(body, english=english), (table,), english)


def _leader(item: Body, *, english: bool) -> dict[str, Any]:
    leader, sponsored = item["leader"], item["sponsored"]
    return {
        "leader": leader["name"],
        "position": leader["title"],
        "body": LABELS["leader_body"][leader["body"]][english],
        "count": sponsored["count"],
        **{f"light_{light}": count for light, count in sponsored["by_light"].items()},
        **{name: sponsored[name] for name in (*_FIGURES, "missed_hearings")},
        "not_heard": len(sponsored["not_heard"]),
        "not_heard_names": "、".join(project["name"] for project in sponsored["not_heard"]),
        "not_reported": len(sponsored["not_reported"]),
        **_reports(sponsored),
        "departments": item["departments"],
        **{name: mark["departments"] for name, mark in item["marks"].items()},
    }


def _reports(told: Body) -> dict[str, Any]:
    return {name: told["reports"][name.removeprefix("reports_")] for name in _REPORTS}


def chart(body: Body, *, english: bool) -> Chart:
    """Completion of what each leader sponsors against time progress."""
    items = [item for item in body["items"] if item["sponsored"]["count"]]
    day: date = body["period"]["through"]
    line = progress.time_progress(day.year, day)
    note = through(body, english=english) + drawn(len(items), MOST_ROWS, english=english)
    text = f"{heading('time_progress').text(english=english)} {percent(line)}"
    rows = [_rate(item, english=english) for item in items[:MOST_ROWS]]
    name = title(body, "领导包扶项目完成率", "Completion of leaders' projects", english=english)
    return Rates(name, note, rows, float(line), text, rate_legend(english=english))


def _rate(item: Body, *, english: bool) -> Rate:
    sponsored = item["sponsored"]
    waiting, count = len(sponsored["not_heard"]), sponsored["count"]
    told = f"{count} projects, {waiting} not heard" if english else f"{count} 个项目 · 本月未听取 {waiting} 个"
    rate, gap = sponsored["completion_rate"], sponsored["gap_points"]
    if rate is None:
        return Rate(item["leader"]["name"], None, "—", told)
    return Rate(item["leader"]["name"], float(rate), percent(rate), told, gap < 0)


def card_title(body: Body, *, english: bool) -> str:
    name = body["leader"]["name"]
    return f"{name}: leader's card" if english else f"{name}同志项目工作卡"


def card(body: Body, *, english: bool = False) -> Report:
    """Projects, departments, and the facts behind the marks."""
    projects = [
        {
            **project,
            "stage": LABELS["stage"][project["stage"]][english],
            "light": LABELS["light"][project["light"]][english] if project["light"] else None,
            "days": days_of(project, english=english),
            **_reports(project),
            "heard": _heard(project, body["sponsored"]["month"], english=english),
        }
        for project in body["projects"]
    ]
    tables = (
        Table("Projects" if english else "包扶项目", _PROJECTS, projects, _HEADINGS),
        Table("Departments" if english else "分管部门", _DEPARTMENTS, _departments(body, english=english), _HEADINGS),
        Table("Facts" if english else "情形依据", _FACTS, facts(body, english=english), _NAMED),
    )
    return Report(card_title(body, english=english), _note(body, english=english), tables, english)


_NAMED = {**_HEADINGS, "name": Heading("评议或考核", "Rating or assessment")}


def days_of(told: Body, *, english: bool = False) -> str:
    joint = " to " if english else "至"
    return "、".join(f"{stretch['first_day']}{joint}{stretch['last_day']}" for stretch in told["days"])


def _heard(project: Body, month: str, *, english: bool) -> str:
    found = next((m for m in project["months"] if m["month"] == month), None)
    words = ("不须听取", "not owed") if found is None else ("已听取", "yes") if found["heard"] else ("未听取", "no")
    return words[english]


def _departments(body: Body, *, english: bool) -> list[dict[str, Any]]:
    marked = {
        name: {fact["department_id"] for fact in mark["facts"]} for name, mark in body["marks"].items()
    }  # fmt: skip
    yes = "yes" if english else "是"
    return [
        {
            **one,
            "department": one["name"],
            **_reports(one),
            "days": days_of(one, english=english),
            **{name: yes if one["department_id"] in marked[name] else None for name in _MARKS},
        }
        for one in body["departments"]
    ]


def facts(body: Body, *, english: bool = False) -> list[dict[str, Any]]:
    """What the marks of departments' ranks stand on, and the leader's own rankings."""
    rows = [
        {**fact, "mark": _HEADINGS[name].text(english=english), "department": fact["department_name"]}
        for name in ("worst_rated", "fell_in_rank")
        for fact in body["marks"][name]["facts"]
    ]
    own = "Own ranking" if english else "本人考核"
    rows += [{**fact, "mark": own, "department": None, "days": [], "share_percent": None} for fact in body["rankings"]]
    return [
        {
            **row,
            "source": LABELS["ranking_source"][row["source"]][english],
            "days": days_of(row, english=english),
        }
        for row in rows
    ]
