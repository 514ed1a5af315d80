"""What is found odd in a report, on both sides of every bound."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.report_flags import (
    SHIPPED,
    FlagRule,
    Reported,
    cumulative_falls,
    differs_from_statistics,
    distance_m,
    far_from_site,
    flags,
    investment_leads,
    rule_for,
    speaks_of_month_end,
    used_before,
)

DAY = date(2016, 5, 27)
AMOUNTS = st.decimals(0, 10**8, places=4)
CENT = Decimal("0.0001")


def reported(**said: Any) -> Reported:
    return Reported(**{"as_of": DAY, "completed": Decimal(500), "physical_percent": Decimal(30), **said})


def before(completed: Decimal) -> dict[str, Any]:
    return {"as_of": "2016-05-20", "completed": completed, "report_id": "r1"}


@given(AMOUNTS)
def test_a_cumulative_figure_falls_when_it_is_less_by_anything(completed: Decimal) -> None:
    assert cumulative_falls(reported(completed=completed, before=before(completed))) is None
    flag = cumulative_falls(reported(completed=completed, before=before(completed + CENT)))
    assert flag is not None
    assert (flag.facts["fell_by"], flag.other_report_id) == (CENT, "r1")


def test_nothing_said_and_nothing_before_is_no_fall() -> None:
    assert cumulative_falls(reported(completed=None, before=before(Decimal(1)))) is None
    assert cumulative_falls(reported()) is None


@given(whole=st.decimals(1, 10**8, places=4), physical=st.decimals(0, 80, places=2))
def test_investment_leads_from_exactly_the_points_on(whole: Decimal, physical: Decimal) -> None:
    reached = (physical + 15) * whole / 100
    just = reported(completed=reached, physical_percent=physical, total_investment=whole)
    less = reported(completed=reached - CENT, physical_percent=physical, total_investment=whole)
    flag = investment_leads(just, SHIPPED)
    assert flag is not None
    assert (flag.facts["lead_points"], flag.facts["basis"]) == (15, "total_investment")
    assert investment_leads(less, SHIPPED) is None


def test_investment_is_all_years_against_the_total_else_the_year_against_its_plan() -> None:
    whole = {"total_investment": Decimal(2000), "earlier_years": Decimal(400), "annual_plan": Decimal(9000)}
    flag = investment_leads(reported(**whole), SHIPPED)
    assert flag is not None
    assert (flag.facts["invested"], flag.facts["whole"], flag.facts["invested_percent"]) == (900, 2000, 45)
    flag = investment_leads(reported(annual_plan=Decimal(1000), earlier_years=Decimal(400)), SHIPPED)
    assert flag is not None
    assert (flag.facts["basis"], flag.facts["invested"], flag.facts["lead_points"]) == ("annual_plan", 500, 20)
    assert investment_leads(reported(annual_plan=Decimal(0), total_investment=Decimal(0)), SHIPPED) is None
    assert investment_leads(reported(annual_plan=Decimal(1), physical_percent=None), SHIPPED) is None


def counted(completed: int) -> dict[str, Any]:
    return {"id": "s1", "year": 2016, "month": 5, "completed": Decimal(completed)}


@pytest.mark.parametrize(
    ("said", "bureau", "percent"),
    [
        ("105", 100, None),
        ("105.0001", 100, "5.00"),
        ("95", 100, None),
        ("94.9999", 100, "-5.00"),
        ("0", 0, None),
        ("150", 100, "50"),
    ],
)
def test_differs_by_more_than_the_percent(said: str, bureau: int, percent: str | None) -> None:
    flag = differs_from_statistics(reported(completed=Decimal(said), statistics=counted(bureau)), SHIPPED)
    assert (flag and flag.facts["difference_percent"]) == (percent and Decimal(percent))


def test_anything_differs_from_nothing_by_no_percent() -> None:
    flag = differs_from_statistics(reported(completed=CENT, statistics=counted(0)), SHIPPED)
    assert flag is not None
    assert (flag.facts["difference"], flag.facts["difference_percent"]) == (CENT, None)


def test_only_the_last_seven_days_speak_of_a_month() -> None:
    assert [day for day in range(1, 32) if speaks_of_month_end(date(2016, 5, day))] == list(range(25, 32))
    assert [day for day in range(1, 30) if speaks_of_month_end(date(2016, 2, day))] == list(range(23, 30))
    off = {"completed": Decimal(900), "statistics": counted(100)}
    assert differs_from_statistics(reported(as_of=date(2016, 5, 24), **off), SHIPPED) is None
    assert differs_from_statistics(reported(as_of=date(2016, 5, 25), **off), SHIPPED) is not None


def _photo(**known: Any) -> dict[str, Any]:
    return {"id": "p1", "place": None, "used": None, **known}


def _used(*, bits: int | None, exact: bool = False) -> dict[str, Any]:
    return {"photo_id": "p0", "report_id": "r0", "project_id": "q0", "week": "2016-05-16", "exact": exact, "bits": bits}


def test_pictures_are_alike_up_to_the_bound() -> None:
    assert used_before(_photo(used=_used(bits=4)), SHIPPED) is not None
    assert used_before(_photo(used=_used(bits=5)), SHIPPED) is None
    assert used_before(_photo(used=_used(bits=5)), FlagRule(photo_bits=5)) is not None
    assert used_before(_photo(used=_used(bits=None, exact=True)), FlagRule(photo_bits=0)) is not None


def test_far_is_beyond_the_bound() -> None:
    site = {"longitude": Decimal("106.275"), "latitude": Decimal("38.47")}
    place = {"longitude": Decimal("106.275"), "latitude": Decimal("38.478"), "source": "file"}
    metres = distance_m(106.275, 38.478, 106.275, 38.47)
    assert 889 < metres < 890
    photo = _photo(place=place)
    assert far_from_site(photo, site, FlagRule(photo_distance_m=890)) is None
    flag = far_from_site(photo, site, FlagRule(photo_distance_m=889))
    assert flag is not None
    assert flag.facts["distance_m"] == 890
    assert far_from_site(photo, None, FlagRule(photo_distance_m=1)) is None
    assert far_from_site(_photo(), site, FlagRule(photo_distance_m=1)) is None


POINTS = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(POINTS, POINTS)
def test_distances_are_those_of_a_sphere(one: tuple[float, float], other: tuple[float, float]) -> None:
    there, back = distance_m(*one, *other), distance_m(*other, *one)
    assert 0 <= there <= 20_015_115
    assert there == pytest.approx(back)
    assert distance_m(*one, *one) == 0


def test_distances_known() -> None:
    # A degree of the meridian; a quarter of the equator; across the date line.
    assert distance_m(100, 30, 100, 31) == pytest.approx(111_195, abs=1)
    assert distance_m(0, 0, 90, 0) == pytest.approx(10_007_557, abs=1)
    assert distance_m(179.5, 0, -179.5, 0) == pytest.approx(111_195, abs=1)


def test_the_nearest_region_and_of_it_the_latest_rule_decides() -> None:
    province = FlagRule("99", date(2016, 5, 1), photo_distance_m=1)
    county = FlagRule("990101", date(2016, 1, 1), photo_distance_m=2)
    later = FlagRule("990101", date(2016, 5, 16), photo_distance_m=3)
    again = FlagRule("990101", date(2016, 5, 16), photo_distance_m=4)
    rules = [later, again, county, province]
    assert rule_for(rules, "990101001", date(2016, 5, 16)) is again
    assert rule_for(rules, "990101001", date(2016, 5, 9)) is county
    assert rule_for(rules, "990102", date(2016, 5, 9)) is province
    assert rule_for(rules, "990102", date(2016, 4, 25)) is SHIPPED
    assert rule_for(rules, "98", date(2016, 5, 16)) is SHIPPED


def test_one_report_can_be_odd_in_many_ways() -> None:
    place = {"longitude": Decimal(0), "latitude": Decimal(0), "source": "phone"}
    site = {"longitude": Decimal(1), "latitude": Decimal(0)}
    odd = reported(
        before=before(Decimal(600)),
        annual_plan=Decimal(1000),
        statistics=counted(100),
        site=site,
        photos=[_photo(place=place, used=_used(bits=0, exact=True))],
    )
    assert [flag.kind for flag in flags(odd, SHIPPED)] == [
        "cumulative_falls",
        "investment_leads_progress",
        "differs_from_statistics",
        "photo_used_before",
        "photo_far_from_site",
    ]
