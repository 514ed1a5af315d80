from __future__ import annotations

import random
import sys
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.graphs import cycles, order
from app.domain.scheduling import Fault, OutOfCalendar, Placed, Task, faults, schedule
from app.domain.workdays import CHINA

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)


def _by_key(tasks: list[Task[int]], deadline: date, today: date = TODAY) -> dict[int, Placed[int]]:
    return {placed.key: placed for placed in schedule(tasks, deadline, today, CHINA).placed}


def test_backwards_over_the_national_day() -> None:
    tasks = [Task(1, 3), Task(2, 5, (1,))]
    made = schedule(tasks, date(2026, 10, 9), date(2026, 9, 1), CHINA)
    first, second = made.placed
    # 1 to 7 October are off; 8 and 9 October, 30, 29 and 28 September are the five days of the second.
    assert (second.latest_start, second.latest_finish) == (date(2026, 9, 28), date(2026, 10, 9))
    # The Mid-Autumn Festival is 25 to 27 September, and Sunday the 20th is worked.
    assert (first.latest_start, first.latest_finish) == (date(2026, 9, 22), date(2026, 9, 24))
    assert (made.critical_chain, made.late_by, made.provisional) == ([1, 2], 0, False)
    assert made.slack == first.slack == CHINA.between(date(2026, 9, 1), date(2026, 9, 22))


def test_a_deadline_on_a_day_off_is_the_workday_before() -> None:
    assert _by_key([Task(1, 1)], date(2026, 10, 5))[1].latest_finish == date(2026, 9, 30)


def test_too_late_says_by_how_much_and_along_which_chain() -> None:
    tasks = [Task(1, 10), Task(2, 10, (1,)), Task(3, 2, (1,)), Task(4, 1, (2, 3))]
    made = schedule(tasks, CHINA.shift(TODAY, 17), TODAY, CHINA)
    assert (made.late_by, made.slack, made.critical_chain) == (3, -3, [1, 2, 4])
    assert [p.critical for p in made.placed] == [True, True, False, True]
    assert made.earliest_finish == CHINA.shift(TODAY, 20)


def test_what_is_done_asks_for_nothing() -> None:
    tasks = [Task(1, None, done=True), Task(2, 5, (1,)), Task(3, 5, (2,), done=True), Task(4, 5, (3,))]
    placed = _by_key(tasks, date(2026, 6, 30))
    assert placed[1] == Placed(1)
    assert placed[2].latest_finish == placed[4].latest_finish == date(2026, 6, 30)


def test_work_in_progress_keeps_its_start_and_has_the_rest_left() -> None:
    begun = CHINA.shift(TODAY, -4)
    placed = _by_key([Task(1, 10, started=begun), Task(2, 3, (1,))], CHINA.shift(TODAY, 30))
    assert placed[1].latest_start == placed[1].earliest_start == begun
    assert placed[1].earliest_finish == CHINA.shift(begun, 9)
    assert placed[2].earliest_start == CHINA.shift(begun, 10)
    overrun = _by_key([Task(1, 2, started=begun)], CHINA.shift(TODAY, 30))[1]
    assert overrun.earliest_finish == TODAY


def test_a_finish_foretold_for_later_pushes_what_follows() -> None:
    foretold = CHINA.shift(TODAY, 12)
    made = schedule([Task(1, 2, expected=foretold), Task(2, 2, (1,))], CHINA.shift(TODAY, 10), TODAY, CHINA)
    assert made.placed[0].earliest_finish == foretold
    assert (made.late_by, made.critical_chain) == (4, [1, 2])


def test_what_waits_for_a_permit_begins_the_workday_after_it() -> None:
    for comes, begins in ((date(2026, 3, 11), date(2026, 3, 12)), (date(2026, 3, 14), date(2026, 3, 16))):
        first, second = schedule(
            [Task(1, 3, held_until=comes), Task(2, 2, (1,))], date(2026, 12, 31), TODAY, CHINA
        ).placed
        assert first.earliest_start == begins
        assert first.earliest_finish == CHINA.shift(comes, 3)
        assert second.earliest_start == CHINA.shift(comes, 4)
    # Issued long ago it holds nothing up; a deadline it makes impossible is told as such.
    made = schedule([Task(1, 3, held_until=date(2026, 1, 5))], date(2026, 3, 31), TODAY, CHINA)
    assert made.placed[0].earliest_start == TODAY
    late = schedule([Task(1, 3, held_until=date(2026, 3, 31))], date(2026, 4, 1), TODAY, CHINA)
    assert (late.late_by, late.critical_chain) == (2, [1])


