from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.dictionaries import Stage
from app.domain.labels import LABELS
from app.domain.stages import (
    CONDITIONS,
    MOVES,
    ORDER,
    STALE_DAYS,
    TERMINATED,
    Condition,
    Move,
    facts,
    moves_from,
    unmet,
)
from app.permissions import PERMISSIONS, ROLES

moves = st.sampled_from(list(MOVES.values()))
answers = st.fixed_dictionaries({condition: st.booleans() for condition in CONDITIONS})


def _refused(move: Move, **so: bool | str) -> list[str]:
    """What keeps a project from the move that lacks everything but what is given."""
    lacking = {
        "investors": False,
        "owners": False,
        "place": False,
        "land_status": "unknown",
        "permits_issued": False,
        "open_milestones": False,
        "suspended": False,
        "reason": False,
    }
    return unmet(move, facts(**{**lacking, **so}))  # type: ignore[arg-type]  # a test's shorthand


def test_the_table_speaks_of_known_stages_conditions_and_roles_only() -> None:
    assert set(get_args(Stage)) == {*ORDER, TERMINATED} == set(LABELS["stage"])
    assert set(get_args(Condition)) == set(CONDITIONS)
    assert STALE_DAYS.keys() <= set(ORDER)
    for (from_stage, to_stage), move in MOVES.items():
        assert (move.from_stage, move.to_stage) == (from_stage, to_stage)
        assert {from_stage, to_stage} <= set(get_args(Stage))
        assert from_stage != to_stage
        assert set(move.conditions) <= set(CONDITIONS)
        assert len(set(move.conditions)) == len(move.conditions)
        assert move.roles
        assert move.roles <= ROLES.keys()
        assert move.roles <= PERMISSIONS["stage_transitions.write"].keys(), "a role that can never make its move"


def test_every_stage_is_reached_from_the_first_and_no_condition_is_idle() -> None:
    reached, frontier = {ORDER[0]}, [ORDER[0]]
    while frontier:
        for move in moves_from(frontier.pop()):
            if move.to_stage not in reached:
                reached.add(move.to_stage)
                frontier.append(move.to_stage)
    assert reached == set(get_args(Stage))
    assert {condition for move in MOVES.values() for condition in move.conditions} == set(CONDITIONS)


def test_forward_step_by_step_is_for_departments_too_all_else_for_the_office() -> None:
    steps = set(pairwise(ORDER))
    for key, move in MOVES.items():
        assert ("department" in move.roles) == (key in steps), key
        assert "dispatcher" in move.roles


def test_back_goes_one_stage_and_needs_a_reason() -> None:
    for i, stage in enumerate(ORDER):
        back = [m.to_stage for m in moves_from(stage) if m.to_stage in ORDER[:i]]
        assert back == list(ORDER[i - 1 : i]) if i else back == []
        if i:
            assert MOVES[stage, ORDER[i - 1]].conditions == ("reason",)


def test_what_can_be_terminated_and_that_it_is_the_end() -> None:
    ended = [stage for stage in ORDER if (stage, TERMINATED) in MOVES]
    assert ended == ["reserve", "negotiating", "signed", "landed", "started"]
    assert all(MOVES[stage, TERMINATED].conditions == ("reason",) for stage in ended)
    assert moves_from(TERMINATED) == []


_READY = {"owners": True, "place": True, "permits_issued": True}


@pytest.mark.parametrize(
    ("key", "so", "refused"),
    [
        (("reserve", "negotiating"), {}, []),
        (("negotiating", "signed"), {}, ["investor_or_owner"]),
        (("negotiating", "signed"), {"investors": True}, []),
        (("negotiating", "signed"), {"owners": True}, []),
        (("signed", "landed"), {"owners": True}, ["location"]),
        (("landed", "started"), {}, ["investor_or_owner", "location", "land_settled", "permits_issued"]),
        (
            ("landed", "started"),
            {"owners": True, "place": True, "land_status": "pending"},
            ["land_settled", "permits_issued"],
        ),
        (("landed", "started"), {**_READY, "land_status": "settled"}, []),
        (("landed", "started"), {**_READY, "land_status": "not_needed"}, []),
        (("landed", "started"), {**_READY, "land_status": "settled", "permits_issued": False}, ["permits_issued"]),
        (("started", "completed"), {}, []),
        (("started", "completed"), {"open_milestones": True}, ["milestones_done"]),
        (("started", "completed"), {"suspended": True}, ["not_suspended"]),
        (("started", "landed"), {"suspended": True}, ["reason"]),
        (("started", "terminated"), {"suspended": True, "reason": True}, []),
    ],
)
def test_what_keeps_a_project_from_a_move(key: tuple[str, str], so: dict[str, bool | str], refused: list[str]) -> None:
    assert _refused(MOVES[key], **so) == refused


def test_a_suspended_project_never_moves_forward() -> None:
    for i, stage in enumerate(ORDER):
        for later in ORDER[i + 1 :]:
            assert "not_suspended" in _refused(MOVES[stage, later], suspended=True)
            assert "not_suspended" not in _refused(MOVES[stage, later], suspended=False)


@given(i=st.integers(0, len(ORDER) - 3), data=st.data())
def test_a_leap_asks_for_all_that_its_steps_ask_for(i: int, data: st.DataObject) -> None:
    j = data.draw(st.integers(i + 2, len(ORDER) - 1))
    steps = [MOVES[pair] for pair in pairwise(ORDER[i : j + 1])]
    assert set(MOVES[ORDER[i], ORDER[j]].conditions) == {c for step in steps for c in step.conditions}


@given(move=moves, holds=answers)
def test_every_unmet_condition_is_told_at_once_and_none_besides(move: Move, holds: dict[str, bool]) -> None:
    told = unmet(move, holds)
    assert set(told) == {c for c in move.conditions if not holds[c]}
    assert told == sorted(told, key=move.conditions.index)


@given(move=moves, holds=answers, more=st.sampled_from(list(CONDITIONS)))
def test_what_comes_to_hold_never_hinders(move: Move, holds: dict[str, bool], more: str) -> None:
    assert set(unmet(move, {**holds, more: True})) <= set(unmet(move, holds))
