"""An account's deadlines as an iCalendar file (RFC 5545), for any calendar program to subscribe to."""

from __future__ import annotations

import asyncio
import calendar
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from icalendar import Calendar, Event, vDuration, vText
from sqlalchemy import ColumnElement, and_

from app.access import Actor, Visible, either, visible
from app.db import Database
from app.reading import AnySelect, prepared
from app.resources import calendar_entries
from app.resources.permits import LIST_SCOPING
from app.resources.project_columns import SCOPING
from app.services import workdays

PAST, AHEAD = timedelta(days=30), timedelta(days=180)
AT_MOST = 500
"""Entries of one kind; the nearest ones."""
ANSWERING_ROLES = frozenset({"dispatcher", "leader", "department", "reporter"})
"""Who only looks on (viewers) finds nothing but milestones of their own."""
LAYOUT = 2
"""Grows when the same entries would be written otherwise."""

_CATEGORIES = {"milestone": "节点", "permit": "手续", "start": "开工", "completion": "竣工"}
_SUMMARIES = {
    "milestone": "节点：{what}（{project}）",
    "permit": "手续到期：{what}（{project}）",
    "start": "计划开工：{project}",
    "completion": "计划竣工：{project}",
}


class Entries(NamedTuple):
    etag: str
    rows: list[dict[str, Any]]


async def entries(db: Database, actor: Actor, today: date) -> Entries:
    """What stands in the account's calendar, by its grants of today."""
    leader = await _leader(db, actor)
    answering = _as(actor, ANSWERING_ROLES - {"leader"} if leader else ANSWERING_ROLES)
    seen = visible(actor.scopes("projects.read"), SCOPING, "seen")
    answered = visible(answering.scopes("projects.read"), SCOPING, "answered")
    accepting = visible(answering.scopes("permits.read"), LIST_SCOPING, "permits")
    if leader is not None:
        leading = _as(actor, frozenset({"leader"}))
        projects = visible(leading.scopes("projects.read"), SCOPING, "led")
        permits = visible(leading.scopes("permits.read"), LIST_SCOPING, "led_permits")
        answered = either(answered, _only(projects, calendar_entries.led, leader))
        accepting = either(accepting, _only(permits, calendar_entries.led_permits, leader))
    start, end = today - PAST, today + AHEAD
    window: dict[str, Any] = {"start": start, "end": end, "today": today, "me": actor.id, "limit": AT_MOST}
    texts = await _texts(db, "milestone", (seen, answered), window)
    texts += await _texts(db, "permit", (accepting,), window)
    for kind in calendar_entries.PROJECTS:
        texts += await _texts(db, kind, (answered,), window)
    rows = [json.loads(text) for text in texts]
    announced = (await workdays.read(db)).announced
    kept = [
        {**row, "provisional": not {day.year, last_day(row["also"] or row["day"]).year} <= announced}
        for row in rows
        if start <= (day := last_day(row["day"])) <= end
    ]
    etag = hashlib.sha256(f"{LAYOUT}\n{json.dumps(kept)}".encode()).hexdigest()[:32]
    return Entries(etag, kept)


async def _leader(db: Database, actor: Actor) -> UUID | None:
    """Which leader the account is: whose calendar holds what that leader answers for, not all of the region."""
    if not any(grant.role == "leader" for grant in actor.grants):
        return None
    row = await db.row(prepared(("calendar", "leader"), calendar_entries.leader_of), {"me": actor.id})
    return row["leader_id"] if row is not None else None


def _as(actor: Actor, roles: frozenset[str]) -> Actor:
    grants = tuple(grant for grant in actor.grants if grant.role in roles)
    return Actor(actor.id, actor.username, grants, narrowed_to=actor.narrowed_to)


def _only(reached: Visible, led: Callable[[], ColumnElement[bool]], leader: UUID) -> Visible:
    """Of what the account reaches the part that this leader answers for."""
    return Visible(
        lambda: and_(reached.condition(), led()), reached.values | {"leader": leader}, (*reached.shape, led.__name__)
    )


async def _texts(db: Database, kind: str, seen: Sequence[Visible], window: Mapping[str, Any]) -> list[str]:
    statements: dict[str, Callable[..., AnySelect]] = {
        "milestone": calendar_entries.milestones,
        "permit": calendar_entries.permits,
        **calendar_entries.PROJECTS,
    }
    values = {name: value for one in seen for name, value in one.values.items()}
    statement = prepared(("calendar", kind, *[one.shape for one in seen]), lambda: statements[kind](*seen))
    return [row["j"] for row in await db.rows(statement, {**values, **window})]


def last_day(text: str) -> date:
    """The last day of "2016", "2016-06" or "2016-06-15"."""
    known = [int(part) for part in text.split("-")]
    if len(known) == 3:
        return date(*known)
    year, month = [*known, 12][:2]
    return date(year, month, calendar.monthrange(year, month)[1])


async def written(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The file. In a thread of its own: hundreds of entries take longer than others should wait."""
    return await asyncio.to_thread(write, rows)


def write(rows: Sequence[Mapping[str, Any]]) -> bytes:
    file = Calendar()
    file.add("prodid", "-//Diaodu//项目调度//ZH")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    # No METHOD: so DTSTAMP means when an entry was last changed (RFC 5545, 3.8.7.2), and the file stays the same.
    file.add("x-wr-calname", "项目调度")
    file.add("name", "项目调度")
    file.add("x-wr-timezone", "Asia/Shanghai")
    hourly = vDuration(timedelta(hours=1))
    hourly.params["VALUE"] = "DURATION"
    file.add("refresh-interval", hourly)
    file.add("x-published-ttl", vText("PT1H"))
    for row in rows:
        file.add_component(_event(row))
    return bytes(file.to_ical())


def _event(row: Mapping[str, Any]) -> Event:
    day, kind = last_day(row["day"]), row["kind"]
    modified = datetime.fromisoformat(row["modified"])
    event = Event()
    event.add("uid", f"{kind}-{row['id']}@diaodu")
    event.add("dtstamp", modified)
    event.add("last-modified", modified)
    event.add("sequence", row["sequence"])
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", _SUMMARIES[kind].format_map(row))
    event.add("description", _description(row))
    event.add("categories", [_CATEGORIES[kind]])
    event.add("transp", "TRANSPARENT")
    if row["provisional"]:
        event.add("status", "TENTATIVE")
    return event


def _description(row: Mapping[str, Any]) -> str:
    lines = [f"项目：{row['project']}"]
    if row["kind"] == "milestone":
        if row["planned"]:
            lines.append(f"计划完成：{row['day']}")
        if row["also"]:
            lines.append(f"预计完成：{row['also']}")
    elif row["kind"] == "permit":
        lines.append(f"审批时限届满：{row['day']}")
    elif len(row["day"]) < 10:
        lines.append(f"计划时间：{row['day']}（按末日计）")
    if row["provisional"]:
        lines.append("暂定：所在年份节假日安排尚未公布")
    return "\n".join(lines)
