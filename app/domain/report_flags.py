"""What looks odd in a field report (疑点): facts of both sides, never a verdict. Thresholds are data per region.

- `cumulative_falls`: less is completed than was said of an earlier day of the same year, or before that of the same
  day by what this report does not correct.
- `investment_leads_progress`: the share of money spent leads physical progress (形象进度) by so many points or more.
  Physical progress is of the whole project, so money is compared with total investment: all that is known of the years
  before and this year's figure. Without a total investment, the year's figure with the year's plan.
- `photo_used_before`: the same file, or one that looks alike, is named by a report that came before, in the county.
- `photo_far_from_site`: farther from the project's point than so many metres; the file's own place counts before the
  phone's word.
- `differs_from_statistics`: more than so many percent off the statistics bureau's figure for the end of the month,
  when the report speaks of one of the month's last seven days.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

ReportFlagKind = Literal[
    "cumulative_falls",
    "investment_leads_progress",
    "photo_used_before",
    "photo_far_from_site",
    "differs_from_statistics",
]
ReportFlagState = Literal["open", "dismissed", "withdrawn"]

LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "report_flag_kind": {
        "cumulative_falls": ("累计数下降", "Cumulative figure falls"),
        "investment_leads_progress": ("投资进度超前形象进度", "Investment leads physical progress"),
        "photo_used_before": ("照片曾经使用", "Photo used before"),
        "photo_far_from_site": ("照片远离现场", "Photo far from the site"),
        "differs_from_statistics": ("与统计数据不符", "Differs from the statistics bureau's figure"),
    },
    "report_flag_state": {
        "open": ("待核实", "Open"),
        "dismissed": ("已排除", "Dismissed"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
}

MOST_BITS = 7
"""Pictures unlike in more of their 64 bits are never searched for: see the index on the quarters of the hash."""
LEAST_DETAIL = 8
"""A hash with fewer bits set, or unset, is of a picture of next to nothing (a dark lens, the sky): many look so."""
LAST_DAYS = 7
_EARTH_RADIUS_M = 6_371_008.8
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class FlagRule:
    """What a region says; it holds for reports of weeks that begin on `valid_from` or later."""

    region_code: str = ""
    valid_from: date = date.min
    lead_points: Decimal = Decimal(15)
    """Reached: flagged."""
    photo_distance_m: int = 1000
    """Exceeded: flagged."""
    photo_bits: int = 4
    """Of 64 bits, so many may differ in pictures that look alike; 0: all are the same."""
    statistics_percent: Decimal = Decimal(5)
    """Exceeded: flagged."""


SHIPPED = FlagRule()


def rule_for(rules: Iterable[FlagRule], region_code: str, week: date) -> FlagRule:
    """What the nearest region at or above says of that week; `rules` come in the order they were entered."""
    found = SHIPPED
    for rule in rules:
        nearer = (len(rule.region_code), rule.valid_from) >= (len(found.region_code), found.valid_from)
        if rule.valid_from <= week and region_code.startswith(rule.region_code) and nearer:
            found = rule
    return found


@dataclass(frozen=True, slots=True)
class Reported:
    """A report and what is known beside it; amounts 万元. Members that are mappings go into the facts as they are."""

    as_of: date
    completed: Decimal | None
    physical_percent: Decimal | None
    total_investment: Decimal | None = None
    earlier_years: Decimal = Decimal(0)
    annual_plan: Decimal | None = None
    before: Mapping[str, Any] | None = None
    """The last word on an earlier day of the year, or before this on the same: `as_of`, `completed`, `report_id`."""
    statistics: Mapping[str, Any] | None = None
    """The bureau's figure for the end of the month: `id`, `year`, `month`, `completed`."""
    site: Mapping[str, Any] | None = None
    """`longitude`, `latitude`."""
    photos: Sequence[Mapping[str, Any]] = ()
    """`id`, `place` (`longitude`, `latitude`, `source`) and `used` (`photo_id`, `report_id`, …, `bits`), or null."""


@dataclass(frozen=True, slots=True)
class Flag:
    kind: ReportFlagKind
    facts: Mapping[str, Any]
    photo_id: str | None = None
    other_report_id: str | None = None
    """The report it was compared with: what changes there is looked at again here."""


