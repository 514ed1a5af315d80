from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from app.access import Actor
from app.deps import Db, permitted
from app.listing import MEDIA_TYPE
from app.routing import api
from app.schemas.changes import ChangePage, ChangesQuery
from app.services import changes

router = api("changes")


@router.get("/changes", summary="变更 Changes", response_model=ChangePage)
async def list_changes(
    request: Request,
    db: Db,
    query: Annotated[ChangesQuery, Query()],
    actor: Annotated[Actor, permitted("changes.read")],
) -> Response:
    """Every write you may see, once each: for keeping a copy up to date, and as the audit trail.

    Ask with `after` = the last `next`, at once while `more`, else again later. A change appears when its own
    transaction and all that began before it have ended, usually at once; a long import may hold the feed up until it
    is done. Nothing is skipped because a slower transaction commits later, and nothing comes twice.

    You read of what you may read: projects and what hangs on them, departments, leaders and so on, each as far as your
    roles reach. A `deleted` row is the tombstone of what you could see. An auditor reads everything of the region,
    sign-ins included.

    Departments and reporters see the projects they are assigned to, and those change. `project_access` `removed`: drop
    the project (`id`) and what hangs on it; `added`: fetch it and what hangs on it, earlier rows of it may have passed
    unseen. They come whatever brought it about: an assignment begun, ended or run out, a project moved elsewhere.
    `reach` `changed`: a role of yours began or ended; hold what you keep against what you may read now (a phone: fetch
    `GET /sync/bootstrap`, and drop what is not in it).

    Errors: 422 `invalid_cursor`; also for a cursor from before the database was restored, then start from the lists.
    """
    page = await changes.read(db, request.app.state.cursors, actor, query)
    more = "true" if page.more else "false"
    body = f'{{"items":[{",".join(page.items)}],"next":"{page.next}","more":{more}}}'
    return Response(body, 200, media_type=MEDIA_TYPE)
