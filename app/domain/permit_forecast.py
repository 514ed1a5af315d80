"""How late permits move milestones: a milestone that waits for a permit, and whatever waits for that milestone."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Calendar(Protocol):
    def shift(self, day: date, days: int, /) -> date: ...


@dataclass(frozen=True, slots=True)
class Waiting(Generic[Key]):
    """A milestone: `finish_on` is what is expected of it without permits (stated, else planned; None: nothing is).

    `settled`: begun or done, so no permit holds it up any more.
    """

    finish_on: date | None
    duration_days: int | None = None
    settled: bool = False
    after: frozenset[Key] = frozenset()
    """Milestones that must be finished before it."""
    permits: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Delay(Generic[Key]):
    """The milestone cannot be finished before `finish_on`, and that is because of the permit."""

    finish_on: date
    permit: Key


def delays(
    milestones: Mapping[Key, Waiting[Key]], expected: Mapping[Key, date], calendar: Calendar
) -> dict[Key, Delay[Key]]:
    """The milestones that permits move, successors included; `expected` says when each permit can be counted on.

    Work takes the milestone's working days (at least one) from the day after the permit, or the last predecessor, is
    there. Nothing is pulled forward. Where several permits hold a milestone up, the last one is named. Milestones on
    a cycle are left as they are.
    """
    moved: dict[Key, Delay[Key]] = {}
    for key in _in_order(milestones):
        milestone = milestones[key]
        if milestone.settled:
            continue
        causes = [(expected[permit], permit) for permit in milestone.permits if permit in expected]
        causes += [(moved[before].finish_on, moved[before].permit) for before in milestone.after if before in moved]
        if not causes:
            continue
        start, permit = max(causes, key=lambda cause: (cause[0], str(cause[1])))
        finish = calendar.shift(start, milestone.duration_days or 1)
        if milestone.finish_on is None or finish > milestone.finish_on:
            moved[key] = Delay(finish, permit)
    return moved


def _in_order(milestones: Mapping[Key, Waiting[Key]]) -> Iterable[Key]:
    """Each after its predecessors; none of those on a cycle or behind one."""
    missing = {key: len([b for b in m.after if b in milestones]) for key, m in milestones.items()}
    followers: dict[Key, list[Key]] = {}
    for key, milestone in milestones.items():
        for before in milestone.after:
            followers.setdefault(before, []).append(key)
    ready = [key for key, count in missing.items() if not count]
    while ready:
        key = ready.pop()
        yield key
        for follower in followers.get(key, ()):
            missing[follower] -= 1
            if not missing[follower]:
                ready.append(follower)
