"""One worksheet of an .xlsx file, measured before the reader sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from app.ledgers.compound import DamagedError
from app.ledgers.errors import too_large
from app.ledgers.limits import MAX_ELEMENTS, MAX_TEXT, Extent, shown_date
from app.ledgers.model import ErrorText, NotCalculated
from app.ledgers.xmlparts import Attributes, decimal, new_parser, number, parse

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NOT_CALCULATED = NotCalculated()
_CELL_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


class SheetScan:
    """Follows the reader cell by cell: the same places, whether or not the file names them.

    Millions of elements may go by, so the parser calls as little as can be: ends and text only inside a value.
    """

    def __init__(self, lengths: Sequence[int], details: Sequence[str | None], *, mac_dates: bool) -> None:
        self.extent = Extent()
        self._lengths = lengths
        self._details = details
        self._mac_dates = mac_dates
        self._row = -1
        # A cell without a place of its own stands so many columns right of the last one that has one.
        self._last, self._offset = "", -1
        self._cell: Attributes = {}
        self._text: list[str] = []
        self._opened = False
        self._left = MAX_ELEMENTS

    def walk(self, content: bytes) -> None:
        self._parser = parser = new_parser()
        self._kinds: dict[str, str] = {}
        parser.StartElementHandler = self._start
        parse(parser, content)

    def _start(self, tag: str, attrs: Attributes) -> None:
        kind = self._kinds.get(tag)
        if kind is None:
            kind = self._kinds[tag] = tag.rpartition(":")[2]
        self._left -= 1
        if self._left < 0:
            raise too_large("elements", f"> {MAX_ELEMENTS}", MAX_ELEMENTS)
        opened, self._opened = self._opened, kind == "c"
        if kind == "c":
            self._cell = attrs
            if "r" in attrs:
                self._last, self._offset = attrs["r"], 0
            else:
                self._offset += 1
        elif kind == "row":
            number = attrs.get("r", "").lstrip(_LETTERS)
            self._row = _place(f"A{number}")[0] if number else self._row + 1
            self._last, self._offset = "", -1
        elif kind in {"v", "is"}:
            self._text = []
            self._parser.CharacterDataHandler = self._text.append
            self._parser.EndElementHandler = self._end
        elif kind == "f" and opened:
            # First in a cell; sparklines and the like have an <f> of their own elsewhere.
            place = self._here()
            self.extent.grow(*place)
            self.extent.shown[place] = _NOT_CALCULATED

    def _end(self, tag: str) -> None:
        if self._kinds[tag] in {"v", "is"}:
            self._parser.CharacterDataHandler = None
            self._parser.EndElementHandler = None
            self._used("".join(self._text))

    def _here(self) -> tuple[int, int]:
        if "r" in self._cell:
            return _place(self._last)
        column = (_place(self._last)[1] if self._last else 0) + max(self._offset, 0)
        return max(self._row, 0), column

    def _used(self, text: str) -> None:
        place = self._here()
        kind = self._cell.get("t", "n")
        if text or kind == "str":
            # An empty text is a result, as of =IF(A1="","",A1).
            self.extent.shown.pop(place, None)
        length = len(text)
        if kind == "s":
            index = number(text)
            length = self._lengths[index] if 0 <= index < len(self._lengths) else 0
        self.extent.grow(*place, min(length, MAX_TEXT + 1))
        if kind == "e":
            self.extent.shown[place] = ErrorText(text)
        elif kind == "n":
            self._note_date(place, text)

    def _note_date(self, place: tuple[int, int], text: str) -> None:
        style = number(self._cell.get("s"))
        detail = self._details[style] if style < len(self._details) else None
        shown = shown_date(decimal(text), detail, mac_dates=self._mac_dates) if detail else None
        if shown:
            self.extent.shown[place] = shown


def _place(reference: str) -> tuple[int, int]:
    """(row, column), zero-based, of "B7"."""
    match = _CELL_REFERENCE.fullmatch(reference)
    row = int(match[2]) if match else 0
    if match is None or row == 0:
        raise DamagedError("cell reference")
    return row - 1, _column(match[1])


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column - 1
