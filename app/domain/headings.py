"""What the columns of statistics are called in spreadsheets and pictures, by the name of the JSON member."""

from __future__ import annotations

from typing import NamedTuple


class Heading(NamedTuple):
    zh: str
    en: str
    unit_zh: str = ""
    unit_en: str = ""

    def text(self, *, english: bool) -> str:
        return self.en if english else self.zh

    def unit(self, *, english: bool) -> str:
        return self.unit_en if english else self.unit_zh

    def with_unit(self, *, english: bool) -> str:
        """总投资(万元)"""
        unit = self.unit(english=english)
        bracketed = f" ({unit})" if english else f"({unit})"
        return self.text(english=english) + (bracketed if unit else "")


def _amount(zh: str, en: str) -> Heading:
    return Heading(zh, en, "万元", "10 000 CNY")


def _percent(zh: str, en: str) -> Heading:
    return Heading(zh, en, "%", "%")


def _points(zh: str, en: str) -> Heading:
    return Heading(zh, en, "百分点", "points")


def _count(zh: str, en: str) -> Heading:
    return Heading(zh, en, "个", "projects")


HEADINGS: dict[str, Heading] = {
    "section": Heading("表", "Table"),
    "key": Heading("代码", "Key"),
    "label": Heading("分组", "Group"),
    "count": _count("项目数", "Projects"),
    "total_investment": _amount("总投资", "Total investment"),
    "annual_plan": _amount("年度计划投资", "Annual plan"),
    "completed": _amount("完成投资", "Completed investment"),
    "completion_rate": _percent("完成率", "Completion rate"),
    "time_progress": _percent("序时进度", "Time progress"),
    "gap_points": _points("与序时进度之差", "Gap to time progress"),
    "at_least_count": _count("达到计划规模的项目", "Projects of that plan"),
    "at_least_share": _percent("达到计划规模的占比", "Share of that plan"),
    "stage": Heading("阶段", "Stage"),
    "sector": Heading("行业", "Sector"),
    "region": Heading("地区", "Region"),
    "department": Heading("责任部门", "Responsible department"),
    "leader": Heading("包抓领导", "Sponsor leader"),
    "category": Heading("建设性质", "Category"),
    "location": Heading("建设地点", "Location"),
    "suspended": _count("停建", "Suspended"),
    "stale": _count("久无进展", "Stale"),
    "waiting_for_land": _count("用地未落实", "Waiting for land"),
    "major": _count("大项目", "Major projects"),
    "newly_started": _count("年内新开工", "Started this year"),
    "newly_completed": _count("年内竣工", "Completed this year"),
    "id": Heading("编号", "Id"),
    "project_id": Heading("项目编号", "Project id"),
    "name": Heading("项目名称", "Project"),
    "from_stage": Heading("原阶段", "From stage"),
    "to_stage": Heading("新阶段", "To stage"),
    "happened_on": Heading("日期", "Date"),
}


def heading(name: str) -> Heading:
    return HEADINGS[name]
