from __future__ import annotations

import asyncio
import hashlib
import io
import json
from decimal import Decimal
from xml.etree import ElementTree

import openpyxl
from docx import Document

from tests.assessments import NINGXIANG, SIMPLE, YANAN, county, held, run, scheme, scores
from tests.world import COUNTY_A, COUNTY_B, World, new_id


async def test_a_transfer_in_the_middle_of_the_year_is_split_by_the_figures_of_that_day(world: World) -> None:
    office, one, two = await county(world)
    draft = await run(office, await scheme(office))
    assert scores(await draft.ranking()) == {one: (13, 2), two: (602, 1)}
    told = (await office.get(f"{draft.path}/explain", params={"subject": one})).json()
    lines = {line["label"]: line for line in told["items"][0]["lines"]}
    handed = {"share": 0.497268, "held": [["2016-01-01", "2016-06-30"]], "completed": 800}
    assert lines["转"]["facts"] == handed  # 182 of 366 days
    assert (lines["一"]["points"], lines["转"]["points"]) == (5, 8)
    assert (told["items"][0]["raw"], told["items"][0]["points"], told["score"], told["rank"]) == (13, 13, 13, 2)


async def test_yanan_with_every_point_explained(world: World) -> None:
    office, one, _ = await county(world)
    draft = await run(office, YANAN)
    told = (await office.get(f"{draft.path}/explain", params={"subject": one})).json()
    points = {item["code"]: item["points"] for item in told["items"]}
    # Nature 2 + 2×182/366; scale 3 + 3×…; field 15 + 15×…; progress 60×500/1000 + 60×800/1000.
    assert points["nature"] == 2.99
    assert points["scale"] == 4.49
    assert points["field"] == 22.46
    assert points["progress"] == 78
    assert told["score"] == round(sum(points.values()), 2) == 107.94
    assert [i["function"] for i in told["items"]][:3] == ["cases", "bands", "cases"]


