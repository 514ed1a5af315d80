"""Project statistics as pictures: what to draw, from the bodies of the JSON answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.headings import heading
from app.domain.labels import LABELS
from app.domain.stages import ORDER, TERMINATED
from app.plots.model import Chart, Funnel, Number, Poster, Rate, Rates, Step
from app.services import statistics_report as report

Body = Mapping[str, Any]
_YI = 10_000
MOST_ROWS = 40


def amount(value: Decimal | float, *, english: bool) -> str:
    """万元 as it is said: 亿元 from one on (in English millions of CNY)."""
    value = Decimal(str(value))
    if not value:
        return "0"
    if english:
        return f"CNY {value / 100:,.2f} m"
    return f"{value / _YI:,.2f} 亿元" if abs(value) >= _YI else f"{value:,.0f} 万元"


def percent(value: Decimal | float | None) -> str:
    return "—" if value is None else f"{value:.2f}%"


def drawn(there: int, shown: int, *, english: bool) -> str:
    """That there is nothing to draw, or that a picture has no room for all."""
    if not there:
        return "; no data" if english else "；没有数据"
    if there <= shown:
        return ""
    return f"; {there - shown} more not drawn" if english else f"；另有 {there - shown} 行未画出"


def projects(body: Body, *, english: bool) -> Chart:
    """By stage the funnel, by anything else the completion of each group against time progress."""
    if body["group_by"] == "stage":
        name = report.title(body, "项目漏斗", "Project pipeline", english=english)
        return funnel(name, report.moment(body, english=english), body["groups"], english=english)
    by = heading(body["group_by"])
    name = report.title(
        body, f"完成率与序时进度(按{by.zh})", f"Completion against time progress by {by.en.lower()}", english=english
    )
    return rates(name, report.moment(body, english=english), body["groups"], body["total"], english=english)


def funnel(title: str, note: str, groups: Sequence[Body], *, english: bool) -> Funnel:
    """Stages in pipeline order with how many stand there and how many came at least that far."""
    found = {group["key"]: group for group in groups}
    steps, beyond = [], 0
    for stage in reversed(ORDER):
        count = found[stage]["count"] if stage in found else 0
        beyond += count
        invested = amount(found[stage]["total_investment"] if stage in found else 0, english=english)
        text = f"reached {beyond}" if english else f"累计到达 {beyond}"
        if count:
            text += f" · {invested}" if english else f" · 总投资 {invested}"
        steps.append(Step(LABELS["stage"][stage][english], count, beyond, text if beyond else ""))
    ended = found[TERMINATED]["count"] if TERMINATED in found else 0
    aside = f"Terminated: {ended}, not in the funnel" if english else f"另有终止 {ended} 个，不计入漏斗"
    legend = ("standing here now", "came at least this far") if english else ("现处该阶段", "到达该阶段及以后")
    return Funnel(title, note, steps[::-1], legend, aside if ended else "")


def rates(title: str, note: str, groups: Sequence[Body], total: Body, *, english: bool) -> Rates:
    """The total first, then the groups."""
    shown = groups[:MOST_ROWS]
    note += drawn(len(groups), len(shown), english=english)
    rows = [_rate({"label": report.TOTAL[english], **total}, english=english)]
    rows += [_rate(group, english=english) for group in shown]
    line = total["time_progress"]
    line_text = f"{heading('time_progress').text(english=english)} {percent(line)}"
    return Rates(title, note, rows, float(line), line_text, rate_legend(english=english))


def rate_legend(*, english: bool) -> tuple[str, str]:
    return ("in time", "behind time progress") if english else ("不低于序时进度", "低于序时进度")


def _rate(group: Body, *, english: bool) -> Rate:
    rate, gap = group["completion_rate"], group["gap_points"]
    if rate is None:
        return Rate(group["label"], None, "—", "no annual plan" if english else "无年度计划")
    done, planned = amount(group["completed"], english=english), amount(group["annual_plan"], english=english)
    of = f"{done} of {planned}" if english else f"完成 {done} / 计划 {planned}"
    points = f"{gap:+.2f} points" if english else f"{gap:+.2f} 点"
    return Rate(group["label"], float(rate), percent(rate), f"{points} · {of}")


def overview(body: Body, *, english: bool) -> Poster:
    total, counts = body["total"], body["counts"]
    sums = ("total_investment", "annual_plan", "completed")
    numbers = [Number(_label("count", english), str(total["count"]))]
    numbers += [Number(_label(name, english), amount(total[name], english=english)) for name in sums]
    numbers += [Number(_label(name, english), percent(total[name])) for name in ("completion_rate", "time_progress")]
    numbers += [Number(_label(name, english), str(counts[name])) for name in ("suspended", "stale", "waiting_for_land")]
    names = ("Pipeline", "Completion by sector") if english else ("项目漏斗", "各行业完成率与序时进度")
    return Poster(
        report.overview_title(body, english=english),
        report.moment(body, english=english),
        numbers,
        funnel(names[0], "", body["by_stage"], english=english),
        rates(names[1], "", body["by_sector"], total, english=english),
    )


def _label(name: str, english: bool) -> str:
    return heading(name).text(english=english)
