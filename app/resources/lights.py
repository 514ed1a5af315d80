"""Overrides of lights, and the history of a project's light."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, bindparam, func, literal_column, select

from app.listing import Filter, Resource, Sort, equals
from app.models import LightOverride, LightPeriod
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account, through_project


def _overrides() -> AnySelect:
    o = LightOverride
    columns: list[Any] = [
        o.id, o.project_id, o.light, o.reason, o.since, o.until, account(o.entered_by).label("entered_by"),
        account(o.ended_by).label("ended_by"), o.ended_because, o.version, o.created_at, o.updated_at,
    ]  # fmt: skip
    return select(*columns)


LIGHT_OVERRIDE = Resource(
    name="light_override",
    label=("人工定灯", "light override"),
    permission="lights.read",
    key=LightOverride.id,
    # Names of accounts are shown, which no version follows.
    conditional=False,
    scoping=through_project(LightOverride.project_id),
    full=_overrides,
    filters={"project": equals(LightOverride.project_id, "project")},
    sorts={"since": Sort(LightOverride.since)},
)


def rule_set_reference(p: Any) -> Any:
    members: list[Any] = []
    for name, column in (("id", p.rule_set_id), ("code", p.rule_set_code), ("version", p.rule_set_version)):
        members += [literal_column(f"'{name}'"), column]
    return func.json_build_object(*members)


def parts_as_objects(p: Any) -> Any:
    part = func.jsonb_array_elements(p.parts).table_valued("value", with_ordinality="n").render_derived("part")
    value: Any = part.c.value
    item = func.json_build_object(
        literal_column("'part'"), value.op("->")(literal_column("0")),
        literal_column("'light'"), value.op("->")(literal_column("1")),
        literal_column("'rule'"), value.op("->")(literal_column("2")),
    )  # fmt: skip
    listed = select(func.coalesce(func.json_agg(item), literal_column("'[]'::json"))).select_from(part)
    return listed.correlate(LightPeriod).scalar_subquery()


def _periods() -> AnySelect:
    p = LightPeriod
    rule_set = select(rule_set_reference(p)).where(p.rule_set_id.is_not(None)).correlate(p).scalar_subquery()
    # What is for ever travels as the last day a client's calendar has, and is stored as PostgreSQL's infinity.
    columns: list[Any] = [
        p.project_id, p.from_day, func.nullif(p.until_day, literal_column("DATE 'infinity'")).label("until_day"),
        p.light, p.computed.label("computed_light"), p.reason, parts_as_objects(p).label("parts"),
        rule_set.label("rule_set"), p.override_id, NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


def _from_day_until() -> Filter:
    return Filter(lambda _: LightPeriod.from_day <= bindparam("f_until", None, Date), lambda v: {"f_until": v})


LIGHT_PERIOD = Resource(
    name="light_period",
    label=("灯的变化", "light period"),
    permission="lights.read",
    # A list is always of one project, and of one project only one begins on a day.
    key=LightPeriod.from_day,
    conditional=False,
    scoping=through_project(LightPeriod.project_id),
    full=_periods,
    filters={"project": equals(LightPeriod.project_id, "project"), "until": _from_day_until()},
    sorts={"from_day": Sort(LightPeriod.from_day)},
)
