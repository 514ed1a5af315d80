"""What a picture is to show, as plain data: labels and texts are in their language already."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

import orjson


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the funnel: projects standing in it, and those in it or beyond; `text` tells the rest."""

    label: str
    count: int
    reached: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Funnel:
    title: str
    note: str
    steps: list[Step]
    legend: tuple[str, str]
    """What the dark and the light bars are."""
    aside: str = ""
    kind: Literal["funnel"] = "funnel"


@dataclass(frozen=True, slots=True)
class Rate:
    """A bar in percent, told by `value`; None: there is nothing to compare with, and `text` says so.

    `behind` is for what is not measured by the line: whether it is hatched all the same.
    """

    label: str
    percent: float | None
    value: str
    text: str
    behind: bool | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """Bars against the line of time progress; those short of it are hatched."""

    title: str
    note: str
    rows: list[Rate]
    line: float
    line_text: str
    legend: tuple[str, str]
    """What solid and hatched bars are."""
    kind: Literal["rates"] = "rates"


@dataclass(frozen=True, slots=True)
class Values:
    """A row of bars, one for each series; None where there is no figure."""

    label: str
    values: list[float | None]
    texts: list[str]


@dataclass(frozen=True, slots=True)
class Bars:
    """Amounts side by side, at most four series, told apart by their fill."""

    title: str
    note: str
    series: list[str]
    rows: list[Values]
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True, slots=True)
class Lines:
    """Values over months, at most four series, told apart by their strokes; texts stand at the first one's points."""

    title: str
    note: str
    unit: str
    ticks: list[str]
    series: list[Values]
    kind: Literal["lines"] = "lines"


@dataclass(frozen=True, slots=True)
class Number:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Poster:
    """The overview: numbers on top, the funnel and the rates beside each other."""

    title: str
    note: str
    numbers: list[Number]
    funnel: Funnel
    rates: Rates
    kind: Literal["poster"] = "poster"


@dataclass(frozen=True, slots=True)
class Move:
    """A place in a ranking and the one before; None: there is none. `mark`: best, worst, or nothing."""

    label: str
    rank: int | None
    before: int | None
    text: str
    mark: Literal["best", "worst", ""] = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: list[Move]


@dataclass(frozen=True, slots=True)
class Moves:
    """Rankings below each other, each row with its way from the place before to the place now."""

    title: str
    note: str
    sections: list[Section]
    legend: tuple[str, str]
    """What the empty and the full mark are."""
    kind: Literal["moves"] = "moves"


@dataclass(frozen=True, slots=True)
class Grid:
    """Points of each row by column, as a small bar and its figure; bars compare within their column alone."""

    title: str
    note: str
    columns: list[str]
    rows: list[Values]
    legend: str
    """What a striped bar is."""
    kind: Literal["grid"] = "grid"


Chart: TypeAlias = Funnel | Rates | Bars | Lines | Poster | Moves | Grid


def encode(chart: Chart) -> bytes:
    """One line of JSON, the same for the same picture."""
    return orjson.dumps(asdict(chart))
