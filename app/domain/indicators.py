"""Indicators (指标): the catalogue that ships, and how entered figures are read.

A value published by a county's statistics bureau is *cumulative*: January to the month it is of (1—N月累计), as Chinese
statistics are. January is often not published by itself but with February.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.domain.progress import half_up

Computation = Literal[
    "key_projects",
    "signings",
    "starts",
    "completions",
    "productions",
    "enrolments",
    "completed_investment",
    "funding_approved",
    "funding_received",
    "funding_paid",
    "series_growth",
    "entered",
]
Accrual = Literal["cumulative", "level"]
ActualFrom = Literal["computed", "entered"]
ActualSource = Literal["computed", "entered", "series"]

REACHED: dict[str, str] = {
    "signings": "signed",
    "starts": "started",
    "completions": "completed",
    "productions": "in_production",
}
"""The computations that count moves into or past a stage within the year, with that stage."""

FUNDING: dict[str, str] = {"funding_approved": "approved", "funding_received": "received", "funding_paid": "paid"}
"""The computations that add up money of the year, with the step it has reached."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """`threshold`: only projects with a total investment of at least so much, 万元. `series`: whose growth it is."""

    code: str
    label_zh: str
    label_en: str
    unit: str = "count"
    computation: Computation = "entered"
    accrual: Accrual = "cumulative"
    threshold: Decimal | None = None
    series: str | None = None

    @property
    def computed(self) -> bool:
        """Whether the service can work the actual out by itself."""
        return self.computation != "entered"


def _growth(code: str, zh: str, en: str) -> Indicator:
    return Indicator(
        f"{code}_growth", f"{zh}增速", f"{en}, growth", "percent", "series_growth", accrual="level", series=code
    )


def _money(code: str, zh: str, en: str) -> Indicator:
    return Indicator(code, zh, en, "wan_yuan")


SHIPPED: dict[str, Indicator] = {
    indicator.code: indicator
    for indicator in (
        Indicator("key_projects", "重点项目数", "Key projects", computation="key_projects"),
        Indicator("signings", "新签约项目数", "Projects signed", computation="signings"),
        Indicator("starts", "新开工项目数", "Projects started", computation="starts"),
        Indicator(
            "starts_over_10000", "亿元以上新开工项目数", "Projects over 100 million started",
            computation="starts", threshold=Decimal(10000),
        ),
        Indicator("completions", "竣工项目数", "Projects completed", computation="completions"),
        Indicator("productions", "投产项目数", "Projects gone into production", computation="productions"),
        Indicator("new_statistics_enrolments", "新增入库项目数", "New enrolments", computation="enrolments"),
        Indicator(
            "new_statistics_enrolments_over_5000", "5000万元以上新增入库项目数", "New enrolments over 50 million",
            computation="enrolments", threshold=Decimal(5000),
        ),
        Indicator(
            "completed_investment", "项目完成投资", "Completed investment of projects", "wan_yuan",
            "completed_investment",
        ),
        Indicator("funds_approved", "批复资金", "Funds approved", "wan_yuan", "funding_approved"),
        Indicator("funds_received", "到位资金", "Funds received", "wan_yuan", "funding_received"),
        Indicator("funds_paid", "支付资金", "Funds paid", "wan_yuan", "funding_paid"),
        Indicator("planned_projects_over_10000", "亿元以上计划项目数", "Planned projects over 100 million"),
        _money("fixed_asset_investment", "固定资产投资", "Fixed-asset investment"),
        _money("fixed_asset_investment_over_500", "500万元以上固定资产投资", "Fixed-asset investment over 5 million"),
        _money("industrial_fixed_asset_investment", "工业固定资产投资", "Industrial fixed-asset investment"),
        _money("gdp", "地区生产总值", "Gross domestic product"),
        _money("industrial_value_added", "规模以上工业增加值", "Industrial value added"),
        _money("fiscal_revenue", "一般公共预算收入", "Fiscal revenue"),
        _money("tax_revenue", "税收收入", "Tax revenue"),
        _money("retail_sales", "社会消费品零售总额", "Retail sales of consumer goods"),
        _money("investment_attracted", "招商引资到位资金", "Investment attracted"),
        _money("funds_obtained", "争取上级资金", "Funds obtained from above"),
        _growth("fixed_asset_investment", "固定资产投资", "Fixed-asset investment"),
        _growth("gdp", "地区生产总值", "Gross domestic product"),
        _growth("industrial_value_added", "规模以上工业增加值", "Industrial value added"),
    )
}  # fmt: skip


def growth(value: Decimal | None, before: Decimal | None) -> Decimal | None:
    """同比 in percent from the two levels, two decimals half up; None where there is nothing to compare with."""
    if value is None or before is None or before <= 0:
        return None
    return half_up((value - before) * 100 / before)


def level_before(value: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """The other way: the level of a year before that a published growth rate tells of, two decimals half up."""
    if value is None or rate is None or rate <= -100:
        return None
    return half_up(value * 100 / (100 + rate))


def _half_unit(number: Decimal) -> Decimal:
    """Half of the last decimal written: 24.1 may stand for 24.05 to 24.15, 1518300 for 1518299.5 to 1518300.5."""
    exponent = number.normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # neither NaN nor infinite
    return Decimal(5).scaleb(min(exponent, 0) - 1)


def disagrees(entered: Decimal | None, value: Decimal | None, before: Decimal | None) -> bool:
    """Whether a growth rate as published cannot be that of the two published levels, however they were rounded.

    No mistake by itself: bureaus compare on a comparable basis (可比口径), so it is flagged, never refused.
    """
    if entered is None or value is None or before is None or before <= 0:
        return False
    value_off, before_off, rate_off = _half_unit(value), _half_unit(before), _half_unit(entered)
    # (value ± off) ÷ (before ± off) − 1 against entered ± off, without dividing: all bases here are positive.
    low, high = before - before_off, before + before_off
    least, most = 1 + (entered - rate_off) / 100, 1 + (entered + rate_off) / 100
    lowest = min(least * low, least * high)
    highest = max(most * low, most * high)
    return value + value_off < lowest or value - value_off > highest
