"""评优选差: what a rating campaign is made of, and everything that keeps a draft from being opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

BLANK = 255
"""The byte of a slip where nothing was answered; options are numbered from 0 in their order."""

SMALLEST_MINIMUM = 5
"""An average of fewer ballots tells too much of each of them."""

FEW = 20
"""Among fewer ballots than this, one that stands out can be worked back from the score and any row shown."""

Fault = tuple[str, str, dict[str, Any]]
"""(JSON pointer into the campaign, error code, parameters of its wording)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Departments rated among themselves; its own numbers of best and worst where it has any."""

    code: str
    name: str
    departments: tuple[UUID, ...]
    best_count: int | None = None
    worst_count: int | None = None


@dataclass(frozen=True, slots=True)
class Weighted:
    """An indicator or an electorate."""

    code: str
    name: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Option:
    """`points` None: 不了解, an answer that enters no denominator."""

    code: str
    name: str
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Rules:
    groups: tuple[Group, ...]
    indicators: tuple[Weighted, ...]
    electorates: tuple[Weighted, ...]
    options: tuple[Option, ...]
    best_count: int
    worst_count: int
    minimum_ballots: int
    below_minimum: str
    tie_rule: str
    smallest_count: int

    @property
    def departments(self) -> tuple[UUID, ...]:
        """All that are rated, in the order of the ballot."""
        return tuple(department for group in self.groups for department in group.departments)

    def best_of(self, group: Group) -> int:
        return self.best_count if group.best_count is None else group.best_count

    def worst_of(self, group: Group) -> int:
        return self.worst_count if group.worst_count is None else group.worst_count


def rules_from(campaign: Mapping[str, Any]) -> Rules:
    """Rules from the members of a campaign as they are stored (numbers of JSON, ids as texts)."""
    return Rules(
        groups=tuple(
            Group(
                g["code"],
                g["name"],
                tuple(UUID(str(d)) for d in g["department_ids"]),
                g.get("best_count"),
                g.get("worst_count"),
            )
            for g in campaign["groups"]
        ),
        indicators=tuple(_weighted(campaign["indicators"])),
        electorates=tuple(_weighted(campaign["electorates"])),
        options=tuple(Option(o["code"], o["name"], _decimal(o["points"])) for o in campaign["options"]),
        **{name: campaign[name] for name in NUMBERS},
    )


NUMBERS = ("best_count", "worst_count", "minimum_ballots", "below_minimum", "tie_rule", "smallest_count")
PARTS = ("groups", "indicators", "electorates", "options")


def _weighted(items: Iterable[Mapping[str, Any]]) -> Iterator[Weighted]:
    return (Weighted(i["code"], i["name"], _decimal(i["weight"]) or Decimal(0)) for i in items)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def faults(
    rules: Rules,
    entitled: Mapping[str, int],
    hours: tuple[datetime | None, datetime | None],
    now: datetime,
) -> list[Fault]:
    """All that is wrong with a draft, at once; `entitled`: raters and codes per electorate."""
    return [
        *_groups(rules),
        *_weights("indicators", rules.indicators),
        *_weights("electorates", rules.electorates),
        *_options(rules.options),
        *_raters(rules, entitled),
        *_hours(hours, now),
    ]


def _repeated(part: str, codes: Sequence[str]) -> Iterator[Fault]:
    many = Counter(codes)
    seen: set[str] = set()
    for place, code in enumerate(codes):
        if many[code] > 1 and code in seen:
            yield f"/{part}/{place}/code", "repeated_code", {"value": code}
        seen.add(code)


def _groups(rules: Rules) -> Iterator[Fault]:
    if not rules.groups:
        yield "/groups", "nothing_there", {}
    yield from _repeated("groups", [g.code for g in rules.groups])
    first: dict[UUID, str] = {}
    for i, group in enumerate(rules.groups):
        if not group.departments:
            yield f"/groups/{i}/department_ids", "nothing_there", {}
        for j, department in enumerate(group.departments):
            if department in first:
                yield f"/groups/{i}/department_ids/{j}", "in_two_groups", {"group": first[department]}
            first.setdefault(department, group.name)
        named = rules.best_of(group) + rules.worst_of(group)
        if group.departments and named > len(group.departments):
            yield f"/groups/{i}", "too_many_named", {"named": named, "departments": len(group.departments)}


def _weights(part: str, items: Sequence[Weighted]) -> Iterator[Fault]:
    if not items:
        yield f"/{part}", "nothing_there", {}
        return
    yield from _repeated(part, [item.code for item in items])
    total = sum((item.weight for item in items), Decimal(0))
    if total != 100:
        yield f"/{part}", "weights_not_100", {"sum": format(total.normalize(), "f")}


def _options(options: Sequence[Option]) -> Iterator[Fault]:
    yield from _repeated("options", [option.code for option in options])
    if len({option.points for option in options if option.points is not None}) < 2:
        yield "/options", "options_all_alike", {}


def _raters(rules: Rules, entitled: Mapping[str, int]) -> Iterator[Fault]:
    if rules.minimum_ballots < SMALLEST_MINIMUM:
        expected = (f"不小于 {SMALLEST_MINIMUM}", f"at least {SMALLEST_MINIMUM}")
        yield "/minimum_ballots", "out_of_range", {"expected": expected}
    for i, electorate in enumerate(rules.electorates):
        count = entitled.get(electorate.code, 0)
        if count == 0:
            yield f"/electorates/{i}", "empty_electorate", {}
        elif count < rules.minimum_ballots:
            yield f"/electorates/{i}", "too_few_raters", {"count": count, "minimum": rules.minimum_ballots}


def small_electorates(rules: Rules, entitled: Mapping[str, int]) -> list[Fault]:
    """Electorates that can be counted, yet are so few that explanations will show nothing as soon as one rater stands
    out, and a score may tell that one did."""
    return [
        (f"/electorates/{i}", "small_electorate", {"count": entitled[e.code], "few": FEW})
        for i, e in enumerate(rules.electorates)
        if rules.minimum_ballots <= entitled.get(e.code, 0) < FEW
    ]


def _hours(hours: tuple[datetime | None, datetime | None], now: datetime) -> Iterator[Fault]:
    opens, closes = hours
    if opens is None:
        yield "/opens_at", "missing", {}
    if closes is None:
        yield "/closes_at", "missing", {}
    elif closes <= now:
        yield "/closes_at", "in_the_past", {}
    elif opens is not None and closes <= opens:
        yield "/closes_at", "dates_out_of_order", {}
