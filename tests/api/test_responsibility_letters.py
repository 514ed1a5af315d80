from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.parse import unquote

import docx
import pytest

from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

ITEMS: list[dict[str, Any]] = [
    {"name": "新开工亿元以上项目", "value": 3, "unit": "个", "due_on": "2016-12-31", "weight": 60},
    {"name": "园区道路建成通车", "due_on": "2016-09-30", "weight": 40},
]


async def a_draft(world: World, office: Client, **fields: Any) -> dict[str, Any]:
    department = fields.pop("department_id", None) or await world.department(
        name="柳城园区管委会", kind="park_committee"
    )
    body = {"department_id": department, "year": 2016, "title": "2016年项目建设目标责任状",
            "superior_name": "甲县人民政府", "items": ITEMS, **fields}  # fmt: skip
    return await office.created("/responsibility-letters", body)


async def signed(office: Client, letter: dict[str, Any], day: str = "2016-02-15") -> dict[str, Any]:
    path = f"/responsibility-letters/{letter['id']}/signature"
    return await office.created(path, {"signed_on": day}, headers={"If-Match": f'"{letter["version"]}"'})


async def progress(client: Client, letter: dict[str, Any], day: str) -> dict[str, Any]:
    answer = await client.get(f"/responsibility-letters/{letter['id']}/progress", params={"as_of": day})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