async def test_what_is_published_stays_and_can_be_worked_out_again(world: World) -> None:
    office, *_ = await county(world)
    viewer, elsewhere = await world.user("viewer"), await world.user("dispatcher", COUNTY_B)
    draft = await run(office, await scheme(office))
    assert (await viewer.get(draft.path)).status_code == 404
    assert (await viewer.get("/assessments")).json()["items"] == []
    assert len((await office.get("/assessments")).json()["items"]) == 1
    assert (await elsewhere.get(draft.path)).status_code == 404
    stale = await office.post(f"{draft.path}/publication", headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert (await office.post(f"{draft.path}/publication")).status_code == 428
    await draft.publish()
    before = await draft.ranking(viewer)
    await world.pool.execute("UPDATE departments SET name = name || '改'")
    project = (await office.get("/projects", params={"q": "一"})).json()["items"][0]["id"]
    await office.created(f"/projects/{project}/progress-figures", {"as_of": "2016-12-31", "year": 2016, "completed": 9})
    assert await draft.ranking(viewer) == before
    answer = await viewer.get(f"{draft.path}/ranking")
    document = answer.content.split(b'"result":', 1)[1][:-1]
    assert hashlib.sha256(document).hexdigest() == before["sha256"]
    again = await viewer.get(f"{draft.path}/ranking", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    check = (await viewer.get(f"{draft.path}/verification")).json()
    assert check["matches"] is True
    assert check["recomputed_sha256"] == before["sha256"]
    for method, path in (("POST", "/recomputation"), ("POST", "/publication"), ("DELETE", "")):
        refused = await office.request(method, draft.path + path, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (409, "assessment_published")
    # Nor can the database be talked into it; what was tampered with is found.
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("ALTER TABLE assessments DISABLE TRIGGER assessments_guarded")
        await connection.execute("UPDATE assessments SET document = replace(convert_from(document, 'UTF8'),"
                                 " '13', '99')::bytea")  # fmt: skip
        await connection.execute("ALTER TABLE assessments ENABLE TRIGGER assessments_guarded")
    assert (await viewer.get(f"{draft.path}/verification")).json()["matches"] is False


async def test_one_run_of_a_period_is_the_published_one(world: World) -> None:
    office, *_ = await county(world)
    own = await scheme(office)
    drafts = [await run(office, own) for _ in range(3)]
    publish = [office.post(f"{d.path}/publication", headers={"If-Match": "*"}) for d in drafts]
    answers = await asyncio.gather(*publish)
    assert sorted(a.status_code for a in answers) == [200, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"duplicate"}


async def test_movement_and_last_twice_running(world: World) -> None:
    office, one, two = await county(world)
    own = await scheme(office)
    # In 2015 nobody has completed anything: both are equal, so neither is first or last.
    body = {"code": "all", "name": "全部", "subject_ids": [one, two]}
    fact = {"region_code": COUNTY_A, "kind": "criticism", "document": "通报", "department_id": one}
    await office.created("/assessment-facts", {**fact, "happened_on": "2015-05-01"})
    await office.created("/assessment-facts", {**fact, "happened_on": "2017-05-01"})
    first = await run(office, own, 2015, groups=[body])
    await first.publish()
    second = await run(office, own, 2016, groups=[body])
    [group] = (await second.ranking())["result"]["groups"]
    told = [(s["subject_id"], s["movement"], s["score_change"], s["consequences"]) for s in group["subjects"]]
    assert told == [
        (two, 0, 602, ["rewarded"]),
        (one, 0, 15, ["award_eligibility_lost", "organisational_action_proposed"]),
    ]
    assert second.told["previous_id"] == first.told["id"]
    viewer = await world.user("viewer")
    assert (await viewer.get(f"/assessments/{second.told['id']}")).status_code == 404
    other = await run(office, await scheme(office, code="another"), 2016, groups=[body])
    [group] = (await other.ranking())["result"]["groups"]
    assert [s["movement"] for s in group["subjects"]] == [None, None]


async def test_a_new_version_stands_beside_the_published_one(world: World) -> None:
    office, one, _ = await county(world)
    first = await scheme(office)
    draft = await run(office, first)
    doubled = json.loads(json.dumps(SIMPLE))
    doubled["items"][0]["points"] = 2
    second = await scheme(office, doubled)
    assert (await office.get(f"/assessment-schemes/{second}")).json()["version"] == 2
    assert scores(await draft.ranking())[one] == (13, 2)
    await office.post(f"{draft.path}/recomputation", headers={"If-Match": "*"})
    assert scores(await draft.ranking())[one] == (13, 2)
    assert scores(await (await run(office, second)).ranking())[one] == (26, 2)


async def test_a_preview_keeps_nothing(world: World) -> None:
    office, one, _ = await county(world)
    body = {"region_code": COUNTY_A, "period": {"kind": "quarter", "year": 2016, "number": 3}, "subject_kind": "bureau"}
    answer = await office.post("/assessment-previews", {**body, "definition": SIMPLE, "explain": one})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    # A third quarter: half of 一 is spread over the year, so 92 of 366 days of 500.
    assert told["explanation"]["items"][0]["facts"]["completed"] == round(float(Decimal(500 * 92) / 366), 6)
    assert told["result"]["scheme"] is None
    assert (await office.get("/assessments")).json()["items"] == []
    for wrong in ({}, {"definition": SIMPLE, "scheme_id": YANAN}):
        refused = await office.post("/assessment-previews", {**body, **wrong})
        assert refused.status_code == 422
    fifth = {"kind": "quarter", "year": 2016, "number": 5}
    beyond = await office.post("/assessment-previews", {**body, "period": fifth, "scheme_id": YANAN})
    assert beyond.json()["errors"][0]["pointer"] == "/period/number"


async def test_groups_by_kind_and_leaders(world: World) -> None:
    office, one, _ = await county(world)
    town, park = (
        await world.department(name="大庙镇", kind="township"),
        await world.department(name="园区", kind="park_committee"),
    )
    await held(world, office, "镇", {"planned_investment": 10}, {"2016-12-31": 10}, **{town: ("2016-01-01", None)})
    project = await held(world, office, "园", {}, {}, **{park: ("2016-01-01", None)})
    leader = await world.leader()
    await office.created(f"/projects/{project}/assignments",
                         {"role": "sponsor", "leader_id": leader, "valid_from": "2016-03-01"})  # fmt: skip
    three = (await (await run(office, NINGXIANG, subject_kind="department")).ranking())["result"]
    assert [(g["code"], len(g["subjects"])) for g in three["groups"]] == [
        ("parks", 1), ("townships", 1), ("departments", 2),
    ]  # fmt: skip
    # Alone in a group one is neither first nor last.
    assert [s["consequences"] for g in three["groups"] for s in g["subjects"]] == [
        [], [], ["rewarded"], ["award_eligibility_lost"],
    ]  # fmt: skip
    leaders = (await (await run(office, YANAN, subject_kind="leader")).ranking())["result"]
    assert [s["subject_id"] for g in leaders["groups"] for s in g["subjects"]] == [leader]
    body = {"region_code": COUNTY_A, "scheme_id": YANAN, "period": {"kind": "year", "year": 2016}}
    groups = [{"code": "g", "name": "组", "subject_ids": [one, one, leader]}]
    refused = await office.post("/assessments", {**body, "subject_kind": "bureau", "groups": groups})
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/groups/0/subject_ids/1", "in_two_groups"), ("/groups/0/subject_ids/2", "unknown_reference"),
    ]  # fmt: skip


async def test_a_running_period_is_not_published(world: World) -> None:
    office, one, _ = await county(world)
    groups = [{"code": "g", "name": "组", "subject_ids": [one]}]
    year = world.app.state.clock().year
    draft = await run(office, YANAN, year, groups=groups)
    refused = await office.post(f"{draft.path}/publication", headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "assessment_period_running")
    body = {"region_code": COUNTY_A, "scheme_id": YANAN, "subject_kind": "bureau", "groups": groups}
    future = await office.post("/assessments", {**body, "period": {"kind": "year", "year": year + 1}})
    assert future.json()["errors"][0]["code"] == "in_the_future"


async def test_sent_twice_and_in_parallel(world: World) -> None:
    office, one, _ = await county(world)
    own = await scheme(office)
    body = {
        "id": str(new_id()), "region_code": COUNTY_A, "scheme_id": own, "period": {"kind": "year", "year": 2016},
        "subject_kind": "bureau",
    }  # fmt: skip
    answers = await asyncio.gather(*[office.post("/assessments", body) for _ in range(4)])
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 201]
    other = await office.post("/assessments", {**body, "scheme_id": YANAN})
    assert (other.status_code, other.json()["fields"]) == (409, ["scheme_id"])
    fact = {
        "id": str(new_id()), "region_code": COUNTY_A, "kind": "criticism", "happened_on": "2016-05-01",
        "document": "通报", "department_id": one,
    }  # fmt: skip
    sent = await asyncio.gather(*[office.post("/assessment-facts", fact) for _ in range(4)])
    assert sorted(a.status_code for a in sent) == [200, 200, 200, 201]
    taken = await office.post("/assessment-facts", {**fact, "document": "别的"})
    assert (taken.status_code, taken.json()["code"]) == (409, "id_taken")
    back = [office.post(f"/assessment-facts/{fact['id']}/retraction", {"document": "撤"}) for _ in range(4)]
    assert sorted(a.status_code for a in await asyncio.gather(*back)) == [201, 409, 409, 409]


async def test_printed_and_as_a_workbook(world: World) -> None:
    office, one, _ = await county(world)
    await world.pool.execute("UPDATE departments SET name = '=1+1' WHERE id = $1", one)
    draft = await run(office, await scheme(office))
    book = await office.get(f"{draft.path}/ranking.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content))["部门组"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert rows[0][:5] == [1, "交通局", 602, 0, 602]
    assert rows[0][5:] == ["—", "—", "奖励"]
    assert (sheet.cell(5, 3).number_format, sheet.cell(5, 5).number_format) == ("0.00", "0.00")
    assert (rows[1][1], sheet.cell(6, 2).data_type) == ("=1+1", "s")
    word = await office.get(f"{draft.path}/ranking.docx")
    document = Document(io.BytesIO(word.content))
    # The points of each item stand below the ranking.
    parts = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    assert parts[:2] == [["名次", "考核对象", "完成投资", "批评"], ["1", "交通局", "602.00", "0.00"]]
    assert "草稿" in document.paragraphs[1].text
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["1", "交通局", "602.00", "—", "—", "奖励"]


async def test_drawn_as_places_and_as_points(world: World) -> None:
    office, *_ = await county(world)
    draft = await run(office, await scheme(office))
    for picture, words in (
        ("movement", ("部门组", "交通局", "602.00 · — · 奖励")),
        ("points", ("1 交通局", "总分", "完成投资", "602.00")),
    ):
        answer = await office.get(f"{draft.path}/{picture}.svg")
        assert answer.headers["content-type"] == "image/svg+xml", answer.text
        texts = [t.text for t in ElementTree.fromstring(answer.content).iter("{http://www.w3.org/2000/svg}text")]
        assert set(words) <= set(texts), texts
        assert "草稿" in answer.text
        unknown = await office.get(f"{draft.path}/{picture}.svg?group=x")
        assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "group")


async def test_changes_tell_readers_of_publication_only(world: World) -> None:
    office, *_ = await county(world)
    viewer = await world.user("viewer")
    draft = await run(office, await scheme(office))
    await draft.publish()
    seen = (await viewer.get("/changes", params={"resource": "assessment_result"})).json()["items"]
    assert [(c["action"], c["id"]) for c in seen] == [("published", draft.told["id"])]
    everything = (await viewer.get("/changes")).json()["items"]
    assert "assessment" not in {c["resource"] for c in everything}
    told = (await office.get("/changes", params={"resource": "assessment"})).json()["items"]
    assert [c["action"] for c in told] == ["created", "published"]


async def test_a_draft_is_changed_and_thrown_away(world: World) -> None:
    office, one, two = await county(world)
    draft = await run(office, await scheme(office))
    changed = await office.patch(draft.path, {"groups": [{"code": "g", "name": "组", "subject_ids": [one]}]}, '"1"')
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert scores(await draft.ranking()) == {one: (13, 1)}
    assert (await office.patch(draft.path, {"name": None}, '"2"')).status_code == 422
    back = await office.patch(draft.path, {"groups": None, "name": "考核"}, '"2"')
    assert back.json()["name"] == "考核"
    assert set(scores(await draft.ranking())) == {one, two}
    assert (await office.get(f"{draft.path}/explain", params={"subject": str(new_id())})).status_code == 422
    assert (await office.get(f"{draft.path}/explain")).status_code == 422
    assert (await office.delete(draft.path, '"3"')).status_code == 204
    assert (await office.get(draft.path)).status_code == 404
