from __future__ import annotations

import hashlib
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request, Response

from app.access import Actor
from app.contract import NOT_MODIFIED
from app.deps import Db, Uow, permitted
from app.downloads import SVG, named
from app.listing import etag, matches
from app.problems import wants_english
from app.routing import api
from app.schemas.charts import ScheduleChartQuery, WallQuery
from app.services import charts

# The drawings need nothing at all: no script, no style sheet, no font, no image.
_POLICY = "default-src 'none'"
_DRAWN: dict[int | str, dict[str, Any]] = {
    200: {
        **NOT_MODIFIED[200],
        "description": "An SVG drawing",
        "content": {SVG: {"schema": {"type": "string"}}},
    },
    304: NOT_MODIFIED[304],
}

router = api("projects")


@router.get(
    "/projects/{project_id}/schedule.svg",
    summary="倒排工期图 Schedule as a chart",
    response_class=Response,
    responses=_DRAWN,
)
async def schedule_chart(
    request: Request,
    db: Db,
    uow: Uow,
    project_id: UUID,
    query: Annotated[ScheduleChartQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """The milestones of a project as a Gantt chart (SVG): planned bars, what became of them, forecast, delay, links.

    Needs nothing but the file: show it in a browser, print it, put it into a document. `as_of` is the day of the red
    line: what happened later had not happened. People, departments and the light are those of that day, planned dates
    as they stand now; a hollow diamond shows where the first baseline had put the end. A milestone that is done on a
    day nobody stated is ticked. A project without milestones gives an empty chart. More milestones than an A3 sheet
    holds come a sheet at a time, each over the months its own take: `page` turns them, `Link` names the ones before
    and after. Words follow Accept-Language.

    Errors: 422 for a sheet beyond the last.
    """
    english = wants_english(request)
    drawn = await charts.schedule(db, actor, project_id, query, uow.today, english=english)
    return _sheet(request, drawn, english=english)


@router.get("/wall.svg", summary="挂图作战 Wall chart of key projects", response_class=Response, responses=_DRAWN)
async def wall_chart(
    request: Request,
    db: Db,
    uow: Uow,
    query: Annotated[WallQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """The key projects of a region and year as a wall chart (SVG), a sheet of A3 across at a time.

    One line a project: leader, departments and owners, contact, light, and the year's milestones with what became of
    them; projects without milestones in the year show their period, annual plan and progress. Projects are those with
    `year` among their key years or with an annual plan for it; takes the filters of the project list besides. Readable
    on a 4K screen and in black and white. `page` turns the sheets, `Link` names the ones before and after, and
    `group_by=leader` (`department`, `sector`) puts headings between them. `year` is by default that of `as_of`; a year
    without projects gives an empty sheet that names the years that have some.

    Errors: 422 for an unknown region, and for a sheet beyond the last.
    """
    english = wants_english(request)
    drawn = await charts.wall_chart(db, actor, query, uow.today, english=english)
    return _sheet(request, drawn, english=english)


def _sheet(request: Request, drawn: charts.Chart, *, english: bool) -> Response:
    """The drawing, with the sheets beside it."""
    name = drawn.title + (f"-{drawn.page}" if drawn.pages > 1 else "")
    answer = _drawing(request, drawn.content, name, english=english)
    others = {"prev": drawn.page - 1, "next": drawn.page + 1}
    links = [_link(request, rel, page) for rel, page in others.items() if 1 <= page <= drawn.pages]
    if links:
        answer.headers["Link"] = ", ".join(links)
    return answer


def _drawing(request: Request, content: bytes, name: str, *, english: bool) -> Response:
    """The drawing, or 304 when the client has this very one."""
    tag = hashlib.sha256(content).hexdigest()[:32]
    headers = {
        "ETag": etag(tag),
        "Cache-Control": "private, no-cache",
        "Content-Language": "en" if english else "zh-CN",
        "Vary": "Accept-Language",
    }
    asked = request.headers.get("if-none-match")
    if asked is not None and matches(asked, tag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = named(f"{name}.svg", "inline")
    headers["Content-Security-Policy"] = _POLICY
    return Response(content, 200, headers, SVG)


def _link(request: Request, rel: str, page: int) -> str:
    parameters = [(k, v) for k, v in request.query_params.multi_items() if k != "page"]
    return f'<{request.url.path}?{urlencode([*parameters, ("page", page)])}>; rel="{rel}"'
