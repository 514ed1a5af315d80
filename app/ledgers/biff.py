"""The workbook stream of an .xls file ([MS-XLS]): measured, and made harmless, before the reader sees it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.ledgers.compound import DamagedError
from app.ledgers.errors import LedgerError, too_large
from app.ledgers.limits import MAX_ELEMENTS, MAX_SHEETS, Extent, date_detail, shown_date
from app.ledgers.model import ErrorText

_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_FILE_PASS, _BOUND_SHEET, _SST, _XF, _FORMAT, _DATE_MODE = 0x002F, 0x0085, 0x00FC, 0x00E0, 0x041E, 0x0022
_DIMENSIONS, _FORMULA, _STRING = 0x0200, 0x0006, 0x0207
_NUMBER, _LABEL, _RICH_LABEL, _BOOL_OR_ERROR, _RK, _MUL_RK, _LABEL_SST = (
    0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00BD, 0x00FD,
)  # fmt: skip
_CELLS = {_NUMBER, _LABEL, _RICH_LABEL, _BOOL_OR_ERROR, _RK, _LABEL_SST, _FORMULA}
_UNUSED = {0x0018: "defined name", 0x0017: "external sheet", 0x00EB: "pictures", 0x013D: "tab ids"}
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


@dataclass(slots=True)
class _Globals:
    sheets: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    formats: dict[int, str] = field(default_factory=dict)
    cell_formats: list[int] = field(default_factory=list)
    mac_dates: bool = False

    def detail(self, style: int) -> str | None:
        if style >= len(self.cell_formats):
            return None
        number = self.cell_formats[style]
        return date_detail(number, self.formats.get(number))


def inspect(stream: bytes) -> tuple[bytes, list[Extent]]:
    """A copy for the reader without formulas, names and declared sizes, and each sheet's extent in file order.

    LedgerError when encrypted or too large, DamagedError when it is no BIFF5/8 workbook.
    """
    if len(stream) < 4 or struct.unpack_from("<H", stream)[0] != _BOF:
        raise DamagedError("no workbook")
    clean = bytearray(stream)
    budget = [MAX_ELEMENTS]
    found = _read_globals(stream, clean, budget)
    extents = [_read_sheet(stream, clean, start, found, budget) for start in found.sheets]
    return bytes(clean), extents


def _records(stream: bytes, at: int, budget: list[int]) -> Iterator[tuple[int, int, int]]:
    """(type, start of data, length) of each record from `at` on."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if at + 4 + length > len(stream):
            raise DamagedError("record beyond the end")
        budget[0] -= 1
        if budget[0] < 0:
            raise too_large("records", f"> {MAX_ELEMENTS}", MAX_ELEMENTS)
        yield kind, at + 4, length
        at += 4 + length


def _read_globals(stream: bytes, clean: bytearray, budget: list[int]) -> _Globals:
    found = _Globals()
    shared: list[bytes] = []
    previous = 0
    for kind, at, length in _records(stream, 0, budget):
        data = stream[at : at + length]
        if kind == _EOF:
            break
        if kind == _SST or (kind == _CONTINUE and previous == _SST):
            shared.append(data)
        elif kind in _UNUSED:
            clean[at - 4 : at - 2] = b"\0\0"
        else:
            _read_global(kind, data, found)
        previous = previous if kind == _CONTINUE else kind
    if len(found.sheets) > MAX_SHEETS:
        raise too_large("sheets", len(found.sheets), MAX_SHEETS)
    found.lengths = _SharedStrings(shared).lengths()
    return found


def _read_global(kind: int, data: bytes, found: _Globals) -> None:
    if kind == _FILE_PASS:
        raise LedgerError("workbook_encrypted")
    if kind == _BOUND_SHEET and len(data) >= 6:
        found.sheets.append(struct.unpack_from("<I", data)[0])
    elif kind == _XF and len(data) >= 4:
        found.cell_formats.append(struct.unpack_from("<H", data, 2)[0])
    elif kind == _FORMAT and len(data) > 5:
        text = data[5:].decode("utf-16-le", "replace") if data[4] & 1 else data[5:].decode("latin-1")
        found.formats[struct.unpack_from("<H", data)[0]] = text
    elif kind == _DATE_MODE and data[:2] == b"\x01\0":
        found.mac_dates = True