async def test_a_letter_is_drafted_signed_and_scored(world: World) -> None:
    office = await world.user("dispatcher")
    letter = await a_draft(world, office)
    path = f"/responsibility-letters/{letter['id']}"
    assert (letter["status"], letter["region_code"], letter["weight_total"]) == ("draft", COUNTY_A, 100)
    patched = await office.patch(path, {"signatory": "李四", "items": [*ITEMS, {**ITEMS[1], "weight": 1}]}, etag='"1"')
    assert (patched.status_code, len(patched.json()["items"])) == (200, 3), patched.text
    assert (await office.post(f"{path}/signature", {})).status_code == 428
    refused = await office.post(f"{path}/signature", {}, headers={"If-Match": '"2"'})
    assert [(e["code"], e["message"]) for e in refused.json()["errors"]] == [
        ("weights_do_not_add_up", "权重合计 101，应为 100"),
    ]  # fmt: skip
    letter = (await office.patch(path, {"items": ITEMS}, etag='"2"')).json()
    leader = await world.user("leader")
    letter = await signed(leader, letter)
    assert (letter["status"], letter["signed_on"], letter["signatory"]) == ("signed", "2016-02-15", "李四")
    for refused in (
        await office.patch(path, {"title": "改"}, etag='"4"'),
        await office.delete(path, etag='"4"'),
        await office.post(f"{path}/signature", {}, headers={"If-Match": '"4"'}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "letter_signed")
    with pytest.raises(Exception, match="never changed"):
        await world.pool.execute("UPDATE letter_items SET weight = 1")

    starts, road = letter["items"]
    none = await progress(office, letter, "2016-06-30")
    assert (none["score"], none["without_data"], none["time_progress"]) == (0, 2, 50)
    await office.created(f"/letter-items/{starts['id']}/progress", {"as_of": "2016-06-30", "value": 1})
    await office.created(f"/letter-items/{road['id']}/progress", {"as_of": "2016-06-30", "percent": 45.5})
    half = await progress(office, letter, "2016-06-30")
    assert [(i["completion_rate"], i["score"], i["status"], i["actual_source"]) for i in half["items"]] == [
        (33.33, 20, "running", "entered"), (45.5, 18.2, "running", "entered"),
    ]  # fmt: skip
    assert half["score"] == 38.2
    await office.created(f"/letter-items/{starts['id']}/progress", {"as_of": "2016-11-30", "value": 5})
    late = await progress(office, letter, "2016-12-31")
    assert [(i["completion_rate"], i["score"], i["status"]) for i in late["items"]] == [
        (166.67, 60, "achieved"), (45.5, 18.2, "overdue"),
    ]  # fmt: skip
    assert (late["score"], late["overdue"]) == (78.2, 1)
    assert (await progress(office, letter, "2016-06-29"))["score"] == 0


async def test_a_linked_target_measures_an_item(world: World) -> None:
    office = await world.user("dispatcher")
    department = await world.department()
    for n in range(2):
        body = {"name": f"项目{n}", "region_code": COUNTY_A, "key_years": [2016], "stage_since": "2016-01-01"}
        project = await office.created("/projects", body)
        party = {"role": "responsible", "department_id": department, "valid_from": "2016-01-01"}
        await office.created(f"/projects/{project['id']}/assignments", party)
    target = await office.created(
        "/targets", {"department_id": department, "year": 2016, "indicator": "key_projects", "value": 4}
    )
    item = {"target_id": target["id"], "due_on": "2016-12-31", "weight": 100}
    letter = await a_draft(world, office, department_id=department, items=[item])
    [printed] = letter["items"]
    assert (printed["name"], printed["value"], printed["unit"]) == ("重点项目数", 4, "个")
    letter = await signed(office, letter)
    adjusted = await office.patch(f"/targets/{target['id']}", {"value": 2, "reason": "下调"}, etag='"1"')
    assert adjusted.status_code == 200, adjusted.text
    told = await progress(office, letter, "2016-03-31")
    [measured] = told["items"]
    assert (measured["value"], measured["actual"], measured["actual_source"], told["score"]) == (4, 2, "computed", 50)
    gone = await office.delete(f"/targets/{target['id']}", etag='"2"')
    assert (gone.status_code, gone.json()["code"]) == (409, "still_referenced")
    await office.created(f"/letter-items/{measured['item_id']}/progress", {"as_of": "2016-03-31", "value": 3})
    assert (await progress(office, letter, "2016-03-31"))["score"] == 75
    people = await world.user("department", department_id=department)
    assert (await progress(people, letter, "2016-03-30"))["score"] == 50


async def test_a_supplement_changes_what_was_signed_from_its_day(world: World) -> None:
    office = await world.user("dispatcher")
    draft = await a_draft(world, office)
    path = f"/responsibility-letters/{draft['id']}/supplements"
    body: dict[str, Any] = {"signed_on": "2016-08-01", "reason": "经常务会议研究同意"}
    early = await office.post(path, {**body, "add": [ITEMS[0]]}, headers={"If-Match": '"1"'})
    assert (early.status_code, early.json()["code"]) == (409, "letter_not_signed")
    letter = await signed(office, draft)
    _, road = letter["items"]
    etag = {"If-Match": '"2"'}
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({}, "/change", "missing"),
        ({"withdraw": [road["id"]]}, "", "weights_do_not_add_up"),
        ({"withdraw": [str(new_id())]}, "/withdraw/0", "unknown_reference"),
        ({"withdraw": [road["id"], road["id"]]}, "/withdraw/1", "repeated"),
        ({"signed_on": "2016-02-14", "change": [{"item_id": road["id"]}]}, "/signed_on", "dates_out_of_order"),
        ({"signed_on": "2199-01-01", "change": [{"item_id": road["id"]}]}, "/signed_on", "in_the_future"),
    ]  # fmt: skip
    for more, pointer, code in wrong:
        refused = await office.post(path, {**body, **more}, headers=etag)
        assert refused.status_code == 422, refused.text
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]
    added = {"name": "争取资金", "value": 1000, "unit": "万元", "due_on": "2016-12-31", "weight": 10}
    moved = {"item_id": road["id"], "due_on": "2016-11-30", "weight": 30}
    change = {**body, "id": str(new_id()), "change": [moved], "add": [added]}
    changed = await office.created(path, change, headers=etag)
    again = await office.created(path, change, headers=etag)
    assert (again["version"], again["items"]) == (3, changed["items"])
    assert [(i["name"], i["weight"], i["added_by"], i["ended_by"]) for i in changed["items"]] == [
        ("新开工亿元以上项目", 60, None, None),
        ("园区道路建成通车", 40, None, 1),
        ("园区道路建成通车", 30, 1, None),
        ("争取资金", 10, 1, None),
    ]
    assert changed["items"][2]["replaces"] == road["id"]
    assert [(s["number"], s["signed_on"], s["reason"]) for s in changed["supplements"]] == [
        (1, "2016-08-01", "经常务会议研究同意"),
    ]  # fmt: skip
    before, after = await progress(office, letter, "2016-07-31"), await progress(office, letter, "2016-08-01")
    assert [i["weight"] for i in before["items"]] == [60, 40]
    assert [i["weight"] for i in after["items"]] == [60, 30, 10]
    told = (await office.get("/changes", params={"resource": "letter_supplement"})).json()["items"]
    assert [item["id"] for item in told] == [change["id"]]


