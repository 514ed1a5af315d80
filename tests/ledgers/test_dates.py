"""Dates as people write them, with the precision they were written in."""

from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledgers.dates import chinese, parse_date, parse_day, parse_period
from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue, ErrorText, PartialDate


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("2016", "2016"),
        ("2016年", "2016"),
        (2016.0, "2016"),
        ("2016.3", "2016-03"),
        ("2016.10", "2016-10"),
        ("2016.1", "2016-01"),
        (2016.3, "2016-03"),
        (2016.11, "2016-11"),
        (2016.12, "2016-12"),
        (201606, "2016-06"),
        (20160615.0, "2016-06-15"),
        (42430.0, "2016-03-01"),
        (date(2016, 3, 1), "2016-03-01"),
        (datetime(2016, 3, 1, 12, 0), "2016-03-01"),  # noqa: DTZ001 - what the workbook reader gives
        ("2013.6.15", "2013-06-15"),
        ("2013年5月20日", "2013-05-20"),
        ("2016-06-15 00:00:00", "2016-06-15"),
        ("2016/6/15", "2016-06-15"),
        ("20160615", "2016-06-15"),
        ("\uff12\uff10\uff11\uff16年\uff13月", "2016-03"),
        ("2016 年 3 月", "2016-03"),
        ("16年6月", "2016-06"),
        ("2016年6月底前", "2016-06-30"),
        ("2016年2月底", "2016-02-29"),
        ("2016年3月上旬", "2016-03-10"),
        ("2016年3月中旬", "2016-03-20"),
        ("2016年3月下旬", "2016-03-31"),
        ("2016年3月初", "2016-03"),
        ("2016年底", "2016-12-31"),
        ("2016年初", "2016-01"),
        ("2016年上半年", "2016-06-30"),
        ("2016年第三季度", "2016-09-30"),
        ("2016年1季度", "2016-03-31"),
        ("计划2016年6月开工", "2016-06"),
        ("2016年9月前完成", "2016-09"),
        ("5月底前", "2015-05-31"),
        ("2月底前", "2015-02-28"),
        ("6月15日", "2015-06-15"),
        ("6月", "2015-06"),
        ("年底前", "2015-12-31"),
        ("今年6月", "2015-06"),
    ],
)
def test_understood(cell: CellValue, iso: str) -> None:
    assert str(parse_date(cell, 2015)) == iso


@pytest.mark.parametrize("cell", ["", "待定", "-", "—", "已完成", "已 完 成", "在建", "无"])
def test_no_date_yet(cell: str) -> None:
    assert parse_date(cell, 2016) is None
    assert parse_period(cell, 2016) == (None, None)


@pytest.mark.parametrize(
    ("cell", "year", "code"),
    [
        (2016.1, 2016, "ambiguous_month"),
        (2016.123, 2016, "not_a_date"),
        (2016.13, 2016, "not_a_date"),
        (1.5, 2016, "not_a_date"),
        (3, 2016, "not_a_date"),
        (True, 2016, "not_a_date"),
        ("3", 2016, "not_a_date"),
        ("6.15", 2016, "not_a_date"),
        ("2016年2月30日", 2016, "not_a_date"),
        ("2016.13", 2016, "not_a_date"),
        ("0月底", 2016, "not_a_date"),
        ("尽快", 2016, "not_a_date"),
        ("完成" * 5000, 2016, "not_a_date"),
        ("6月底前", None, "date_needs_year"),
        (ErrorText("#VALUE!"), 2016, "formula_error"),
    ],
)
def test_not_understood(cell: CellValue, year: int | None, code: str) -> None:
    with pytest.raises(CellProblem) as caught:
        parse_date(cell, year)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("cell", "start", "completion"),
    [
        ("2014-2016", "2014", "2016"),
        ("2014—2016", "2014", "2016"),
        ("2014~2016年", "2014", "2016"),
        ("2014年至2016年", "2014", "2016"),
        ("2014-16", "2014", "2016"),
        ("2016.3-2017.10", "2016-03", "2017-10"),
        ("2016/3-2017/10", "2016-03", "2017-10"),
        ("2016年3月-2017年10月", "2016-03", "2017-10"),
        ("2016.3.1-2017.10.30", "2016-03-01", "2017-10-30"),
        ("2016-3-1-2017-10-30", "2016-03-01", "2017-10-30"),
        ("20160301-20171030", "2016-03-01", "2017-10-30"),
        ("2016年3-10月", "2016-03", "2016-10"),
        ("2016.3-10", "2016-03", "2016-10"),
        ("2015年12月-2016年6月底", "2015-12", "2016-06-30"),
        ("3月-10月", "2015-03", "2015-10"),
        ("2016", "2016", "2016"),
        (2016.0, "2016", "2016"),
        ("2016-12", "2016-12", "None"),
        ("2016年3月1日", "2016-03-01", "None"),
        ("2016年6月开工", "2016-06", "None"),
        ("2016年6月底前", "None", "2016-06-30"),
        ("6月底前", "None", "2015-06-30"),
        ("2016年9月竣工", "None", "2016-09"),
        ("2016年3月-6月底前", "2016-03", "2016-06-30"),
        ("2016年前", "2016", "2016"),
    ],
)
def test_periods(cell: CellValue, start: str, completion: str) -> None:
    assert tuple(map(str, parse_period(cell, 2015))) == (start, completion)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2017-2016", "dates_out_of_order"),
        ("2016.5-2016.3", "dates_out_of_order"),
        ("24个月", "period_not_understood"),
        ("2年", "period_not_understood"),
        ("分期实施", "not_a_date"),
        ("2016-2017-2018", "not_a_date"),
    ],
)
def test_bad_periods(cell: str, code: str) -> None:
    with pytest.raises(CellProblem) as caught:
        parse_period(cell, 2016)
    assert caught.value.code == code


def test_a_day_from_a_month_is_its_last() -> None:
    assert parse_day("2016.2", 2016) == date(2016, 2, 29)
    assert parse_day("2016年2月3日", 2016) == date(2016, 2, 3)
    with pytest.raises(CellProblem) as caught:
        parse_day("2016", 2016)
    assert caught.value.code == "date_needs_month"


DATES = st.dates(date(1950, 1, 1), date(2199, 12, 31))
PARTIAL = st.builds(lambda day, parts: PartialDate(*(day.year, day.month, day.day)[:parts]), DATES, st.integers(1, 3))


@given(PARTIAL)
def test_what_we_write_is_read_back(value: PartialDate) -> None:
    assert parse_date(chinese(value)) == value
    assert PartialDate.parse(str(value)) == value
    assert value.first <= value.last


@given(PARTIAL, PARTIAL)
def test_any_range(one: PartialDate, other: PartialDate) -> None:
    start, end = sorted((one, other), key=lambda each: each.first)
    if end.last >= start.first:
        assert parse_period(f"{chinese(start)}-{chinese(end)}") == (start, end)


@given(st.text(max_size=30) | st.text("0123456789年月日底前.-/至季度上", max_size=16) | st.floats() | st.integers())
def test_anything_is_a_date_or_told(cell: CellValue) -> None:
    for parse in (parse_date, parse_day, parse_period):
        with suppress(CellProblem):
            parse(cell, 2016)
