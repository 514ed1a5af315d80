"""The one place that turns the table of permissions into SQL.

`visible(…)` starts every read. What an actor cannot see looks like what is not there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, and_, bindparam, false, or_, true

from app.errors import AppError
from app.permissions import PERMISSIONS, WITHOUT_GRANT, Reach


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
    asked: dict[tuple[str, bytes, bytes], Any] = field(default_factory=dict, compare=False, repr=False)
    """Kept by `statistics_etags`."""

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


def within(scoping: Scoping, low: Any, high: Any, department: Any, user: Any) -> ColumnElement[bool]:
    """As `visible`, of one scope that is a row: columns as `scope_row` fills them."""
    parts: list[ColumnElement[bool]] = [scoping.region >= low, scoping.region < high]
    for column, condition in ((department, scoping.department), (user, scoping.user)):
        parts.append(or_(column.is_(None), condition(column) if condition else false()))
    return and_(*parts)


def scope_row(scope: Scope) -> dict[str, Any]:
    return {
        "low": scope.region,
        "high": scope.region + ":",
        "department_id": scope.department_id,
        "user_id": scope.user_id,
    }


def either(one: Visible, other: Visible) -> Visible:
    """Rows that are in the one or in the other; their parameters must have different names."""
    values = one.values | other.values
    return Visible(lambda: or_(one.condition(), other.condition()), values, (one.shape, "or", other.shape))


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
