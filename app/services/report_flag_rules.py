"""From which difference on a region flags reports: dated, never overwritten."""

from __future__ import annotations

from app.errors import invalid
from app.models import Region, ReportFlagRule
from app.resources.report_flags import REPORT_FLAG_RULE
from app.schemas.report_flags import ReportFlagRuleIn
from app.services.sent_again import after_last, sent_again
from app.uow import UnitOfWork

WRITE = "report_flag_rules.write"
_REGION = ("行政区划", "region")


async def create(uow: UnitOfWork, body: ReportFlagRuleIn) -> tuple[ReportFlagRule, bool]:
    """The rule, and whether it is new. Flags already raised stay until their reports are looked at again."""
    uow.actor.require_in_region(WRITE, body.region_code)
    r = ReportFlagRule
    known = await sent_again(uow, REPORT_FLAG_RULE, r, body.id, body)
    if known is not None:
        return known, False
    if body.valid_from < uow.today:
        raise invalid("/valid_from", "in_the_past")
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=_REGION)
    await uow.lock_key(REPORT_FLAG_RULE.name, body.region_code)
    row = r(
        id=body.id or uow.new_id(),
        **body.model_dump(exclude={"id"}),
        entered_at=await after_last(uow, r.entered_at, r.region_code == body.region_code),
        entered_by=uow.actor.id,
    )
    uow.add(row)
    uow.record("report_flag_rule.created", row)
    return row, True
