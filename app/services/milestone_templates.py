"""Templates of milestones: those that ship, those that counties keep, and beginning a project with one."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from app.db import to_json
from app.domain.milestone_templates import BY_ID, SHIPPED, Shipped, template_faults
from app.errors import AppError, FieldError, invalid, unknown_code
from app.listing import plan_filters, require_match, seen_by
from app.models import (
    Milestone,
    MilestoneDependency,
    MilestoneTemplate,
    Project,
    Region,
    TemplateApplication,
)
from app.reading import prepared, row_as_json
from app.resources.milestone_templates import MILESTONE_TEMPLATE, TEMPLATE_APPLICATION
from app.schemas.milestone_templates import (
    MilestoneTemplateIn,
    MilestoneTemplatePatch,
    MilestoneTemplateQuery,
    TemplateApplicationIn,
    TemplateMilestone,
)
from app.services import dictionaries, milestone_graph
from app.services.project_log import note_beside
from app.services.project_parts import lock_project, sent_before
from app.uow import UnitOfWork
from app.writing import apply_patch, get_visible, require_reach

WRITE = "milestone_templates.write"


async def everything(uow: UnitOfWork, query: MilestoneTemplateQuery) -> str:
    """JSON of all templates there are to choose from, the regions' own first. Outside any transaction."""
    given = {name: value for name in query.model_fields_set if (value := getattr(query, name)) is not None}
    plan = plan_filters(MILESTONE_TEMPLATE, given, seen_by(uow.actor, MILESTONE_TEMPLATE))
    t = MilestoneTemplate
    statement = prepared(
        (MILESTONE_TEMPLATE.name, "all", plan.shape),
        lambda: row_as_json(
            MILESTONE_TEMPLATE.full()
            .add_columns(t.name.label("k"))
            .where(*plan.conditions())
            .order_by(t.region_code, t.name),
            "k",
        ),
    )
    own = [row["j"] for row in await uow.db.rows(statement, plan.values)]
    fitting = [s for s in SHIPPED if query.sector is None or s.sector in (None, query.sector)]
    items = [*own, *(to_json(shown_shipped(s)).decode() for s in fitting)]
    return f'{{"items":[{",".join(items)}]}}'


def shown_shipped(template: Shipped) -> dict[str, Any]:
    return {
        "id": template.id,
        "region_code": None,
        "name": template.name,
        "sector": template.sector,
        "description": template.description,
        "milestones": list(template.milestones),
        "shipped": True,
        "version": 0,
        "created_at": None,
        "updated_at": None,
    }


async def create(uow: UnitOfWork, body: MilestoneTemplateIn) -> tuple[MilestoneTemplate, bool]:
    """The template, and whether it is new."""
    uow.actor.require_in_region(WRITE, body.region_code)
    fields = body.model_dump(exclude={"id", "milestones"}) | {"milestones": _plain(body.milestones)}
    if body.id is not None:
        await uow.lock_key("milestone_template", str(body.id))
        known = await uow.session.get(MilestoneTemplate, body.id)
        if known is not None or body.id in BY_ID:
            if known is None or any(getattr(known, name) != value for name, value in fields.items()):
                raise AppError("id_taken")
            return known, False
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    await _check(uow, body.sector, fields["milestones"])
    row = MilestoneTemplate(id=body.id or uow.new_id(), **fields)
    uow.add(row)
    uow.record("milestone_template.created", row)
    await uow.flush()
    return row, True


async def change(
    uow: UnitOfWork, template_id: UUID, body: MilestoneTemplatePatch, if_match: str | None
) -> MilestoneTemplate:
    row = await _locked(uow, template_id, if_match, body.model_dump(mode="json", exclude_unset=True))
    changed = apply_patch(row, body, skip=frozenset({"milestones"}))
    if "milestones" in body.model_fields_set:
        if body.milestones is None:
            raise invalid("/milestones", "missing")
        if row.milestones != (plain := _plain(body.milestones)):
            row.milestones = plain
            changed.add("milestones")
    await _check(uow, row.sector, row.milestones)
    if changed:
        uow.touch(row)
        uow.record("milestone_template.updated", row)
    return row


async def remove(uow: UnitOfWork, template_id: UUID, if_match: str | None) -> None:
    row = await _locked(uow, template_id, if_match, None)
    uow.record("milestone_template.deleted", row, diff={"name": [row.name, None]})
    await uow.session.delete(row)


