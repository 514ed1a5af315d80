"""Assessment schemes, shipped and of the regions: never changed, only added to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func, select

from app.access import Actor
from app.db import to_json
from app.domain.assessment_schemes import Scheme, definition_of, kinds_in
from app.domain.assessment_shipped import SHIPPED
from app.errors import AppError, FieldError, invalid, not_found, unknown_code
from app.models import AssessmentScheme, DictionaryEntry, Region
from app.schemas.assessment_schemes import BandsIn, DefinitionIn, SchemeCopyIn, SchemeIn
from app.uow import UnitOfWork

LABEL = ("考核办法", "assessment scheme")
READ, WRITE = "assessments.read", "assessments.write"


def sees(actor: Actor, region: str) -> bool:
    """What counts within the actor's regions: made there, or above them."""
    return any(s.region.startswith(region) or region.startswith(s.region) for s in actor.scopes(READ))


def scheme_of(row: AssessmentScheme) -> Scheme:
    return Scheme(
        row.id, row.code, row.version, row.label_zh, row.label_en or row.label_zh, row.description, row.definition,
        row.region_code,
    )  # fmt: skip


def shown(scheme: Scheme, row: AssessmentScheme | None = None) -> dict[str, Any]:
    names = ("id", "region_code", "code", "version", "label_zh", "label_en", "description", "definition")
    return {
        **{name: getattr(scheme, name) for name in names},
        "created_at": None if row is None else row.created_at.isoformat(),
    }


async def list_schemes(uow: UnitOfWork, region: str | None) -> list[dict[str, Any]]:
    """The shipped ones first, then the regions' own by region, code and version."""
    s = AssessmentScheme
    rows = await uow.session.scalars(select(s).order_by(s.region_code, s.code, s.version))
    own = [
        shown(scheme_of(row), row)
        for row in rows
        if sees(uow.actor, row.region_code) and (region is None or region.startswith(row.region_code))
    ]
    return [*(shown(scheme) for scheme in SHIPPED), *own]


async def require_known(uow: UnitOfWork, code: str | None) -> None:
    """A filter by a scheme's code names one the actor sees (422)."""
    if code is None:
        return
    known = list(dict.fromkeys(scheme["code"] for scheme in await list_schemes(uow, None)))
    if code not in known:
        raise AppError("invalid_content", errors=[unknown_code("scheme", code, known)])


async def find(uow: UnitOfWork, identity: UUID) -> dict[str, Any]:
    """404 for a scheme of a region that is neither within the actor's nor above it."""
    for shipped in SHIPPED:
        if shipped.id == identity:
            return shown(shipped)
    row = await uow.session.get(AssessmentScheme, identity)
    if row is None or not sees(uow.actor, row.region_code):
        raise not_found(LABEL)
    return shown(scheme_of(row), row)


async def for_region(uow: UnitOfWork, identity: UUID, region: str) -> Scheme:
    """A scheme a run of that region may go by: shipped, the region's own or one above it; else 422."""
    shipped = next((scheme for scheme in SHIPPED if scheme.id == identity), None)
    if shipped is not None:
        return shipped
    row = await uow.session.get(AssessmentScheme, identity)
    if row is None or not region.startswith(row.region_code):
        raise invalid("/scheme_id", "unknown_reference", resource=LABEL)
    return scheme_of(row)


async def create(uow: UnitOfWork, body: SchemeIn) -> tuple[dict[str, Any], bool]:
    """The scheme, and whether it is new; the next version where the region has one of that code."""
    uow.actor.require_in_region(WRITE, body.region_code)
    definition = await checked(uow, body.definition, "/definition")
    await uow.lock_key("assessment scheme", body.region_code, body.code)
    if body.id is not None:
        await uow.lock_key("assessment scheme", str(body.id))
        known = await uow.session.get(AssessmentScheme, body.id)
        if known is not None:
            return _same(uow, known, body, definition), False
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    if body.code in {shipped.code for shipped in SHIPPED}:
        raise AppError("scheme_shipped", taken=body.code)
    s = AssessmentScheme
    last = await uow.session.scalar(
        select(func.max(s.version)).where(s.region_code == body.region_code, s.code == body.code)
    )
    row = AssessmentScheme(
        id=body.id or uow.new_id(),
        version=(last or 0) + 1,
        definition=definition,
        created_at=uow.now,
        created_by=uow.actor.id,
        **body.model_dump(exclude={"id", "definition"}),
    )
    uow.add(row)
    uow.record("assessment_scheme.created", row)
    await uow.flush()
    return shown(scheme_of(row), row), True


async def copy(uow: UnitOfWork, identity: UUID, body: SchemeCopyIn) -> tuple[dict[str, Any], bool]:
    """A region's own scheme made from one the actor sees, but for what `body` says. Else as `create`."""
    source = await find(uow, identity)
    said = body.model_dump(exclude_none=True)
    whole = {name: source[name] for name in ("label_zh", "label_en", "description", "definition")} | said
    return await create(uow, SchemeIn.model_validate(whole))


def _same(uow: UnitOfWork, row: AssessmentScheme, body: SchemeIn, definition: dict[str, Any]) -> dict[str, Any]:
    said = {**body.model_dump(exclude={"id", "definition"}), "definition": definition}
    fields = sorted(name for name, value in said.items() if getattr(row, name) != value)
    if fields or not sees(uow.actor, row.region_code):
        raise AppError("id_taken", extra={"fields": fields})
    return shown(scheme_of(row), row)


async def checked(uow: UnitOfWork, body: DefinitionIn, at: str) -> dict[str, Any]:
    """The definition as JSON keeps it; 422 for whatever its shape alone does not tell, all at once."""
    stored: dict[str, Any] = orjson.loads(to_json(body.model_dump()))
    errors = [*_repeated(body, at), *_limits(body, at)]
    kinds = kinds_in(definition_of(stored))
    e = DictionaryEntry
    known = set(await uow.session.scalars(select(e.code).where(e.dictionary == "assessment_fact_kind")))
    errors += [
        unknown_code(at + pointer, kind, sorted(known))
        for kind, pointers in kinds.items()
        if kind not in known
        for pointer in pointers
    ]
    if errors:
        raise AppError("invalid_content", errors=errors)
    return stored


def _repeated(body: DefinitionIn, at: str) -> list[FieldError]:
    errors, codes = [], set()
    for n, item in enumerate(body.items):
        if item.code in codes:
            errors.append(FieldError(f"{at}/items/{n}/code", "repeated_code", {"value": item.code}))
        codes.add(item.code)
        if isinstance(item, BandsIn):
            lines = [band.at_least for band in item.bands]
            errors += [
                FieldError(f"{at}/items/{n}/bands/{i}/at_least", "repeated_code", {"value": str(line)})
                for i, line in enumerate(lines)
                if line in lines[:i]
            ]
    return errors


def _limits(body: DefinitionIn, at: str) -> list[FieldError]:
    limits = [(at, body), *((f"{at}/items/{n}", item) for n, item in enumerate(body.items))]
    return [
        FieldError(
            f"{pointer}/at_most",
            "out_of_range",
            {"expected": (f"不小于 at_least（{each.at_least}）", f"at least at_least, {each.at_least}")},
        )
        for pointer, each in limits
        if each.at_most is not None and each.at_least is not None and each.at_most < each.at_least
    ]
