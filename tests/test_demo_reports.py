"""The demo's field reports have photos: one from the site, one shown twice, one from elsewhere; and their flags."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from app.demo import photos, reports
from app.services import photo_processing
from tests.world import COUNTY_B, World

NOW = datetime(2017, 3, 8, 4, tzinfo=UTC)


async def test_the_demo_has_photos_and_flags(world: World) -> None:
    world.app.state.clock = lambda: NOW
    office = await world.user("dispatcher", COUNTY_B)
    reporter = await world.user("reporter", COUNTY_B)
    for name, account in (("dispatcher_b", office), ("reporter", reporter)):
        await world.pool.execute("UPDATE users SET username = $1, demo = true WHERE id = $2", name, account.user_id)
    for n in range(5):
        world.app.state.clock = lambda minute=n: NOW - timedelta(minutes=10 - minute)
        made = await office.created("/projects", {"name": f"项目{n}", "region_code": COUNTY_B, "stage": "started"})
        body = {"role": "reporter", "user_id": str(reporter.user_id)}
        await office.created(f"/projects/{made['id']}/assignments", body)
    state = world.app.state
    state.clock = lambda: NOW
    for _ in range(2):
        await reports.load(state.db, state.files, NOW)
    # What a server does as soon as it runs.
    await photo_processing.catch_up(state.files)
    flags = await everything(office, "/report-flags?open=true&limit=100")
    kinds = {kind: [f for f in flags if f["kind"] == kind] for kind in ("photo_used_before", "photo_far_from_site")}
    assert [len(found) for found in kinds.values()] == [1, 1]
    names = {r["id"]: (r["project_name"], r["photos"]) for r in await everything(office, "/reports?limit=100")}
    [again], [far] = kinds.values()
    assert names[again["report_id"]] == ("项目2", 1)
    assert names[again["facts"]["before"]["report_id"]] == ("项目1", 1)
    assert again["facts"]["exact"]
    assert names[far["report_id"]] == ("项目4", 1)
    assert 5_000 < far["facts"]["distance_m"] < 20_000
    assert sorted(name for name, count in names.values() if count) == ["项目0", "项目1", "项目2", "项目4"]
    shown = await office.get(f"/photos/{far['photo_id']}/content")
    assert Image.open(io.BytesIO(shown.content)).size == (960, 720)


async def everything(client: Any, path: str) -> list[dict[str, Any]]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_places_differ() -> None:
    assert len({photos.place(n) for n in range(5)}) == 5
