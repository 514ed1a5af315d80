"""Who may do what: the table of permissions as data, and the one place that turns it into SQL.

`visible(…)` starts every read. What an actor cannot see looks like what is not there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, and_, bindparam, false, or_, true

from app.errors import AppError


class Reach(StrEnum):
    """How far a permission of a role goes."""

    EVERYWHERE = "everywhere"
    REGION = "region"
    DEPARTMENT = "department"
    ASSIGNED = "assigned"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    label_zh: str
    label_en: str
    needs_department: bool = False
    administrator: bool = False
    """One of the three separated administrators (等保三级“三员”): one person never holds two of them."""


ROLES: dict[str, Role] = {
    r.code: r
    for r in (
        Role("dispatcher", "调度员", "Dispatcher"),
        Role("leader", "领导", "Leader"),
        Role("department", "部门", "Department", needs_department=True),
        Role("reporter", "填报员", "Reporter"),
        Role("rater", "评议人", "Rater"),
        Role("viewer", "查看者", "Viewer"),
        Role("system_admin", "系统管理员", "System administrator", administrator=True),
        Role("security_admin", "安全管理员", "Security administrator", administrator=True),
        Role("auditor", "审计管理员", "Auditor", administrator=True),
    )
}

_R, _D, _A, _E, _O = Reach.REGION, Reach.DEPARTMENT, Reach.ASSIGNED, Reach.EVERYWHERE, Reach.OWN
_ANYONE = dict.fromkeys(ROLES, _E)
_SELF = dict.fromkeys(ROLES, _O)

PERMISSIONS: dict[str, dict[str, Reach]] = {
    # permission: role → reach
    "me.read": _SELF,
    "me.write": _SELF,
    "api_keys.read": _SELF,
    "api_keys.write": _SELF,
    "roles.read": _ANYONE,
    "dictionaries.read": _ANYONE,
    "regions.read": _ANYONE,
    "departments.read": dict.fromkeys(ROLES, _R),
    "leaders.read": dict.fromkeys(("dispatcher", "leader", "department", "reporter", "viewer", "system_admin"), _R),
    "projects.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "projects.create": {"dispatcher": _R},
    "projects.write": {"dispatcher": _R, "department": _D},
    "projects.delete": {"dispatcher": _R},
    "assignments.write": {"dispatcher": _R},
    "plans.write": {"dispatcher": _R},
    "stage_transitions.write": {"dispatcher": _R, "department": _D},
    "stage_transitions.override": {"dispatcher": _R},
    "suspensions.write": {"dispatcher": _R},
    "permits.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "permits.write": {"dispatcher": _R},
    "permit_events.write": {"dispatcher": _R, "department": _D},
    "permit_rules.read": dict.fromkeys(ROLES, _R),
    "permit_rules.write": {"dispatcher": _R},
    "progress.write": {"dispatcher": _R},
    "lights.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "light_overrides.write": {"dispatcher": _R, "leader": _R},
    "light_rules.read": dict.fromkeys(("dispatcher", "leader", "department", "reporter", "viewer"), _R),
    "light_rules.write": {"dispatcher": _R},
    "targets.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "targets.write": {"dispatcher": _R},
    # What the statistics bureau published is no secret within the region.
    "indicators.read": dict.fromkeys(("dispatcher", "leader", "viewer", "department", "reporter"), _R),
    "indicators.write": {"dispatcher": _R},
    "letters.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D},
    "letters.write": {"dispatcher": _R},
    "letters.sign": {"dispatcher": _R, "leader": _R},
    "funding.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "funding.write": {"dispatcher": _R, "department": _D},
    "milestones.write": {"dispatcher": _R},
    "milestones.report": {"dispatcher": _R, "department": _D, "reporter": _A},
    "milestone_templates.read": dict.fromkeys(("dispatcher", "leader", "department", "viewer"), _R),
    "milestone_templates.write": {"dispatcher": _R},
    "schedules.write": {"dispatcher": _R},
    "workdays.read": _ANYONE,
    "workdays.write": {"dispatcher": _E, "system_admin": _E},
    "imports.read": {"dispatcher": _R},
    "imports.write": {"dispatcher": _R},
    "statistics.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "changes.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A, "auditor": _R},
    "audit.read": {"auditor": _R},
    "ratings.read": dict.fromkeys(("dispatcher", "leader", "department", "viewer", "rater"), _R),
    "ratings.write": {"dispatcher": _R},
    "rating_results.read": dict.fromkeys(("dispatcher", "leader", "department", "viewer"), _R),
    "ballots.write": {"rater": _O},
    # A published ranking is no secret within the region; drafts are the dispatch office's.
    "assessments.read": dict.fromkeys(("dispatcher", "leader", "viewer", "department", "reporter"), _R),
    "assessments.write": {"dispatcher": _R},
    "assessment_facts.read": {"dispatcher": _R, "leader": _R},
    "regions.write": {"system_admin": _R},
    "departments.write": {"dispatcher": _R, "system_admin": _R},
    "leaders.write": {"dispatcher": _R, "system_admin": _R},
    "dictionaries.write": {"system_admin": _E},
    "users.read": {"system_admin": _R, "security_admin": _R, "auditor": _R},
    "users.write": {"system_admin": _R},
    "grants.read": {"system_admin": _R, "security_admin": _R, "auditor": _R},
    "grants.write": {"security_admin": _R},
    "lockouts.write": {"security_admin": _R},
}

WITHOUT_GRANT = frozenset({"me.read", "me.write"})
"""Held by every account, grants or none: to see that one has none, to change the password, to sign out."""


@dataclass(frozen=True, slots=True)
class Grant:
    role: str
    region_code: str
    department_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """One piece of what an actor reaches: a region prefix, perhaps only a department's or the actor's own part."""

    region: str
    department_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Actor:
    """The signed-in account behind a request, with its grants of today."""

    id: uuid.UUID
    username: str
    grants: tuple[Grant, ...]
    session_id: uuid.UUID | None = None
    narrowed_to: frozenset[str] | None = None
    """Permissions an API key is limited to; None: no such limit."""
    _scopes: dict[str, tuple[Scope, ...]] = field(default_factory=dict, compare=False, repr=False)
    seen: dict[str, Visible] = field(default_factory=dict, compare=False, repr=False)
    """Kept by `listing.seen_by`."""

    def scopes(self, permission: str) -> tuple[Scope, ...]:
        """What the actor reaches with `permission`; empty: nothing."""
        found = self._scopes.get(permission)
        if found is None:
            found = self._scopes[permission] = self._work_out(permission)
        return found

    def _work_out(self, permission: str) -> tuple[Scope, ...]:
        if self.narrowed_to is not None and permission not in self.narrowed_to:
            return ()
        table = PERMISSIONS[permission]
        scopes: set[Scope] = {Scope("", user_id=self.id)} if permission in WITHOUT_GRANT else set()
        for grant in self.grants:
            reach = table.get(grant.role)
            if reach is Reach.EVERYWHERE:
                scopes.add(Scope(""))
            elif reach is Reach.REGION:
                scopes.add(Scope(grant.region_code))
            elif reach is Reach.DEPARTMENT and grant.department_id is not None:
                scopes.add(Scope(grant.region_code, department_id=grant.department_id))
            elif reach is Reach.ASSIGNED:
                own = Scope(grant.region_code, user_id=self.id)
                department = Scope(grant.region_code, department_id=grant.department_id)
                scopes.add(own if grant.department_id is None else department)
            elif reach is Reach.OWN:
                scopes.add(Scope("", user_id=self.id))
        # A wider scope makes narrower ones within it superfluous.
        wide = {s.region for s in scopes if s.department_id is None and s.user_id is None}
        kept = [s for s in scopes if not any(_within(s, w) for w in wide)]
        return tuple(sorted(kept, key=repr))

    def may(self, permission: str) -> bool:
        return bool(self.scopes(permission))

    def may_in_region(self, permission: str, region_code: str) -> bool:
        """Whether the permission covers all of `region_code`."""
        return any(
            s.department_id is None and s.user_id is None and region_code.startswith(s.region)
            for s in self.scopes(permission)
        )

    def reach(self, permission: str) -> list[list[str]]:
        """The scopes of a permission as plain texts, for keeping."""
        return [[s.region, str(s.department_id or ""), str(s.user_id or "")] for s in self.scopes(permission)]

    def reaches(self, permission: str, kept: list[list[str]]) -> bool:
        """Whether the permission still covers every scope kept by `reach`."""
        now = self.reach(permission)
        return bool(now) and all(
            any(region.startswith(r) and d in ("", department) and u in ("", user) for r, d, u in now)
            for region, department, user in kept
        )

    def require(self, permission: str) -> None:
        if not self.may(permission):
            raise AppError("forbidden", permission=permission)

    def require_in_region(self, permission: str, region_code: str) -> None:
        if not self.may_in_region(permission, region_code):
            raise AppError("forbidden", permission=permission)


def _within(scope: Scope, wide: str) -> bool:
    if not scope.region.startswith(wide):
        return False
    return scope.department_id is not None or scope.user_id is not None or scope.region != wide


@dataclass(frozen=True, slots=True)
class Scoping:
    """How rows of one kind fall into scopes; each function gets a bound parameter's name."""

    region: SQLColumnExpression[Any]
    department: Callable[[Any], ColumnElement[bool]] | None = None
    user: Callable[[Any], ColumnElement[bool]] | None = None
    county: SQLColumnExpression[Any] | None = None
    """An indexed column holding the first six digits of the region, where the table has one."""