def test_unannounced_years_make_it_provisional() -> None:
    made = schedule([Task(1, 5), Task(2, 300, (1,))], date(2027, 3, 1), TODAY, CHINA)
    assert made.provisional
    assert all(p.provisional for p in made.placed)  # counted back through 2027
    assert not schedule([Task(1, 5)], date(2026, 12, 31), TODAY, CHINA).provisional


def test_nothing_open_leaves_nothing_to_do() -> None:
    made = schedule([Task(1, 5, done=True)], date(2020, 1, 1), TODAY, CHINA)
    assert (made.slack, made.late_by, made.critical_chain, made.latest_start) == (None, 0, [], None)


def test_beyond_the_calendar() -> None:
    with pytest.raises(OutOfCalendar):
        schedule([Task(n, 10_000, (n - 1,) if n else ()) for n in range(9)], date(2026, 6, 1), TODAY, CHINA)
    with pytest.raises(OutOfCalendar):
        schedule([Task(1, 1)], date(1900, 1, 1), TODAY, CHINA)


def test_every_fault_is_told_at_once() -> None:
    tasks = [
        Task(1, 0), Task(2, None), Task(3, -5, (9,)), Task(4, 1, (6,)), Task(5, 1, (4,)), Task(6, 1, (5,)),
        Task(7, 1, (7,)), Task(8, 1, (6,)), Task(10, None, done=True), Task(8, 10_001),
    ]  # fmt: skip
    assert faults(tasks) == [
        Fault("duration_out_of_range", (1,)),
        Fault("duration_needed", (2,)),
        Fault("duration_out_of_range", (3,)),
        Fault("milestone_repeated", (8,)),
        Fault("duration_out_of_range", (8,)),
        Fault("unknown_predecessor", (3, 9)),
        Fault("cycle", (4, 5, 6)),
        Fault("cycle", (7,)),
    ]
    assert [f.code for f in faults([Task(1, None)], durations=False)] == []


@st.composite
def graphs(draw: st.DrawFn) -> dict[int, list[int]]:
    size = draw(st.integers(1, 7))
    edges = draw(st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=14))
    return {n: sorted(p for m, p in edges if m == n) for n in range(size)}


def _reaches(graph: dict[int, list[int]], start: int, goal: int) -> bool:
    seen, queue = set(graph[start]), list(graph[start])
    for node in queue:
        fresh = [p for p in graph[node] if p not in seen]
        seen.update(fresh)
        queue += fresh
    return goal in seen


@given(graphs())
def test_cycles_are_rings_and_nothing_but_rings(graph: dict[int, list[int]]) -> None:
    knots = {
        frozenset(m for m in graph if m == n or (_reaches(graph, n, m) and _reaches(graph, m, n)))
        for n in graph
        if _reaches(graph, n, n)
    }
    found = cycles(graph)
    edges = [(p, n) for ring in found for p, n in pairwise((*ring, ring[0]))]
    assert all(len(set(ring)) == len(ring) for ring in found)
    assert all(p in graph[n] for p, n in edges)
    assert len(set(edges)) == len(edges)
    assert all(any(set(ring) <= knot for ring in found) for knot in knots)
    cut = {n: [p for p in waits_for if (p, n) not in edges] for n, waits_for in graph.items()}
    assert len(order(cut)) == len(graph)
    ordered = order(graph)
    position = {node: i for i, node in enumerate(ordered)}
    assert all(position[p] < position[n] for n in ordered for p in graph[n])
    behind = {n for n in graph if any(n in k or any(_reaches(graph, n, m) for m in k) for k in knots)}
    assert set(ordered) == set(graph) - behind


def test_what_only_stands_beside_a_ring_is_not_in_it() -> None:
    # 1 → 2 → 4 and 1 → 3 → 4, tied by 4 → 1: all four wait for each other, but one link ties them.
    beside = {1: [4], 2: [1], 3: [1], 4: [2, 3]}
    assert cycles(beside) == [(1, 2, 4)]
    # Two rings through 1 that share no link are two.
    assert cycles({1: [2, 3], 2: [1], 3: [1]}) == [(1, 2), (1, 3)]


def test_a_knot_tied_over_and_over_is_told_in_time() -> None:
    size = 160
    everyone = {n: [p for p in range(size) if p != n] for n in range(size)}
    assert cycles(everyone)[:2] == [(0, 1), (0, 2)]
    far = {n: [(n - 1) % 10_000, (n - 7) % 10_000] for n in range(10_000)}
    assert all((a - b) % 10_000 in {1, 7} for ring in cycles(far) for b, a in pairwise((*ring, ring[0])))


