"""Milestones moved by permits, against a search that tries again until nothing changes."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.permit_forecast import Delay, Waiting, delays
from app.domain.workdays import CHINA

FIRST = date(2026, 1, 5)
some_days = st.integers(0, 20).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Waiting[str]]:
    names = [f"m{i}" for i in range(draw(st.integers(1, 7)))]
    order = draw(st.permutations(names))
    return {
        name: Waiting(
            finish_on=draw(st.none() | some_days),
            duration_days=draw(st.none() | st.integers(1, 4)),
            settled=draw(st.booleans()),
            after=frozenset(draw(st.sets(st.sampled_from(order[: order.index(name)]))))
            if order[0] != name
            else frozenset(),
            permits=frozenset(draw(st.sets(st.sampled_from(["p", "q", "r"])))),
        )
        for name in names
    }


def _slow(milestones: dict[str, Waiting[str]], expected: dict[str, date]) -> dict[str, date]:
    moved: dict[str, date] = {}
    for _ in range(len(milestones) + 1):
        for key, m in milestones.items():
            starts = [expected[p] for p in m.permits if p in expected] + [moved[b] for b in m.after if b in moved]
            if starts and not m.settled:
                finish = CHINA.shift(max(starts), m.duration_days or 1)
                if m.finish_on is None or finish > m.finish_on:
                    moved[key] = finish
    return moved


@given(milestones=graphs(), expected=st.dictionaries(st.sampled_from(["p", "q", "r"]), some_days))
def test_moved_as_far_as_permits_say_and_no_further(
    milestones: dict[str, Waiting[str]], expected: dict[str, date]
) -> None:
    found = delays(milestones, expected, CHINA)
    assert {key: delay.finish_on for key, delay in found.items()} == _slow(milestones, expected)
    for key, delay in found.items():
        m = milestones[key]
        assert not m.settled
        assert m.finish_on is None or delay.finish_on > m.finish_on
        assert delay.permit in m.permits or any(found[b].permit == delay.permit for b in m.after if b in found)


def test_a_late_permit_moves_a_chain_and_is_named() -> None:
    milestones = {
        "start": Waiting(date(2026, 3, 2), 10, permits=frozenset({"permit"})),
        "roof": Waiting(date(2026, 3, 31), 20, after=frozenset({"start"})),
        "inspection": Waiting(date(2026, 12, 31), 5, after=frozenset({"roof"})),
    }
    found = delays(milestones, {"permit": date(2026, 3, 6)}, CHINA)
    assert found == {"start": Delay(date(2026, 3, 20), "permit"), "roof": Delay(date(2026, 4, 20), "permit")}
    assert delays(milestones, {"permit": date(2026, 2, 2)}, CHINA) == {}


def test_nothing_is_done_before_the_day_after_the_permit() -> None:
    """Not on the day of the permit itself, and not on the workday before a permit that comes on a Saturday."""
    short = {"begin": Waiting(None, None, permits=frozenset({"p"})), "day": Waiting(None, 1, permits=frozenset({"p"}))}
    for issued, first in ((date(2026, 3, 4), date(2026, 3, 5)), (date(2026, 3, 7), date(2026, 3, 9))):
        assert {delay.finish_on for delay in delays(short, {"p": issued}, CHINA).values()} == {first}


def test_a_cycle_is_left_alone() -> None:
    loop = {
        "a": Waiting(FIRST, 5, after=frozenset({"b"}), permits=frozenset({"p"})),
        "b": Waiting(FIRST, 5, after=frozenset({"a"})),
        "c": Waiting(FIRST, 5, permits=frozenset({"p"})),
    }
    assert set(delays(loop, {"p": date(2026, 9, 1)}, CHINA)) == {"c"}
