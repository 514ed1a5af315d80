"""Every answer any test gets is held against the contract: status documented, body of the promised shape."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable
from functools import cache
from typing import Any
from xml.etree import ElementTree

import httpx
import openpyxl
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.routing import Match

from app.contract import routes
from app.schemas.base import Problem

PROBLEM = "application/problem+json"


def hold(app: FastAPI, answer: httpx.Response) -> None:
    """Fail unless `answer` is what the contract says of its operation."""
    request = answer.request
    route = _route(app, request.method, request.url.path)
    if route is None or not route.include_in_schema:
        return
    documented = app.openapi()["paths"][route.path_format][request.method.lower()]["responses"]
    where = f"{request.method} {request.url} → {answer.status_code}: {answer.text[:500]}"
    assert str(answer.status_code) in documented, f"undocumented status, {where}"
    media = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status_code >= 400:
        assert media == PROBLEM, where
        Problem.model_validate_json(answer.content)
    elif media == "application/json" and route.response_model is not None:
        _adapter(route.response_model).validate_json(answer.content)
    elif answer.content and answer.status_code == 200:
        assert media in documented["200"]["content"], f"undocumented media type {media}, {where}"
        if media in FORMS:
            FORMS[media](answer.content)


def _hold_csv(content: bytes) -> None:
    """Excel takes it for UTF-8, its rows are of one length, and no cell is run."""
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert text.count("\r\n") >= 1
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head
    assert all(head)
    assert {len(row) for row in rows} <= {len(head)}
    for cell in itertools.chain(head, *rows):
        assert not cell.startswith(tuple("=+@\t\r＝＋－＠")), cell
        assert not cell.startswith("-") or _is_number(cell), cell
        assert not set(cell) & CONTROLS, cell


CONTROLS = {chr(c) for c in range(32) if chr(c) != "\n"}


def _is_number(cell: str) -> bool:
    try:
        return float(cell) < 0
    except ValueError:
        return False


def _hold_xlsx(content: bytes) -> None:
    """It opens, and no cell holds a formula but an error kept as such."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    assert all(cell.data_type != "f" or cell.value == "=NA()" for cell in cells)


def _hold_svg(content: bytes) -> None:
    """It is well formed, has a title, and neither runs nor loads anything."""
    root = ElementTree.fromstring(content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert next(iter(root)).tag.endswith("}title")
    assert next(iter(root)).text
    for element in root.iter():
        assert element.tag.rpartition("}")[2] not in {"script", "image", "foreignObject", "a"}
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert not name.endswith("href") or value.startswith("#")
    assert b"<!DOCTYPE" not in content
    assert b"<dc:date>" not in content


FORMS: dict[str, Callable[[bytes], None]] = {
    "text/csv": _hold_csv,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _hold_xlsx,
    "image/svg+xml": _hold_svg,
}
"""What is held of every answer in such a form."""


def _route(app: FastAPI, method: str, path: str) -> APIRoute | None:
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": []}
    for route in routes(app):
        if route.matches(scope)[0] is Match.FULL:
            return route
    return None


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)