@st.composite
def projects(draw: st.DrawFn) -> list[Task[int]]:
    tasks = []
    for n in range(draw(st.integers(1, 7))):
        before = tuple(draw(st.sets(st.integers(0, n - 1), max_size=3))) if n else ()
        state = draw(st.sampled_from(["planned", "planned", "done", "begun"]))
        started = TODAY - draw(st.integers(0, 20)) * DAY if state == "begun" else None
        tasks.append(Task(n, draw(st.integers(1, 12)), before, done=state == "done", started=started))
    return draw(st.permutations(tasks))


def _back(day: date, workdays: int) -> date:
    """Day by day: the day so many workdays earlier."""
    while workdays or not CHINA.is_workday(day):
        workdays -= CHINA.is_workday(day)
        day -= DAY
    return day


def _left(task: Task[int]) -> int:
    worked = 0
    if task.started is not None:
        day = task.started
        while day < TODAY:
            worked += CHINA.is_workday(day)
            day += DAY
    return max(1, (task.duration or 0) - worked)


def _longest(tasks: dict[int, Task[int]], key: int, edges: dict[int, list[int]]) -> int:
    """Working days of the longest chain from the task on, itself included; every path tried."""
    return _left(tasks[key]) + max((_longest(tasks, n, edges) for n in edges[key]), default=0)


@given(projects(), st.integers(-20, 120))
def test_the_schedule_is_the_oracles(tasks: list[Task[int]], days: int) -> None:
    deadline = TODAY + days * DAY
    open_tasks = {t.key: t for t in tasks if not t.done}
    after = {k: [t.key for t in open_tasks.values() if k in t.predecessors] for k in open_tasks}
    before = {k: [p for p in t.predecessors if p in open_tasks] for k, t in open_tasks.items()}
    made = schedule(tasks, deadline, TODAY, CHINA)
    assert [p.key for p in made.placed] == [t.key for t in tasks]
    placed = {p.key: p for p in made.placed if p.slack is not None}
    assert placed.keys() == open_tasks.keys()
    available = CHINA.between(TODAY - DAY, deadline)
    for key, task in open_tasks.items():
        mine, tail, head = placed[key], _longest(open_tasks, key, after), _longest(open_tasks, key, before)
        # As late as the chain behind it lets it be, and not a day later.
        assert mine.latest_finish == _back(deadline, tail - _left(task))
        assert mine.latest_start == (task.started or _back(deadline, tail - 1))
        assert mine.slack == available - head - tail + _left(task)
        for p in before[key]:
            finish, start = placed[p].latest_finish, mine.latest_start
            assert finish is not None
            assert start is not None
            assert task.started or finish < start
    smallest = min((p.slack for p in placed.values() if p.slack is not None), default=None)
    assert made.slack == smallest
    assert {p.key for p in placed.values() if p.critical} >= set(made.critical_chain)
    assert all(placed[key].slack == smallest for key in made.critical_chain)
    assert all(a in before[b] for a, b in pairwise(made.critical_chain))
    if open_tasks:
        total = sum(_left(open_tasks[key]) for key in made.critical_chain)
        assert smallest == available - total
        assert made.late_by == max(0, total - available)


def test_ten_times_as_many_milestones_take_about_ten_times_the_work() -> None:
    for shape in (_tangle, _chain):
        few, many = _work(shape(1000)), _work(shape(10_000))
        assert many < 13 * few, shape
    ring = [Task(n, 1, ((n - 1) % 10_000,)) for n in range(10_000)]
    assert [len(f.keys) for f in faults(ring)] == [10_000]


def _tangle(count: int) -> list[Task[int]]:
    chance = random.Random(7)
    before = [tuple({chance.randint(max(0, n - 50), n - 1) for _ in range(3)} if n else ()) for n in range(count)]
    return [Task(n, chance.randint(1, 3), before[n]) for n in range(count)]


def _chain(count: int) -> list[Task[int]]:
    return [Task(n, 1, (n - 1,) if n else ()) for n in range(count)]


def _work(tasks: list[Task[int]]) -> int:
    """Calls made for a schedule: the same on every machine, unlike seconds."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        assert faults(tasks) == []
        assert len(schedule(tasks, date(2120, 1, 1), TODAY, CHINA).placed) == len(tasks)
    finally:
        sys.setprofile(before)
    return calls
