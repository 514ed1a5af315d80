from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.access import Scoping
from app.listing import Filter, Resource, Sort, any_of, equals, region_prefix
from app.models import Department, Region, Target, TargetActual, TargetRevision
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account

SCOPING = Scoping(region=Target.region_code, department=lambda p: Target.department_id == p)


def region_name() -> Any:
    return select(Region.name).where(Region.code == Target.region_code).correlate(Target).scalar_subquery()


def department_name() -> Any:
    d = Department
    return select(d.name).where(d.id == Target.department_id).correlate(Target).scalar_subquery()


def _own_columns() -> list[Any]:
    t = Target
    return [
        t.id, t.region_code, region_name().label("region_name"), t.department_id,
        department_name().label("department_name"), t.year, t.indicator, t.actual_from,
        func.trim_scale(t.value).label("value"), quarters(t.quarters).label("quarters"), t.valid_from, t.note,
        t.version, t.created_at, t.updated_at,
    ]  # fmt: skip


def quarters(column: Any) -> Any:
    """The four cumulative amounts as JSON, each without trailing zeros; null where none are set."""
    each = func.unnest(column).table_valued("amount", with_ordinality="n").render_derived("quarter")
    amounts = func.json_agg(aggregate_order_by(func.trim_scale(each.c.amount), each.c.n))
    return select(amounts).select_from(each).correlate_except(each).scalar_subquery()


def _revisions() -> Any:
    r = TargetRevision
    members: dict[str, Any] = {
        "valid_from": r.valid_from,
        "value": func.trim_scale(r.value),
        "quarters": quarters(r.quarters),
        "reason": r.reason,
        "recorded_at": r.recorded_at,
        "recorded_by": account(r.recorded_by),
    }
    pairs: list[Any] = []
    for name, column in members.items():
        pairs += [literal_column(f"'{name}'"), column]
    items = func.json_agg(aggregate_order_by(func.json_build_object(*pairs), r.valid_from, r.recorded_at, r.id))
    return select(items).where(r.target_id == Target.id).correlate(Target).scalar_subquery()


def _full() -> AnySelect:
    return select(*_own_columns(), _revisions().label("revisions"))


def _slim() -> AnySelect:
    return select(*_own_columns())


TARGET = Resource(
    name="target",
    label=("目标", "target"),
    permission="targets.read",
    key=Target.id,
    conditional=False,
    scoping=SCOPING,
    full=_full,
    slim=_slim,
    filters={
        "region": region_prefix(SCOPING),
        "department_id": equals(Target.department_id, "department_id"),
        "of": Filter(
            lambda v: Target.department_id.is_not(None) if v == "department" else Target.department_id.is_(None),
            lambda _: {},
            lambda v: v,
        ),
        "year": equals(Target.year, "year"),
        "indicator": any_of(Target.indicator, "indicator"),
        "id": any_of(Target.id, "id"),
    },
    sorts={"id": Sort(Target.id), "year": Sort(Target.year), "indicator": Sort(Target.indicator)},
)


def _of_target(column: Any) -> Any:
    return select(column).where(Target.id == TargetActual.target_id).correlate_except(Target).scalar_subquery()


def _departments_own(party: ColumnElement[Any]) -> ColumnElement[bool]:
    found = exists().where(Target.id == TargetActual.target_id, Target.department_id == party)
    return found.correlate_except(Target)


def _actual() -> AnySelect:
    a = TargetActual
    columns: list[Any] = [
        a.id, a.target_id, a.as_of, func.trim_scale(a.value).label("value"), a.note, a.recorded_at,
        account(a.recorded_by).label("recorded_by"), NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


TARGET_ACTUAL = Resource(
    name="target_actual",
    label=("目标完成数", "target actual"),
    permission="targets.read",
    key=TargetActual.id,
    conditional=False,
    scoping=Scoping(region=_of_target(Target.region_code), department=_departments_own),
    full=_actual,
    filters={"target": equals(TargetActual.target_id, "target")},
    sorts={"as_of": Sort(TargetActual.as_of), "recorded_at": Sort(TargetActual.recorded_at)},
)
