"""Deadlines for calendar programs: a secret address an account, and the file behind it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED
from app.db import to_json
from app.deps import Db, Uow, permitted
from app.errors import not_found
from app.routing import ShownOnce, api, spend
from app.schemas.calendar_feeds import CalendarFeedCreated, CalendarFeedOut
from app.security.opaque_tokens import parse_feed_secret
from app.services import calendar_feeds, calendars

router = api("auth")
public_router = api("calendars")
MEDIA_TYPE = "text/calendar; charset=utf-8"


@router.get("/me/calendar-feed", summary="我的日历订阅 Own calendar feed", response_model=CalendarFeedOut)
async def get_calendar_feed(uow: Uow, actor: Annotated[Actor, permitted("me.read")]) -> CalendarFeedOut:
    """Whether there is one, and since when; the address itself is shown only when it is made."""
    return CalendarFeedOut(created_at=await calendar_feeds.made_at(uow))


@router.post(
    "/me/calendar-feed",
    summary="生成日历订阅 Make or renew calendar feed",
    status_code=201,
    response_model=CalendarFeedCreated,
    responses={201: {"headers": {"Location": CREATED[201]["headers"]["Location"]}}},
)
async def create_calendar_feed(request: Request, uow: Uow, actor: Annotated[Actor, permitted("me.write")]) -> Response:
    """A secret address for calendar programs (Outlook, phones): whoever knows it reads the account's deadlines.

    `url` is shown in this answer and never again: the service keeps only a hash. Made again, the address before counts
    no more, within 1 s. With an Idempotency-Key the answer given again has `url: null`. API keys cannot do this.
    """
    secret = await calendar_feeds.renew(uow)
    url = f"{_public_url(request)}/api/v1/calendars/{secret}.ics"
    created_at = uow.now.isoformat()
    headers = {"Location": "/api/v1/me/calendar-feed"}
    response = ShownOnce(to_json({"created_at": created_at, "url": url}), 201, headers, listing.MEDIA_TYPE)
    response.kept_body = to_json({"created_at": created_at, "url": None})
    return response


def _public_url(request: Request) -> str:
    """As configured; else the address this very account called, which on another port is not the default one."""
    settings = request.app.state.settings
    configured = "public_url" in settings.model_fields_set
    return str(settings.public_url if configured else request.base_url).rstrip("/")


@router.delete("/me/calendar-feed", summary="停用日历订阅 Revoke calendar feed", status_code=204)
async def revoke_calendar_feed(uow: Uow, actor: Annotated[Actor, permitted("me.write")]) -> Response:
    """The address counts no more, within 1 s on every replica, like a disabled account. Without one: 204, too."""
    await calendar_feeds.revoke(uow)
    return Response(status_code=204)


@public_router.get(
    "/calendars/{secret}.ics",
    summary="日历 Calendar",
    response_class=Response,
    responses={
        200: {
            "description": "iCalendar (RFC 5545)",
            "content": {"text/calendar": {"schema": {"type": "string"}}},
            "headers": {"ETag": {"description": "Of the content", "schema": {"type": "string"}}},
        },
        304: {"description": "Not modified"},
    },
)
async def get_calendar(
    request: Request, db: Db, uow: Uow, secret: Annotated[str, Path(max_length=200, examples=["ddc_…"])]
) -> Response:
    """The deadlines of the account whose address this is, for calendar programs; without signing in.

    All-day entries from 30 days back to 180 ahead: open milestones (the account's own, and those of projects that
    a dispatcher, leader, department or reporter answers for), permits on the day they are due, planned starts and
    completions. A leader's account that says which leader it is answers for the projects the leader sponsors (包扶),
    and for the projects and permits of the departments he supervises (分管). At most 500 of a kind, the nearest ones.
    What lies in a year whose holidays are not announced is TENTATIVE and says so (暂定). By the account's grants of
    today; an address that was revoked, or whose account was disabled, 1 s ago or longer: 404. Chinese text; programs
    are asked to come back hourly, with `If-None-Match`.
    """
    address = request.client.host if request.client else "unknown"
    spend(request.scope, request.app.state.address_limiter, address)
    parsed = parse_feed_secret(secret)
    actor = await request.app.state.authenticator.by_feed(parsed.digest) if parsed is not None else None
    if actor is None:
        raise not_found(calendar_feeds.LABEL)
    found = await calendars.entries(db, actor, uow.today)
    headers = {"ETag": listing.etag(found.etag), "Cache-Control": "private, no-cache"}
    asked = request.headers.get("if-none-match")
    if asked is not None and listing.matches(asked, found.etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="diaodu.ics"'
    return Response(await calendars.written(found.rows), 200, headers, MEDIA_TYPE)
