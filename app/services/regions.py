"""The tree of regions. One writer at a time: where a region hangs depends on which others there are."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from app.domain.regions import codes_above, kinds_of
from app.errors import invalid
from app.models import Project, Region
from app.resources.regions import REGION
from app.schemas.regions import RegionIn, RegionPatch
from app.uow import UnitOfWork
from app.writing import apply_patch, get_for_update, touch_projects_where

TREE_LOCK = "regions"
"""Name of the lock every writer of regions holds (`UnitOfWork.lock_key`), the import of national lists included."""


async def create(uow: UnitOfWork, body: RegionIn) -> Region:
    """A region below the nearest one above that exists; those it now stands above are hung below it."""
    uow.actor.require_in_region("regions.write", body.code)
    kind = body.kind or kinds_of(body.code)[0]
    _check_kind(body.code, kind)
    await uow.lock_key(TREE_LOCK)
    above = codes_above(body.code)
    parent = await uow.session.scalar(select(func.max(Region.code)).where(Region.code.in_(above)))
    if above and parent is None:
        raise invalid("/code", "parent_missing", parent=above[0])
    row = Region(code=body.code, name=body.name, kind=kind, parent_code=parent)
    uow.add(row)
    uow.record("region.created", row, region_code=row.code)
    await uow.flush()
    await _adopt_children(uow, row)
    return row


async def _adopt_children(uow: UnitOfWork, row: Region) -> None:
    below = select(Region).where(
        Region.code > row.code,
        Region.code < row.code + ":",
        or_(Region.parent_code.is_(None), func.length(Region.parent_code) < len(row.code)),
    )
    for child in await uow.session.scalars(below):
        child.parent_code = row.code
        uow.touch(child)
        uow.record("region.updated", child, region_code=child.code)


async def change(uow: UnitOfWork, code: str, body: RegionPatch, if_match: str | None) -> Region:
    await uow.lock_key(TREE_LOCK)
    row = await get_for_update(uow, REGION, Region, code, "regions.write", if_match, body)
    if body.kind is not None:
        _check_kind(code, body.kind)
    changed = apply_patch(row, body)
    if changed:
        uow.touch(row)
        uow.record("region.updated", row, region_code=code)
    if "name" in changed:
        await touch_projects_where(uow, Project.region_code == code)
    return row


async def remove(uow: UnitOfWork, code: str, if_match: str | None) -> None:
    """The database refuses while anything refers to it."""
    await uow.lock_key(TREE_LOCK)
    row = await get_for_update(uow, REGION, Region, code, "regions.write", if_match)
    uow.record("region.deleted", row, region_code=code)
    await uow.session.delete(row)
    await uow.flush()


def _check_kind(code: str, kind: str) -> None:
    allowed = kinds_of(code)
    if kind not in allowed:
        raise invalid("/kind", "kind_does_not_fit", allowed=", ".join(allowed))
