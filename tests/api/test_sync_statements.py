"""A batch of edits costs the database as many statements as a few edits do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.phones import codes, operation, patch, put, statuses, sync
from tests.reports import Site, site
from tests.world import World, new_id


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements of transactions, as they go out, BEGIN and COMMIT aside."""
    engine, found = world.app.state.db.engine.sync_engine, list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def day(world: World, sites: list[Site], count: int) -> list[str]:
    """`count` operations, most of them edits: of new reports and old ones, in chains, some in conflict, one with a
    photo; the statements it took."""
    old = [(await here.put())["id"] for here in sites]
    for here, report in zip(sites, old, strict=True):
        await here.office.patch(f"/reports/{report}", {"note": "办公室"}, etag='"1"')
    operations: list[dict[str, Any]] = []
    while len(operations) < count:
        number = len(operations)
        here = sites[number % len(sites)]
        made = put(here)
        first = patch(made, after=made, note=f"甲{number}")
        second = patch(made, after=first, photos=[{"id": str(new_id())}])
        merged = patch(old[number % len(sites)], 1, completed=2000 + number)
        torn = patch(old[number % len(sites)], 1, note=f"乙{number}")
        operations += [merged, made, first, torn, second]
    with counted(world) as statements:
        answer = await sync(sites[0].reporter, *operations)
    found = statuses(answer)
    assert found[1::5] == found[2::5] == found[4::5] == ["applied"] * (count // 5)
    # Of the edits of an old report the first is merged; the later ones do not build on it.
    assert found[0] == "applied"
    assert set(found[3::5]) == {"conflict"}
    return statements


async def test_two_hundred_edits_take_no_more_statements_than_ten(world: World) -> None:
    sites = [await site(world, name=f"项目{n}") for n in range(4)]
    for there in sites[1:]:
        body = {"role": "reporter", "user_id": str(sites[0].reporter.user_id)}
        await there.office.created(f"/projects/{there.project_id}/assignments", body)
    sites = [here._replace(reporter=sites[0].reporter) for here in sites]
    few, many = [await day(world, sites, count) for count in (10, 200)]
    assert len(many) <= len(few) + 2, many
    assert len(many) <= 30, many


async def test_an_edit_the_database_refuses_takes_no_other_along(world: World) -> None:
    here, there = await site(world), await site(world, name="乙项目")
    photo = {"id": str(new_id())}
    await there.put(photos=[photo])
    made, other = put(here), put(here)
    edits = [
        made,
        other,
        first := patch(made, after=made, note="一"),
        wrong := patch(made, after=first, photos=[photo], note="二"),
        patch(made, after=wrong, note="三"),
        patch(other, after=other, note="四"),
    ]
    answer = await sync(here.reporter, *edits)
    assert codes(answer) == [None, None, None, "photo_id_taken", "earlier_operation_failed", None]
    for report, note, version in ((made, "一", 2), (other, "四", 2)):
        now = (await here.reporter.get(f"/reports/{report['resource_id']}")).json()
        assert (now["note"], now["version"], now["photos"]) == (note, version, [])
    again = await sync(here.reporter, *edits)
    assert statuses(again) == statuses(answer)
    assert [result["again"] for result in again["results"]] == [True] * len(edits)


async def test_a_photo_may_go_from_one_report_to_another_but_not_hang_on_both(world: World) -> None:
    here = await site(world)
    photo = {"id": str(new_id())}
    one, two = await here.put(photos=[photo]), await here.put()
    answer = await sync(
        here.reporter,
        patch(two["id"], 1, photos=[photo]),
        patch(one["id"], 1, photos=[]),
        patch(two["id"], 1, photos=[photo], note="今在此"),
    )
    assert codes(answer) == ["photo_id_taken", None, None]
    found = [(await here.reporter.get(f"/reports/{report['id']}")).json()["photos"] for report in (one, two)]
    assert [[p["id"] for p in photos] for photos in found] == [[], [photo["id"]]]


async def test_edits_before_and_between_other_operations_see_what_was_there_then(world: World) -> None:
    """Reports are stored first, where nothing before them hangs on them; each edit still comes at its own place."""
    here = await site(world)
    step = await here.office.created(f"/projects/{here.project_id}/milestones", {"name": "主体"})
    report, early = await here.put(), str(new_id())
    answer = await sync(
        here.reporter,
        patch(early, 1, note="太早"),
        put(here, early),
        patch(report["id"], 1, note="一"),
        operation("milestone.patch", step["id"], {"note": "基础完成"}, base_version=1),
        again := patch(report["id"], 2, note="二"),
        put(here, report["id"], note="二"),
        patch(report["id"], after=again, note="三"),
    )
    assert codes(answer) == ["not_found", None, None, None, None, None, None]
    assert [result["version"] for result in answer["results"]] == [None, 1, 2, 2, 3, 3, 4]
    now = (await here.reporter.get(f"/reports/{report['id']}")).json()
    assert [r["content"]["note"] for r in now["rounds"]] == [report["note"], "一", "二", "三"]


async def test_a_conflict_shows_the_report_as_the_batch_leaves_it(world: World) -> None:
    here = await site(world)
    report = await here.put()
    await here.office.patch(f"/reports/{report['id']}", {"note": "办公室"}, etag='"1"')
    torn, merged = patch(report["id"], 1, note="现场"), patch(report["id"], 2, completed=1300)
    answer = await sync(here.reporter, torn, merged)
    assert statuses(answer) == ["conflict", "applied"]
    current = answer["results"][0]["problem"]["current"]
    assert (current["version"], current["note"], current["completed"]) == (3, "办公室", 1300)
