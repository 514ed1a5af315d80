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


_MONEY = {
    "channel": Heading("资金渠道", "Channel"),
    "batch": Heading("批次", "Batch"),
    "year": Heading("年度", "Year"),
    "project": Heading("项目", "Project"),
    "records": Heading("资金记录数", "Records", "条", "records"),
    "applied": _amount("申请", "Applied for"),
    "approved": _amount("批复", "Approved"),
    "received": _amount("到位", "Received"),
    "paid": _amount("支付", "Paid out"),
    "previous": _amount("上年同期", "Year before"),
    "change_percent": _percent("同比增减", "Change"),
    "share": _percent("占比", "Share"),
    "code": Heading("项目编码", "Code"),
    "region_code": Heading("区划代码", "Region code"),
    "secured": _amount("已落实", "Secured"),
    "gap": _amount("资金缺口", "Gap"),
    "secured_rate": _percent("资金落实率", "Secured"),
    "pay_out_rate": _percent("支付率", "Paid out of received"),
    "held_up_by": Heading("制约原因", "Held up by"),
}
_TARGETS = {
    "region_name": Heading("地区", "Region"),
    "department_name": Heading("部门", "Department"),
    "indicator": Heading("指标代码", "Indicator code"),
    "unit_label": Heading("单位", "Unit"),
    "quarter": Heading("季度", "Quarter"),
    "month": Heading("截至月份", "To month"),
    "as_of": Heading("截至日期", "As of"),
    "target": Heading("目标", "Target"),
    "actual": Heading("实际完成", "Actual"),
    "difference": Heading("与目标之差", "Difference"),
    "year_target": Heading("全年目标", "Year's target"),
    "year_rate": _percent("占全年目标", "Of the year's target"),
    "actual_source": Heading("数据来源", "Source of actual"),
    "actual_as_of": Heading("数据日期", "Actual as of"),
    "status": Heading("状态", "Status"),
    "value": Heading("累计值", "Cumulative value"),
    "value_since": Heading("本期值", "Added since"),
    "previous_value": Heading("上年同期", "Year before"),
    "previous_computed": Heading("按公布同比推算上年同期", "Year before by growth as published"),
    "growth_percent": _percent("公布同比", "Growth as published"),
    "growth_computed": _percent("计算同比", "Growth as computed"),
    "rank": Heading("位次", "Rank"),
    "rank_movement": Heading("位次变化", "Places gained"),
    "growth_rank": Heading("增速位次", "Rank by growth"),
    "growth_rank_movement": Heading("增速位次变化", "Places gained by growth"),
    "ranked_among": Heading("排名单位数", "Ranked among"),
    "contribution_percent": _percent("贡献率", "Contribution"),
    "contribution_points": _points("拉动", "Contribution"),
    "published_on": Heading("公布日期", "Published on"),
    "source": Heading("来源", "Source"),
    "title": Heading("责任状", "Letter"),
    "items": Heading("责任项", "Items", "项", "items"),
    "achieved": Heading("已完成", "Achieved", "项", "items"),
    "overdue_items": Heading("逾期", "Overdue", "项", "items"),
    "without_data": Heading("无数据", "Without data", "项", "items"),
    "score": Heading("得分", "Score"),
    "weight_total": Heading("满分", "Full score"),
    "score_percent": _percent("得分率", "Score"),
}
_PERMITS = {
    "kind": Heading("手续种类", "Kind"),
    "permits": Heading("手续数", "Permits", "件", "permits"),
    **{
        state: Heading(zh, en, "件", "permits")
        for state, zh, en in (
            ("not_applied", "未申请", "Not applied for"), ("being_applied", "已申请", "Applied for"),
            ("accepted", "已受理", "Accepted"), ("supplementing", "补正中", "Being supplemented"),
            ("issued", "已核发", "Issued"), ("refused", "不予许可", "Refused"), ("withdrawn", "已撤回", "Withdrawn"),
            ("overdue", "超期未办结", "Overdue"), ("due_soon", "即将到期", "Due soon"),
            ("decided", "已办结", "Decided"), ("decided_late", "超期办结", "Decided late"),
        )
    },
    "on_time_rate": _percent("按期办结率", "Decided in time"),
}  # fmt: skip
_REPORTING = {
    "reporter": Heading("填报员", "Reporter"),
    "week": Heading("填报周", "Week"),
    **{
        name: Heading(zh, en, "份", "reports")
        for name, zh, en in (
            ("expected", "应报", "Expected"), ("on_time", "按时", "On time"), ("late", "迟报", "Late"),
            ("missing", "漏报", "Missing"), ("open", "未到期", "Not due yet"), ("returned", "曾退回", "Returned"),
        )
    },
    "reporting_rate": _percent("填报率", "Reported"),
    "reported_on_time_rate": _percent("按时填报率", "Reported on time"),
}  # fmt: skip

HEADINGS: dict[str, Heading] = {
    "light": Heading("红黄绿灯", "Light"),
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
    "light_green": Heading("绿灯", "Green", "个", "projects"),
    "light_yellow": Heading("黄灯", "Yellow", "个", "projects"),
    "light_red": Heading("红灯", "Red", "个", "projects"),
    "light_none": Heading("无灯", "No light", "个", "projects"),
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
    **_MONEY,
    **_TARGETS,
    **_PERMITS,
    **_REPORTING,
}


def heading(name: str) -> Heading:
    return HEADINGS[name]