async def test_what_was_told_of_an_item_is_told_of_the_one_in_its_place(world: World) -> None:
    office = await world.user("dispatcher")
    letter = await signed(office, await a_draft(world, office))
    starts, road = letter["items"]
    await office.created(f"/letter-items/{starts['id']}/progress", {"as_of": "2016-06-30", "value": 1})
    await office.created(f"/letter-items/{road['id']}/progress", {"as_of": "2016-06-30", "percent": 45})
    path = f"/responsibility-letters/{letter['id']}/supplements"
    changes: tuple[dict[str, Any], ...] = ({"due_on": "2016-11-30"}, {"weight": 40, "value": 4})
    for n, change in enumerate(changes):
        changed = [{"item_id": item["id"], **change} for item in (starts, road)][: 2 - n]
        body: dict[str, Any] = {"signed_on": f"2016-08-0{n + 1}", "reason": "经常务会议研究同意", "change": changed}
        if n:
            body["add"] = [{"name": "争取资金", "due_on": "2016-12-31", "weight": 20}]
        letter = await office.created(path, body, headers={"If-Match": f'"{letter["version"]}"'})
        starts, road = [next(i for i in letter["items"] if i["name"] == x["name"] and not i["ended_by"]) for x in ITEMS]
    after = await progress(office, letter, "2016-08-02")
    assert [(i["name"], i["actual"], i["completion_rate"], i["score"]) for i in after["items"]] == [
        ("新开工亿元以上项目", 1, 25, 10), ("园区道路建成通车", None, 45, 18), ("争取资金", None, None, 0),
    ]  # fmt: skip
    # In other units nothing told before counts.
    asked = [{"item_id": road["id"], "value": 12, "unit": "公里"}]
    body = {"signed_on": "2016-08-03", "reason": "按里程考核", "change": asked}
    letter = await office.created(path, body, headers={"If-Match": f'"{letter["version"]}"'})
    told = await progress(office, letter, "2016-08-03")
    assert {i["name"]: i["completion_rate"] for i in told["items"]}["园区道路建成通车"] is None
    assert (await progress(office, letter, "2016-08-02"))["score"] == after["score"] == 28


async def test_the_printed_letter(world: World) -> None:
    office = await world.user("dispatcher")
    leader = await world.leader()
    letter = await a_draft(world, office, leader_id=leader, signatory="李四")
    path = f"/responsibility-letters/{letter['id']}/document.docx"
    draft = await office.get(path)
    assert draft.status_code == 200, draft.text
    letter = await signed(office, letter)
    road = letter["items"][1]["id"]
    body = {"signed_on": "2016-08-01", "reason": "经研究同意。", "change": [{"item_id": road, "due_on": "2016-11-30"}]}
    await office.created(f"/responsibility-letters/{letter['id']}/supplements", body, headers={"If-Match": '"2"'})
    answer = await office.get(path)
    assert answer.headers["content-type"].endswith("wordprocessingml.document")
    name = answer.headers["content-disposition"].partition("filename*=UTF-8''")[2]
    assert unquote(name) == "柳城园区管委会-2016年项目建设目标责任状.docx"
    assert answer.headers["etag"] != draft.headers["etag"]
    same = await office.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")

    document = docx.Document(io.BytesIO(answer.content))
    texts = [p.text for p in document.paragraphs]
    assert texts[0] == "2016年项目建设目标责任状"
    assert any("甲县人民政府（甲方）与柳城园区管委会（乙方）签订本责任状" in text for text in texts)
    assert (
        "补充协议第1号（2016年8月1日）：经研究同意。"
        "变更：“园区道路建成通车”完成时限由2016年9月30日调整为2016年11月30日。"
    ) in texts
    targets, signatures = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    assert targets == [
        ["序号", "目标任务", "目标值", "完成时限", "权重"],
        ["1", "新开工亿元以上项目", "3个", "2016年12月31日", "60"],
        ["2", "园区道路建成通车", "按要求完成", "2016年11月30日", "40"],
        ["合计", "", "", "", "100"],
    ]
    assert signatures == [
        ["甲方（盖章）：甲县人民政府", "乙方（盖章）：柳城园区管委会"],
        ["责任领导（签字）：王建国", "责任人（签字）：李四"],
        ["2016年2月15日", "2016年2月15日"],
    ]
    section: Any = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm), round(section.top_margin.mm)) == (210, 297, 37)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    xml = archive.read("word/document.xml").decode()
    assert 'w:eastAsia="黑体"' in xml
    assert 'w:eastAsia="仿宋"' in xml
    assert xml.count("<w:r>") == xml.count("w:eastAsia=")
    assert 'w:eastAsia="仿宋"' in archive.read("word/styles.xml").decode()
    assert "python-docx" not in archive.read("docProps/core.xml").decode()
    assert "＿＿" not in "".join(signatures[1])


