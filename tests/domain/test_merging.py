from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.merging import Written, changed_by_others, conflicting, is_wrong, skew

FIELDS = ("completed", "note", "physical_text")
writes = st.lists(
    st.tuples(st.booleans(), st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 3), min_size=1)), max_size=8
)
edits = st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 3), min_size=1)


def history(start: dict[str, Any], made: list[tuple[bool, dict[str, Any]]]) -> tuple[list[Written], set[int], Any]:
    """What the writes leave behind: the log, the versions that were one's own, and the content in the end."""
    log, own, content = [], set(), dict(start)
    for version, (mine, values) in enumerate(made, 2):
        log.append(Written(version, {name: [content.get(name), value] for name, value in values.items()}))
        content |= values
        if mine:
            own.add(version)
    return log, own, content


@given(writes, edits)
def test_a_conflict_is_a_field_another_touched_and_left_different(
    made: list[tuple[bool, dict[str, Any]]], sent: dict[str, Any]
) -> None:
    log, own, now = history(dict.fromkeys(FIELDS, 0), made)
    others = {name for mine, values in made if not mine for name in values}
    expected = sorted(name for name in sent if name in others and now[name] != sent[name])
    assert conflicting(sent, now, changed_by_others(log, 1, own)) == expected


@given(writes)
def test_what_a_field_was_is_what_the_phone_read(made: list[tuple[bool, dict[str, Any]]]) -> None:
    log, _, _ = history(dict.fromkeys(FIELDS, 0), made)
    assert set(changed_by_others(log, 1, ()).values()) <= {0}
    # Read later, less has changed since.
    for base in range(1, len(made) + 1):
        assert set(changed_by_others(log, base + 1, ())) <= set(changed_by_others(log, base, ()))
    assert changed_by_others(reversed(log), 1, ()) == changed_by_others(log, 1, ())


def test_own_edits_are_no_conflict_but_what_came_between_is() -> None:
    log = [Written(2, {"note": ["", "甲"]}), Written(3, {"completed": [1, 2]}), Written(4, {"note": ["甲", "乙"]})]
    assert changed_by_others(log, 1, {2, 4}) == {"completed": 1}
    assert changed_by_others(log, 1, {2}) == {"completed": 1, "note": "甲"}
    assert changed_by_others(log, 3, ()) == {"note": "甲"}


def test_a_clock_may_be_five_minutes_off() -> None:
    now = datetime(2016, 5, 20, 10, tzinfo=UTC)
    assert [skew(now + timedelta(seconds=s), now) for s in (300, -301, 0.4)] == [300, -301, 0]
    assert [is_wrong(s) for s in (300, -300, 301, -301, 0)] == [False, False, True, True, False]
