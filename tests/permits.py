"""The permits a project cannot start without, as the API wants them."""

from __future__ import annotations

from app.domain.permit_kinds import MANDATORY_KINDS
from tests.world import COUNTY_A, Client


async def issued(office: Client, project: str, day: str) -> None:
    """Every permit that is mandatory as shipped, entered and issued on that day; `project` is a path."""
    for kind in MANDATORY_KINDS:
        permit = await office.created(f"{project}/permits", {"kind": kind})
        await office.created(f"/permits/{permit['id']}/events", {"kind": "issued", "happened_on": day})


async def let_start_without(office: Client) -> None:
    """The county lets projects start of which a mandatory permit was never entered."""
    for kind in MANDATORY_KINDS:
        await office.created("/permit-rules", {"region_code": COUNTY_A, "kind": kind, "entry_required": False})
