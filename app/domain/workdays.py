"""Chinese working days: Monday to Friday, less the public holidays, plus the weekend days worked in exchange (调休).

Source: the yearly notices of the General Office of the State Council (国务院办公厅关于节假日安排的通知), as the package
chinese_calendar carries them. A year whose notice is not out yet counts Monday to Friday only and is *provisional*.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from chinese_calendar import constants


def _weekdays_to(ordinal: int) -> int:
    """Mondays to Fridays up to and including a day; ordinal 1 (0001-01-01) is a Monday."""
    weeks, day = divmod(ordinal, 7)
    return 5 * weeks + min(day, 5)


def _weekday_at(number: int) -> int:
    """The ordinal of the weekday of that number: the inverse of `_weekdays_to`."""
    weeks, day = divmod(number - 1, 5)
    return 7 * weeks + day + 1


@dataclass(frozen=True)
class Workdays:
    """A calendar. Every workday has a number, counted from the first Monday there is; all else is arithmetic on them.

    `holidays` are days off, `makeup` weekend days at work (said to be both, a day is worked), `announced` the years
    whose notice is known. Finding a workday costs a binary search among the exceptions, however far it lies.
    """

    holidays: frozenset[date]
    makeup: frozenset[date]
    announced: frozenset[int]
    _exceptions: list[int] = field(init=False, repr=False, compare=False)
    _numbers: list[int] = field(init=False, repr=False, compare=False)
    _balance: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        off = {day.toordinal() for day in self.holidays - self.makeup if day.weekday() < 5}
        worked = {day.toordinal() for day in self.makeup if day.weekday() >= 5}
        exceptions, numbers, balance = sorted(off | worked), [], [0]
        for ordinal in exceptions:
            balance.append(balance[-1] + (1 if ordinal in worked else -1))
            numbers.append(_weekdays_to(ordinal) + balance[-1])
        object.__setattr__(self, "_exceptions", exceptions)
        object.__setattr__(self, "_numbers", numbers)
        object.__setattr__(self, "_balance", balance)

    def number(self, day: date) -> int:
        """How many workdays there are up to and including `day`."""
        ordinal = day.toordinal()
        return _weekdays_to(ordinal) + self._balance[bisect_right(self._exceptions, ordinal)]

    def numbered(self, number: int) -> date:
        """The workday of that number. OverflowError beyond the years 1 to 9999."""
        position = bisect_left(self._numbers, number)
        ordinal = _weekday_at(number - self._balance[position])
        if position < len(self._exceptions):
            # A weekend day at work comes before the weekday that would bear the number otherwise.
            ordinal = min(ordinal, self._exceptions[position])
        if not 1 <= ordinal <= date.max.toordinal():
            raise OverflowError("no calendar reaches that far")
        return date.fromordinal(ordinal)

    def is_workday(self, day: date) -> bool:
        return day in self.makeup or (day.weekday() < 5 and day not in self.holidays)

    def on_or_before(self, day: date) -> date:
        return self.numbered(self.number(day))

    def on_or_after(self, day: date) -> date:
        return day if self.is_workday(day) else self.numbered(self.number(day) + 1)

    def shift(self, day: date, days: int) -> date:
        """The workday that many workdays after `day`, or before it when negative; 0: the day, or the next workday."""
        passed = self.number(day)
        if days <= 0 and not self.is_workday(day):
            passed += 1  # seen backwards a day off stands where the next workday does
        return self.numbered(passed + days)

    def between(self, start: date, end: date) -> int:
        """Workdays after `start` up to and including `end`; negative when `end` comes first."""
        return self.number(end) - self.number(start)

    def is_provisional(self, day: date) -> bool:
        """Whether the notice for the day's year is not known: only weekends are counted as days off."""
        return day.year not in self.announced

    def with_years(self, years: Iterable[tuple[int, Iterable[date], Iterable[date]]]) -> Workdays:
        """With the notices of (year, holidays, makeup days) in place of what is known of these years."""
        holidays, makeup, announced = set(self.holidays), set(self.makeup), set(self.announced)
        given = [(year, set(off), set(worked)) for year, off, worked in years]
        for year, _, _ in given:
            holidays = {day for day in holidays if day.year != year}
            makeup = {day for day in makeup if day.year != year}
            announced.add(year)
        for _, off, worked in given:  # a notice may also speak of the last days of the year before
            holidays = (holidays | off) - worked
            makeup = (makeup | worked) - off
        return Workdays(frozenset(holidays), frozenset(makeup), frozenset(announced))


def first_day(calendar: Workdays, last: date, days: int | None) -> date | None:
    """The first of so many workdays that end on the day; None where nobody says how many, or before the year 1."""
    if days is None:
        return None
    try:
        return calendar.numbered(calendar.number(last) - days + 1)
    except OverflowError:
        return None


def _china() -> Workdays:
    holidays, makeup = frozenset(constants.holidays), frozenset(constants.workdays)
    # The package also lists every weekend day within a holiday; what tells a year is that it has any entry.
    return Workdays(holidays, makeup, frozenset(day.year for day in holidays))


CHINA = _china()
"""What ships with the product; later years are entered as their notices come out."""
