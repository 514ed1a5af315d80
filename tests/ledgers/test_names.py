"""People, departments, codes and text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue, ErrorText
from app.ledgers.people import parse_names, parse_person
from app.ledgers.projectcodes import parse_national_code, parse_own_code
from app.ledgers.text import clean, clipped, fold, match_key, one_line, show, text_cell


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("王建国(县委书记)", "王建国", "县委书记"),
        ("王建国\uff08县委书记\uff09", "王建国", "县委书记"),
        ("王建国\n(县委书记)", "王建国", "县委书记"),
        ("王 建 国", "王建国", None),
        ("王\u3000伟", "王伟", None),
        ("王建国 县委书记", "王建国", "县委书记"),
        ("县委书记 王建国", "王建国", "县委书记"),
        ("王丽(女)(副县长)", "王丽(女)", "副县长"),
        ("张敏(县人大常委会主任(正处))", "张敏", "县人大常委会主任(正处)"),
        ("王建国(", "王建国(", None),
        ("John Smith", "John Smith", None),
        ("待定", None, None),
        ("", None, None),
    ],
)
def test_people(text: str, name: str | None, title: str | None) -> None:
    assert parse_person(text) == (name, title)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("园区管委会、土地局", ["园区管委会", "土地局"]),
        ("发改委,财政局;住建局/交通局\n水务局", ["发改委", "财政局", "住建局", "交通局", "水务局"]),
        ("发改委\uff0c财政局\uff1b住建局\uff0f交通局", ["发改委", "财政局", "住建局", "交通局"]),
        ("发改局 财政局", ["发改局", "财政局"]),
        ("建 设 局", ["建设局"]),
        ("县工信局(商务局、发改委)、住建局", ["县工信局(商务局、发改委)", "住建局"]),
        ("县工信局(商务局、住建局", ["县工信局(商务局", "住建局"]),
        ("发改委、财政局等部门", ["发改委", "财政局"]),
        ("发改委、发改委", ["发改委"]),
        ("ABC Co., Ltd、乙公司", ["ABC Co., Ltd", "乙公司"]),
        ("、-、待定", []),
    ],
)
def test_departments(text: str, names: list[str]) -> None:
    assert list(parse_names(text)) == names


@given(st.lists(st.text("局委等部门AB()、 \n\uff08", min_size=1, max_size=8)))
def test_names_written_together_are_stable(names: list[str]) -> None:
    once = parse_names("、".join(names))
    assert parse_names("、".join(once)) == once


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2016-522701-48-03-000123", "2016-522701-48-03-000123"),
        ("2016\uff0d522701—48-03-\uff10\uff10\uff10123", "2016-522701-48-03-000123"),
        ("20165227014803000123", "2016-522701-48-03-000123"),
        ("123456789012345678901234", "123456789012345678901234"),
        ("2016-529901-4701-0001-230001", "201652990147010001230001"),
        ("", None),
        ("待定", None),
    ],
)
def test_national_codes(cell: str, code: str | None) -> None:
    assert parse_national_code(cell) == code


@pytest.mark.parametrize("cell", [2.0165227014803e19, "2016-52", "甲" * 24, "1" * 25])
def test_bad_national_codes(cell: CellValue) -> None:
    with pytest.raises(CellProblem) as caught:
        parse_national_code(cell)
    assert caught.value.code == "invalid_code"


def test_own_codes() -> None:
    assert parse_own_code(12.0) == "12"
    assert parse_own_code("\uff21-\uff10\uff11") == "A-01"
    with pytest.raises(CellProblem):
        parse_own_code("甲-01")


def test_cleaning() -> None:
    assert clean("\u3000 a\x0bb\r\nc\u200b\x01\ud800 \t") == "a\nb\nc"
    assert clean("e\u0301") == "é"
    assert fold("\uff21 \uff11\uff0e\uff15\uff08\u3000") == "A1.5("
    assert match_key("县工信局\uff08Ａ\uff09 ") == match_key("县 工信局(a)")
    assert one_line("某某\n项目 A  B") == "某某项目 A B"
    assert (show(3.0), show(0.1 + 0.2), show(1e20), show(True)) == ("3", "0.3", "100000000000000000000", "TRUE")
    assert len(clipped("\U0001f600" * 20_000).encode("utf-16-le")) // 2 <= 32_767


def test_text_too_long_and_errors() -> None:
    assert text_cell("字" * 10_000) == "字" * 10_000
    assert text_cell("#REF!") == "#REF!"
    for cell, code in (("字" * 10_001, "too_long"), (ErrorText("#REF!"), "formula_error")):
        with pytest.raises(CellProblem) as caught:
            text_cell(cell)
        assert caught.value.code == code


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)
    assert one_line(one_line(clean(text))) == one_line(clean(text))
    clean(text).encode()
