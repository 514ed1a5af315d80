"""One way to filter, sort, page and serialise, for every resource.

A `Resource` says how its rows become JSON, who sees them, and which filters and sorts there are. PostgreSQL builds
the JSON; pages go by the last row's sort key, signed into an opaque cursor that only fits the list it came from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from typing import cast as cast_type

from fastapi import Request, Response
from sqlalchemy import ColumnElement, Text, bindparam, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from app.access import Actor, Scoping, Visible, either, region_condition, region_shape, region_values, visible
from app.db import Database, to_json
from app.errors import AppError, not_found
from app.paging import page_of, read_cursor
from app.reading import AnyColumn, AnySelect, prepared, row_as_json
from app.schemas.lists import ListQuery
from app.security.cursors import CursorSigner
from app.uow import UnitOfWork

MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Filter:
    """`build` gives the condition from parameters it binds by name; `values` gives their values.

    `shape` is what of the value changes the SQL text; the same shape must give the same text.
    """

    build: Callable[[Any], ColumnElement[bool]]
    values: Callable[[Any], Mapping[str, Any]]
    shape: Callable[[Any], Any] = lambda _: True


@dataclass(frozen=True, slots=True)
class Sort:
    """A column to order by; never null."""

    column: AnyColumn


@dataclass(frozen=True)
class Resource:
    name: str
    """Singular, as in change log and errors."""
    label: tuple[str, str]
    permission: str
    key: AnyColumn
    scoping: Scoping
    full: Callable[[], AnySelect]
    """Every member of the answer as a labelled column, `version` among them; no condition."""
    conditional: bool = True
    """False where the answer shows what its version does not follow (names, languages): never 304."""
    settled: Callable[[], ColumnElement[bool]] | None = None
    """Fails while a day that began shows something new and no version tells of it yet: no 304 then."""
    beside: Callable[[Actor], Visible] | None = None
    """Rows seen besides those the permission reaches, e.g. what one made oneself."""
    slim: Callable[[], AnySelect] | None = None
    """Members of list items; default: the same as `full`."""
    filters: Mapping[str, Filter] = field(default_factory=dict)
    sorts: Mapping[str, Sort] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.name)


def equals(column: Any, name: str, type_: Any = None) -> Filter:
    parameter = f"f_{name}"
    return Filter(lambda v: column == bindparam(parameter, v, type_ or column.type), lambda v: {parameter: v})


def any_of(column: Any, name: str) -> Filter:
    """Repeated parameter: any of the values."""
    parameter = f"f_{name}"
    return Filter(
        lambda v: column == func.any(bindparam(parameter, v, ARRAY(column.type))),
        lambda v: {parameter: list(v)},
    )


def region_prefix(scoping: Scoping, name: str = "region") -> Filter:
    return Filter(
        lambda v: region_condition(scoping, v, f"f_{name}"),
        lambda v: region_values(v, f"f_{name}"),
        region_shape,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    conditions: Callable[[], list[ColumnElement[bool]]]
    values: dict[str, Any]
    shape: tuple[Any, ...]


def plan_filters(resource: Resource, given: Mapping[str, Any], seen: Visible) -> Plan:
    """The visible rows that pass all given filters."""
    used = [(name, resource.filters[name], value) for name, value in sorted(given.items())]
    values = dict(seen.values)
    for _, chosen, value in used:
        values.update(chosen.values(value))
    shape = (seen.shape, tuple((name, chosen.shape(value)) for name, chosen, value in used))
    return Plan(lambda: [seen.condition(), *[f.build(v) for _, f, v in used]], values, shape)


async def page(
    request: Request,
    resource: Resource,
    actor: Actor,
    query: ListQuery,
    *,
    filters: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
    dress: Callable[[str], str] | None = None,
) -> Response:
    """One page as `{"items", "next_cursor"}` (and `total` when asked), with `Link: rel="next"`.

    `filters` replace what the query itself chose; `fixed` are filters the path gives, e.g. the project of assignments.
    `dress` puts into an item's JSON what no database can reckon.
    """
    db: Database = request.app.state.db
    signer: CursorSigner = request.app.state.cursors
    wanted = getattr(query, "sort", None) or next(iter(resource.sorts), "id")
    sort = resource.sorts.get(wanted.removeprefix("-"), Sort(resource.key))
    descending = wanted.startswith("-")
    given = {**(query.chosen() if filters is None else filters), **(fixed or {})}
    plan = plan_filters(resource, given, seen_by(actor, resource))
    values = plan.values | {"page_limit": query.limit + 1}
    purpose = f"{resource.name}:{wanted}:{sorted((k, str(v)) for k, v in given.items())}"
    if query.cursor is not None:
        values["after_key"], values["after_id"] = read_cursor(signer, query.cursor, purpose)

    shape = (resource.name, "page", plan.shape, wanted, query.cursor is not None)
    statement = prepared(
        shape, lambda: page_statement(resource, plan, sort, descending=descending, after=query.cursor is not None)
    )
    rows = await db.rows(statement, values)
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    next_cursor = signer.encode([rows[-1]["k"], rows[-1]["i"]], purpose) if more else None

    total = None
    if query.count:
        counting = prepared((resource.name, "count", plan.shape), lambda: _count_statement(resource, plan))
        counted = await db.row(counting, plan.values)
        total = counted["n"] if counted else 0
    items = [row["j"] if dress is None else dress(row["j"]) for row in rows]
    return page_of(request, items, next_cursor, total)


def type_of(column: AnyColumn) -> TypeEngine[Any]:
    return cast_type("ColumnElement[Any]", column).type


def page_statement(resource: Resource, plan: Plan, sort: Sort, *, descending: bool, after: bool) -> AnySelect:
    column, key = sort.column, resource.key
    statement = (resource.slim or resource.full)().where(*plan.conditions())
    if after:
        position = tuple_(
            cast(bindparam("after_key", "", Text), type_of(column)), cast(bindparam("after_id", "", Text), type_of(key))
        )
        here = tuple_(column, key)
        statement = statement.where(here < position if descending else here > position)
    order = [column.desc(), key.desc()] if descending else [column.asc(), key.asc()]
    if column is key:
        del order[1]
    statement = (
        statement.add_columns(cast(column, Text).label("k"), cast(key, Text).label("i"))
        .order_by(*order)
        .limit(bindparam("page_limit", 51))
    )
    return row_as_json(statement, "k", "i")


def _count_statement(resource: Resource, plan: Plan) -> AnySelect:
    # PostgreSQL leaves out what nobody asks for of the rows it counts.
    inner = (resource.slim or resource.full)().where(*plan.conditions()).order_by(None)
    return select(func.count().label("n")).select_from(inner.subquery())


def seen_by(actor: Actor, resource: Resource) -> Visible:
    """The rows the actor may read; worked out once per actor."""
    found: Visible | None = actor.seen.get(resource.name)
    if found is None:
        found = visible(actor.scopes(resource.permission), resource.scoping)
        if resource.beside is not None:
            found = either(found, resource.beside(actor))
        actor.seen[resource.name] = found
    return found


async def one(request: Request, resource: Resource, actor: Actor, identity: Any) -> Response:
    """The full object with its ETag, 304 when `If-None-Match` names it, 404 when it is not there to see."""
    db: Database = request.app.state.db
    asked = request.headers.get("if-none-match")
    if asked is not None and resource.conditional:
        version = await unchanged(db, resource, actor, identity, asked)
        if version is not None:
            return Response(status_code=304, headers={"ETag": etag(version)})
    seen = seen_by(actor, resource)
    statement = prepared((resource.name, "one", seen.shape), lambda: one_statement(resource, seen.condition()))
    row = await db.row(statement, seen.values | {"key": identity})
    if row is None:
        raise not_found(resource.label)
    return Response(row["j"], 200, {"ETag": etag(row["v"])}, MEDIA_TYPE)


async def unchanged(db: Database, resource: Resource, actor: Actor, identity: Any, asked: str) -> int | None:
    """The row's version when the actor sees the row and `asked`, an If-None-Match, names it; else None."""
    seen = seen_by(actor, resource)
    version = await db.versions.of(
        (resource.name, "versions", seen.shape), seen.values, lambda: _versions_statement(resource, seen), identity
    )
    return version if version is not None and matches(asked, version) else None


