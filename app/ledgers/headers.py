"""Finding the header of a sheet and what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.ledgers.columns import PROJECTS, Words
from app.ledgers.model import Column, Grid, Merge, column_letter
from app.ledgers.nodes import PREFIX, name_of
from app.ledgers.text import fold, show

_SEARCHED_ROWS = 60
_MAX_LEVELS = 3
_LONGEST = 40
_SHOWN = 200
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_UNIT = re.compile(r"(百万元|千元|万元|亿元|元)")
_YEAR = re.compile(r"(?<![0-9])((?:19|20|21)[0-9]{2})(?![0-9])")
_YEARLY_FIELDS = frozenset({"annual_plan", "completed"})
_UNGROUPED = 9
"""The fit of a milestone's name that stands under no heading of milestones."""


@dataclass(frozen=True, slots=True)
class Header:
    """Rows `top` to `bottom` (zero-based) and, per column, the header texts from the outermost level inwards."""

    top: int
    bottom: int
    levels: tuple[tuple[str, ...], ...]


def find_header(grid: Grid, words: Words = PROJECTS) -> Header | None:
    """The rows that name most known columns, one that a table must have among them; None when there are none."""
    texts = [[show(cell)[:_SHOWN] for cell in row] for row in grid.rows[: _SEARCHED_ROWS + _MAX_LEVELS]]
    merges = [merge for merge in grid.merges if merge.top < len(texts)]
    best: tuple[tuple[int, int], Header] | None = None
    for top in range(min(_SEARCHED_ROWS, len(texts))):
        for depth in range(1, min(_MAX_LEVELS, len(texts) - top) + 1):
            header = Header(top, top + depth - 1, _levels(texts[top : top + depth], merges, top))
            fields = {found[0] for _, found in _found(header.levels, words)}
            fit = len(fields), -depth
            if fields & words.anchors and len(fields) >= 2 and (best is None or fit > best[0]):
                best = fit, header
    return _whole(best[1], texts, merges) if best else None


def _whole(header: Header, texts: list[list[str]], merges: list[Merge]) -> Header:
    """The header with all levels that its vertically merged cells span, known or not."""
    limit = min(header.top + _MAX_LEVELS, len(texts))
    ends = [merge.bottom for merge in merges if header.top <= merge.top <= header.bottom and merge.bottom < limit]
    bottom = max([header.bottom, *ends])
    return Header(header.top, bottom, _levels(texts[header.top : bottom + 1], merges, header.top))


def build_columns(header: Header, year: int | None, words: Words = PROJECTS) -> tuple[Column, ...]:
    """Every headed column. One of another year than the ledger's ("2015年计划投资") is not understood."""
    fields = _resolve(header.levels, year, words)
    return tuple(
        Column(column_letter(index), "/".join(levels), fields.get(index), _unit(levels))
        for index, levels in enumerate(header.levels)
        if levels
    )


def year_in_header(header: Header) -> int | None:
    """The one year that plan columns name, e.g. in "2016年计划投资"."""
    years = {
        int(year)
        for levels in header.levels
        if (found := field_of(levels)) and found[0] in _YEARLY_FIELDS
        for year in _YEAR.findall(fold("".join(levels)))
    }
    return years.pop() if len(years) == 1 else None


def months_in_header(header: Header) -> int | None:
    """12 for a column "1-12月完成投资"."""
    for levels in header.levels:
        found = field_of(levels)
        months = re.search(r"1[-至]([0-9]{1,2})月", normalised("".join(levels))) if found else None
        if found and months and found[0] == "completed" and 1 <= int(months[1]) <= 12:
            return int(months[1])
    return None


def field_of(levels: Sequence[str], words: Words = PROJECTS) -> tuple[str, int] | None:
    """(field, rank of fit) a column heading means, its levels given outermost first."""
    node = name_of(levels) if words.milestones else None
    if node and node[1]:
        return PREFIX + node[0], 0
    plain = tuple(text for level in levels if (text := normalised(level)))
    found = _field_of(plain, words) if plain else None
    if found or node is None or any(words.not_ours.search(level) or _wording(level, words) for level in plain[:-1]):
        return found
    return PREFIX + node[0], _UNGROUPED


def _found(levels: Sequence[tuple[str, ...]], words: Words) -> list[tuple[int, tuple[str, int]]]:
    """The columns that mean something. A lone 设计 under no heading of milestones may be anything."""
    found = [(index, meaning) for index, column in enumerate(levels) if (meaning := field_of(column, words))]
    nodes = sum(1 for _, (field, _) in found if field.startswith(PREFIX))
    return found if nodes > 1 else [(index, fit) for index, fit in found if fit[1] != _UNGROUPED]


