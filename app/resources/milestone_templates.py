from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSON

from app.access import Scoping
from app.listing import Filter, Resource, region_prefix
from app.models import MilestoneTemplate, TemplateApplication
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account, through_project

_SCOPING = Scoping(region=MilestoneTemplate.region_code)


def _select() -> AnySelect:
    t = MilestoneTemplate
    columns: list[Any] = [
        t.id, t.region_code, t.name, t.sector, t.description, t.milestones, literal_column("false").label("shipped"),
        t.version, t.created_at, t.updated_at,
    ]  # fmt: skip
    return select(*columns)


def _of_sector() -> Filter:
    sector: Any = bindparam("f_sector", None, MilestoneTemplate.sector.type)
    return Filter(
        lambda _: or_(MilestoneTemplate.sector.is_(None), MilestoneTemplate.sector == sector),
        lambda v: {"f_sector": v},
    )


MILESTONE_TEMPLATE = Resource(
    name="milestone_template",
    label=("节点模板", "milestone template"),
    permission="milestone_templates.read",
    key=MilestoneTemplate.id,
    scoping=_SCOPING,
    full=_select,
    filters={"sector": _of_sector(), "region": region_prefix(_SCOPING)},
)


def _application() -> AnySelect:
    a = TemplateApplication
    columns: list[Any] = [
        a.id, a.project_id, a.template_id, a.template_name,
        func.to_json(a.milestone_ids, type_=JSON).label("milestone_ids"), a.applied_at,
        account(a.applied_by).label("applied_by"), NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


TEMPLATE_APPLICATION = Resource(
    name="template_application",
    label=("模板套用", "template application"),
    permission="projects.read",
    key=TemplateApplication.id,
    scoping=through_project(TemplateApplication.project_id),
    full=_application,
)