def _versions_statement(resource: Resource, seen: Visible) -> AnySelect:
    version = resource.full().selected_columns["version"]
    type_ = ARRAY(type_of(resource.key))
    # Out of sight of the planner, which would otherwise plan anew for each number of keys: longer than looking it up.
    keys = cast(select(bindparam("keys", None, type_)).scalar_subquery(), type_)
    settled = [resource.settled()] if resource.settled else []
    asked = resource.full().with_only_columns(resource.key.label("key"), version.label("version"))
    return asked.where(resource.key == func.any(keys), seen.condition(), *settled)


def one_statement(resource: Resource, *conditions: ColumnElement[bool]) -> AnySelect:
    key = bindparam("key", None, type_of(resource.key))
    full = resource.full()
    statement = full.add_columns(full.selected_columns["version"].label("v"))
    return row_as_json(statement.where(resource.key == key, *conditions), "v")


async def representation(uow: UnitOfWork, resource: Resource, identity: Any) -> tuple[str, int]:
    """The full object as JSON and its version, as this transaction sees it."""
    await uow.flush()
    statement = prepared((resource.name, "representation"), lambda: one_statement(resource))
    [row] = await uow.rows(statement, {"key": identity})
    return row["j"], row["v"]


async def representations(uow: UnitOfWork, resource: Resource, identities: Sequence[Any]) -> dict[Any, str]:
    """The same of any number: key → JSON."""
    await uow.flush()
    statement = prepared((resource.name, "representations"), lambda: _several_statement(resource))
    return {row["k"]: row["j"] for row in await uow.rows(statement, {"keys": list(identities)})}


