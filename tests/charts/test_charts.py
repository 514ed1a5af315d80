"""Charts as pure functions: widths and lines of text, days on a line, bars of milestones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.charts.course import lanes, overdue, variance
from app.charts.gantt import gantt
from app.charts.model import Charted, Node, Sheet, Work
from app.charts.svg import Drawing
from app.charts.text import lines, shorten, width
from app.charts.timeline import Axis, seen_on, span, tracks
from app.charts.wall import wall
from app.charts.words import Words

DAYS = st.dates(date(2012, 1, 1), date(2015, 12, 31))
TEXT = st.one_of(st.text(max_size=40), st.text("重点项目(一期)、abc 123", max_size=40))
YEAR = Axis(date(2013, 1, 1), date(2013, 12, 31), 100, 465)


@given(TEXT, st.floats(0, 400), st.sampled_from([9.5, 13, 15]))
def test_shortened_text_fits(text: str, room: float, size: float) -> None:
    shown = shorten(text, room, size)
    assert width(shown, size) <= max(room, 0) + 1e-6
    assert not shown.endswith("…") or len(shown) <= len(text) + 1


@given(TEXT, st.floats(40, 400), st.integers(1, 4))
def test_lines_fit_and_lose_nothing_unless_they_say_so(text: str, room: float, most: int) -> None:
    found = lines(text, room, 13, most)
    assert len(found) <= most
    assert all(width(line, 13) <= room + 13 for line in found)
    if not any("…" in line for line in found):
        assert "".join("".join(found).split()) == "".join(c for c in "".join(text.split()) if c in "".join(found))


def test_lines_break_before_brackets_and_never_before_a_closing_one() -> None:
    assert lines("云岭镇灌区配套工程(新建8号)", 195, 15, 2) == ["云岭镇灌区配套工程", "(新建8号)"]
    for room in range(60, 260, 5):
        assert not any(
            line.startswith((")", "）", "、")) for line in lines("甲、乙（丙）丁(戊)、己，庚" * 2, room, 15, 6)
        )


def test_an_axis_is_linear_and_holds_what_lies_outside_at_its_ends() -> None:
    assert [YEAR.morning(date(2013, 1, 1)), YEAR.evening(date(2013, 12, 31))] == [100, 465]
    assert YEAR.morning(date(2013, 1, 31)) == 130
    assert (YEAR.morning(date(1900, 1, 1)), YEAR.evening(date.max)) == (100, 465)
    assert [begin.month for begin, _, _ in YEAR.periods(3)] == [1, 4, 7, 10]


def node(name: str = "甲", **given: object) -> Node:
    return Node(id=name, name=name, **given)  # type: ignore[arg-type]  # as each test says


@st.composite
def nodes(draw: st.DrawFn) -> list[Node]:
    found = []
    for number in range(draw(st.integers(0, 8))):
        status = draw(st.sampled_from(["planned", "in_progress", "done"]))
        start, finish = sorted((draw(DAYS), draw(DAYS)))
        found.append(
            Node(
                id=str(number),
                name=draw(TEXT) or "甲",
                status=status,
                planned_start=draw(st.sampled_from([None, start])),
                planned_finish=draw(st.sampled_from([None, finish])),
                forecast_start=draw(st.none() | DAYS),
                forecast_finish=draw(st.none() | DAYS),
                actual_start=draw(st.sampled_from([None, start])) if status != "planned" else None,
                actual_finish=draw(st.sampled_from([None, finish])) if status == "done" else None,
                first_finish=draw(st.none() | DAYS),
                variance_days=draw(st.none() | st.integers(-90, 900)),
                overdue_days=draw(st.integers(0, 900)),
                provisional=draw(st.booleans()),
                predecessors=tuple(str(each) for each in range(number) if draw(st.booleans())),
            )
        )
    return found


@given(nodes(), DAYS)
def test_bars_say_what_is_known(given_nodes: list[Node], as_of: date) -> None:
    found = tracks(given_nodes, as_of)
    assert len(found) == len(given_nodes)
    for track in found:
        seen = track.node
        bars = [*track.course, *([track.plan] if track.plan else [])]
        assert all(bar.start <= bar.end for bar in bars)
        kinds = {bar.kind for bar in track.course}
        assert (track.plan is None) == (seen.planned_finish is None)
        overdue = not seen.done and seen.planned_finish is not None and seen.planned_finish < as_of
        assert ("overdue" in kinds) == overdue
        assert ("done" in kinds) == (seen.done and bool(seen.actual_finish or seen.planned_finish))
        if seen.planned_start:
            assert track.plan is None or track.plan.start == seen.planned_start
        for bar in track.course:
            if bar.kind == "overdue":
                assert bar.days == seen.overdue_days
            if bar.kind in {"doing", "overdue"}:
                assert bar.end <= as_of
            if bar.kind == "forecast":
                assert bar.end == seen.forecast_finish
                assert bar.start > as_of
    assert all(place in {0, 1} for place in lanes(found))


@given(nodes(), DAYS)
def test_nothing_had_happened_before_it_did(given_nodes: list[Node], day: date) -> None:
    for each in given_nodes:
        seen = seen_on(each, day)
        assert seen.actual_finish is None or seen.actual_finish <= day
        assert seen.actual_start is None or seen.actual_start <= day
        if each.actual_finish is not None:
            assert seen.done == (each.actual_finish <= day)


def test_side_by_side_plans_get_lanes_of_their_own() -> None:
    one = node("一", planned_start=date(2013, 1, 1), planned_finish=date(2013, 3, 1))
    two = node("二", planned_start=date(2013, 2, 1), planned_finish=date(2013, 4, 1))
    three = node("三", planned_start=date(2013, 3, 2), planned_finish=date(2013, 5, 1))
    assert lanes(tracks([one, two, three], date(2013, 1, 1))) == [0, 1, 0]


def test_a_forecast_lies_where_the_work_would() -> None:
    plan = {"planned_start": date(2013, 5, 1), "planned_finish": date(2013, 5, 20)}
    later = {"forecast_start": date(2013, 6, 3), "forecast_finish": date(2013, 6, 20)}

    def forecast(as_of: date, **given: object) -> tuple[date, date]:
        [track] = tracks([node("甲", **{**plan, **given})], as_of)
        [bar] = [each for each in track.course if each.kind == "forecast"]
        return bar.start, bar.end

    assert forecast(date(2013, 4, 1), **later) == (date(2013, 6, 3), date(2013, 6, 20))
    assert forecast(date(2013, 6, 10), **later) == (date(2013, 6, 11), date(2013, 6, 20))
    # Nobody said how long it takes, or it has begun: then what it takes longer than planned.
    unknown = {**later, "forecast_start": None}
    assert forecast(date(2013, 4, 1), **unknown) == (date(2013, 5, 21), date(2013, 6, 20))
    begun = {**later, "actual_start": date(2013, 5, 2), "status": "in_progress"}
    assert forecast(date(2013, 5, 10), **begun) == (date(2013, 5, 21), date(2013, 6, 20))


def test_variances_are_told_in_working_days() -> None:
    words = Words()
    assert [variance(node(variance_days=days), words) for days in (None, 0, 5, -2)] == [
        "", "按期", "推迟5个工作日", "提前2个工作日",
    ]  # fmt: skip
    assert [overdue(days, words) for days in (0, 29)] == ["已逾期", "逾期29个工作日"]


@given(nodes())
def test_a_span_is_whole_months_around_every_day(given_nodes: list[Node]) -> None:
    found = span(given_nodes)
    if found is None:
        return
    start, end = found
    assert start.day == 1
    assert (end + timedelta(days=1)).day == 1
    for each in given_nodes:
        assert each.planned_finish is None or start <= each.planned_finish <= end


@settings(max_examples=60, deadline=None)
@given(nodes(), DAYS, TEXT, st.booleans())
def test_any_project_is_drawn_within_the_sheet(given_nodes: list[Node], day: date, text: str, english: bool) -> None:
    words = Words(english=english)
    project = Charted(
        1, text, "开工", leaders=(text, text), owners=(text,), contacts=((text, text),), light="yellow",
        work=Work(start=day, finish=day, progress=text), nodes=tuple(given_nodes), group=text or None,
    )  # fmt: skip
    sheet = Sheet(text, 2013, day, day, 1, 3, 55, lights=(("green", 1), ("yellow", 2), ("red", 3)))
    for drawn in (gantt(project, day, day, words), wall(sheet, [project] * 3, words), wall(sheet, [], words)):
        root = ElementTree.fromstring(drawn)
        _, _, across, high = map(float, root.attrib["viewBox"].split())
        for element in root.iter():
            if element.tag.endswith("rect"):
                x, y, w, h = (float(element.attrib[name]) for name in ("x", "y", "width", "height"))
                assert x >= 0
                assert y >= 0
                assert x + w <= across + 3
                assert y + h <= high + 0.1


def test_what_was_planned_for_another_year_is_named_where_it_was_done() -> None:
    day, words = date(2026, 11, 29), Words(english=False)
    done = Node("1", "立项", status="done", actual_start=date(2026, 9, 1), actual_finish=date(2026, 11, 17))
    nodes = [replace(done, planned_finish=planned) for planned in (date(2027, 2, 22), None, date(2026, 11, 10))]
    for node, label in zip(nodes, ("立项 11.17", "立项 11.17", "11.17"), strict=True):
        rows = [Charted(1, "项目", "开工", nodes=(node,))]
        assert f">{label}</text>" in wall(Sheet("", 2026, day, day, 1, 1, 1), rows, words).decode()


@pytest.mark.parametrize("english", [False, True])
def test_headings_are_whole(english: bool) -> None:
    day, words = date(2026, 3, 2), Words(english=english)
    project = Charted(1, "项目", "开工", nodes=(Node("1", "竣工", planned_finish=day),))
    for drawn in (gantt(project, day, day, words), wall(Sheet("", 2026, day, day, 1, 1, 1), [project], words)):
        assert "…" not in drawn.decode()


def test_the_longest_days_are_read_in_full() -> None:
    start, finish = date(2026, 12, 28), date(2027, 10, 11)
    node = Node("1", "竣工", planned_start=start, planned_finish=finish, forecast_finish=finish, provisional=True,
                forecast_passed=True, variance_days=1000)  # fmt: skip
    drawn = gantt(Charted(1, "项目", "开工", nodes=(node,)), finish, finish, Words(english=False)).decode()
    for text in ("2026.12.28 – 2027.10.11*", "原预计 2027.10.11", "推迟1000个工作日"):
        assert f">{text}</text>" in drawn, text


def test_words_are_escaped_and_long_ones_told_in_full() -> None:
    d = Drawing(100, 100, title="<a>&", language="en")
    d.text(0, 50, "<b>&\x00\ufffe" + "长" * 20, 10, room=60)
    root = ElementTree.fromstring(d.to_bytes())
    text = next(each for each in root.iter() if each.tag.endswith("text"))
    assert text[0].text == "<b>&" + "长" * 20
    assert (text[0].tail or "").endswith("…")
