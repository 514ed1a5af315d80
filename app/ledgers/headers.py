"""Finding the header of a sheet and what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.ledgers.columns import GENERIC, NOT_OURS, PERSONAL, WORDINGS
from app.ledgers.model import Column, Grid, column_letter
from app.ledgers.text import fold, show

_SEARCHED_ROWS = 60
_MAX_LEVELS = 3
_LONGEST = 40
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_UNIT = re.compile(r"(百万元|千元|万元|亿元|元)")
_YEAR = re.compile(r"(?<![0-9])((?:19|20|21)[0-9]{2})(?![0-9])")
_YEARLY_FIELDS = frozenset({"annual_plan", "completed"})


@dataclass(frozen=True, slots=True)
class Header:
    """Rows `top` to `bottom` (zero-based) and, per column, the header texts from the outermost level inwards."""

    top: int
    bottom: int
    levels: tuple[tuple[str, ...], ...]


def find_header(grid: Grid) -> Header | None:
    """The rows that name most known columns, a project name among them; None when there are none."""
    best: tuple[int, Header] | None = None
    for top in range(min(_SEARCHED_ROWS, len(grid.rows))):
        for depth in range(1, _MAX_LEVELS + 1):
            if top + depth > len(grid.rows):
                break
            header = Header(top, top + depth - 1, _levels(grid, top, depth))
            fields = {found[0] for levels in header.levels if (found := field_of(levels))}
            if "name" in fields and len(fields) >= 2 and (best is None or len(fields) > best[0]):
                best = len(fields), header
    return best[1] if best else None


def build_columns(header: Header, year: int | None) -> tuple[Column, ...]:
    """Every headed column. One of another year than the ledger's ("2015年计划投资") is not understood."""
    fields = _resolve(header.levels, year)
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


def field_of(levels: Sequence[str]) -> tuple[str, int] | None:
    """(field, rank of fit) a column heading means, its levels given outermost first."""
    plain = tuple(text for level in levels if (text := normalised(level)))
    return _field_of(plain) if plain else None


@lru_cache(maxsize=4096)
def _field_of(plain: tuple[str, ...]) -> tuple[str, int] | None:
    if any(NOT_OURS.search(level) for level in plain):
        return None
    leaf = plain[-1]
    if len(plain) > 1 and leaf in GENERIC:
        return _field_of(plain[:-1])
    if len(plain) > 1 and leaf in PERSONAL:
        return _personal(leaf, _field_of(plain[:-1]))
    found = _wording(leaf) or _wording("".join(plain[-2:])) or _wording("".join(plain))
    if found or "/" not in leaf:
        return found
    *above, last = [piece for piece in leaf.split("/") if piece] or [""]
    if above and (last in GENERIC or last in PERSONAL or not any(map(_wording, above))):
        return _field_of((*above, last))
    return None


def _personal(leaf: str, owner: tuple[str, int] | None) -> tuple[str, int] | None:
    wanted = {("leader", True): "leader_title", ("contact", False): "contact_phone"}
    field = wanted.get((owner[0], "职务" in leaf)) if owner else None
    return (field, 0) if field else None


@lru_cache(maxsize=8192)
def _wording(text: str) -> tuple[str, int] | None:
    if len(text) > _LONGEST:
        return None
    fits = [(wording.field, wording.rank) for wording in WORDINGS if wording.pattern.fullmatch(text)]
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


def _levels(grid: Grid, top: int, depth: int) -> tuple[tuple[str, ...], ...]:
    """Header texts per column; a merged cell speaks for all its columns and rows, and so does a blank beside a
    heading that was centred over several columns without merging them."""
    width = len(grid.rows[top])
    texts = [[show(cell) for cell in row] for row in grid.rows[top : top + depth]]
    for merge in grid.merges:
        if merge.top >= top + depth or merge.bottom < top:
            continue
        text = show(grid.rows[merge.top][merge.left])
        for row in range(max(merge.top, top), min(merge.bottom, top + depth - 1) + 1):
            for column in range(merge.left, merge.right + 1):
                texts[row - top][column] = text
    for column in range(1, width):
        for row in range(depth - 1):
            below = any(texts[lower][column] for lower in range(row + 1, depth))
            left_below = any(texts[lower][column - 1] not in {"", texts[row][column - 1]} for lower in range(row + 1, depth))
            if not texts[row][column] and below and left_below:
                texts[row][column] = texts[row][column - 1]
    result = []
    for column in range(width):
        levels: list[str] = []
        for row in range(depth):
            text = "".join(texts[row][column].split())
            if text and text not in levels:
                levels.append(text)
        result.append(tuple(levels))
    return tuple(result)


def _resolve(levels: Sequence[tuple[str, ...]], year: int | None) -> dict[int, str]:
    claims: dict[str, tuple[int, int]] = {}
    person: str | None = None
    for index, column in enumerate(levels):
        found = field_of(column)
        if found is None or (found[0] in _YEARLY_FIELDS and _other_year(column, year)):
            continue
        field, rank = found
        if field in {"leader", "contact"}:
            person = field
        if field == "leader_title" and person != "leader":
            continue
        claims[field] = min(claims.get(field, (rank, index)), (rank, index))
    return {index: field for field, (_, index) in claims.items()}


def _other_year(levels: Sequence[str], year: int | None) -> bool:
    named = {int(found) for found in _YEAR.findall(fold("".join(levels)))}
    return year is not None and bool(named) and year not in named
