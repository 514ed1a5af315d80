from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from app.access import Scoping
from app.listing import Resource, Sort, equals, region_prefix
from app.models import Department, Leader, LetterItem, LetterProgress, LetterSupplement, ResponsibilityLetter
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account

Letter = ResponsibilityLetter
SCOPING = Scoping(region=Letter.region_code, department=lambda p: Letter.department_id == p)


def _named(model: Any, identity: Any) -> Any:
    return select(model.name).where(model.id == identity).correlate(Letter).scalar_subquery()


def _own_columns() -> list[Any]:
    x = Letter
    return [
        x.id, x.region_code, x.year, x.title, x.superior_name, x.leader_id,
        _named(Leader, x.leader_id).label("leader_name"), x.department_id,
        _named(Department, x.department_id).label("department_name"), x.status, x.signed_on, x.version, x.created_at,
        x.updated_at,
    ]  # fmt: skip


def _number(supplement_id: Any) -> Any:
    s = aliased(LetterSupplement)
    return select(s.number).where(s.id == supplement_id).correlate_except(s).scalar_subquery()


def _array(members: dict[str, Any], *order: Any, where: ColumnElement[bool]) -> Any:
    pairs: list[Any] = []
    for name, column in members.items():
        pairs += [literal_column(f"'{name}'"), column]
    items = func.json_agg(aggregate_order_by(func.json_build_object(*pairs), *order))
    statement = select(func.coalesce(items, literal_column("'[]'::json"))).where(where)
    return statement.correlate(Letter).scalar_subquery()


def _items() -> Any:
    i = LetterItem
    members: dict[str, Any] = {
        "id": i.id, "position": i.position, "name": i.name, "target_id": i.target_id,
        "value": func.trim_scale(i.value), "unit": i.unit, "due_on": i.due_on, "weight": func.trim_scale(i.weight),
        "added_by": _number(i.added_by), "ended_by": _number(i.ended_by), "replaces": i.replaces,
    }  # fmt: skip
    return _array(members, i.position, i.id, where=i.letter_id == Letter.id)


def _supplements() -> Any:
    s = LetterSupplement
    members: dict[str, Any] = {
        "id": s.id, "number": s.number, "signed_on": s.signed_on, "reason": s.reason, "recorded_at": s.recorded_at,
        "recorded_by": account(s.recorded_by),
    }  # fmt: skip
    return _array(members, s.number, where=s.letter_id == Letter.id)


def _full() -> AnySelect:
    x = Letter
    total: Any = func.trim_scale(x.weight_total)
    return select(
        *_own_columns(), x.signatory, x.preamble, total.label("weight_total"), _items().label("items"),
        _supplements().label("supplements"),
    )  # fmt: skip


LETTER = Resource(
    name="responsibility_letter",
    label=("责任状", "letter of responsibility"),
    permission="letters.read",
    key=Letter.id,
    conditional=False,
    scoping=SCOPING,
    full=_full,
    slim=lambda: select(*_own_columns()),
    filters={
        "region": region_prefix(SCOPING),
        "department_id": equals(Letter.department_id, "department_id"),
        "year": equals(Letter.year, "year"),
        "status": equals(Letter.status, "status"),
    },
    sorts={"id": Sort(Letter.id), "year": Sort(Letter.year)},
)


def _of_item(item_id: Any) -> Scoping:
    """As the letter of the item."""
    i = aliased(LetterItem)

    def letters() -> Any:
        return Letter.id == select(i.letter_id).where(i.id == item_id).correlate_except(i).scalar_subquery()

    region: Any = select(Letter.region_code).where(letters()).correlate_except(Letter).scalar_subquery()
    return Scoping(
        region=region,
        department=lambda p: exists().where(letters(), Letter.department_id == p).correlate_except(Letter),
    )


ITEM = Resource(
    name="letter_item",
    label=("责任状事项", "letter item"),
    permission="letters.read",
    key=LetterItem.id,
    conditional=False,
    scoping=_of_item(LetterItem.id),
    full=lambda: select(LetterItem.id, NEVER_CHANGES),
)


def _progress() -> AnySelect:
    p = LetterProgress
    columns: list[Any] = [
        p.id, p.item_id, p.as_of, func.trim_scale(p.value).label("value"), func.trim_scale(p.percent).label("percent"),
        p.note, p.recorded_at, account(p.recorded_by).label("recorded_by"), NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


LETTER_PROGRESS = Resource(
    name="letter_progress",
    label=("责任状进展", "letter progress"),
    permission="letters.read",
    key=LetterProgress.id,
    conditional=False,
    scoping=_of_item(LetterProgress.item_id),
    full=_progress,
    filters={"item": equals(LetterProgress.item_id, "item")},
    sorts={"as_of": Sort(LetterProgress.as_of), "recorded_at": Sort(LetterProgress.recorded_at)},
)