class _SharedStrings:
    """The SST record and its continuations, where a string may break anywhere and, inside its characters, repeats its
    width flag."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = [part for part in parts if part]
        self._part, self._at = 0, 8

    def lengths(self) -> list[int]:
        """Characters of each string."""
        found = []
        while self._here():
            count, flags = struct.unpack("<HB", self._take(3))
            runs = struct.unpack("<H", self._take(2))[0] if flags & 8 else 0
            extra = struct.unpack("<I", self._take(4))[0] if flags & 4 else 0
            found.append(count)
            self._skip_characters(count, 2 if flags & 1 else 1)
            self._skip(4 * runs + extra)
        return found

    def _here(self) -> int:
        """Bytes left in this record, or in the next one when it is used up; 0 at the very end."""
        while self._part < len(self._parts) and self._at >= len(self._parts[self._part]):
            self._part, self._at = self._part + 1, 0
        return len(self._parts[self._part]) - self._at if self._part < len(self._parts) else 0

    def _take(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            here = min(count - len(got), self._here())
            if not here:
                raise DamagedError("shared strings")
            got += self._parts[self._part][self._at : self._at + here]
            self._at += here
        return got

    def _skip(self, count: int) -> None:
        while count:
            here = min(count, self._here())
            if not here:
                raise DamagedError("shared strings")
            self._at += here
            count -= here

    def _skip_characters(self, count: int, width: int) -> None:
        while count:
            before = self._part
            left = self._here()
            if self._part != before:
                width = 2 if self._take(1)[0] & 1 else 1
                left = self._here()
            here = min(count, left // width)
            if not here:
                raise DamagedError("shared strings")
            self._at += here * width
            count -= here


def _read_sheet(stream: bytes, clean: bytearray, start: int, found: _Globals, budget: list[int]) -> Extent:
    extent = Extent()
    depth = 0
    for kind, at, length in _records(stream, start, budget):
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif kind == _DIMENSIONS:
            # The reader reserves memory for whatever area stands here.
            clean[at : at + length] = bytes(length)
        elif kind == _MUL_RK and length >= 12:
            _grow_row(stream, at, length, found, extent)
        elif kind in _CELLS and length >= 6:
            _grow_cell(stream, clean, (kind, at, length), found, extent)
        elif kind == _STRING:
            extent.text += length
    return extent


def _grow_row(stream: bytes, at: int, length: int, found: _Globals, extent: Extent) -> None:
    row, first = struct.unpack_from("<HH", stream, at)
    for offset in range((length - 6) // 6):
        style, value = struct.unpack_from("<Hi", stream, at + 4 + 6 * offset)
        extent.grow(row, first + offset)
        _note_date(extent, (row, first + offset), found, style, _rk(value))


def _grow_cell(stream: bytes, clean: bytearray, record: tuple[int, int, int], found: _Globals, extent: Extent) -> None:
    kind, at, length = record
    row, column, style = struct.unpack_from("<HHH", stream, at)
    text = length if kind in {_LABEL, _RICH_LABEL} else 0
    if kind == _LABEL_SST and length >= 10:
        index = struct.unpack_from("<I", stream, at + 6)[0]
        text = found.lengths[index] if index < len(found.lengths) else 0
    extent.grow(row, column, text)
    if kind == _FORMULA:
        # Formulas are not used, and expanding their names can grow without bound.
        clean[at + 20 : at + length] = bytes(max(0, length - 20))
        if length >= 14 and stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
            extent.shown[row, column] = ErrorText(_ERRORS.get(stream[at + 8], "#N/A"))
    elif kind == _BOOL_OR_ERROR and length >= 8 and stream[at + 7] == 1:
        extent.shown[row, column] = ErrorText(_ERRORS.get(stream[at + 6], "#N/A"))
    if kind == _RK and length >= 10:
        _note_date(extent, (row, column), found, style, _rk(struct.unpack_from("<i", stream, at + 6)[0]))
    elif kind in {_NUMBER, _FORMULA} and length >= 14:
        _note_date(extent, (row, column), found, style, struct.unpack_from("<d", stream, at + 6)[0])


def _rk(value: int) -> float:
    """The packed number of an RK record: 30 bits, integer or the head of a double, maybe in hundredths."""
    number = float(value >> 2) if value & 2 else struct.unpack("<d", struct.pack("<iI", 0, value & 0xFFFFFFFC))[0]
    return number / 100 if value & 1 else number


def _note_date(extent: Extent, place: tuple[int, int], found: _Globals, style: int, serial: float) -> None:
    detail = found.detail(style)
    shown = shown_date(serial, detail, mac_dates=found.mac_dates) if detail else None
    if shown:
        extent.shown[place] = shown