def flags(report: Reported, rule: FlagRule) -> list[Flag]:
    found = [cumulative_falls(report), investment_leads(report, rule), differs_from_statistics(report, rule)]
    return [flag for flag in found if flag is not None] + list(_of_photos(report, rule))


def cumulative_falls(report: Reported) -> Flag | None:
    before = report.before
    if report.completed is None or before is None or report.completed >= before["completed"]:
        return None
    facts = {
        "as_of": report.as_of,
        "completed": report.completed,
        "before": before,
        "fell_by": before["completed"] - report.completed,
    }
    return Flag("cumulative_falls", facts, other_report_id=before["report_id"])


def investment_leads(report: Reported, rule: FlagRule) -> Flag | None:
    """Decided on exact numbers; what is shown has two decimals."""
    if report.completed is None or report.physical_percent is None:
        return None
    if report.total_investment:
        basis, invested, whole = "total_investment", report.earlier_years + report.completed, report.total_investment
    elif report.annual_plan:
        basis, invested, whole = "annual_plan", report.completed, report.annual_plan
    else:
        return None
    if _HUNDRED * invested < (report.physical_percent + rule.lead_points) * whole:
        return None
    share = _HUNDRED * invested / whole
    facts = {
        "as_of": report.as_of,
        "basis": basis,
        "invested": invested,
        "whole": whole,
        "invested_percent": _points(share),
        "physical_percent": report.physical_percent,
        "lead_points": _points(share - report.physical_percent),
        "limit_points": rule.lead_points,
    }
    return Flag("investment_leads_progress", facts)


def speaks_of_month_end(as_of: date) -> bool:
    return as_of.day > calendar.monthrange(as_of.year, as_of.month)[1] - LAST_DAYS


def differs_from_statistics(report: Reported, rule: FlagRule) -> Flag | None:
    known = report.statistics
    if report.completed is None or known is None or not speaks_of_month_end(report.as_of):
        return None
    difference = report.completed - known["completed"]
    if abs(difference) * _HUNDRED <= rule.statistics_percent * known["completed"]:
        return None
    percent = _points(_HUNDRED * difference / known["completed"]) if known["completed"] else None
    facts = {
        "as_of": report.as_of,
        "completed": report.completed,
        "statistics": known,
        "difference": difference,
        "difference_percent": percent,
        "limit_percent": rule.statistics_percent,
    }
    return Flag("differs_from_statistics", facts)


def _of_photos(report: Reported, rule: FlagRule) -> Iterator[Flag]:
    for photo in report.photos:
        for flag in (used_before(photo, rule), far_from_site(photo, report.site, rule)):
            if flag is not None:
                yield flag


def used_before(photo: Mapping[str, Any], rule: FlagRule) -> Flag | None:
    """By the nearest of all earlier ones: the same file, else the one that looks most alike."""
    used = photo["used"]
    if used is None or not (used["exact"] or used["bits"] <= rule.photo_bits):
        return None
    facts = {
        "photo_id": photo["id"],
        "exact": used["exact"],
        "differing_bits": used["bits"],
        "limit_bits": rule.photo_bits,
        "before": {name: used[name] for name in ("photo_id", "report_id", "project_id", "week")},
    }
    return Flag("photo_used_before", facts, photo["id"], used["report_id"])


def far_from_site(photo: Mapping[str, Any], site: Mapping[str, Any] | None, rule: FlagRule) -> Flag | None:
    place = photo["place"]
    if place is None or site is None:
        return None
    away = distance_m(*_point(place), *_point(site))
    if away <= rule.photo_distance_m:
        return None
    facts = {
        "photo_id": photo["id"],
        "distance_m": math.ceil(away),
        "limit_m": rule.photo_distance_m,
        "place": place,
        "site": site,
    }
    return Flag("photo_far_from_site", facts, photo["id"])


def _point(place: Mapping[str, Any]) -> tuple[float, float]:
    return float(place["longitude"]), float(place["latitude"])


def distance_m(longitude: float, latitude: float, other_longitude: float, other_latitude: float) -> float:
    """Along the great circle, of WGS-84 degrees."""
    here, there = math.radians(latitude), math.radians(other_latitude)
    across = math.radians(other_longitude - longitude)
    half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def _points(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
