"""Runs of the assessment: drafted, worked out again, published, and from then on as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.db import to_json
from app.domain.assessment_schemes import Scheme
from app.domain.assessment_shares import Period
from app.errors import AppError, FieldError, invalid, not_found
from app.listing import require_match
from app.models import Assessment, Region
from app.resources.assessments import ASSESSMENT, seen
from app.schemas.assessments import AssessmentIn, AssessmentPatch, GroupIn, PeriodIn, PreviewIn
from app.services import assessment_results, assessment_schemes
from app.services.assessment_inputs import Asked, everybody, gather, subjects
from app.uow import UnitOfWork

WRITE = "assessments.write"
_IN_YEAR = {"year": 1, "quarter": 4, "month": 12}
_KIND = {"department": "部门乡镇园区", "bureau": "部门", "township": "乡镇", "park": "园区", "leader": "包扶领导"}


async def find(uow: UnitOfWork, identity: UUID, *, lock: bool = False, whole: bool = False) -> Assessment:
    """The run, if the actor may see it (404); `whole` with its facts and result."""
    visible = seen(uow.actor)
    statement = select(Assessment).where(Assessment.id == identity, visible.condition())
    if lock:
        statement = statement.with_for_update()
    if whole:
        statement = statement.options(undefer(Assessment.facts), undefer(Assessment.document))
    row: Assessment | None = await uow.session.scalar(statement.execution_options(populate_existing=True))
    if row is None:
        raise not_found(ASSESSMENT.label)
    return row


async def _draft(uow: UnitOfWork, identity: UUID, if_match: str | None, said: Mapping[str, Any]) -> Assessment:
    """Seen (404), the actor's to write (403), current (412/428), not published (409); locked."""
    row = await find(uow, identity, lock=True, whole=True)
    uow.actor.require_in_region(WRITE, row.region_code)
    await require_match(uow, ASSESSMENT, identity, if_match, row.version, said)
    if row.status == "published":
        raise AppError("assessment_published")
    return row


def _period(body: PeriodIn) -> Period:
    most = _IN_YEAR[body.kind]
    if body.number > most:
        raise invalid("/period/number", "out_of_range", expected=(f"1 至 {most}", f"1 to {most}"))
    return Period(body.kind, body.year, body.number)


async def _asked(uow: UnitOfWork, body: AssessmentIn | PreviewIn) -> Asked:
    uow.actor.require_in_region(WRITE, body.region_code)
    asked = Asked(body.region_code, _period(body.period), body.subject_kind)
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    if asked.period.starts_on > uow.today:
        raise invalid("/period", "in_the_future")
    return asked


def _plain(groups: list[GroupIn]) -> list[dict[str, Any]]:
    stored: list[dict[str, Any]] = orjson.loads(to_json([group.model_dump() for group in groups]))
    return stored


async def _groups(uow: UnitOfWork, asked: Asked, given: list[GroupIn] | None) -> list[dict[str, Any]]:
    """As given, or everybody at work; 422 naming whoever is no such subject of the region, or stands there twice."""
    if given is None:
        found = await everybody(uow, asked)
        if not found:
            raise invalid("/groups", "no_subjects")
        return found
    known = await subjects(uow, asked)
    errors: list[FieldError] = []
    placed: dict[UUID, str] = {}
    codes: set[str] = set()
    for i, group in enumerate(given):
        if group.code in codes:
            errors.append(FieldError(f"/groups/{i}/code", "repeated_code", {"value": group.code}))
        codes.add(group.code)
        for j, one in enumerate(group.subject_ids):
            pointer = f"/groups/{i}/subject_ids/{j}"
            if one not in known:
                errors.append(FieldError(pointer, "unknown_reference", {"resource": ("考核对象", "such subject")}))
            elif one in placed:
                errors.append(FieldError(pointer, "in_two_groups", {"group": placed[one]}))
            placed[one] = group.name
    if errors:
        raise AppError("invalid_content", errors=errors)
    return _plain(given)