@dataclass(frozen=True, slots=True)
class Visible:
    """A condition in SQL, its parameters, and its shape (what changes the SQL's text)."""

    condition: Callable[[], ColumnElement[bool]]
    values: dict[str, Any]
    shape: tuple[Any, ...]


def visible(scopes: tuple[Scope, ...], scoping: Scoping, prefix: str = "scope") -> Visible:
    """Rows within `scopes`. No scope: no row."""
    values: dict[str, Any] = {}
    shape: list[Any] = [prefix]
    for i, scope in enumerate(scopes):
        name = f"{prefix}{i}"
        values |= region_values(scope.region, name)
        shape.append((region_shape(scope.region), scope.department_id is not None, scope.user_id is not None))
        if scope.department_id is not None:
            values[f"{name}_department"] = scope.department_id
        if scope.user_id is not None:
            values[f"{name}_user"] = scope.user_id

    def build() -> ColumnElement[bool]:
        parts = []
        for i, scope in enumerate(scopes):
            name = f"{prefix}{i}"
            conditions = [region_condition(scoping, scope.region, name)]
            if scope.department_id is not None:
                conditions.append(
                    scoping.department(bindparam(f"{name}_department", scope.department_id))
                    if scoping.department
                    else false()
                )
            if scope.user_id is not None:
                conditions.append(scoping.user(bindparam(f"{name}_user", scope.user_id)) if scoping.user else false())
            parts.append(and_(*conditions))
        return or_(*parts) if parts else false()

    return Visible(build, values, tuple(shape))


def region_shape(region: str) -> str:
    return "all" if not region else "county" if len(region) == 6 else "below" if len(region) > 6 else "above"


def region_values(region: str, name: str) -> dict[str, str]:
    """Bounds of a prefix: ':' follows '9' in the C collation, so [p, p:) is everything under p."""
    if not region:
        return {}
    return {f"{name}_low": region, f"{name}_high": region + ":", f"{name}_county": region[:6]}


def region_condition(scoping: Scoping, region: str, name: str) -> ColumnElement[bool]:
    if not region:
        return true()
    low = bindparam(f"{name}_low", region, Text)
    high = bindparam(f"{name}_high", region + ":", Text)
    if scoping.county is None or len(region) < 6:
        column = scoping.region if scoping.county is None else scoping.county
        return and_(column >= low, column < high)
    in_county: ColumnElement[bool] = scoping.county == bindparam(f"{name}_county", region[:6], Text)
    if len(region) == 6:
        return in_county
    return and_(in_county, scoping.region >= low, scoping.region < high)
