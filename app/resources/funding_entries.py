from __future__ import annotations

from typing import Any

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.orm import aliased

from app.listing import Filter, Resource, Sort, any_of, equals
from app.models import FundingEntry, FundingRecord
from app.reading import AnySelect
from app.resources.funding_records import SCOPING
from app.resources.project_parts import NEVER_CHANGES, account

_LATER = aliased(FundingEntry, name="later")
_CORRECTED_BY: Any = (
    select(_LATER.id).where(_LATER.corrects_id == FundingEntry.id).correlate(FundingEntry).scalar_subquery()
)


def _select() -> AnySelect:
    e, r = FundingEntry, FundingRecord
    columns: list[Any] = [
        e.id, e.funding_record_id, r.project_id, e.step, e.happened_on, func.trim_scale(e.amount).label("amount"),
        e.document_number, e.note, e.corrects_id, e.reason, _CORRECTED_BY.label("corrected_by_id"), e.excess_reason,
        e.recorded_at, account(e.recorded_by).label("recorded_by"), e.source, NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns).join_from(e, r, r.id == e.funding_record_id)


FUNDING_ENTRY = Resource(
    name="funding_entry",
    conditional=False,
    label=("资金明细", "funding entry"),
    permission="funding.read",
    key=FundingEntry.id,
    scoping=SCOPING,
    full=_select,
    filters={
        "funding_record": equals(FundingEntry.funding_record_id, "funding_record"),
        "step": any_of(FundingEntry.step, "step"),
        "as_of": Filter(
            lambda v: FundingEntry.happened_on <= bindparam("f_as_of", v, Date),
            lambda v: {"f_as_of": v},
        ),
        "in_force": Filter(
            lambda v: _CORRECTED_BY.is_(None) if v else _CORRECTED_BY.is_not(None), lambda _: {}, lambda v: v
        ),
    },
    sorts={"happened_on": Sort(FundingEntry.happened_on), "recorded_at": Sort(FundingEntry.recorded_at)},
)