async def preview(uow: UnitOfWork, body: PreviewIn) -> bytes:
    """A result that is not kept."""
    asked = await _asked(uow, body)
    if (body.scheme_id is None) == (body.definition is None):
        expected = ("scheme_id 与 definition 恰有一个", "exactly one of scheme_id and definition")
        raise invalid("/scheme_id", "invalid_value", expected=expected)
    scheme = None
    if body.scheme_id is not None:
        scheme = await assessment_schemes.for_region(uow, body.scheme_id, body.region_code)
        definition = scheme.definition
    else:
        assert body.definition is not None
        definition = await assessment_schemes.checked(uow, body.definition, "/definition")
    groups = await _groups(uow, asked, body.groups)
    previous = await _previous(uow, asked, scheme.code) if scheme is not None else None
    past = assessment_results.past_of(previous.document) if previous is not None else {}
    facts = await gather(uow, asked, definition, groups, past)
    named = None if scheme is None else _named(scheme)
    content = await assessment_results.document(facts, named, previous.id if previous is not None else None)
    told = None
    if body.explain is not None:
        told = await assessment_results.explanation(facts, body.explain, "/explain")
    return b'{"result":' + content + b',"explanation":' + to_json(told) + b"}"


def _named(scheme: Scheme) -> dict[str, Any]:
    return {"id": scheme.id, "code": scheme.code, "version": scheme.version}


async def _previous(uow: UnitOfWork, asked: Asked, scheme_code: str) -> Assessment | None:
    """The published run of the period before by the same scheme, in whatever version."""
    x, before = Assessment, asked.period.previous
    found: Assessment | None = await uow.session.scalar(
        select(x)
        .where(
            x.region_code == asked.region_code,
            x.scheme_code == scheme_code,
            x.subject_kind == asked.subject_kind,
            x.status == "published",
            x.period_kind == before.kind,
            x.year == before.year,
            x.number == before.number,
        )
        .options(undefer(x.document))
    )
    return found


async def create(uow: UnitOfWork, body: AssessmentIn) -> tuple[UUID, bool]:
    """The draft, worked out, and whether it is new."""
    asked = await _asked(uow, body)
    if body.id is not None:
        await uow.lock_key("assessment", str(body.id))
        known = await uow.session.get(Assessment, body.id)
        if known is not None:
            return _same(uow, known, body), False
    scheme = await assessment_schemes.for_region(uow, body.scheme_id, body.region_code)
    row = Assessment(
        id=body.id or uow.new_id(),
        region_code=asked.region_code,
        name=body.name or _name(asked),
        scheme_id=scheme.id,
        scheme_code=scheme.code,
        scheme_version=scheme.version,
        period_kind=asked.period.kind,
        year=asked.period.year,
        number=asked.period.number,
        subject_kind=asked.subject_kind,
        groups=await _groups(uow, asked, body.groups),
        status="draft",
    )
    await _work_out(uow, row, scheme)
    uow.add(row)
    uow.record("assessment.created", row, diff={"name": [None, row.name]})
    await uow.flush()
    return row.id, True


def _same(uow: UnitOfWork, row: Assessment, body: AssessmentIn) -> UUID:
    uow.actor.require_in_region(WRITE, row.region_code)
    period = (row.period_kind, row.year, row.number)
    pairs = {
        "region_code": row.region_code == body.region_code,
        "scheme_id": row.scheme_id == body.scheme_id,
        "period": period == (body.period.kind, body.period.year, body.period.number),
        "subject_kind": row.subject_kind == body.subject_kind,
        "name": body.name in {None, row.name},
        "groups": body.groups is None or _plain(body.groups) == row.groups,
    }
    fields = sorted(name for name, same in pairs.items() if not same)
    if fields:
        raise AppError("id_taken", extra={"fields": fields})
    return row.id


def _name(asked: Asked) -> str:
    period = asked.period
    part = {"year": "", "quarter": f"第{period.number}季度", "month": f"{period.number}月"}[period.kind]
    return f"{period.year}年{part}{_KIND[asked.subject_kind]}重点项目考核"


async def _work_out(uow: UnitOfWork, row: Assessment, scheme: Scheme) -> None:
    asked = Asked(row.region_code, Period(row.period_kind, row.year, row.number), row.subject_kind)
    previous = await _previous(uow, asked, row.scheme_code)
    past = assessment_results.past_of(previous.document) if previous is not None else {}
    row.previous_id = previous.id if previous is not None else None
    row.facts = await gather(uow, asked, scheme.definition, row.groups, past)
    row.document = await assessment_results.document(row.facts, _named(scheme), row.previous_id)
    row.inputs_sha256 = assessment_results.digest(row.facts)
    row.sha256 = assessment_results.digest(row.document)
    row.computed_at = uow.now


