"""Assessment schemes (考核办法) as data: items over known facts with a small set of functions. No code comes from data.

An item is one of the classes below, named by its `function`. A published scheme never changes; what a county changes
makes the next version. How items are worked out: `domain.assessment`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

AmountFact = Literal["annual_plan", "planned", "completed", "total_investment"]
"""万元. `annual_plan`: of the whole year; `planned`: of it what falls into the period; `completed`: in the period."""
Over = Literal["each", "total"]
Joint = Literal["full", "equal"]
Figure = Literal["rating_score"]
ABOUT_PROJECTS = frozenset({"provincial_assessment", "operation"})
"""Kinds of entered facts that mean nothing but about a project; all others may be about one or about a subject."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which projects count: every condition that is given must hold; of a list one is enough."""

    category: tuple[str, ...] = ()
    sector: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    moved_into: tuple[str, ...] = ()
    light: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()
    major: bool | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """`at_most` and `at_least` cap the item's points."""

    code: str
    name: str
    at_most: Decimal | None = None
    at_least: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Count(Item):
    """`points` for every project."""

    points: Decimal = Decimal(0)
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Sum(Item):
    """`points` for every `per` 万元 of a fact, in proportion."""

    fact: AmountFact = "completed"
    per: Decimal = Decimal(1)
    points: Decimal = Decimal(0)
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Share(Item):
    """`points` times numerator ÷ denominator, at most `percent_at_most` percent of it.

    Amounts of all projects together (`total`), or each project by itself and added up (`each`). With `counted`:
    how many of the projects in `where` are also in `counted`, instead of amounts.
    """

    points: Decimal = Decimal(0)
    numerator: AmountFact = "completed"
    denominator: AmountFact = "planned"
    counted: Where | None = None
    over: Over = "total"
    percent_at_most: Decimal | None = None
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Band:
    at_least: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Bands(Item):
    """The points of the highest band a fact reaches, `below` where it reaches none; by project or of all together."""

    fact: AmountFact = "annual_plan"
    bands: tuple[Band, ...] = ()
    below: Decimal = Decimal(0)
    over: Over = "each"
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    where: Where
    points: Decimal


@dataclass(frozen=True, slots=True)
class Cases(Item):
    """For every project the points of the first case it falls under."""

    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Months(Item):
    """`points` for every month of the period in which more than `more_than` 万元 were completed, all together."""

    more_than: Decimal = Decimal(0)
    points: Decimal = Decimal(0)
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Entered(Item):
    """`points` for every entry of these kinds about the subject itself, or a project it answered for on that day
    (`count`), or times its value (`value`).

    At most `entries_at_most` entries of a calendar year count, the earliest: those before the period use them up.
    """

    kinds: tuple[str, ...] = ()
    points: Decimal = Decimal(0)
    using: Literal["count", "value"] = "count"
    entries_at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Reports(Item):
    """`points` for every weekly report in one of these states (`count`), or times their part of all due (`share`)."""

    states: tuple[str, ...] = ()
    points: Decimal = Decimal(0)
    using: Literal["count", "share"] = "count"
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class FigureItem(Item):
    """`points` times a figure of the subject ÷ `per`; nothing where there is no figure."""

    fact: Figure = "rating_score"
    per: Decimal = Decimal(100)
    points: Decimal = Decimal(0)


AnyItem = Count | Sum | Share | Bands | Cases | Months | Entered | Reports | FigureItem
FUNCTIONS: dict[str, type[AnyItem]] = {
    "count": Count,
    "sum": Sum,
    "share": Share,
    "bands": Bands,
    "cases": Cases,
    "months": Months,
    "entered": Entered,
    "reports": Reports,
    "figure": FigureItem,
}


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What follows in each group: the first ones are rewarded, the last lose award eligibility; `running` times
    running among the last: organisational action is proposed. 0: nothing follows."""

    first: int = 0
    last: int = 0
    running: int = 0


@dataclass(frozen=True, slots=True)
class Definition:
    """`joint`: whether of several answering for a project at once each counts in full or all share equally."""

    items: tuple[AnyItem, ...]
    joint: Joint = "full"
    at_most: Decimal | None = None
    at_least: Decimal | None = None
    outcomes: Outcomes = Outcomes()


@dataclass(frozen=True, slots=True)
class Scheme:
    """`code` and `version` name it within its region; shipped ones have no region."""

    id: UUID
    code: str
    version: int
    label_zh: str
    label_en: str
    description: str
    definition: Mapping[str, Any]
    region_code: str | None = None


def definition_of(stored: Mapping[str, Any]) -> Definition:
    """From the stored JSON, which was validated when it came in."""
    return Definition(
        items=tuple(_item(item) for item in stored["items"]),
        joint=stored.get("joint", "full"),
        at_most=_number(stored.get("at_most")),
        at_least=_number(stored.get("at_least")),
        outcomes=Outcomes(**(stored.get("outcomes") or {})),
    )


_NUMBERS = {"points", "at_most", "at_least", "per", "below", "more_than", "percent_at_most"}


def _item(stored: Mapping[str, Any]) -> AnyItem:
    kind = FUNCTIONS[stored["function"]]
    known = {f.name for f in fields(kind)}
    return kind(**{name: _value(name, value) for name, value in stored.items() if name in known})


def _value(name: str, value: Any) -> Any:
    if name in _NUMBERS:
        return _number(value)
    if name in {"where", "counted"}:
        return None if value is None else _where(value)
    if name == "bands":
        return tuple(Band(_exact(b["at_least"]), _exact(b["points"])) for b in value)
    if name == "cases":
        return tuple(Case(c["name"], _where(c["where"]), _exact(c["points"])) for c in value)
    return tuple(value) if isinstance(value, list) else value


def _where(stored: Mapping[str, Any]) -> Where:
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
    return Where(**given)


def _number(value: Any) -> Decimal | None:
    return None if value is None else _exact(value)


def _exact(value: Any) -> Decimal:
    return Decimal(str(value))


def kinds_in(definition: Definition) -> dict[str, list[str]]:
    """Kinds of entered facts a scheme asks for, each with the pointers of where it does."""
    found: dict[str, list[str]] = {}
    for n, item in enumerate(definition.items):
        asked: list[tuple[str, tuple[str, ...]]] = []
        if isinstance(item, Entered):
            asked.append((f"/items/{n}/kinds", item.kinds))
        elif isinstance(item, Cases):
            asked += [(f"/items/{n}/cases/{i}/where/entered", c.where.entered) for i, c in enumerate(item.cases)]
        elif not isinstance(item, FigureItem):
            asked.append((f"/items/{n}/where/entered", item.where.entered))
            if isinstance(item, Share) and item.counted is not None:
                asked.append((f"/items/{n}/counted/entered", item.counted.entered))
        for pointer, kinds in asked:
            for i, kind in enumerate(kinds):
                found.setdefault(kind, []).append(f"{pointer}/{i}")
    return found
