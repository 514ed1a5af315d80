"""The words on charts, Chinese and English."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

_WORDS: dict[str, tuple[str, str]] = {
    "wall": ("重点项目挂图作战图", "Key projects: wall chart"),
    "gantt": ("倒排工期图", "Schedule"),
    "number": ("序号", "No."),
    "project": ("项目名称", "Project"),
    "leader": ("责任领导", "Leader"),
    "owner": ("责任单位 / 业主", "Dept. / owner"),
    "owners": ("业主", "Owner"),
    "departments": ("责任单位", "Department"),
    "contact": ("责任人", "Contact"),
    "light": ("灯", "Light"),
    "stage": ("阶段", "Stage"),
    "node": ("节点", "Milestone"),
    "responsible": ("责任人", "Responsible"),
    "planned": ("计划", "Planned"),
    "forecast": ("预计完成", "Forecast finish"),
    "actual": ("实际", "Actual"),
    "outcome": ("实际 / 预计完成", "Done / forecast"),
    "expected": ("预计 {day}", "exp. {day}"),
    "was_expected": ("原预计 {day}", "was exp. {day}"),
    "variance": ("偏差（工作日）", "Variance"),
    "duration": ("工期", "Days"),
    "today": ("今日", "Today"),
    "as_of": ("截至", "As of"),
    "drawn": ("制图日期", "Drawn on"),
    "legend": ("图例", "Legend"),
    "plan_bar": ("计划（基线）", "Plan (baseline)"),
    "done_bar": ("已完成", "Done"),
    "doing_bar": ("进行中", "Under way"),
    "forecast_bar": ("预计完成", "Forecast finish"),
    "overdue_bar": ("逾期未完成", "Overdue"),
    "first_mark": ("首版基线", "First baseline"),
    "undated": ("已完成、未注明日期", "Done, day not stated"),
    "period_bar": ("项目建设期", "Period of the project"),
    "nodes_elsewhere": ("节点计划在{years}", "Milestones in {years}"),
    "no_nodes": ("尚无节点计划", "No milestones yet"),
    "no_projects": ("没有可列入本图的项目", "There are no projects to show here"),
    "years": ("有重点项目的年度：{years}", "Years with key projects: {years}"),
    "suspended": ("暂停", "Suspended"),
    "green": ("绿灯", "Green"),
    "yellow": ("黄灯", "Yellow"),
    "red": ("红灯", "Red"),
    "no_light": ("未评灯", "No light"),
    "green_sign": ("绿", "G"),
    "yellow_sign": ("黄", "Y"),
    "red_sign": ("红", "R"),
    "overdue": ("逾期{days}个工作日", "{days} wd overdue"),
    "overdue_just": ("已逾期", "overdue"),
    "overdue_many": ("{count}个节点逾期，最长{days}个工作日", "{count} overdue, up to {days} wd"),
    "later": ("推迟{days}个工作日", "{days} wd later"),
    "earlier": ("提前{days}个工作日", "{days} wd earlier"),
    "provisional": ("* 暂定：所在年份节假日安排尚未公布", "* Provisional: that year's holidays are not announced"),
    "on_time": ("按期", "On time"),
    "sheet": ("第 {page} / {pages} 张", "Sheet {page} of {pages}"),
    "nodes": ("共 {count} 个节点", "{count} milestones"),
    "count": ("共 {count} 个项目", "{count} projects"),
    "not_on_chart": ("今日 {day} 不在本图时段内", "Today, {day}, is outside this chart"),
    "annual_plan": ("年度计划 {amount} 万元", "Annual plan {amount} × 10 000 CNY"),
    "rate": ("完成 {rate}%", "{rate}% completed"),
    "investment": ("总投资 {amount} 万元", "Investment {amount} × 10 000 CNY"),
    "ungrouped": ("未指定", "Unassigned"),
    "days": ("{days}个工作日", "{days} working days"),
    "undecided": ("待定", "Undecided"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Say = Callable[..., str]


class Words:
    """Words and dates in one of the two languages."""

    def __init__(self, *, english: bool = False) -> None:
        self.english = english
        self.language = "en" if english else "zh-CN"

    def __call__(self, key: str, **params: object) -> str:
        return _WORDS[key][self.english].format(**params)

    def day(self, day: date) -> str:
        return day.isoformat() if self.english else f"{day.year}年{day.month}月{day.day}日"

    def short_day(self, day: date, year: int | None = None) -> str:
        """3.15; with its year where that is not `year`."""
        short = f"{day.month}.{day.day}"
        return short if day.year == year else f"{day.year}.{short}"

    def month(self, month: int) -> str:
        return _MONTHS[month - 1] if self.english else f"{month}月"

    def year(self, year: int) -> str:
        return str(year) if self.english else f"{year}年"

    def quarter(self, quarter: int) -> str:
        return f"Q{quarter}" if self.english else f"{'一二三四'[quarter - 1]}季度"

    def people(self, names: tuple[str, ...]) -> str:
        return (", " if self.english else "、").join(names)

    @staticmethod
    def amount(value: Decimal) -> str:
        return f"{value.normalize():,f}"
