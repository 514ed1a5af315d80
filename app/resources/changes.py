"""Who may read of which writes: the change log as seen by an actor, in the order that misses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from app.access import Actor, Scoping, Visible, visible
from app.models import Assignment, Change, Project
from app.models.base import Xid8
from app.reading import AnySelect, row_as_json
from app.resources.project_columns import ANSWERING, SCOPING, TAKING_PART, in_force

WINDOW = 2000
"""Rows of the log looked at for one page, seen or not: a reader who sees little of it costs no more than others."""


def _takes_part(roles: tuple[str, ...], party: ColumnElement[bool]) -> ColumnElement[bool]:
    a = Assignment
    return exists().where(a.project_id == Change.project_id, a.role.in_(roles), party, in_force(a)).correlate(Change)


BY_REGION = Scoping(region=Change.region_code)
OF_PROJECT = Scoping(
    region=Change.region_code,
    # Those it was then, too: who loses sight of a project by a write, or by its end, must read of just that.
    department=lambda p: or_(
        p == func.any(Change.department_ids), _takes_part(ANSWERING, Assignment.department_id == p)
    ),
    user=lambda p: or_(p == func.any(Change.user_ids), _takes_part(TAKING_PART, Assignment.user_id == p)),
)

OF_DEPARTMENT = Scoping(region=Change.region_code, department=lambda p: p == func.any(Change.department_ids))
"""What is a department's own, besides what is the region's."""
OF_THOSE_TOLD = Scoping(
    region=Change.region_code,
    department=lambda p: p == func.any(Change.department_ids),
    user=lambda p: p == func.any(Change.user_ids),
)


@dataclass(frozen=True, slots=True)
class Readers:
    """Whoever holds `permission` reads of writes to `resources`, as far as the permission reaches."""

    permission: str
    scoping: Scoping
    resources: tuple[str, ...]
    parties_only: bool = False
    """Not for those who reach the whole region: to them nothing came and nothing went."""


READERS: tuple[Readers, ...] = (
    Readers(
        "projects.read",
        OF_PROJECT,
        (
            "project",
            "assignment",
            "stage_transition",
            "suspension",
            "annual_plan",
            "progress_figure",
            "statistics_figure",
            "milestone",
            "template_application",
            "schedule",
            "baseline",
        ),
    ),
    Readers("projects.read", OF_THOSE_TOLD, ("project_access",), parties_only=True),
    Readers("me.read", OF_THOSE_TOLD, ("reach",)),
    Readers("lights.read", OF_PROJECT, ("light", "light_override")),
    Readers("light_rules.read", BY_REGION, ("light_rule_set", "light_rule_choice")),
    Readers("targets.read", OF_DEPARTMENT, ("target", "target_actual")),
    Readers("indicators.read", BY_REGION, ("indicator_value",)),
    Readers("letters.read", OF_DEPARTMENT, ("responsibility_letter", "letter_supplement", "letter_progress")),
    Readers("funding.read", OF_PROJECT, ("funding_record", "funding_entry")),
    Readers("reports.read", OF_PROJECT, ("report", "report_flag")),
    Readers("reporting_calendars.read", BY_REGION, ("reporting_calendar",)),
    Readers("visits.read", OF_PROJECT, ("visit",)),
    Readers("report_flag_rules.read", BY_REGION, ("report_flag_rule",)),
    Readers("permits.read", OF_PROJECT, ("permit", "permit_event")),
    Readers("permit_rules.read", BY_REGION, ("permit_rule",)),
    Readers("departments.read", BY_REGION, ("department",)),
    Readers("leaders.read", BY_REGION, ("leader", "supervision")),
    Readers("regions.read", BY_REGION, ("region",)),
    Readers("dictionaries.read", BY_REGION, ("dictionary_entry", "indicator")),
    Readers("milestone_templates.read", BY_REGION, ("milestone_template",)),
    Readers("workdays.read", BY_REGION, ("workday_year",)),
    Readers("imports.read", BY_REGION, ("import",)),
    Readers("ratings.read", BY_REGION, ("rating_campaign", "rating_correction")),
    Readers("ratings.write", BY_REGION, ("rating_code_batch",)),
    Readers("assessments.read", BY_REGION, ("assessment_scheme", "assessment_result")),
    # Of drafts only the office reads.
    Readers("assessments.write", BY_REGION, ("assessment",)),
    Readers("assessment_facts.read", BY_REGION, ("assessment_fact",)),
    Readers("reports.read", OF_PROJECT, ("photo",)),
    Readers("users.read", BY_REGION, ("user",)),
    Readers("grants.read", BY_REGION, ("grant",)),
    Readers("audit.read", BY_REGION, ("session", "api_key", "calendar_feed")),
)
"""Every resource of the log stands here once. An auditor reads of all of them, see `readable`."""

RESOURCES = tuple(name for readers in READERS for name in readers.resources)


def readable(actor: Actor) -> Visible:
    """Rows of the log the actor may see."""
    parts: list[tuple[ColumnElement[bool], Visible]] = []
    for i, readers in enumerate(READERS):
        scopes = actor.scopes(readers.permission)
        if readers.parties_only:
            scopes = tuple(s for s in scopes if s.department_id is not None or s.user_id is not None)
        if scopes:
            named = Change.resource.in_(readers.resources)
            parts.append((named, visible(scopes, readers.scoping, f"readers{i}_")))
            if readers.parties_only:
                parts[-1] = _unless_seen_otherwise(actor, *parts[-1])
    audited = actor.scopes("audit.read")
    if audited:
        parts.append((true(), visible(audited, BY_REGION, "audited")))
        # A sign-in under a name nobody has belongs to no region: every auditor must hear of it.
        parts.append((and_(Change.resource == "session", Change.region_code.is_(None)), _everything()))
    values = {name: value for _, seen in parts for name, value in seen.values.items()}
    shape = tuple(seen.shape for _, seen in parts)
    return Visible(
        lambda: or_(*[and_(named, seen.condition()) for named, seen in parts]) if parts else false(), values, shape
    )


def _unless_seen_otherwise(
    actor: Actor, named: ColumnElement[bool], told: Visible
) -> tuple[ColumnElement[bool], Visible]:
    """Who loses a project in one role and keeps it in another must not drop it."""
    kept = visible(actor.scopes("projects.read"), SCOPING, "kept")

    def condition() -> ColumnElement[bool]:
        still = exists().where(Project.id == Change.project_id, kept.condition()).correlate(Change)
        return and_(told.condition(), or_(Change.action != "removed", ~still))

    return named, Visible(condition, told.values | kept.values, (told.shape, kept.shape))


def _everything() -> Visible:
    return Visible(true, {}, ("everything",))


HORIZON: Any = func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=Xid8)
"""The oldest transaction still running: what those before it wrote is final, and nothing can join it any more."""


def page_after(seen: Visible, *, of_project: bool, of_resources: bool) -> AnySelect:
    """What there is to read after a position, with where the reader then stands.

    Rows carry `j` (JSON), `xid` and `seq`; every row also `horizon`, `looked_at`, `last_xid` and `last_seq`: how far
    the log was looked through. Without anything to read there is one row whose `j` is null.
    """
    log = _window(seen, of_project=of_project, of_resources=of_resources).cte("log")
    c = log.c
    columns: list[Any] = [
        c.seq, c.at, c.actor_id, c.resource, c.resource_id.label("id"), c.action, c.version, c.diff, c.project_id,
    ]  # fmt: skip
    beside: list[Any] = [c.xid.label("row_xid"), c.seq.label("row_seq")]
    shown = row_as_json(
        select(*columns, *beside).where(c.readable).order_by(c.xid, c.seq).limit(bindparam("page_limit", 51, Integer)),
        "row_xid",
        "row_seq",
    ).subquery("shown")
    end = select(c.xid, c.seq).order_by(c.xid.desc(), c.seq.desc()).limit(1).subquery("last")
    count = select(func.count()).select_from(log).scalar_subquery()
    told: list[Any] = [cast(HORIZON, Text).label("horizon"), count.label("looked_at")]
    looked = select(*told).subquery("looked")
    result: list[Any] = [
        shown.c.j,
        cast(shown.c.row_xid, Text).label("xid"),
        shown.c.row_seq.label("seq"),
        *looked.c,
        cast(end.c.xid, Text).label("last_xid"),
        end.c.seq.label("last_seq"),
    ]
    return (
        select(*result)
        .select_from(looked.outerjoin(end, true()).outerjoin(shown, true()))
        .order_by(shown.c.row_xid, shown.c.row_seq)
    )


def _window(seen: Visible, *, of_project: bool, of_resources: bool) -> AnySelect:
    c = Change
    position = tuple_(cast(bindparam("after_xid", "0", Text), Xid8()), bindparam("after_seq", 0, BigInteger))
    shown: list[ColumnElement[bool]] = [seen.condition()]
    if of_resources:
        shown.append(c.resource == func.any(bindparam("resources", None, ARRAY(Text))))
    conditions: list[ColumnElement[bool]] = [tuple_(c.xid, c.seq) > position, c.xid < HORIZON]
    if of_project:
        conditions.append(c.project_id == bindparam("project_id", None, UUID))
    columns: Sequence[Any] = [
        c.xid, c.seq, c.at, c.actor_id, c.resource, c.resource_id, c.action, c.version, c.diff, c.project_id,
        and_(*shown).label("readable"),
    ]  # fmt: skip
    return select(*columns).where(*conditions).order_by(c.xid, c.seq).limit(bindparam("window", WINDOW, Integer))


def now() -> AnySelect:
    """Where a reader stands who only wants what comes next."""
    columns: list[Any] = [cast(HORIZON, Text).label("horizon")]
    return select(*columns)
