"""Scores, ranks and stacks against a slow, obvious oracle."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.rating import Past, Standing, assess, countable, part_of, results, rounded, stacks_of
from app.domain.rating_disclosure import hidden_because, hidden_rows
from app.domain.rating_rules import BLANK, Group, Option, Rules, Weighted, faults

OPTIONS = (
    Option("satisfied", "满意", Decimal(100)),
    Option("fairly", "比较满意", Decimal("77.5")),
    Option("bad", "不满意", Decimal(0)),
    Option("unknown", "不了解", None),
)


def departments(count: int) -> tuple[UUID, ...]:
    return tuple(UUID(int=n + 1) for n in range(count))


def rules(count: int = 3, indicators: int = 2, electorates: int = 2, **fields: object) -> Rules:
    def weighted(letter: str, n: int) -> tuple[Weighted, ...]:
        shares = [Decimal(100 // n)] * (n - 1)
        shares.append(100 - sum(shares, Decimal(0)))
        return tuple(Weighted(f"{letter}{i}", letter, share) for i, share in enumerate(shares))

    numbers: dict[str, object] = {
        "best_count": 1, "worst_count": 1, "minimum_ballots": 2, "below_minimum": "leave_out", "tie_rule": "name_all",
        "smallest_count": 3,
    }  # fmt: skip
    return Rules(
        (Group("g", "组", departments(count)),), weighted("i", indicators), weighted("e", electorates), OPTIONS,
        **(numbers | fields),  # type: ignore[arg-type]  # names and types as above
    )  # fmt: skip


@st.composite
def elections(draw: st.DrawFn) -> tuple[Rules, list[tuple[str, bytes]]]:
    chosen = rules(
        draw(st.integers(2, 4)),
        draw(st.integers(1, 3)),
        draw(st.integers(1, 3)),
        minimum_ballots=draw(st.integers(1, 3)),
        below_minimum=draw(st.sampled_from(["leave_out", "unrated"])),
        tie_rule=draw(st.sampled_from(["name_all", "name_none", "compare_indicators"])),
        best_count=draw(st.integers(0, 2)),
        worst_count=draw(st.integers(0, 2)),
    )
    length = len(chosen.departments) * len(chosen.indicators)
    mark = st.sampled_from([0, 1, 2, 3, BLANK])
    ballot = st.tuples(
        st.sampled_from([e.code for e in chosen.electorates]),
        st.lists(mark, min_size=length, max_size=length).map(bytes),
    )
    return chosen, draw(st.lists(ballot, max_size=12))


def oracle(chosen: Rules, ballots: list[tuple[str, bytes]], department: int) -> Decimal | None:
    """The score, ballot by ballot and mark by mark."""
    width = len(chosen.indicators)
    whole, weight = Fraction(0), Fraction(0)
    for electorate in chosen.electorates:
        slips = [b[department * width : (department + 1) * width] for e, b in ballots if e == electorate.code]
        counting = [s for s in slips if any(m != BLANK and OPTIONS[m].points is not None for m in s)]
        points, shares = Fraction(0), Fraction(0)
        for n, indicator in enumerate(chosen.indicators):
            given_points = [OPTIONS[s[n]].points for s in slips if s[n] != BLANK]
            valued = [Fraction(p) for p in given_points if p is not None]
            if valued:
                points += Fraction(indicator.weight) * sum(valued) / len(valued)
                shares += Fraction(indicator.weight)
        if len(counting) < chosen.minimum_ballots or not shares:
            if chosen.below_minimum == "unrated":
                return None
            continue
        whole += Fraction(electorate.weight) * points / shares
        weight += Fraction(electorate.weight)
    if not weight:
        return None
    exact = whole / weight
    near = Decimal(exact.numerator * 1000 // exact.denominator) / 1000
    return near.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(elections())
@settings(max_examples=200, deadline=None)
def test_scores_are_those_of_counting_by_hand(election: tuple[Rules, list[tuple[str, bytes]]]) -> None:
    chosen, ballots = election
    stacks = stacks_of(chosen, ballots)
    for n, department in enumerate(chosen.departments):
        assert assess(chosen, stacks, department).score == oracle(chosen, ballots, n)


@given(elections(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_stacks_do_not_know_who_cast_what_or_when(
    election: tuple[Rules, list[tuple[str, bytes]]], chance: random.Random
) -> None:
    """Slips dealt out anew among the ballots of an electorate, in another order: the very same stacks."""
    chosen, ballots = election
    width, count = len(chosen.indicators), len(chosen.departments)
    dealt: list[tuple[str, bytes]] = []
    for electorate in chosen.electorates:
        mine = [b for e, b in ballots if e == electorate.code]
        columns = [[b[d * width : (d + 1) * width] for b in mine] for d in range(count)]
        for column in columns:
            chance.shuffle(column)
        dealt += [(electorate.code, b"".join(column[n] for column in columns)) for n in range(len(mine))]
    chance.shuffle(dealt)
    assert list(stacks_of(chosen, dealt).items()) == list(stacks_of(chosen, ballots).items())


@given(elections())
@settings(max_examples=200, deadline=None)
def test_what_is_below_the_minimum_need_not_be_kept(election: tuple[Rules, list[tuple[str, bytes]]]) -> None:
    """Counted by hand: every stack kept has enough slips that count, and without the others all scores are the same."""
    chosen, ballots = election
    stacks, width = stacks_of(chosen, ballots), len(chosen.indicators)
    kept = countable(chosen, stacks)
    for key, slips in stacks.items():
        whole = [slips[n : n + width] for n in range(0, len(slips), width)]
        counting = sum(any(m != BLANK and OPTIONS[m].points is not None for m in slip) for slip in whole)
        assert kept.get(key) == (slips if counting >= chosen.minimum_ballots else None)
    for n, department in enumerate(chosen.departments):
        assert assess(chosen, kept, department).score == oracle(chosen, ballots, n)


@given(elections())
@settings(max_examples=200, deadline=None)
def test_ranks_and_names_follow_the_scores(election: tuple[Rules, list[tuple[str, bytes]]]) -> None:
    chosen, ballots = election
    [(group, standings)] = results(chosen, stacks_of(chosen, ballots), {})
    assert {s.department for s in standings} == set(group.departments)
    rated = [s for s in standings if s.score is not None]
    assert standings[: len(rated)] == rated
    for s in rated:
        above = [o for o in rated if o.score is not None and s.score is not None and o.score > s.score]
        equal = [o for o in rated if o.score == s.score]
        assert s.rank is not None
        assert len(above) + 1 <= s.rank <= len(above) + len(equal)
        if chosen.tie_rule != "compare_indicators":
            assert s.rank == len(above) + 1
        assert not (s.best and s.worst)
    if chosen.tie_rule == "name_none":
        assert sum(s.best for s in rated) <= chosen.best_count
        assert sum(s.worst for s in rated) <= chosen.worst_count
    assert not any(s.best or s.worst or s.rank for s in standings if s.score is None)


def _with_scores(chosen: Rules, *points: int) -> dict[tuple[str, UUID], bytes]:
    return {
        (e.code, d): bytes([option]) * len(chosen.indicators) * 3
        for e in chosen.electorates
        for d, option in zip(chosen.departments, points, strict=True)
    }


def test_a_tie_across_the_line_is_settled_by_the_stated_rule() -> None:
    worst = {}
    for rule in ("name_all", "name_none", "compare_indicators"):
        chosen = rules(4, tie_rule=rule, best_count=1, worst_count=1)
        [(_, standings)] = results(chosen, _with_scores(chosen, 0, 1, 2, 2), {})
        worst[rule] = [s.department.int for s in standings if s.worst]
        assert [s.rank for s in standings] == [1, 2, 3, 3]
    assert worst == {"name_all": [3, 4], "name_none": [], "compare_indicators": [3, 4]}


def test_comparing_indicators_separates_equals() -> None:
    one = UUID(int=1)
    chosen = rules(2, indicators=2, electorates=1, tie_rule="compare_indicators")
    stacks = {("e0", one): bytes([0, 2]) * 3, ("e0", UUID(int=2)): bytes([2, 0]) * 3}
    [(_, standings)] = results(chosen, stacks, {})
    assert [(s.department.int, s.score, s.rank) for s in standings] == [(1, Decimal(50), 1), (2, Decimal(50), 2)]


def test_worst_twice_running_and_movement() -> None:
    chosen = rules(3)
    past = {
        UUID(int=1): Past("g", 3, Decimal(10), worst=True),
        UUID(int=2): Past("g", 1, Decimal(90), worst=False),
        UUID(int=3): Past("elsewhere", 2, Decimal(50), worst=True),
    }
    [(_, standings)] = results(chosen, _with_scores(chosen, 0, 1, 2), past)
    assert [(s.rank, s.movement) for s in standings] == [(1, 2), (2, -1), (3, None)]
    assert standings[2].consequences == ("award_eligibility_lost", "organisational_action_proposed")
    assert standings[0].consequences == ()


def test_rounding_is_half_up_from_the_exact_fraction() -> None:
    assert rounded(Fraction(1, 200)) == Decimal("0.01")
    assert rounded(Fraction(2, 3)) == Decimal("0.67")
    assert rounded(Fraction(18345, 200)) == Decimal("91.73")
    assert str(rounded(Fraction(87))) == "87.00"


def test_all_that_is_wrong_with_a_draft_is_told_at_once() -> None:
    one = UUID(int=1)
    broken = Rules(
        (Group("a", "甲", (one,)), Group("a", "乙", (one,)), Group("c", "丙", ())),
        (Weighted("x", "x", Decimal(60)),), (), (OPTIONS[0], OPTIONS[3]),
        2, 2, 1, "leave_out", "name_all", 3,
    )  # fmt: skip
    found = [(pointer, code) for pointer, code, _ in faults(broken, {}, (None, None), datetime(2006, 1, 1, tzinfo=UTC))]
    assert found == [
        ("/groups/1/code", "repeated_code"),
        ("/groups/0", "too_many_named"),
        ("/groups/1/department_ids/0", "in_two_groups"),
        ("/groups/1", "too_many_named"),
        ("/groups/2/department_ids", "nothing_there"),
        ("/indicators", "weights_not_100"),
        ("/electorates", "nothing_there"),
        ("/options", "options_all_alike"),
        ("/minimum_ballots", "out_of_range"),
        ("/opens_at", "missing"),
        ("/closes_at", "missing"),
    ]


# What may be told


@given(
    st.lists(st.integers(0, 3).flatmap(lambda n: st.lists(st.sampled_from([0, n]), min_size=3, max_size=3).map(bytes)),
             min_size=5, max_size=45),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_small_counts_are_hidden_with_all_that_would_give_them_away(slips: list[bytes], two: bool) -> None:
    chosen = rules(1, indicators=3, electorates=2 if two else 1, minimum_ballots=5)
    parts = [part_of(chosen, e, b"".join(sorted(slips)) + bytes(120 * n)) for n, e in enumerate(chosen.electorates)]
    counted = {(i, j): row for i, part in enumerate(parts) if part.counted for j, row in enumerate(part.rows)}
    small = {place for place, row in counted.items() if any(0 < count < 3 for count in row.counts)}
    hidden = hidden_rows(parts, 3)
    assert small <= hidden <= counted.keys()
    because = hidden_because(parts, 3)
    among_few = any(parts[i].slips < 20 for i, _ in small)
    assert {place: because.get(place) for place in counted} == {
        place: None if place not in hidden else "few_ballots" if among_few else "small_counts" for place in counted
    }
    assert {because[place] for place in because.keys() - counted.keys()} <= {"below_minimum"}
    if not small:
        assert hidden == set()
    elif any(parts[i].slips < 20 for i, _ in small):
        assert hidden == counted.keys()  # the explanation says no more than the score
    else:
        assert len(hidden) >= min(2, len(counted))
        possible = 1
        for i, _ in hidden:
            n = parts[i].slips
            possible *= (n + 4) * (n + 3) * (n + 2) * (n + 1) // 24
        assert possible > 10_000 * 100 or hidden == counted.keys()


def test_rows_without_small_counts_are_all_shown() -> None:
    chosen = rules(1, indicators=3, electorates=1, minimum_ballots=5)
    many = bytes([0, 0, 1]) * 20 + bytes([1, 1, 0]) * 20
    assert hidden_rows([part_of(chosen, chosen.electorates[0], many)], 3) == set()
    spoiled = part_of(chosen, chosen.electorates[0], many + bytes([2, 0, 0]))
    assert hidden_rows([spoiled], 3) == {(0, 0), (0, 1)}


def test_standings_without_a_past_tell_no_movement() -> None:
    assert Standing(UUID(int=1), (), Decimal(1), rank=1).movement is None
