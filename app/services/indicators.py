"""The catalogue of indicators: those that ship, and those counties added."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.db import Database
from app.domain.indicators import SHIPPED
from app.domain.indicators import Indicator as Definition
from app.errors import AppError, FieldError, invalid, unknown_code
from app.listing import require_match
from app.models import DictionaryEntry, Indicator, Region
from app.reading import AnySelect, prepared
from app.resources.indicators import INDICATOR
from app.schemas.indicators import IndicatorIn, IndicatorPatch, IndicatorQuery
from app.services import dictionaries
from app.uow import UnitOfWork
from app.writing import apply_patch, get_visible

_MEASURES = ("code", "label_zh", "label_en", "unit", "computation", "accrual", "threshold", "series")
_NOT_OF_PROJECTS = frozenset({"series_growth", "entered"})


def shipped(definition: Definition) -> dict[str, Any]:
    members = {name: getattr(definition, name) for name in _MEASURES}
    return {**members, "active": True, "shipped": True, "region_code": None, "version": 1}


def _own() -> AnySelect:
    i = Indicator
    columns: list[Any] = [*[getattr(i, name) for name in _MEASURES], i.active, i.region_code, i.version]
    return select(*columns).order_by(i.code)


async def everything(db: Database, query: IndicatorQuery) -> list[dict[str, Any]]:
    """The shipped ones in their order, then those added, by code."""
    own = await db.rows(prepared("indicators", _own), {})
    items = [shipped(definition) for definition in SHIPPED.values()] + [{**row, "shipped": False} for row in own]
    return [
        item
        for item in items
        if query.active in (None, item["active"])
        and (not query.computation or item["computation"] in query.computation)
    ]


async def catalogue(db: Database) -> dict[str, Definition]:
    """Every indicator there is, by code; inactive ones too, because targets and figures may use them."""
    own = await db.rows(prepared("indicators", _own), {})
    return {**SHIPPED, **{row["code"]: Definition(**{name: row[name] for name in _MEASURES}) for row in own}}


async def require(uow: UnitOfWork, code: str, pointer: str = "/indicator") -> Definition:
    """The indicator of a new target or figure: 422 unless it is there and in use."""
    if code in SHIPPED:
        return SHIPPED[code]
    row = await uow.session.get(Indicator, code)
    if row is None:
        raise AppError("invalid_content", errors=[await _unknown(uow, code, pointer)])
    if not row.active:
        raise invalid(pointer, "inactive")
    return Definition(**{name: getattr(row, name) for name in _MEASURES})


async def unit_labels(db: Database) -> dict[str, tuple[str, str]]:
    rows = await db.rows(prepared("indicator_units", _units), {})
    return {row["code"]: (row["label_zh"], row["label_en"]) for row in rows}


def _units() -> AnySelect:
    e = DictionaryEntry
    return select(e.code, e.label_zh, e.label_en).where(e.dictionary == "indicator_unit")


async def create(uow: UnitOfWork, body: IndicatorIn) -> Indicator:
    uow.actor.require_in_region("indicators.write", body.region_code)
    if body.code in SHIPPED:
        raise AppError("duplicate")
    await _check(uow, body)
    row = Indicator(**body.model_dump(), active=True)
    uow.add(row)
    uow.record("indicator.created", row)
    await uow.flush()
    return row


async def _check(uow: UnitOfWork, body: IndicatorIn) -> None:
    """Every wrong field at once."""
    errors = []
    if await uow.session.get(Region, body.region_code) is None:
        errors.append(FieldError("/region_code", "unknown_reference", {"resource": ("行政区划", "region")}))
    errors += await dictionaries.faults(uow, "indicator_unit", "/unit", body.unit)
    if (body.computation == "series_growth") != (body.series is not None):
        expected = ("仅用于 series_growth，且必填", "needed by series_growth, and only by it")
        errors.append(FieldError("/series", "invalid_value", {"expected": expected}))
    elif body.series is not None and not await _there(uow, body.series):
        errors.append(await _unknown(uow, body.series, "/series"))
    if body.threshold is not None and body.computation in _NOT_OF_PROJECTS:
        expected = ("仅用于按项目计算的指标", "only where projects are counted")
        errors.append(FieldError("/threshold", "invalid_value", {"expected": expected}))
    if errors:
        raise AppError("invalid_content", errors=errors)


async def _unknown(uow: UnitOfWork, code: str, pointer: str) -> FieldError:
    i = Indicator
    own = await uow.session.scalars(select(i.code).where(i.active).order_by(i.code))
    return unknown_code(pointer, code, [*SHIPPED, *own])


async def _there(uow: UnitOfWork, code: str) -> bool:
    return code in SHIPPED or await uow.session.get(Indicator, code) is not None


async def change(uow: UnitOfWork, code: str, body: IndicatorPatch, if_match: str | None) -> None:
    if code in SHIPPED:
        raise AppError("dictionary_closed", name=code)
    row = await get_visible(uow, INDICATOR, Indicator, code, lock=True)
    uow.actor.require_in_region("indicators.write", row.region_code)
    wanted = body.model_dump(mode="json", exclude_unset=True)
    await require_match(uow, INDICATOR, code, if_match, row.version, wanted)
    if apply_patch(row, body):
        uow.touch(row)
        uow.record("indicator.updated", row)
