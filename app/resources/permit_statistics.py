"""Permits counted by department, kind or place: what is under way, due soon, late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

from sqlalchemy import ColumnElement, Date, Integer, Text, and_, bindparam, cast, func, literal_column, select

from app.domain.permit_clock import PermitState
from app.models import Department, DictionaryEntry, Permit, Project, Region
from app.reading import AnySelect
from app.resources.permits import PERMIT_LIST

PERMIT_STATISTICS = replace(PERMIT_LIST, name="permit_statistics", permission="statistics.read")
"""Filtered and seen as the list is, under the permission of statistics."""

STATES: tuple[str, ...] = get_args(PermitState)
LEVEL = bindparam("level", 6, Integer)
"""Digits of the region codes to group by."""


def _counts() -> list[Any]:
    p, day = Permit, bindparam("day", None, Date)
    under_way = p.state.in_([literal_column("'accepted'"), literal_column("'supplementing'")])
    late = and_(under_way, p.overdue_from <= day)
    soon = and_(p.state == "accepted", p.overdue_from > day, p.due_on <= bindparam("due_by", None, Date))
    decided = and_(p.state.in_(["issued", "refused"]), p.due_on.is_not(None))
    columns: dict[str, Any] = {
        "count": func.count(),
        **{state: func.count().filter(p.state == state) for state in STATES},
        "overdue": func.count().filter(late),
        "due_soon": func.count().filter(soon),
        "decided": func.count().filter(decided),
        "decided_late": func.count().filter(and_(decided, p.decided_on >= p.overdue_from)),
    }
    return [column.label(name) for name, column in columns.items()]


def counts_by_group(conditions: Sequence[ColumnElement[bool]], group_by: str) -> AnySelect:
    """One row a group, by size; `key` is null for permits without one."""
    p = Permit
    source = p.__table__.join(Project.__table__, Project.id == p.project_id)
    key: Any
    labels: tuple[Any, Any]
    if group_by == "department":
        source = source.outerjoin(Department.__table__, Department.id == p.department_id)
        key, labels = p.department_id, (Department.name, Department.name)
    elif group_by == "kind":
        entry = and_(DictionaryEntry.dictionary == "permit_kind", DictionaryEntry.code == p.kind)
        source = source.outerjoin(DictionaryEntry.__table__, entry)
        key, labels = p.kind, (DictionaryEntry.label_zh, DictionaryEntry.label_en)
    else:
        key = func.left(Project.region_code, LEVEL)
        source = source.outerjoin(Region.__table__, Region.code == key)
        labels = (Region.name, Region.name)
    head = [cast(key, Text).label("key"), labels[0].label("label_zh"), labels[1].label("label_en")]
    # Twice the same bound length in SELECT and GROUP BY would be two different expressions: by position.
    places: list[Any] = [literal_column(str(n)) for n in (1, 2, 3)]
    return select(*head, *_counts()).select_from(source).where(*conditions).group_by(*places)
