"""Rule sets for lights (红黄绿灯) as data: three published county practices, and what a county makes of them.

A rule set is a *practice* (how is judged: code, here) with its parameters (where the lines are: data) and never
changes: another line is another version. Which set is in force is chosen per region, from a day on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

FOREVER = date(9999, 12, 31)
MonthlyBasis = Literal["milestones_and_investment", "milestones", "investment"]


@dataclass(frozen=True, slots=True)
class Yinchuan:
    """Start, progress and enrolment each have a light.

    Start: yellow once the planned month is over without it, red `start_red_months` whole calendar months after that
    (planned for March: yellow from 1 April, red from 1 July). Progress: points below time progress; less than
    `progress_yellow_points` below is green, from there to `progress_red_points`, both included, yellow, more is red.
    Enrolment: yellow on the days later than `enrolment_yellow_months` after the start, red later than
    `enrolment_red_months` after it; a month later is the same day of the next month, or its last day where it has no
    such day (31 January → 29 or 28 February).
    """

    start_red_months: int = 3
    progress_yellow_points: Decimal = Decimal(10)
    progress_red_points: Decimal = Decimal(30)
    enrolment_yellow_months: int = 1
    enrolment_red_months: int = 2


@dataclass(frozen=True, slots=True)
class Ouhai:
    """The last month that is over is judged: on time green, missed red, missed but caught up later yellow.

    Investment: what the plan's monthly split adds up to by that month (a twelfth of the plan a month without a split)
    against what was completed by its end. Milestones: all planned to be finished by its end must be; one of that very
    month finished after it was caught up. Until a first month of the year is over nothing is missed.
    """

    basis: MonthlyBasis = "milestones_and_investment"


@dataclass(frozen=True, slots=True)
class Haikou:
    """Month ends are judged by points below time progress, and so is how long it has been so.

    More than `behind_points` below is behind: yellow; behind at `in_a_row` month ends running: red. More than
    `serious_points` below is a serious problem: red, unless a main problem is stated of the project, which is then
    its reason: yellow (and it counts as behind).
    """

    behind_points: Decimal = Decimal(0)
    serious_points: Decimal = Decimal(30)
    in_a_row: int = 2


Rules = Yinchuan | Ouhai | Haikou
PRACTICES: dict[str, type[Rules]] = {"yinchuan": Yinchuan, "ouhai": Ouhai, "haikou": Haikou}


@dataclass(frozen=True, slots=True)
class RuleSet:
    """`code` and `version` name it within its region; shipped ones have no region."""

    id: UUID
    code: str
    version: int
    practice: str
    rules: Rules
    label_zh: str
    label_en: str
    description: str
    region_code: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return asdict(self.rules)


def rules_of(practice: str, parameters: dict[str, Any]) -> Rules:
    """Parameters as stored (JSON) as the practice's rules; points exact."""
    exact: dict[str, Any] = {n: Decimal(str(v)) if n.endswith("_points") else v for n, v in parameters.items()}
    return PRACTICES[practice](**exact)


def _shipped(number: int, practice: str, label_zh: str, label_en: str, description: str) -> RuleSet:
    identity = UUID(f"0199c1a0-7c00-7000-8000-0000000f0{number:03}")
    return RuleSet(identity, practice, 1, practice, PRACTICES[practice](), label_zh, label_en, description)


SHIPPED: tuple[RuleSet, ...] = (
    _shipped(
        1,
        "yinchuan",
        "银川：开工、进度、入库",
        "Yinchuan: start, progress, enrolment",
        "开工：按计划为绿灯；计划开工月已过而未开工为黄灯（计划3月，4月1日起）；再过3个整月为红灯（7月1日起）；只写年份的"
        "计划按当年12月算。进度：不低于序时进度或低不足10个百分点为绿灯；低10至30个百分点（含两端）为黄灯；低于30个百分点"
        "以上为红灯；没有填报按完成0算。入库：开工后超过1个月未入库为黄灯，超过2个月为红灯（次月同日，无同日则月末）。"
        "项目的灯取各项中最差的。",
    ),
    _shipped(
        2,
        "ouhai",
        "瓯海：逐月按期",
        "Ouhai: month by month",
        "每月末考核：按时完成为绿灯；未完成为红灯；未按时但此后补上为黄灯。投资：到该月末应完成数为分月计划累计（无分月计划"
        "按每月十二分之一），与截至月末的完成数比较，此后补上按目前的完成数看。节点：计划在该月末以前完成的节点须全部完成；"
        "当月计划的节点在次月以后完成的算补上；已完成而没有日期的按按时算。月内不考核当月；当年第一个月未满不算欠账。",
    ),
    _shipped(
        3,
        "haikou",
        "海口：连续滞后",
        "Haikou: behind in a row",
        "每月末考核：低于序时进度为滞后，亮黄灯；连续两个月末滞后为红灯；低于序时进度30个百分点以上为严重问题，未写明主要"
        "问题的为红灯，已写明的按滞后亮黄灯。月内沿用上月末的灯；当年第一个月未满为绿灯。",
    ),
)
DEFAULT = SHIPPED[0]


@dataclass(frozen=True, slots=True)
class Choice:
    """A region and all below it go by `rule_set` from a day on; entered later counts more on the same day."""

    region_code: str
    from_day: date
    rule_set: RuleSet


class Choices:
    """Which rule set is in force where and when: the closest region's last choice, else the default."""

    def __init__(self, choices: Iterable[Choice] = ()) -> None:
        self._by_region: dict[str, list[Choice]] = {}
        for choice in choices:
            self._by_region.setdefault(choice.region_code, []).append(choice)
        self._courses: dict[str, list[tuple[date, RuleSet]]] = {}

    def on(self, region: str, day: date) -> tuple[RuleSet, date]:
        """The set in force and the first day on which that may be another one."""
        course = self._courses.get(region)
        if course is None:
            course = self._courses[region] = self._course(region)
        found, until = DEFAULT, FOREVER
        for from_day, rule_set in course:
            if from_day > day:
                until = from_day
                break
            found = rule_set
        return found, until

    def _course(self, region: str) -> list[tuple[date, RuleSet]]:
        known = [self._by_region[code] for code in sorted(self._by_region, key=len) if region.startswith(code)]
        days = sorted({choice.from_day for choices in known for choice in choices})
        course = []
        for day in days:
            begun = [[choice for choice in choices if choice.from_day <= day] for choices in known]
            closest = next(choices for choices in reversed(begun) if choices)
            # Of several from the same day the one entered last; they come in the order of entry.
            last = max(enumerate(closest), key=lambda each: (each[1].from_day, each[0]))[1]
            course.append((day, last.rule_set))
        return course
