"""Departments and leaders a ledger names that are not there yet: made in the import's region when the sender asks."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.leaders import body_of
from app.models import Department, Leader
from app.services.import_directory import Directory, Party
from app.services.import_verdict import Missing, Verdict
from app.uow import UnitOfWork


async def create_missing_parties(
    uow: UnitOfWork, directory: Directory, verdicts: Iterable[Verdict]
) -> dict[str, list[str]]:
    """Make the departments and leaders good rows need, in the import's region; returns their names."""
    region = directory.region.code
    wanted: dict[tuple[bool, str], Missing] = {}
    for verdict in verdicts:
        for missing in verdict.missing:
            key = missing.field == "leader", missing.name
            known = wanted.get(key)
            if known is None or _says_more(missing, known):
                wanted[key] = missing
    names: dict[str, list[str]] = {"departments": [], "leaders": []}
    for (is_leader, name), missing in wanted.items():
        if is_leader:
            directory.add_leader(_new_leader(uow, region, missing))
        else:
            directory.add_department(_new_department(uow, region, missing))
        names["leaders" if is_leader else "departments"].append(name)
    if wanted:
        uow.actor.require_in_region("departments.write", region)
        uow.actor.require_in_region("leaders.write", region)
        await uow.flush()
    return names


def _says_more(missing: Missing, known: Missing) -> bool:
    """A responsible department that also owns projects is no mere owner; a title may stand in another row."""
    no_mere_owner = known.kind == "owner" and missing.kind != "owner"
    return no_mere_owner or (known.title is None and missing.title is not None)


def _new_leader(uow: UnitOfWork, region: str, missing: Missing) -> Party:
    row = Leader(
        id=uow.new_id(),
        region_code=region,
        name=missing.name,
        title=missing.title,
        body=body_of(missing.title),
        active=True,
    )
    uow.add(row)
    uow.record("leader.created", row)
    return Party(row.id, row.name, region, row.title)


def _new_department(uow: UnitOfWork, region: str, missing: Missing) -> Party:
    row = Department(id=uow.new_id(), region_code=region, name=missing.name, kind=missing.kind, active=True)
    uow.add(row)
    uow.record("department.created", row)
    return Party(row.id, row.name, region)
