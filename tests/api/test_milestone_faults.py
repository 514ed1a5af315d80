"""What is refused of milestones, and in which words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.uow import SHANGHAI
from tests.milestones import chain, project_of
from tests.world import World


async def test_what_stands_beside_a_cycle_is_not_named(world: World) -> None:
    """One link from the end back to the beginning: the way around it is named, not all that lies between."""
    office = await world.user("dispatcher")
    project = await project_of(office)
    first, design, end = await chain(office, project, "立项", "设计", "开工")
    funds = await office.created(f"{project}/milestones", {"name": "融资", "predecessor_ids": [first["id"]]})
    both = {"predecessor_ids": [design["id"], funds["id"]]}
    assert (await office.patch(f"/milestones/{end['id']}", both, etag='"1"')).status_code == 200
    refused = await office.patch(f"/milestones/{first['id']}", {"predecessor_ids": [end["id"]]}, etag='"1"')
    [error], [fault] = refused.json()["errors"], refused.json()["faults"]
    assert error["message"] == "这些节点互为前置，无法排期：立项 → 设计 → 开工 → 立项"
    assert [m["id"] for m in fault["milestones"]] == [first["id"], design["id"], end["id"]]


async def test_a_forecast_is_of_what_is_to_come(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    today = datetime.now(SHANGHAI).date()
    yesterday, tomorrow = str(today - timedelta(days=1)), str(today + timedelta(days=1))

    async def faults(body: dict[str, Any]) -> list[tuple[str, str]]:
        answer = await office.post(f"{project}/milestones", {"name": "节点", **body})
        return [(e["pointer"], e["code"]) for e in answer.json().get("errors", ())]

    assert await faults({"forecast_finish": yesterday}) == [("/forecast_finish", "in_the_past")]
    assert await faults({"forecast_finish": str(today)}) == []
    done = {"status": "done", "actual_finish": yesterday}
    for day in (yesterday, tomorrow):
        assert await faults({**done, "forecast_finish": day}) == [("/forecast_finish", "status_does_not_fit")]
    made = await office.created(f"{project}/milestones", {"name": "节点", "forecast_finish": tomorrow})
    path = f"/milestones/{made['id']}"
    past = await office.patch(path, {"forecast_finish": yesterday}, etag="*")
    assert [e["code"] for e in past.json()["errors"]] == ["in_the_past"]
    # What was foretold before it was done stays on record, and may be said again with it.
    finished = await office.patch(path, {"status": "done", "forecast_finish": tomorrow}, etag="*")
    assert (finished.status_code, finished.json()["forecast_finish"]) == (200, tomorrow)
    late = await office.patch(path, {"forecast_finish": yesterday}, etag="*")
    assert [(e["pointer"], e["code"]) for e in late.json()["errors"]] == [("/forecast_finish", "status_does_not_fit")]
    assert (await office.patch(path, {"forecast_finish": None}, etag="*")).status_code == 200


async def test_a_negative_weight_is_refused_in_plain_words(world: World) -> None:
    office = await world.user("dispatcher")
    body = {"name": "节点", "weight": -1}
    refused = await office.post(f"{await project_of(office)}/milestones", body)
    assert [(e["pointer"], e["code"], e["message"]) for e in refused.json()["errors"]] == [
        ("/weight", "out_of_range", "超出范围：不小于 0")
    ]
