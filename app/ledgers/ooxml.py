"""An .xlsx file: taken apart under limits, measured, and put together again for the reader.

The reader allocates whatever the file claims (a cell at ZZ60000 is 42 million cells) and one shared string may stand
in a million cells. So every part is unzipped here up to a limit, walked once with a strict XML parser that allows no
DTD, and only then handed on, in a new archive that holds just the parts that were walked.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from app.ledgers.compound import DamagedError
from app.ledgers.errors import LedgerError, too_large
from app.ledgers.limits import (
    MAX_ELEMENTS,
    MAX_PARTS,
    MAX_SHEETS,
    MAX_TEXT,
    MAX_UNZIPPED,
    Extent,
    date_detail,
    shown_date,
)  # fmt: skip
from app.ledgers.model import ErrorText

SIGNATURE = b"PK\x03\x04"
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_STRINGS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_PACKAGE = (
    b'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    b'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CELL_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")

Attributes = dict[str, str]


def prepare(data: bytes) -> tuple[bytes, list[Extent]]:
    """A clean copy and the extent of each sheet in workbook order. LedgerError when too large or encrypted,
    DamagedError when it is no .xlsx."""
    parts = _Parts(data)
    book = _Book()
    relations: dict[str, tuple[str, str]] = {}
    _walk(parts.read(_WORKBOOK), book.start)
    _walk(parts.read(_RELATIONS), lambda tag, attrs: _relation(relations, tag, attrs))
    if len(book.sheets) > MAX_SHEETS:
        raise too_large("sheets", len(book.sheets), MAX_SHEETS)
    strings, styles = _Strings(), _Styles()
    _walk(parts.read(_STRINGS, b"<sst/>"), strings.start, strings.end, strings.text)
    _walk(parts.read(_STYLES, b"<styleSheet/>"), styles.start, styles.end)
    scans: dict[str, _SheetScan] = {}
    for _, relation in book.sheets:
        target, kind = relations.get(relation, ("", ""))
        if kind == "worksheet" and target not in scans:
            scans[target] = _SheetScan(strings.lengths, styles, mac_dates=book.mac_dates)
            scans[target].walk(parts.read(target))
    empty = Extent()
    extents = [scans[t].extent if (t := relations.get(r, ("", ""))[0]) in scans else empty for _, r in book.sheets]
    return parts.packed(), extents


class _Parts:
    """The parts of the archive, each unzipped once; what was read is what `packed` writes."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, struct.error, ValueError, OSError, NotImplementedError) as exc:
            raise DamagedError("archive") from exc
        entries = self._zip.infolist()
        if len(entries) > MAX_PARTS:
            raise too_large("parts", len(entries), MAX_PARTS)
        if sum(entry.file_size for entry in entries) > MAX_UNZIPPED:
            raise too_large("bytes unzipped", sum(entry.file_size for entry in entries), MAX_UNZIPPED)
        self._by_name = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in entries}
        self._read: dict[str, bytes] = {}

    def read(self, name: str, default: bytes | None = None) -> bytes:
        """One part, of the size that is declared or else damaged."""
        entry = self._by_name.get(name.lower())
        if entry is None:
            if default is None:
                raise DamagedError(f"no {name}")
            return default
        if entry.flag_bits & 1:
            raise LedgerError("workbook_encrypted")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise DamagedError("compression")
        try:
            with self._zip.open(entry) as part:
                # A read without limit would first unzip all there is, whatever size is declared.
                content = part.read(entry.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, struct.error) as exc:
            raise DamagedError(name) from exc
        self._read[name] = content
        return content

    def packed(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("_rels/.rels", _PACKAGE)
            for name, content in self._read.items():
                archive.writestr(name, content)
        return out.getvalue()


def _walk(
    content: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Events by local name, for the small parts."""
    parser = _parser()
    parser.StartElementHandler = lambda tag, attrs: start(tag.rpartition(":")[2], attrs)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    parser.CharacterDataHandler = text
    _parse(parser, content)


def _parser() -> expat.XMLParserType:
    """The encoding is fixed to UTF-8: the reader takes it for that, whatever is declared."""
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise DamagedError("document type")


def _parse(parser: expat.XMLParserType, content: bytes) -> None:
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as exc:
        raise DamagedError("xml") from exc


def _relation(relations: dict[str, tuple[str, str]], tag: str, attrs: Attributes) -> None:
    if tag == "Relationship":
        target = attrs.get("Target", "")
        path = target[1:] if target.startswith("/") else posixpath.join("xl", target)
        relations[attrs.get("Id", "")] = (path, attrs.get("Type", "").rpartition("/")[2])


@dataclass(slots=True)
class _Book:
    sheets: list[tuple[str, str]] = field(default_factory=list)
    mac_dates: bool = False

    def start(self, tag: str, attrs: Attributes) -> None:
        if tag == "sheet":
            relation = next((value for key, value in attrs.items() if key.rpartition(":")[2] == "id"), "")
            self.sheets.append((attrs.get("name", ""), relation))
        elif tag == "workbookPr":
            self.mac_dates = attrs.get("date1904") in {"1", "true"}


@dataclass(slots=True)
class _Strings:
    lengths: list[int] = field(default_factory=list)
    _inside: bool = False

    def start(self, tag: str, attrs: Attributes) -> None:
        if tag == "sst" and not 0 <= _number(attrs.get("uniqueCount")) <= MAX_ELEMENTS:
            # The reader reserves room for as many as are announced.
            raise too_large("shared strings", attrs["uniqueCount"][:20], MAX_ELEMENTS)
        if tag == "si":
            self.lengths.append(0)
            self._inside = True

    def end(self, tag: str) -> None:
        if tag == "si":
            self._inside = False

    def text(self, text: str) -> None:
        if self._inside:
            self.lengths[-1] += len(text)


@dataclass(slots=True)
class _Styles:
    """Which cell styles show a date without its day."""

    details: list[str | None] = field(default_factory=list)
    _codes: dict[int, str] = field(default_factory=dict)
    _inside: bool = False

    def start(self, tag: str, attrs: Attributes) -> None:
        if tag == "cellXfs":
            self._inside = True
        elif tag == "numFmt":
            self._codes[_number(attrs.get("numFmtId"))] = attrs.get("formatCode", "")
        elif tag == "xf" and self._inside:
            number = _number(attrs.get("numFmtId"))
            self.details.append(date_detail(number, self._codes.get(number)))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._inside = False


class _SheetScan:
    """Follows the reader cell by cell: the same places, whether or not the file names them.

    Millions of elements may go by, so the parser calls as little as can be: ends and text only inside a value.
    """

    def __init__(self, lengths: list[int], styles: _Styles, *, mac_dates: bool) -> None:
        self.extent = Extent()
        self._lengths = lengths
        self._styles = styles
        self._mac_dates = mac_dates
        self._row = -1
        # A cell without a place of its own stands so many columns right of the last one that has one.
        self._last, self._offset = "", -1
        self._cell: Attributes = {}
        self._text: list[str] = []
        self._left = MAX_ELEMENTS

    def walk(self, content: bytes) -> None:
        self._parser = parser = _parser()
        self._kinds: dict[str, str] = {}
        parser.StartElementHandler = self._start
        _parse(parser, content)

    def _start(self, tag: str, attrs: Attributes) -> None:
        kind = self._kinds.get(tag)
        if kind is None:
            kind = self._kinds[tag] = tag.rpartition(":")[2]
        self._left -= 1
        if self._left < 0:
            raise too_large("elements", f"> {MAX_ELEMENTS}", MAX_ELEMENTS)
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

    def _end(self, tag: str) -> None:
        if self._kinds[tag] in {"v", "is"}:
            self._parser.CharacterDataHandler = None
            self._parser.EndElementHandler = None
            self._used("".join(self._text))

    def _used(self, text: str) -> None:
        if "r" in self._cell:
            place = _place(self._last)
        else:
            column = (_place(self._last)[1] if self._last else 0) + max(self._offset, 0)
            place = (max(self._row, 0), column)
        kind = self._cell.get("t", "n")
        length = len(text)
        if kind == "s":
            index = _number(text)
            length = self._lengths[index] if 0 <= index < len(self._lengths) else 0
        self.extent.grow(*place, min(length, MAX_TEXT + 1))
        if kind == "e":
            self.extent.shown[place] = ErrorText(text)
        elif kind == "n":
            self._note_date(place, text)

    def _note_date(self, place: tuple[int, int], text: str) -> None:
        style = _number(self._cell.get("s"))
        detail = self._styles.details[style] if style < len(self._styles.details) else None
        shown = shown_date(_float(text), detail, mac_dates=self._mac_dates) if detail else None
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


def _number(text: str | None) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
