"""The card as Word and as Excel, set in a worker thread; what it says is the JSON answer's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from anyio import CapacityLimiter, to_thread

from app.documents.leader_cards import CardPage, word_document
from app.documents.paper import day_in_words
from app.domain.labels import LABELS
from app.ledgers.tables import write_xlsx
from app.services import leader_card_tellings as tellings

Body = Mapping[str, Any]
_setting = CapacityLimiter(2)
_MARKS = {"worst_rated": "评议末位", "fell_in_rank": "名次下降", "lagging": "项目滞后"}
_NAMED = 6
"""Projects that were not heard, or not reported on, named in the summary; the table shows all of them."""
_RULE = (
    "注：以领导当期实际负责的日期为限，移交的项目和部门按其最后负责日的情况列示；差距为完成率减序时进度（百分点）；"
    "听取指所列末月，包扶领导每月至少听取每个项目一次，当月负责不少于半月的须听取；"
    "迟/漏指迟报、漏报次数，计负责时段内到期的项目周报。"
)


async def word(body: Body) -> tuple[str, bytes]:
    """(file name, document)."""
    card = _page(body)
    return f"{card.title}.docx", await to_thread.run_sync(word_document, card, limiter=_setting)


async def workbook(body: Body) -> tuple[str, bytes]:
    """(file name, workbook)."""
    report = tellings.card(body)
    return f"{report.title}.xlsx", await to_thread.run_sync(write_xlsx, report, limiter=_setting)


def _page(body: Body) -> CardPage:
    leader, period = body["leader"], body["period"]
    place = "、".join(filter(None, (leader["name"], leader["title"])))
    return CardPage(
        tellings.card_title(body, english=False),
        f"{place}    {day_in_words(period['starts_on'])}至{day_in_words(period['through'])}",
        _summary(body),
        [_project(one, body["sponsored"]["month"]) for one in body["projects"]],
        [_department(one, body["marks"]) for one in body["departments"]],
        [_ranking(row) for row in tellings.facts(body)],
        _RULE,
    )


def _summary(body: Body) -> list[str]:
    sponsored, marks = body["sponsored"], body["marks"]
    lights = "、".join(
        f"{(LABELS['light'].get(light) or ('无灯',))[0]}{count}个"
        for light, count in sponsored["by_light"].items()
        if count
    )
    stages = "、".join(f"{LABELS['stage'][one['stage']][0]}{one['count']}个" for one in sponsored["by_stage"])
    texts = []
    if sponsored["count"]:
        texts.append(f"包扶项目{sponsored['count']}个：{lights}；{stages}。{_progress(sponsored)}")
    if sponsored["not_heard"]:
        waiting = sponsored["not_heard"]
        texts.append(f"{_month(sponsored['month'])}尚未听取{len(waiting)}个：{_names(waiting)}。")
    if sponsored["reports"]["due"]:
        texts.append(_reports(sponsored))
    if body["departments"]:
        told = "，".join(f"{words}{marks[name]['departments']}个" for name, words in _MARKS.items())
        texts.append(f"分管部门{len(body['departments'])}个：{told}。")
    return texts or ["本期没有包扶项目和分管部门。"]


def _reports(sponsored: Body) -> str:
    told, silent = sponsored["reports"], sponsored["not_reported"]
    text = f"项目周报应报{told['due']}次，迟报{told['late']}次，漏报{told['missing']}次"
    if silent:
        text += f"；{_month(sponsored['month'])}漏报{len(silent)}个项目：{_names(silent)}"
    return f"{text}。"


def _names(projects: Sequence[Body]) -> str:
    return "、".join(one["name"] for one in projects[:_NAMED]) + ("等" if len(projects) > _NAMED else "")


def _progress(told: Body) -> str:
    if told["completion_rate"] is None:
        return "当年无计划投资。"
    plan, done = _amount(told["annual_plan"]), _amount(told["completed"])
    rate, due, gap = told["completion_rate"], told["time_progress"], _signed(told["gap_points"])
    return f"年度计划{plan}万元，完成{done}万元，完成率{rate}%，序时进度{due}%，差距{gap}个百分点。"


def _amount(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _signed(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:+.2f}"


def _rate(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _month(month: str) -> str:
    return f"{month[:4]}年{int(month[5:])}月"


def _days(told: Body) -> str:
    """Without the year, which stands above."""

    def short(day: date) -> str:
        return f"{day.month}.{day.day}"

    return "、".join(f"{short(s['first_day'])}—{short(s['last_day'])}" for s in told["days"])


def _project(one: Body, month: str) -> tuple[str, ...]:
    heard = next((m["heard"] for m in one["months"] if m["month"] == month), None)
    return (
        one["name"],
        LABELS["stage"][one["stage"]][0],
        LABELS["light"][one["light"]][0] if one["light"] else "—",
        _days(one),
        _rate(one["completion_rate"]),
        _signed(one["gap_points"]),
        "—" if heard is None else "已听" if heard else "未听",
        _late(one),
    )


def _department(one: Body, marks: Body) -> tuple[str, ...]:
    found = [
        words
        for name, words in _MARKS.items()
        if any(fact["department_id"] == one["department_id"] for fact in marks[name]["facts"])
    ]
    return (
        one["name"],
        _days(one),
        str(one["projects"]),
        _rate(one["completion_rate"]),
        _rate(one["time_progress"]),
        _signed(one["gap_points"]),
        _late(one),
        "、".join(found) or "—",
    )


def _late(one: Body) -> str:
    """Late and missing reports; a dash where none was due."""
    told = one["reports"]
    return f"{told['late']}/{told['missing']}" if told["due"] else "—"


def _ranking(row: Body) -> str:
    whose = f"{row['department']}（分管{row['days']}）" if row["department"] else ""
    before = "" if row["previous_rank"] is None else f"，上期第{row['previous_rank']}名"
    place = "未评定" if row["rank"] is None else f"第{row['rank']}名（{row['group']}共{row['ranked_among']}个）"
    consequences = [LABELS["assessment_consequence"][code][0] for code in row["consequences"]]
    follows = f"，{'、'.join(consequences)}" if consequences else ""
    return f"{row['mark']}：{whose}{row['name']}{place}{before}{follows}。"
