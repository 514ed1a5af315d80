"""Answers that are files: their media types, their names, how the contract tells of them."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import quote

from fastapi import Request, Response

from app.plots.model import Chart
from app.problems import wants_english

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SVG = "image/svg+xml"
NAMED = {"Content-Disposition": {"description": "Its file name", "schema": {"type": "string"}}}


def _file(description: str, media_type: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": description, "content": content, "headers": NAMED}}


WORD = _file("A Word document", DOCX)
WORKBOOK = _file("An Excel workbook", XLSX)
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "An SVG drawing", "content": {SVG: {"schema": {"type": "string"}}}}
}
"""`responses=` of a document, of a workbook, of a picture."""

PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Opened by itself, a picture can neither load nor run anything."""


def named(filename: str, way: Literal["attachment", "inline"] = "attachment") -> str:
    """A Content-Disposition whose name may be Chinese (RFC 6266); clients of old read the plain name beside it."""
    extension = filename.rpartition(".")[2]
    plain = f"file.{extension}" if extension.isascii() and extension.isalnum() else "file"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def document(filename: str, content: bytes) -> Response:
    """A Word document to be saved."""
    return Response(content, 200, {"Content-Disposition": named(filename)}, DOCX)


def workbook(filename: str, content: bytes) -> Response:
    """An Excel workbook to be saved."""
    return Response(content, 200, {"Content-Disposition": named(filename)}, XLSX)


async def drawn(request: Request, chart: Chart) -> Response:
    """The picture. Errors: 503 when too many wait."""
    headers = {
        "Content-Language": "en" if wants_english(request) else "zh-CN",
        "Content-Security-Policy": PICTURE_POLICY,
        "Vary": "Accept-Language",
    }
    return Response(await request.app.state.charts.draw(chart), 200, headers, SVG)
