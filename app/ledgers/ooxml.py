"""An .xlsx file: taken apart under limits, measured, and put together again for the reader.

The reader allocates whatever the file claims (a cell at ZZ60000 is 42 million cells) and one shared string may stand
in a million cells. So every part is unzipped here up to a limit, walked once with a strict XML parser that allows no
DTD, and only then handed on, in a new archive that holds just the parts that were walked.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from dataclasses import dataclass, field

from app.ledgers.compound import DamagedError
from app.ledgers.errors import LedgerError, too_large
from app.ledgers.limits import (
    MAX_CELLS,
    MAX_ELEMENTS,
    MAX_PARTS,
    MAX_SHEETS,
    MAX_UNZIPPED,
    Extent,
    date_detail,
)  # fmt: skip
from app.ledgers.sheetscan import SheetScan
from app.ledgers.xmlparts import Attributes, number, walk

SIGNATURE = b"PK\x03\x04"
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_STRINGS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_PACKAGE = (
    b'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    b'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


def prepare(data: bytes) -> tuple[bytes, list[Extent]]:
    """A clean copy and the extent of each sheet in workbook order. LedgerError when too large or encrypted,
    DamagedError when it is no .xlsx."""
    parts = _Parts(data)
    book = _Book()
    relations: dict[str, tuple[str, str]] = {}
    walk(parts.read(_WORKBOOK), book.start)
    walk(parts.read(_RELATIONS), lambda tag, attrs: _relation(relations, tag, attrs))
    if len(book.sheets) > MAX_SHEETS:
        raise too_large("sheets", len(book.sheets), MAX_SHEETS)
    strings, styles = _Strings(), _Styles()
    walk(parts.read(_STRINGS, b"<sst/>"), strings.start, strings.end, strings.text)
    walk(parts.read(_STYLES, b"<styleSheet/>"), styles.start, styles.end)
    scans: dict[str, SheetScan] = {}
    for _, relation in book.sheets:
        target, kind = relations.get(relation, ("", ""))
        if kind == "worksheet" and target not in scans:
            scans[target] = SheetScan(strings.lengths, styles.details, mac_dates=book.mac_dates)
            scans[target].walk(parts.read(target))
            # What is noted of cells must not pile up over many sheets.
            cells = sum(scan.extent.rows * scan.extent.columns for scan in scans.values())
            if cells > MAX_CELLS:
                raise too_large("cells", cells, MAX_CELLS)
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
        if tag == "sst" and not 0 <= number(attrs.get("uniqueCount")) <= MAX_ELEMENTS:
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
            self._codes[number(attrs.get("numFmtId"))] = attrs.get("formatCode", "")
        elif tag == "xf" and self._inside:
            code = number(attrs.get("numFmtId"))
            self.details.append(date_detail(code, self._codes.get(code)))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._inside = False
