"""Permits that keep a project from starting, and what a region says of that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.permit_kinds import MANDATORY_KINDS
from app.models import Project
from app.reading import compile_statement
from app.resources.permit_duties import permits_waiting
from app.services.permit_rules import missing_for_start
from app.uow import UnitOfWork
from tests.permits import issued, let_start_without
from tests.world import COUNTY_A, Client, World

TODAY = datetime(2026, 3, 20, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def a_known_day(world: World) -> None:
    world.app.state.clock = lambda: TODAY


async def _project(office: Client, **fields: Any) -> str:
    made = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A, **fields})
    return f"/projects/{made['id']}"


READY: dict[str, Any] = {"investors": ["某公司"], "location": "柳城", "land_status": "settled", "stage": "landed"}


async def _start(office: Client, project: str, **fields: Any) -> Any:
    return await office.post(f"{project}/stage-transitions", {"to_stage": "started", **fields})


async def test_mandatory_permits_keep_a_project_from_starting(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    await let_start_without(office)
    permit = await office.created(f"{project}/permits", {"kind": "construction_permit"})
    await office.created(f"{project}/permits", {"kind": "energy_review"})
    exempt = await office.created(f"{project}/permits", {"kind": "environmental_assessment", "mandatory": False})
    refused = await _start(office, project)
    assert (refused.status_code, refused.json()["code"]) == (409, "transition_refused")
    assert [u["code"] for u in refused.json()["unmet"]] == ["permits_issued"]
    assert refused.json()["permits"] == [
        {
            "kind": "construction_permit", "permit_id": permit["id"], "state": "not_applied",
            "mandatory_by": "shipped", "mandatory_from": None,
        }
    ]  # fmt: skip
    overridden = {"override": True, "reason": "县长办公会议纪要"}
    other = await _project(office, **READY)
    await office.created(f"{other}/permits", {"kind": "construction_permit"})
    forced = await _start(office, other, **overridden)
    assert (forced.status_code, forced.json()["unmet"]) == (201, ["permits_issued"])
    await office.created(f"/permits/{permit['id']}/events", {"kind": "issued", "happened_on": "2026-03-10"})
    assert exempt["mandatory_in_force"] is False
    assert (await _start(office, project)).status_code == 201


async def test_a_mandatory_permit_that_was_never_entered_is_missing(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    refused = await _start(office, project)
    assert (refused.status_code, [u["code"] for u in refused.json()["unmet"]]) == (409, ["permits_issued"])
    assert refused.json()["permits"] == [
        {"kind": kind, "permit_id": None, "state": None, "mandatory_by": "shipped", "mandatory_from": None}
        for kind in MANDATORY_KINDS
    ]
    await issued(office, project, "2026-03-02")
    assert (await _start(office, project)).status_code == 201


async def test_a_kind_no_longer_in_use_is_not_asked_for(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    disable = "UPDATE dictionary_entries SET active = $2 WHERE dictionary = 'permit_kind' AND code = $1"
    await world.pool.execute(disable, "environmental_assessment", False)
    try:
        asked = [permit["kind"] for permit in (await _start(office, project)).json()["permits"]]
        assert asked == [kind for kind in MANDATORY_KINDS if kind != "environmental_assessment"]
    finally:
        await world.pool.execute(disable, "environmental_assessment", True)


async def test_a_county_may_let_start_what_has_no_permits_entered(world: World) -> None:
    office = await world.user("dispatcher")
    first, second, third = [await _project(office, **READY) for _ in range(3)]
    await let_start_without(office)
    kinds = (await office.get("/permit-kinds", params={"region": COUNTY_A})).json()["kinds"]
    told = {k["kind"]: (k["mandatory"], k["entry_required"], k["entry_required_from"]) for k in kinds}
    assert told["construction_permit"] == (True, False, COUNTY_A)
    assert told["energy_review"] == (False, True, None)
    assert (await _start(office, first)).status_code == 201
    # What is entered binds all the same.
    await office.created(f"{second}/permits", {"kind": "construction_permit"})
    assert (await _start(office, second)).status_code == 409
    [rule] = (await office.get("/permit-rules", params={"kind": "construction_permit"})).json()["items"]
    changed = await office.patch(f"/permit-rules/{rule['id']}", {"mandatory": True, "entry_required": True}, etag='"1"')
    assert (changed.status_code, changed.json()["entry_required"]) == (200, True)
    assert (await _start(office, third)).json()["permits"] == [
        {
            "kind": "construction_permit", "permit_id": None, "state": None, "mandatory_by": "region",
            "mandatory_from": COUNTY_A,
        }
    ]  # fmt: skip
    exempt = {"kind": "construction_permit", "mandatory": False, "note": "不适用"}
    await office.created(f"{third}/permits", exempt)
    assert (await _start(office, third)).status_code == 201
    silent = await office.post("/permit-rules", {"region_code": COUNTY_A, "kind": "other", "note": "无"})
    assert (silent.status_code, silent.json()["code"]) == (422, "permit_rule_says_nothing")


_WAITING = compile_statement(select(permits_waiting().label("waiting")).select_from(Project))


async def test_of_permits_entered_ledgers_ask_the_same_as_moves_do(world: World) -> None:
    """The imports' one question in SQL against the list that a refused move shows, without what is not entered."""
    office, prefecture = await world.user("dispatcher"), await world.user("dispatcher", "9901")
    project = await _project(office, **READY)

    async def waiting() -> tuple[bool, bool]:
        row = await world.app.state.db.row(_WAITING, {})
        refused = await _start(office, project, happened_on="1999-01-01")
        assert refused.status_code == 422, "nothing moves here"
        uow = UnitOfWork(world.app.state.db, TODAY)
        try:
            stored = await uow.session.get(Project, project.removeprefix("/projects/"))
            assert stored is not None
            missing = await missing_for_start(uow, stored)
            return row["waiting"], any(permit["permit_id"] is not None for permit in missing)
        finally:
            await uow.close()

    async def rule(client: Client, region: str, kind: str, *, mandatory: bool) -> None:
        await client.created("/permit-rules", {"region_code": region, "kind": kind, "mandatory": mandatory})

    async def permit(kind: str, **fields: Any) -> str:
        return f"/permits/{(await office.created(f'{project}/permits', {'kind': kind, **fields}))['id']}"

    assert await waiting() == (False, False)
    await permit("energy_review")
    assert await waiting() == (False, False)
    await rule(prefecture, "9901", "energy_review", mandatory=True)
    assert await waiting() == (True, True)
    await rule(office, COUNTY_A, "energy_review", mandatory=False)
    assert await waiting() == (False, False)
    await rule(office, COUNTY_A, "land_approval", mandatory=True)
    assert await waiting() == (False, False), "not entered, a ledger does not ask for it"
    land = await permit("land_approval")
    assert await waiting() == (True, True)
    await office.created(f"{land}/events", {"kind": "issued", "happened_on": "2026-03-02"})
    assert await waiting() == (False, False)
    await permit("construction_permit", mandatory=False)
    await permit("water_conservation_plan")
    assert await waiting() == (False, False)
    await permit("project_approval")
    assert await waiting() == (True, True)