async def _locked(
    uow: UnitOfWork, template_id: UUID, if_match: str | None, wanted: dict[str, Any] | None
) -> MilestoneTemplate:
    if template_id in BY_ID:
        raise AppError("template_shipped")
    row = await get_visible(uow, MILESTONE_TEMPLATE, MilestoneTemplate, template_id, lock=True)
    await require_reach(uow, MILESTONE_TEMPLATE, template_id, WRITE)
    await require_match(uow, MILESTONE_TEMPLATE, template_id, if_match, row.version, wanted)
    return row


def _plain(milestones: list[TemplateMilestone]) -> list[dict[str, Any]]:
    """As PostgreSQL keeps it: numbers that are whole as whole ones."""
    plain: list[dict[str, Any]] = json.loads(to_json([item.model_dump() for item in milestones]))
    return plain


async def _check(uow: UnitOfWork, sector: str | None, milestones: list[dict[str, Any]]) -> None:
    """Everything wrong with a template at once, by the names of its milestones."""
    errors = [] if sector is None else await dictionaries.faults(uow, "sector", "/sector", sector)
    kinds = await dictionaries.in_use(uow, "milestone_kind")
    errors += [
        unknown_code(f"/milestones/{i}/kind", item["kind"], kinds)
        for i, item in enumerate(milestones)
        if item["kind"] not in kinds
    ]
    place = {item["key"]: i for i, item in reversed(list(enumerate(milestones)))}
    names = {item["key"]: item["name"] for item in milestones}
    for fault in template_faults(milestones):
        params = milestone_graph.params(fault, names)
        errors.append(FieldError(f"/milestones/{place[fault.keys[0]]}", fault.code, params))
    if errors:
        raise AppError("invalid_content", errors=errors)


async def apply(uow: UnitOfWork, project_id: UUID, body: TemplateApplicationIn) -> tuple[TemplateApplication, bool]:
    """The application, and whether it is new: the same id again makes nothing."""
    project = await lock_project(uow, project_id, "milestones.write")
    known: TemplateApplication | None = await sent_before(
        uow, TEMPLATE_APPLICATION, TemplateApplication, project, body, beside=frozenset({"add_to_existing"})
    )
    if known is not None:
        return known, False
    name, milestones = await _chosen(uow, body.template_id)
    m = Milestone
    following = func.coalesce(func.max(m.position) + 1, 0)
    count, first = (await uow.session.execute(select(func.count(), following).where(m.project_id == project.id))).one()
    if count and not body.add_to_existing:
        raise AppError("has_milestones", milestones=count)
    ids = await _make(uow, project, milestones, first)
    row = TemplateApplication(
        id=body.id or uow.new_id(),
        project_id=project.id,
        template_id=body.template_id,
        template_name=name,
        milestone_ids=ids,
        applied_at=uow.now,
        applied_by=uow.actor.id,
    )
    uow.session.add(row)
    await note_beside(uow, "template_application.created", row, project, diff={"template_name": [None, name]})
    await uow.flush()
    return row, True


async def _chosen(uow: UnitOfWork, template_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    shipped = BY_ID.get(template_id)
    if shipped is not None:
        return shipped.name, list(shipped.milestones)
    seen = seen_by(uow.actor, MILESTONE_TEMPLATE)
    row = await uow.session.scalar(
        select(MilestoneTemplate).where(MilestoneTemplate.id == template_id, seen.condition())
    )
    if row is None:
        raise invalid("/template_id", "unknown_reference", resource=MILESTONE_TEMPLATE.label)
    return row.name, row.milestones


async def _make(uow: UnitOfWork, project: Project, milestones: list[dict[str, Any]], first: int) -> list[UUID]:
    ids = {item["key"]: uow.new_id() for item in milestones}
    rows = []
    for position, item in enumerate(milestones, first):
        row = Milestone(
            id=ids[item["key"]],
            project_id=project.id,
            position=position,
            steps=[{"name": step, "done": False, "done_on": None} for step in item["steps"]],
            **{name: item[name] for name in ("name", "kind", "duration_days", "weight")},
        )
        uow.add(row)
        rows.append(row)
    for row in rows:
        await note_beside(uow, "milestone.created", row, project)
    await uow.flush()
    links = [
        {"project_id": project.id, "milestone_id": ids[item["key"]], "predecessor_id": ids[key]}
        for item in milestones
        for key in dict.fromkeys(item["after"])
    ]
    if links:
        await uow.session.execute(insert(MilestoneDependency), links)
    return list(ids.values())
