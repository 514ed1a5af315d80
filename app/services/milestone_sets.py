"""All milestones of a project at once: read in one answer, put as a set, a statement per table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, delete, func, insert, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.domain.scheduling import Fault, Task
from app.errors import AppError, FieldError, unknown_code
from app.listing import etag
from app.models import Milestone, MilestoneDependency, Project, User
from app.resources.milestones import graph_etag
from app.schemas.milestone_sets import MilestoneSetIn, SetItem
from app.services import dictionaries, milestone_graph, permit_forecasts, planned_dates
from app.services.import_writes import execute_many, table_of
from app.services.milestones import WRITE
from app.services.project_log import departments_of
from app.services.project_parts import lock_project
from app.uow import UnitOfWork

_TABLE = table_of(Milestone)
_LINKS = table_of(MilestoneDependency)
_FIELDS = (
    "name", "kind", "position", "weight", "duration_days", "planned_start", "planned_finish", "responsible_user_id",
    "responsible_name", "note",
)  # fmt: skip
_PLANNED = ("planned_start", "planned_finish")


@dataclass
class _Difference:
    created: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)
    links_added: list[dict[str, Any]] = field(default_factory=list)
    links_removed: list[tuple[UUID, UUID]] = field(default_factory=list)
    told: list[tuple[str, UUID, int, dict[str, Any]]] = field(default_factory=list)
    """(action, milestone, version, what changed) for the log."""
    planned: list[planned_dates.Wish] = field(default_factory=list)
    """Milestones that are given planned dates, or others than they have."""


async def put(uow: UnitOfWork, project_id: UUID, body: MilestoneSetIn, if_match: str | None) -> bool:
    """The project has exactly these milestones then; whether anything changed."""
    project = await lock_project(uow, project_id, WRITE)
    stored = await _stored(uow, project_id)
    _check_graph(body, await _item_errors(uow, project, body, stored))
    baseline = await planned_dates.current(uow, project_id)
    difference = _compare(uow, project, body, stored, baseline)
    if not difference.told:
        return False
    planned_dates.require_kept(baseline, difference.planned)
    if stored:
        await _require_match(uow, project_id, if_match)
    await _write(uow, difference)
    readers = sorted(await departments_of(uow, project_id))
    for action, identity, version, diff in difference.told:
        uow.record_plain(
            f"milestone.{action}",
            resource_id=str(identity),
            version=version,
            region_code=project.region_code,
            project_id=project_id,
            department_ids=readers,
            diff=diff,
        )
    await uow.flush()
    await permit_forecasts.recompute(uow, project)
    return True


async def etag_of(uow: UnitOfWork, project_id: UUID) -> str:
    await uow.flush()
    return etag(str(await uow.session.scalar(select(graph_etag(literal(project_id, Uuid))))))


async def _require_match(uow: UnitOfWork, project_id: UUID, if_match: str | None) -> None:
    if if_match is None:
        raise AppError("precondition_required")
    now = await etag_of(uow, project_id)
    if if_match.strip() != "*" and now not in [tag.strip() for tag in if_match.split(",")]:
        raise AppError("precondition_failed", headers={"ETag": now}, extra={"current": None, "fields": ["milestones"]})


async def _stored(uow: UnitOfWork, project_id: UUID) -> dict[UUID, dict[str, Any]]:
    nodes = await milestone_graph.load(uow, project_id)
    columns = [_TABLE.c[name] for name in ("id", "version", *_FIELDS)]
    rows = await uow.session.execute(select(*columns).where(_TABLE.c.project_id == project_id))
    found = {row["id"]: dict(row) for row in rows.mappings()}
    for node in nodes:
        found[node.id]["predecessor_ids"] = set(node.predecessor_ids)
    return found


async def _item_errors(
    uow: UnitOfWork, project: Project, body: MilestoneSetIn, stored: Mapping[UUID, Any]
) -> list[FieldError]:
    """What is wrong with single milestones, whatever they wait for."""
    errors = []
    kinds = await dictionaries.in_use(uow, "milestone_kind")
    accounts = await _accounts(uow, project, body)
    taken = await _taken(uow, [item.id for item in body.milestones if item.id not in stored])
    for i, item in enumerate(body.milestones):
        at = f"/milestones/{i}"
        if item.id in taken:
            errors.append(FieldError(f"{at}/id", "id_of_another_project", {}))
        if item.kind not in kinds:
            errors.append(unknown_code(f"{at}/kind", item.kind, kinds))
        if item.planned_start and item.planned_finish and item.planned_finish < item.planned_start:
            errors.append(FieldError(f"{at}/planned_finish", "dates_out_of_order", {}))
        if item.responsible_user_id is not None and item.responsible_user_id not in accounts:
            resource = ("账号", "account")
            errors.append(FieldError(f"{at}/responsible_user_id", "unknown_reference", {"resource": resource}))
    return errors


async def _accounts(uow: UnitOfWork, project: Project, body: MilestoneSetIn) -> set[UUID]:
    """Accounts of the project's county that may be named."""
    named = {item.responsible_user_id for item in body.milestones if item.responsible_user_id is not None}
    return set(
        await uow.session.scalars(
            select(User.id).where(
                User.id == any_(literal(sorted(named), ARRAY(Uuid))),
                User.region_code.startswith(project.region_code[:6]),
                User.disabled.is_(False),
            )
        )
    )