@lru_cache(maxsize=4096)
def _field_of(plain: tuple[str, ...], words: Words) -> tuple[str, int] | None:
    if any(words.not_ours.search(level) for level in plain):
        return None
    leaf = plain[-1]
    if len(plain) > 1 and leaf in words.generic:
        return _field_of(plain[:-1], words)
    if len(plain) > 1 and leaf in words.personal:
        return _personal(leaf, _field_of(plain[:-1], words), words)
    alone = None if len(plain) > 1 and leaf in words.partial else _wording(leaf, words)
    found = alone or _wording("".join(plain[-2:]), words) or _wording("".join(plain), words)
    if found or "/" not in leaf:
        return found
    *above, last = [piece for piece in leaf.split("/") if piece] or [""]
    if above and (
        last in words.generic or last in words.personal or not any(_wording(piece, words) for piece in above)
    ):
        return _field_of((*above, last), words)
    return None


def _personal(leaf: str, owner: tuple[str, int] | None, words: Words) -> tuple[str, int] | None:
    """A leader's telephone and a contact's title are none of ours."""
    found = _wording(leaf, words)
    unwanted = {("leader", "contact_phone"), ("contact", "leader_title")}
    return None if found is None or (owner and (owner[0], found[0]) in unwanted) else found


@lru_cache(maxsize=8192)
def _wording(text: str, words: Words) -> tuple[str, int] | None:
    if len(text) > _LONGEST:
        return None
    fits = [(wording.field, wording.rank) for wording in words.wordings if wording.pattern.fullmatch(text)]
    return min(fits, key=lambda fit: fit[1], default=None)


@lru_cache(maxsize=8192)
def normalised(text: str) -> str:
    """A heading for comparison: folded, without what stands in brackets, without end punctuation."""
    text = re.sub("[—–~〜―]+", "-", fold(text[:200])).lower()
    while text != (shorter := _BRACKETED.sub("", text)):
        text = shorter
    return text.strip(":*、,。.-_")


def _unit(levels: Sequence[str]) -> str | None:
    for level in reversed(levels):
        for bracketed in _BRACKETED.findall(fold(level)):
            match = _UNIT.search(bracketed)
            if match:
                return match[1]
    return None


def _levels(rows: list[list[str]], merges: list[Merge], top: int) -> tuple[tuple[str, ...], ...]:
    """Header texts per column; a merged cell speaks for all its columns and rows, and so does a heading for the
    blanks on its right that were not merged with it but have headings below."""
    texts = [list(row) for row in rows]
    depth, width = len(texts), len(texts[0])
    for merge in merges:
        if top <= merge.top < top + depth:
            for row in range(merge.top - top, min(merge.bottom - top, depth - 1) + 1):
                texts[row][merge.left : merge.right + 1] = [rows[merge.top - top][merge.left]] * (
                    merge.right - merge.left + 1
                )
    for row in range(depth - 1):
        lower = texts[row + 1 :]
        for column in range(1, width):
            beside = texts[row][column - 1]
            below = any(line[column] for line in lower) and any(line[column - 1] not in {"", beside} for line in lower)
            if not texts[row][column] and below:
                texts[row][column] = beside
    return tuple(
        tuple(dict.fromkeys(text for line in texts if (text := "".join(line[column].split()))))
        for column in range(width)
    )


def _resolve(levels: Sequence[tuple[str, ...]], year: int | None, words: Words) -> dict[int, str]:
    claims: dict[str, tuple[int, int]] = {}
    person: str | None = None
    for index, (field, rank) in _found(levels, words):
        column = levels[index]
        if field in _YEARLY_FIELDS and _other_year(column, year):
            continue
        if field in {"leader", "contact"}:
            person = field
        under_leader = any(
            above and above[0] == "leader" for above in (field_of((level,), words) for level in column[:-1])
        )
        if field == "leader_title" and person != "leader" and not under_leader:
            continue
        claims[field] = min(claims.get(field, (rank, index)), (rank, index))
    return {index: field for field, (_, index) in claims.items()}


def _other_year(levels: Sequence[str], year: int | None) -> bool:
    named = {int(found) for found in _YEAR.findall(fold("".join(levels)))}
    return year is not None and bool(named) and year not in named
