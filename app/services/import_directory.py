"""Names in a ledger → places, departments and leaders of the region it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Text, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.regions import codes_above
from app.ledgers.model import LedgerRow
from app.models import Department, Leader, Region


@dataclass(frozen=True, slots=True)
class Party:
    """A department or a leader there is."""

    id: UUID
    name: str
    region_code: str
    title: str | None = None
    active: bool = True


@dataclass(slots=True)
class Directory:
    """What the names of one ledger mean in `region`."""

    region: Region
    places: Mapping[str, str]
    _departments: dict[str, list[Party]] = field(default_factory=dict)
    _leaders: dict[str, list[Party]] = field(default_factory=dict)

    def place(self, location: str | None) -> str | None:
        """Code of the township or park of that name, also with the county's name before it; None: it names none."""
        return self.places.get(_bare(location, self.region.name)) if location else None

    def department(self, name: str, near: str) -> Party | None:
        return self._nearest(self._departments.get(name, ()), near)

    def leader(self, name: str, near: str) -> Party | None:
        return self._nearest(self._leaders.get(name, ()), near)

    def add_department(self, party: Party) -> None:
        self._departments.setdefault(party.name, []).append(party)

    def add_leader(self, party: Party) -> None:
        self._leaders.setdefault(party.name, []).append(party)

    def _nearest(self, parties: Sequence[Party], near: str) -> Party | None:
        """The region's own, else of those above up to the county, else of the project's township, else the only one."""
        own = self.region.code
        for code in (own, *codes_above(own), near):
            for party in parties:
                if party.region_code == code:
                    return party
        return parties[0] if len(parties) == 1 else None


async def load_directory(session: AsyncSession, region: Region, rows: Iterable[LedgerRow]) -> Directory:
    """Everything the rows name, in three reads."""
    departments: set[str] = set()
    leaders: set[str] = set()
    for row in rows:
        departments.update(row.values.departments, row.values.owners)
        if row.values.leader:
            leaders.add(row.values.leader)
    directory = Directory(region, await _places(session, region))
    for found in await _named(session, Department, region.code, departments):
        directory.add_department(Party(found.id, found.name, found.region_code, active=found.active))
    for found in await _named(session, Leader, region.code, leaders):
        directory.add_leader(Party(found.id, found.name, found.region_code, found.title, found.active))
    return directory


async def _named(session: AsyncSession, model: Any, region: str, names: set[str]) -> Sequence[Any]:
    columns = [model.id, model.name, model.region_code, model.active] + ([model.title] if model is Leader else [])
    county_up = [code for code in codes_above(region) if len(code) >= 6]
    within = or_(
        model.region_code.in_(county_up),
        (model.region_code >= region) & (model.region_code < region + ":"),
    )
    wanted = model.name == any_(bindparam("names", sorted(names), ARRAY(Text)))
    return (await session.execute(select(*columns).where(wanted, within).order_by(model.id))).all()


async def _places(session: AsyncSession, region: Region) -> dict[str, str]:
    """Name → code of what lies within the region; a name that two places share means neither."""
    rows = await session.execute(
        select(Region.code, Region.name).where(
            Region.code > region.code, Region.code < region.code + ":", Region.kind != "village"
        )
    )
    places: dict[str, set[str]] = {}
    for row in rows:
        places.setdefault(_bare(row.name, region.name), set()).add(row.code)
    return {name: codes.pop() for name, codes in places.items() if len(codes) == 1}


def _bare(name: str, region: str) -> str:
    return name.removeprefix(region) or name