async def _taken(uow: UnitOfWork, ids: list[UUID]) -> set[UUID]:
    return set(await uow.session.scalars(select(_TABLE.c.id).where(_TABLE.c.id == any_(literal(ids, ARRAY(Uuid))))))


def _check_graph(body: MilestoneSetIn, errors: list[FieldError]) -> None:
    place = {item.id: i for i, item in reversed(list(enumerate(body.milestones)))}

    def pointer(fault: Fault[UUID]) -> str:
        at = f"/milestones/{place[fault.keys[0]]}"
        if fault.code == "unknown_predecessor":
            return f"{at}/predecessor_ids/{body.milestones[place[fault.keys[0]]].predecessor_ids.index(fault.keys[1])}"
        return at + {"cycle": "/predecessor_ids", "duration_out_of_range": "/duration_days"}.get(fault.code, "")

    tasks = [Task(item.id, item.duration_days, tuple(item.predecessor_ids)) for item in body.milestones]
    names = {item.id: item.name for item in body.milestones}
    milestone_graph.check(tasks, names, pointer, durations=False, also=errors)


def _compare(
    uow: UnitOfWork,
    project: Project,
    body: MilestoneSetIn,
    stored: Mapping[UUID, dict[str, Any]],
    baseline: planned_dates.Current,
) -> _Difference:
    found = _Difference()
    for position, item in enumerate(body.milestones):
        before = stored.get(item.id)
        fields = _fields(item, position)
        if before is not None and item.id in baseline.spans:
            # What the baseline planned need not be said again.
            fields |= {name: before[name] for name in _PLANNED if name not in item.model_fields_set}
        links = set(item.predecessor_ids)
        were: set[UUID] = before["predecessor_ids"] if before is not None else set()
        diff = {
            name: [_told(before[name]) if before else None, _told(value)]
            for name, value in fields.items()
            if before is None or before[name] != value
        }
        if links != were:
            diff["predecessor_ids"] = [sorted(map(str, were)), sorted(map(str, links))]
        if any(diff.get(name, [None, None]) != [None, None] for name in _PLANNED):
            span = planned_dates.Span(fields["planned_start"], fields["planned_finish"])
            found.planned.append(planned_dates.Wish(item.id, item.name, span, f"/milestones/{position}"))
        key = {"project_id": project.id, "milestone_id": item.id}
        found.links_added += [key | {"predecessor_id": p} for p in sorted(links - were)]
        found.links_removed += [(item.id, p) for p in sorted(were - links)]
        if before is None:
            stamp = {"created_at": uow.now, "updated_at": uow.now}
            found.created.append({"id": item.id, "project_id": project.id, "steps": [], **fields, **stamp})
            found.told.append(("created", item.id, 1, diff))
        elif diff:
            found.changed.append({"b_id": item.id, "b_now": uow.now} | {f"b_{k}": v for k, v in fields.items()})
            found.told.append(("updated", item.id, before["version"] + 1, diff))
    kept = {item.id for item in body.milestones}
    for identity, before in stored.items():
        if identity not in kept:
            found.removed.append({"b_id": identity})
            found.told.append(("deleted", identity, before["version"], {"name": [before["name"], None]}))
    return found


def _fields(item: SetItem, position: int) -> dict[str, Any]:
    return {name: position if name == "position" else getattr(item, name) for name in _FIELDS}


def _told(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, str)) else str(value)


async def _write(uow: UnitOfWork, found: _Difference) -> None:
    if found.links_removed:
        pairs = tuple_(_LINKS.c.milestone_id, _LINKS.c.predecessor_id)
        gone = select(
            func.unnest(literal([a for a, _ in found.links_removed], ARRAY(Uuid))),
            func.unnest(literal([b for _, b in found.links_removed], ARRAY(Uuid))),
        )
        await uow.session.execute(delete(_LINKS).where(pairs.in_(gone)))
    if found.removed:
        ids = [row["b_id"] for row in found.removed]
        await uow.session.execute(delete(_TABLE).where(_TABLE.c.id == any_(literal(ids, ARRAY(Uuid)))))
    if found.created:
        await execute_many(uow, insert(_TABLE), found.created)
    if found.changed:
        values = {name: bindparam(f"b_{name}", type_=_TABLE.c[name].type) for name in _FIELDS}
        stamp = {"version": _TABLE.c.version + 1, "updated_at": bindparam("b_now", type_=_TABLE.c.updated_at.type)}
        statement = update(_TABLE).where(_TABLE.c.id == bindparam("b_id")).values({**values, **stamp})
        await execute_many(uow, statement, found.changed)
    if found.links_added:
        await execute_many(uow, insert(_LINKS), found.links_added)
