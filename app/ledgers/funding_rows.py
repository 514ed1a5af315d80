"""The rows of a ledger of money told apart: sums of money, sections, totals, notes, blanks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.domain.funding import STEPS
from app.ledgers.headers import Header
from app.ledgers.model import CellValue, Column, Grid
from app.ledgers.rows import NOTE, NUMBERED, SECTION_LABEL, SECTION_NUMBER, SUBTOTAL, TOTAL, Row, fill_down
from app.ledgers.text import fold, show

_EACH_ITS_OWN = {None, "seq", "record"}
_SAYING = ("name", "own_code", "code", "channel", "record")


class FundingRowReader:
    """Reads the rows of one sheet in order. `torn` names amounts merged over several rows by their place."""

    def __init__(self, grid: Grid, header: Header, columns: Sequence[Column]) -> None:
        self._grid = grid
        self._places = [index for index, levels in enumerate(header.levels) if levels]
        self._fields = [column.field for column in columns]
        self._headings = {fold(level) for levels in header.levels for level in levels}
        by_place = dict(zip(self._places, self._fields, strict=True))
        self._filled, torn = fill_down(grid, header, by_place, STEPS, _EACH_ITS_OWN)
        self.torn: Mapping[tuple[int, int], str] = {place: by_place[place[1]] or "" for place in torn}
        self._first = header.bottom + 1

    def __iter__(self) -> Iterator[Row]:
        for index in range(self._first, len(self._grid.rows)):
            row = self._grid.rows[index]
            values = [self._filled.get((index, place), row[place]) for place in self._places]
            shown = tuple(show(value) for value in values)
            cells = {field: value for field, value in zip(self._fields, values, strict=True) if field}
            own = {field: show(row[place]) for place, field in zip(self._places, self._fields, strict=True) if field}
            kind, label, level = self._kind(cells, own, shown)
            yield Row(index, kind, cells, shown, label, None, level)

    def _kind(
        self, cells: Mapping[str, CellValue], own: Mapping[str, str], shown: Sequence[str]
    ) -> tuple[str, str, int]:
        """(kind, label, level). `own` is what the row itself says, without what was merged from above."""
        said = [text for text in shown if text]
        seq = fold(own.get("seq", ""))
        amounts = [text for step in STEPS if (text := show(cells.get(step, "")))]
        if not said or (not any(own.get(field) for field in _SAYING) and len(said) == bool(seq) + len(amounts) and (
            not any(text != "0" for text in amounts)
        )):  # fmt: skip
            return "blank", "", 0
        numbered = NUMBERED.fullmatch(seq) is not None
        texts = [fold(text) for text in shown if text]
        if len(texts) > 1 and self._headings.issuperset(texts):
            return "header", "", 0
        return ("data", "", 0) if numbered else self._unnumbered(own, seq, texts, amounts)

    def _unnumbered(
        self, own: Mapping[str, str], seq: str, texts: Sequence[str], amounts: Sequence[str]
    ) -> tuple[str, str, int]:
        leads = [text for text in (seq, *(fold(own.get(field, "")) for field in ("name", "channel")), texts[0]) if text]
        for lead in leads:
            if TOTAL.fullmatch(lead) or SUBTOTAL.fullmatch(lead):
                return ("subtotal" if "小计" in lead else "total"), lead, 0
        section = self._section(own, seq, texts)
        if section is not None:
            return "section", section, 1
        if NOTE.fullmatch(texts[0]) or (len(texts) == 1 and not amounts):
            return "note", "", 0
        return "data", "", 0

    @staticmethod
    def _section(own: Mapping[str, str], seq: str, texts: Sequence[str]) -> str | None:
        """A heading that is not itself a channel's row: 一、财政渠道 before the channel's rows."""
        if own.get("channel"):
            return None
        label = SECTION_LABEL.fullmatch(texts[0])
        if label:
            return label[3]
        if seq and SECTION_NUMBER.fullmatch(seq) and own.get("name"):
            return fold(own["name"])
        return None
