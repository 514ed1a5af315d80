"""Walking the XML parts of an .xlsx file: strict, in UTF-8, without document types."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from app.ledgers.compound import DamagedError
from app.ledgers.errors import too_large
from app.ledgers.limits import MAX_ELEMENTS

Attributes = dict[str, str]


def walk(
    content: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Events by local name."""
    parser = new_parser()
    left = MAX_ELEMENTS

    def on_start(tag: str, attrs: Attributes) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise too_large("elements", f"> {MAX_ELEMENTS}", MAX_ELEMENTS)
        start(tag.rpartition(":")[2], attrs)

    parser.StartElementHandler = on_start
    if end is not None:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    parser.CharacterDataHandler = text
    parse(parser, content)


def new_parser() -> expat.XMLParserType:
    """The encoding is fixed to UTF-8: the reader takes it for that, whatever is declared."""
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise DamagedError("document type")


def parse(parser: expat.XMLParserType, content: bytes) -> None:
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as exc:
        raise DamagedError("xml") from exc


def number(text: str | None) -> int:
    """0 for what is no number. The reader passes over leading zeros, so they hide nothing here."""
    text = (text or "").strip().lstrip("0")
    return int(text[:30]) if text.isascii() and text.isdigit() else 0


def decimal(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
