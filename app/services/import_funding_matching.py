"""Which money a ledger row is about: the record it names, else that of its project (or region), year, channel, batch
and name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.ledgers.funding import FundingRow
from app.ledgers.model import CellError
from app.models import FundingEntry, FundingRecord, Project, Region
from app.services.import_matching import load_index, match_one
from app.services.import_messages import Places
from app.services.import_reading import Period
from app.services.import_verdict import Missing, Outcome
from app.uow import UnitOfWork

_WHAT = {"year": ("年度", "year"), "channel": ("渠道", "channel"), "batch": ("批次", "batch")}


@dataclass(slots=True)
class FundingVerdict:
    """What is said of one row, and what applying it would write."""

    position: int
    row: FundingRow
    places: Places
    period: Period
    today: date
    provides: frozenset[str]
    filename: str
    project_id: UUID | None = None
    region_code: str | None = None
    stored: FundingRecord | None = None
    in_force: dict[str, list[tuple[UUID, Decimal]]] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)
    notes: list[CellError] = field(default_factory=list)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    milestones: list[dict[str, Any]] = field(default_factory=list)
    """None in a ledger of money."""
    entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        if self.errors:
            return "rejected"
        if self.stored is None:
            return "created"
        return "changed" if self.changes else "unchanged"

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells one sum of money from another."""
        if self.stored is not None:
            return (self.stored.id,)
        v = self.row.values
        return (self.project_id or self.region_code, self.year, v.channel, v.batch, v.title)

    @property
    def year(self) -> int:
        return self.row.values.year or self.period.year

    def refuse(self, name: str, code: str, value: str = "", **params: Any) -> None:
        self.errors.append(self.places.finding(self.row, name, code, value, **params))

    def note(self, name: str, code: str, value: str = "", **params: Any) -> None:
        self.notes.append(self.places.finding(self.row, name, code, value, **params))


async def find_owners(uow: UnitOfWork, verdicts: Sequence[FundingVerdict], region: Region, places: Places) -> None:
    """The project of each row, or the region where it names none."""
    rows: Any = [verdict.row for verdict in verdicts]
    index = await load_index(uow.session, region.code, rows)
    regions = await _regions(uow, region)
    for verdict in verdicts:
        v = verdict.row.values
        if verdict.errors or v.record is not None:
            continue
        if v.name or v.own_code or v.code:
            match = match_one(verdict.row, index, places)
            verdict.errors += match.errors
            verdict.project_id = match.project_id
            if match.project_id is None and not match.errors:
                verdict.refuse("name", "unknown_project", v.name or "")
        else:
            verdict.region_code = regions.get(v.region or region.code)
            if verdict.region_code is None:
                verdict.refuse("region", "unknown_region", v.region or "")


async def _regions(uow: UnitOfWork, region: Region) -> dict[str, str]:
    """Codes and names of the region and what lies within; a name that two share means neither."""
    rows = await uow.session.execute(
        select(Region.code, Region.name).where(Region.code >= region.code, Region.code < region.code + ":")
    )
    named: dict[str, set[str]] = {}
    for row in rows:
        for key in (row.code, row.name):
            named.setdefault(key, set()).add(row.code)
    return {key: codes.pop() for key, codes in named.items() if len(codes) == 1}


async def find_records(uow: UnitOfWork, verdicts: Sequence[FundingVerdict], region: Region, *, lock: bool) -> None:
    r, p = FundingRecord, Project
    good = [verdict for verdict in verdicts if not verdict.errors]
    owners = sorted({v.project_id for v in good if v.project_id})
    ids = sorted({v.row.values.record for v in good if v.row.values.record})
    codes = sorted({v.region_code for v in good if v.region_code})
    place = select(p.region_code).where(p.id == r.project_id).scalar_subquery()
    statement = (
        select(r, place.label("place"))
        .where(
            or_(
                r.project_id == any_(bindparam("owners", owners, ARRAY(Uuid))),
                r.id == any_(bindparam("ids", ids, ARRAY(Uuid))),
                r.region_code == any_(bindparam("codes", codes, ARRAY(Text))),
            )
        )
        # What is allocated is locked after what it was allocated from, as everywhere.
        .order_by(r.source_id.is_not(None), r.id)
        .execution_options(populate_existing=True)
    )
    if lock:
        statement = statement.with_for_update(of=r, key_share=True)
    found = (await uow.session.execute(statement)).all()
    here = [row for row in found if (row.place or row.FundingRecord.region_code).startswith(region.code)]
    by_id = {row.FundingRecord.id: row.FundingRecord for row in here}
    in_force = await _entries_in_force(uow, by_id)
    for verdict in good:
        _match_record(verdict, by_id)
        if verdict.stored is not None:
            verdict.in_force = in_force.get(verdict.stored.id, {})


async def _entries_in_force(
    uow: UnitOfWork, records: Mapping[UUID, FundingRecord]
) -> dict[UUID, dict[str, list[tuple[UUID, Decimal]]]]:
    e, later = FundingEntry, aliased(FundingEntry)
    columns: list[Any] = [e.id, e.funding_record_id, e.step, e.amount]
    wanted = e.funding_record_id == any_(bindparam("ids", list(records), ARRAY(Uuid)))
    statement = select(*columns).where(wanted, e.amount > 0, ~exists().where(later.corrects_id == e.id))
    found: dict[UUID, dict[str, list[tuple[UUID, Decimal]]]] = {}
    for row in await uow.session.execute(statement):
        found.setdefault(row.funding_record_id, {}).setdefault(row.step, []).append((row.id, row.amount))
    return found


def _match_record(verdict: FundingVerdict, records: Mapping[UUID, FundingRecord]) -> None:
    v = verdict.row.values
    if v.record is not None:
        verdict.stored = stored = records.get(v.record)
        if stored is None:
            verdict.refuse("record", "unknown_record", str(v.record))
            return
        verdict.project_id, verdict.region_code = stored.project_id, stored.region_code
        for name, (zh, en) in _WHAT.items():
            said = getattr(v, name)
            if said is not None and said != getattr(stored, name):
                verdict.refuse(name, "other_record", str(said), what_zh=zh, what_en=en)
        return
    wanted = (verdict.project_id, verdict.region_code, verdict.year, v.channel, v.batch, v.title)
    like = [
        r
        for r in records.values()
        if (r.project_id, r.region_code, r.year, r.channel, r.batch, r.name) == wanted
        and (v.level is None or (v.level == "allocated") == (r.source_id is not None))
    ]
    own = [r for r in like if r.source_id is None] if v.level is None else like
    if len(own) > 1 or (not own and like) or (v.level == "allocated" and not like):
        verdict.refuse("record", "ambiguous_record" if like else "unknown_record", count=len(like))
        return
    verdict.stored = own[0] if own else None