async def test_letters_are_ranked(world: World) -> None:
    office = await world.user("dispatcher")
    done = []
    for n, percent in enumerate((50, 80, 80)):
        department = await world.department(name=f"部门{n}")
        letter = await a_draft(
            world, office, department_id=department, items=[{**ITEMS[1], "weight": 50}], weight_total=50
        )
        letter = await signed(office, letter, f"2016-02-1{n}")
        body = {"as_of": "2016-06-30", "percent": percent}
        await office.created(f"/letter-items/{letter['items'][0]['id']}/progress", body)
        done.append(letter)
    await a_draft(world, office)
    answer = await office.get("/statistics/responsibility-letters", params={"as_of": "2016-06-30"})
    assert answer.status_code == 200, answer.text
    rows = answer.json()["items"]
    assert [(r["department_name"], r["score"], r["score_percent"], r["rank"]) for r in rows] == [
        ("部门1", 40, 80, 1), ("部门2", 40, 80, 1), ("部门0", 25, 50, 3),
    ]  # fmt: skip
    early = await office.get("/statistics/responsibility-letters", params={"as_of": "2016-02-10"})
    assert [r["department_name"] for r in early.json()["items"]] == ["部门0"]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"department_id": str(new_id())}, "/department_id", "unknown_reference"),
        ({"leader_id": str(new_id())}, "/leader_id", "unknown_reference"),
        ({"region_code": "990101001"}, "/department_id", "outside_region"),
        ({"items": [{"due_on": "2016-12-31", "weight": 1}]}, "/items/0/name", "missing"),
        ({"items": [{**ITEMS[0], "value": 0}]}, "/items/0/value", "out_of_range"),
        ({"items": [{**ITEMS[0], "weight": -1}]}, "/items/0/weight", "out_of_range"),
        ({"items": [{**ITEMS[0], "target_id": str(new_id())}]}, "/items/0/target_id", "unknown_reference"),
        ({"weight_total": 0}, "/weight_total", "out_of_range"),
        ({"title": "\x00"}, "/title", "invalid_text"),
    ],
)
async def test_wrong_letters_are_refused(world: World, change: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    body = {"department_id": await world.department(), "year": 2016, "title": "责任状", "superior_name": "县政府",
            "region_code": COUNTY_A, "items": ITEMS}  # fmt: skip
    answer = await office.post("/responsibility-letters", {**body, **change})
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_a_target_of_another_year_or_place_is_not_linked(world: World) -> None:
    office = await world.user("dispatcher", "9901")
    for fields, code in (({"region_code": COUNTY_B}, "outside_region"), ({"region_code": COUNTY_A}, "invalid_value")):
        target = await office.created("/targets", {"year": 2017, "indicator": "gdp", "value": 5, **fields})
        items = [{"target_id": target["id"], "due_on": "2016-12-31", "weight": 100}]
        body = {"department_id": await world.department(name=code), "year": 2016, "title": "责任状",
                "superior_name": "县政府", "items": items}  # fmt: skip
        answer = await office.post("/responsibility-letters", body)
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/items/0/target_id", code)]


async def test_a_department_reads_its_own_and_signs_nothing(world: World) -> None:
    office = await world.user("dispatcher")
    mine = await world.department(name="工信局")
    own, other = await a_draft(world, office, department_id=mine), await a_draft(world, office)
    people = await world.user("department", department_id=mine)
    assert [x["id"] for x in (await people.get("/responsibility-letters")).json()["items"]] == [own["id"]]
    path = f"/responsibility-letters/{own['id']}"
    assert (await people.get(f"{path}/document.docx")).status_code == 200
    for suffix in ("", "/progress", "/document.docx"):
        assert (await people.get(f"/responsibility-letters/{other['id']}{suffix}")).status_code == 404
    item = own["items"][0]["id"]
    assert (await people.get(f"/letter-items/{item}/progress")).status_code == 200
    assert (await people.get(f"/letter-items/{other['items'][0]['id']}/progress")).status_code == 404
    assert (await people.post(f"{path}/signature", {}, headers={"If-Match": '"1"'})).status_code == 403
    assert (await people.post(f"/letter-items/{item}/progress", {"as_of": "2016-06-30", "value": 1})).status_code == 403
    wrong = await office.post(f"/letter-items/{item}/progress", {"as_of": "2016-06-30", "percent": 1})
    assert [(e["pointer"], e["code"]) for e in wrong.json()["errors"]] == [("/value", "missing")]
    told = (await people.get("/changes", params={"resource": "responsibility_letter"})).json()["items"]
    assert [item["id"] for item in told] == [own["id"]]


async def test_the_same_id_twice_is_one_letter(world: World) -> None:
    office = await world.user("dispatcher")
    department = await world.department()
    body = {"id": str(new_id()), "department_id": department, "year": 2016, "title": "责任状",
            "superior_name": "县政府", "items": ITEMS}  # fmt: skip
    answers = [await office.post("/responsibility-letters", body) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    clash = await office.post("/responsibility-letters", {**body, "items": ITEMS[:1]})
    assert (clash.status_code, clash.json()["fields"]) == (409, ["items"])
    body.pop("id")
    assert (await office.post("/responsibility-letters", body)).json()["code"] == "duplicate"
    etag = answers[0].headers["etag"]
    assert (await office.delete(f"/responsibility-letters/{answers[0].json()['id']}", etag=etag)).status_code == 204
    assert (await office.post("/responsibility-letters", body)).status_code == 201
