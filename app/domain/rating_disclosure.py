"""What may be told of how a score came about without telling on a voter.

Nothing at all is told of an electorate below the minimum: it does not enter the score, so nothing can be worked back.
A row (one indicator in one electorate) with a *small* count, chosen by at least one but fewer than `smallest_count`
raters, is hidden whole: counts, average, number of answers; and with it the average of its electorate.

What is hidden must not follow from the published score by subtracting what is shown:

- Where the electorate of such a row gave fewer than FEW slips, no row of the department is shown at all. Then the
  explanation tells nothing that the score does not. (Less will not do: among few raters who nearly agree, the score
  minus any shown row often leaves a single way to fill in the rest.)
- Else further rows are hidden until what is hidden could be filled in so many ways that the score (two decimals:
  10 001 values) leaves at least a hundred of them for each. What remains to be guessed is a number among many raters.

Why is told, but not which of these rows has the small count and which cover it: that would narrow it down.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb

from app.domain.dictionaries import RatingHiddenBecause
from app.domain.rating import Part, Row, Standing, indicator_score
from app.domain.rating_rules import FEW

ENOUGH_WAYS = 10_001 * 100

Place = tuple[int, int]
"""(number of the part, number of the row)."""


def hidden_rows(parts: Sequence[Part], smallest_count: int) -> set[Place]:
    """The rows of counted parts that must not be shown."""
    rows = {(i, j): row for i, part in enumerate(parts) if part.counted for j, row in enumerate(part.rows)}
    hidden = {place for place, row in rows.items() if smallest(row) < smallest_count}
    if not hidden:
        return hidden
    if any(parts[i].slips < FEW for i, _ in hidden):
        return set(rows)
    further = sorted(rows.keys() - hidden, key=lambda place: (smallest(rows[place]), place))
    while further and (len(hidden) < 2 or ways(parts, hidden) < ENOUGH_WAYS):
        hidden.add(further.pop(0))
    return hidden


def hidden_because(parts: Sequence[Part], smallest_count: int) -> dict[Place, RatingHiddenBecause]:
    """Every row that is not shown, those of parts that are not counted too, and why."""
    hidden = hidden_rows(parts, smallest_count)
    among_few = any(parts[i].slips < FEW for i, j in hidden if smallest(parts[i].rows[j]) < smallest_count)
    because: RatingHiddenBecause = "few_ballots" if among_few else "small_counts"
    return {
        (i, j): because if part.counted else "below_minimum"
        for i, part in enumerate(parts)
        for j, _ in enumerate(part.rows)
        if not part.counted or (i, j) in hidden
    }


def smallest(row: Row) -> int:
    """The smallest count that is none of nobody."""
    return min((count for count in row.counts if count), default=1 << 30)


def ways(parts: Sequence[Part], hidden: set[Place]) -> int:
    """In how many ways the slips of the hidden rows could have been filled in: options, or left blank."""
    product = 1
    for i, j in hidden:
        options = len(parts[i].rows[j].counts)
        product *= comb(parts[i].slips + options, options)
    return product


def told_scores(standing: Standing, smallest_count: int) -> tuple[list[Fraction | None], list[Fraction | None]]:
    """What may be told of a department's parts: the average of each electorate, then of each indicator over all counted
    electorates; None where there is none, or a row it is made of is hidden. No more than the shown rows tell."""
    hidden = hidden_rows(standing.parts, smallest_count)
    by_electorate = [
        part.score if part.counted and not any((i, j) in hidden for j in range(len(part.rows))) else None
        for i, part in enumerate(standing.parts)
    ]
    by_indicator = [
        None if any((i, j) in hidden for i in range(len(standing.parts))) else indicator_score(standing, j)
        for j in range(len(standing.parts[0].rows) if standing.parts else 0)
    ]
    return by_electorate, by_indicator