def _several_statement(resource: Resource) -> AnySelect:
    keys = bindparam("keys", None, ARRAY(type_of(resource.key)))
    return row_as_json(resource.full().add_columns(resource.key.label("k")).where(resource.key == func.any(keys)), "k")


async def shown(
    uow: UnitOfWork, resource: Resource, identity: Any, *, status: int = 200, location: str | None = None
) -> Response:
    """The object after a write, with its new ETag (and Location when it was created)."""
    body, version = await representation(uow, resource, identity)
    headers = {"ETag": etag(version)}
    if location:
        headers["Location"] = location
    return Response(body, status, headers, MEDIA_TYPE)


def etag(version: int | str) -> str:
    return f'"{version}"'


def matches(header: str, version: int | str) -> bool:
    """Whether an If-None-Match header names this version; weak tags compare alike (RFC 9110 13.1.2)."""
    if header.strip() == "*":
        return True
    return any(tag.strip().removeprefix("W/") == etag(version) for tag in header.split(","))


async def require_match(
    uow: UnitOfWork,
    resource: Resource,
    identity: Any,
    header: str | None,
    version: int,
    wanted: Mapping[str, Any] | None = None,
) -> None:
    """If-Match must name `version` of the row now locked: else 428, or 412 with the current content.

    `wanted` is what the client set out to change; the fields whose current value differs are named.
    """
    if header is None:
        raise AppError("precondition_required")
    if header.strip() == "*" or etag(version) in [tag.strip() for tag in header.split(",")]:
        return
    body, now = await representation(uow, resource, identity)
    current = json.loads(body, parse_float=Decimal)
    sent = json.loads(to_json(wanted or {}), parse_float=Decimal)
    fields = sorted(name for name, value in sent.items() if current.get(name) != value)
    raise AppError("precondition_failed", headers={"ETag": etag(now)}, extra={"current": current, "fields": fields})
