"""The routes of a statistics answer, and its telling in the form asked for: one mechanism for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from app import forms
from app.access import Actor, Scope
from app.contract import ETAG_HEADERS
from app.db import to_json
from app.downloads import PICTURE_POLICY, named
from app.forms import MEDIA_TYPES, Extension, Form
from app.ledgers.tables import Report, write_csv, write_xlsx
from app.plots.model import Chart
from app.problems import wants_english
from app.services.statistics import home, place
from app.statistics_etags import Reads

Body = Mapping[str, Any]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_INLINE = 200
"""Rows of a workbook that are written at once; more go to a thread."""

_BINARY = {"type": "string", "format": "binary"}
_CONTENT: dict[Form, Any] = {
    "csv": {"schema": {"type": "string"}, "example": "\ufeff代码,阶段,项目数(个)\r\nstarted,开工,11\r\n"},
    "xlsx": {"schema": _BINARY},
    "svg": {"schema": {"type": "string"}, "example": '<svg xmlns="http://www.w3.org/2000/svg"></svg>'},
}
_HEADERS = {
    **ETAG_HEADERS,
    "Content-Disposition": {"description": "File name of csv and xlsx", "schema": {"type": "string"}},
}
_NOT_MODIFIED = {"description": "Nothing changed in the regions the figures are of", "headers": ETAG_HEADERS}


@dataclass(frozen=True, slots=True)
class Telling:
    """How an answer is told beside JSON. `reads`: see `statistics_etags`."""

    path: str
    report: Callable[..., Report]
    chart: Callable[..., Chart]
    reads: Reads = "reach"

    @property
    def whole_path(self) -> str:
        return f"/api/v1{self.path}"


def _extension(request: Request, format: Extension) -> None:  # noqa: A002  # the parameter's name on the wire
    request.state.form = format


def figures(
    router: APIRouter, telling: Telling, *, summary: str, response_model: type[BaseModel]
) -> Callable[[Endpoint], Endpoint]:
    """Register a statistics endpoint twice: at its path, where Accept chooses the form, and with the form's extension.

    The endpoint returns `await told(request, telling, body)`.
    """

    def register(endpoint: Endpoint) -> Endpoint:
        name = endpoint.__name__
        router.get(
            telling.path,
            summary=summary,
            response_model=response_model,
            responses={200: {"content": dict(_named(_CONTENT)), "headers": _HEADERS}, 304: _NOT_MODIFIED},
        )(endpoint)
        router.get(
            telling.path + ".{format}",
            name=f"{name}_as",
            summary=f"{summary} (CSV, Excel, SVG)",
            description=f"`{telling.path}` as a table (csv with BOM, xlsx) or a picture (svg). "
            "Headings and labels follow Accept-Language; units stand in the headings.",
            response_class=Response,
            responses={
                200: {"description": "The file", "content": dict(_named(_CONTENT)), "headers": _HEADERS},
                304: _NOT_MODIFIED,
            },
            dependencies=[Depends(_extension)],
        )(endpoint)
        return endpoint

    return register


def _named(content: Mapping[Form, Any]) -> Mapping[str, Any]:
    return {MEDIA_TYPES[form]: entry for form, entry in content.items()}


async def told(request: Request, telling: Telling, body: Body) -> Response:
    """The answer in the form asked for. Errors: 503 when too many pictures wait to be drawn."""
    english = wants_english(request)
    form: Form = request.scope["state"]["form"]
    headers = {"Content-Language": "en" if english else "zh-CN"}
    if form == "json":
        return Response(to_json(body), 200, headers, MEDIA_TYPES[form])
    if "region" not in body:
        body = {**body, "region": await _place(request)}
    if form == "svg":
        picture = await request.app.state.charts.draw(telling.chart(body, english=english))
        headers["Content-Security-Policy"] = PICTURE_POLICY
        return Response(picture, 200, headers, MEDIA_TYPES[form])
    report = telling.report(body, english=english)
    headers["Content-Disposition"] = _disposition(report, body, form)
    if form == "csv":
        return Response(write_csv(report), 200, headers, f"{MEDIA_TYPES[form]}; charset=utf-8; header=present")
    rows = sum(len(table.rows) for table in report.tables)
    content = write_xlsx(report) if rows <= _INLINE else await asyncio.to_thread(write_xlsx, report)
    return Response(content, 200, headers, MEDIA_TYPES[form])


async def _place(request: Request) -> Body | None:
    """Where the figures are of, for titles."""
    actor: Actor = request.scope["state"]["actor"]
    within = home([Scope(grant.region_code) for grant in actor.grants])
    return await place(request.app.state.db, request.query_params.get("region"), within)


def worded(body: Body, *, english: bool) -> Response:
    """A plain JSON answer with texts in the language asked for."""
    headers = {"Content-Language": "en" if english else "zh-CN", "Vary": "Accept-Language"}
    return Response(to_json(body), 200, headers, MEDIA_TYPES["json"])


def _disposition(report: Report, body: Body, form: Form) -> str:
    """A download whose name may be Chinese (RFC 6266)."""
    day = body.get("as_of") or body.get("year")
    name = f"{report.title}-{day}.{form}" if day else f"{report.title}.{form}"
    return named(name)


def paths(*tellings: Telling) -> dict[str, Reads]:
    """For `StatisticsEtags`."""
    return {telling.whole_path: telling.reads for telling in tellings}


__all__ = ["Telling", "figures", "forms", "paths", "told", "worded"]