async def _scheme(uow: UnitOfWork, row: Assessment) -> Scheme:
    return await assessment_schemes.for_region(uow, row.scheme_id, row.region_code)


async def change(uow: UnitOfWork, identity: UUID, body: AssessmentPatch, if_match: str | None) -> None:
    """Name and groups of a draft; other groups, or null for everybody at work now, are worked out at once."""
    said = body.model_dump(exclude_unset=True)
    row = await _draft(uow, identity, if_match, said)
    if "name" in said:
        if body.name is None:
            raise invalid("/name", "missing")
        row.name = body.name
    if "groups" in said:
        asked = Asked(row.region_code, Period(row.period_kind, row.year, row.number), row.subject_kind)
        row.groups = await _groups(uow, asked, body.groups)
        await _work_out(uow, row, await _scheme(uow, row))
    _keep(uow, row, "assessment.updated")


async def recompute(uow: UnitOfWork, identity: UUID, if_match: str | None) -> None:
    """From what is known now."""
    row = await _draft(uow, identity, if_match, {})
    await _work_out(uow, row, await _scheme(uow, row))
    _keep(uow, row, "assessment.recomputed")


def _keep(uow: UnitOfWork, row: Assessment, action: str) -> None:
    diff = {name: change for name, change in uow.changed_fields(row).items() if name not in {"facts", "document"}}
    if diff:
        uow.touch(row)
        uow.record(action, row, diff=diff)


async def publish(uow: UnitOfWork, identity: UUID, if_match: str | None) -> None:
    """The result exactly as it was last worked out, once the period is over. Another published one: 409 `duplicate`."""
    row = await _draft(uow, identity, if_match, {})
    ends_on = Period(row.period_kind, row.year, row.number).ends_on
    if uow.today <= ends_on:
        raise AppError("assessment_period_running", ends_on=ends_on.isoformat())
    row.status, row.published_at, row.published_by = "published", uow.now, uow.actor.id
    uow.touch(row)
    uow.record("assessment.published", row, diff={"status": ["draft", "published"]})
    uow.record("assessment_result.published", row, diff={"sha256": [None, row.sha256], "name": [None, row.name]})
    await uow.flush()


async def remove(uow: UnitOfWork, identity: UUID, if_match: str | None) -> None:
    row = await _draft(uow, identity, if_match, {})
    uow.record("assessment.deleted", row, diff={"name": [row.name, None]})
    await uow.session.delete(row)


async def ranking(uow: UnitOfWork, identity: UUID) -> tuple[bytes, str]:
    """The result with what is around it, and the digest that tells them apart."""
    row = await find(uow, identity, whole=True)
    around = {
        "status": row.status,
        "computed_at": row.computed_at.isoformat(),
        "published_at": row.published_at.isoformat() if row.published_at is not None else None,
        "sha256": row.sha256,
    }
    content = to_json(around)[:-1] + b',"result":' + row.document + b"}"
    return content, assessment_results.digest(content)


async def explain(uow: UnitOfWork, identity: UUID, subject: UUID | None) -> dict[str, Any]:
    row = await find(uow, identity, whole=True)
    if subject is None:
        raise invalid("subject", "missing")
    return await assessment_results.explanation(row.facts, subject, "subject")


async def verification(uow: UnitOfWork, identity: UUID) -> dict[str, Any]:
    """Worked out once more from the kept facts: are the bytes the same?"""
    row = await find(uow, identity, whole=True)
    named = {"id": row.scheme_id, "code": row.scheme_code, "version": row.scheme_version}
    again = await assessment_results.document(row.facts, named, row.previous_id)
    return {
        "sha256": row.sha256,
        "recomputed_sha256": assessment_results.digest(again),
        "inputs_sha256": assessment_results.digest(row.facts),
        "matches": again == row.document
        and assessment_results.digest(row.document) == row.sha256
        and assessment_results.digest(row.facts) == row.inputs_sha256,
    }
