"""Ledgers in: preview, application, and what must never happen."""

from __future__ import annotations

import asyncio
import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from tests.ledger_files import (
    COUNTY_B_LEDGER,
    HEADER,
    apply_ledger,
    cells,
    previewed,
    project_named,
    send,
    workbook,
)
from tests.world import COUNTY_A, COUNTY_B, Client, World

GOOD = (1, "甲厂", "城关镇", "续建", 100, 50, 10)
NOBODY_MISSING = {"departments": [], "leaders": [], "rows": 0}


@pytest.fixture
async def office(world: World) -> Client:
    return await world.user("dispatcher", COUNTY_B)


async def _changes(world: World) -> list[tuple[str, str]]:
    rows = await world.pool.fetch("SELECT resource, action FROM changes ORDER BY seq")
    return [(row["resource"], row["action"]) for row in rows]


async def test_a_preview_tells_what_was_understood_and_changes_nothing(world: World, office: Client) -> None:
    answer = await send(office, workbook([GOOD, (2, "乙厂", "某处", "新建", "三千", 5, None)]))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/api/v1/imports/{body['id']}"
    assert (answer.headers["etag"], body["version"]) == ('"1"', 1)
    assert (body["status"], body["year"], body["as_of"], body["unit"]) == ("previewed", 2016, "2016-02-29", "万元")
    assert (body["filename"], body["region_code"]) == ("台账.xlsx", COUNTY_B)
    assert body["counts"] == {"created": 1, "changed": 0, "unchanged": 0, "rejected": 1}
    assert body["missing"] == NOBODY_MISSING
    [sheet] = body["sheets"]
    assert sheet["header_rows"] == [3]
    assert {c["header"]: c["field"] for c in sheet["columns"]} == dict(
        zip(
            HEADER,
            ("seq", "name", "location", "category", "total_investment", "annual_plan", "completed"),
            strict=True,
        )
    )
    good, bad = body["rows"]
    assert (good["position"], good["row"], good["outcome"], good["project_id"]) == (1, 4, "created", None)
    assert good["changes"]["annual_plan.planned_investment"] == [None, 50]
    assert good["changes"]["stage"] == [None, "started"]
    assert good["changes"]["region_code"] == [None, "990102001"]
    assert [(e["cell"], e["field"], e["code"], e["message"]) for e in bad["errors"]] == [
        ("E5", "total_investment", "not_an_amount", "不是金额")
    ]
    assert (bad["outcome"], bad["changes"]) == ("rejected", {})
    assert (await office.get("/projects?count=true")).json()["total"] == 0
    assert await _changes(world) == [("import", "created")]


async def test_findings_are_worded_in_the_language_asked_for(office: Client) -> None:
    bad = workbook([(1, "乙厂", "某处", "新建", "三千", 5, None)])
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    body = (await send(office, bad, headers=english)).json()
    assert body["rows"][0]["errors"][0]["message"] == "is not an amount"
    for path, rows in ((f"/imports/{body['id']}", "rows"), (f"/imports/{body['id']}/rows", "items")):
        for headers, message, language in ((english, "is not an amount", "en"), ({}, "不是金额", "zh-CN")):
            answer = await office.get(path, headers=headers)
            assert answer.json()[rows][0]["errors"][0]["message"] == message
            assert (answer.headers["content-language"], answer.headers["vary"]) == (language, "Accept-Language")


async def test_applying_writes_the_whole_project(world: World, office: Client) -> None:
    header = (
        *HEADER,
        "形象进度",
        "存在问题",
        "责任单位",
        "责任人",
        "联系电话",
        "包抓领导",
        "业主单位",
        "投资方",
        "备注",
    )
    row = (1, "甲厂", "乙县城关镇", "续建", "2,324.7", 50, 10.5, "主体施工", "土地征用未完成",
           "县工信局、城关镇", "孙浩", "0859-123", "王建国(县委书记)", "甲公司", "丙集团", "大项目、重要")  # fmt: skip
    done = await apply_ledger(office, workbook([row], header))
    assert (done["status"], done["version"]) == ("applied", 2)
    assert done["result"]["created_departments"] == ["县工信局", "城关镇", "甲公司"]
    assert done["result"]["created_leaders"] == ["王建国"]
    assert done["rows"][0]["outcome"] == "created"
    project = await project_named(office, "甲厂")
    assert project["id"] == done["rows"][0]["project_id"]
    shown = (
        "stage", "stage_since", "last_activity_on", "region_code", "location", "total_investment", "land_status",
        "problem", "investors", "major", "remark", "key_years", "version",
    )  # fmt: skip
    assert [project[name] for name in shown] == [
        "started", "2016-02-29", "2016-02-29", "990102001", "乙县城关镇", 2324.7, "pending", "土地征用未完成",
        ["丙集团"], True, "重要", [2016], 1,
    ]  # fmt: skip
    assert project["code"].startswith("990102-")
    assert [(s["name"], s["title"]) for s in project["sponsors"]] == [("王建国", "县委书记")]
    assert [d["name"] for d in project["responsible_departments"]] == ["县工信局", "城关镇"]
    assert [d["name"] for d in project["owners"]] == ["甲公司"]
    assert [(c["name"], c["phone"]) for c in project["contacts"]] == [("孙浩", "0859-123")]
    [plan] = project["annual_plans"]
    assert (plan["year"], plan["category"], plan["planned_investment"], plan["monthly"]) == (
        2016,
        "continued",
        50,
        None,
    )
    figure = project["latest_progress"]
    assert (figure["year"], figure["as_of"], figure["completed"], figure["physical_text"]) == (
        2016, "2016-02-29", 10.5, "主体施工",
    )  # fmt: skip
    kinds = {r["name"]: r["kind"] for r in await world.pool.fetch("SELECT name, kind FROM departments")}
    assert kinds == {"县工信局": "bureau", "城关镇": "township", "甲公司": "owner"}
    assert await world.pool.fetchval("SELECT body FROM leaders") == "party_committee"
    moves = await world.pool.fetch(
        "SELECT from_stage, to_stage, happened_on, source, entered_by FROM stage_transitions"
    )
    assert [tuple(m) for m in moves] == [(None, "started", date(2016, 2, 29), "import", office.user_id)]
    assert await world.pool.fetchval("SELECT count(*) FROM assignments WHERE valid_from = '2016-02-29'") == 5


async def test_importing_the_same_file_again_changes_nothing(world: World, office: Client) -> None:
    await apply_ledger(office, COUNTY_B_LEDGER)
    tables = (
        "projects",
        "assignments",
        "stage_transitions",
        "annual_plans",
        "progress_figures",
        "departments",
        "leaders",
    )
    before = {t: await world.pool.fetch(f"SELECT to_jsonb(x) AS row FROM {t} x ORDER BY id") for t in tables}
    changes = await _changes(world)
    again = await apply_ledger(office, COUNTY_B_LEDGER)
    assert again["counts"] == {"created": 0, "changed": 0, "unchanged": 249, "rejected": 0}
    assert again["missing"] == NOBODY_MISSING
    for table in tables:
        assert await world.pool.fetch(f"SELECT to_jsonb(x) AS row FROM {table} x ORDER BY id") == before[table], table
    assert (await _changes(world))[len(changes) :] == [("import", "created"), ("import", "applied")]


async def test_a_change_leaves_one_row_in_the_log_and_one_new_version(world: World, office: Client) -> None:
    await apply_ledger(office, workbook([GOOD, (2, "乙厂", "某处", "新建", 1, 1, 0)]))
    seen = len(await _changes(world))
    done = await apply_ledger(
        office, workbook([(1, "甲厂", "城关镇", "续建", 120, 60, 20), (2, "乙厂", "某处", "新建", 1, 1, 0)])
    )
    assert done["counts"] == {"created": 0, "changed": 1, "unchanged": 1, "rejected": 0}
    assert done["rows"][0]["changes"] == {
        "total_investment": [100, 120],
        "annual_plan.planned_investment": [50, 60],
        "progress.completed": [10, 20],
    }
    assert (await _changes(world))[seen:] == [("import", "created"), ("project", "updated"), ("import", "applied")]
    logged = await world.pool.fetchrow(
        "SELECT version, region_code, resource_id, project_id::text, diff->'total_investment' AS diff FROM changes"
        " WHERE resource = 'project' AND action = 'updated'"
    )
    project = await project_named(office, "甲厂")
    assert tuple(logged) == (2, "990102001", project["id"], project["id"], "[100, 120]")
    assert project["version"] == 2
    assert (await project_named(office, "乙厂"))["version"] == 1


async def test_good_rows_are_taken_and_bad_ones_come_back(office: Client) -> None:
    header = (*HEADER, "包抓领导")
    rows = [
        (*GOOD, "王建国"),
        (2, "乙厂", "某处", "新建", "三千", 5, None, ""),
        (3, "丙厂", "", "前期", 7, None, None, ""),
    ]
    made = await previewed(office, workbook(rows, header))
    assert made["missing"] == {"departments": [], "leaders": [{"name": "王建国", "title": None}], "rows": 1}
    assert made["rows"][0]["notes"][0]["code"] == "missing_leader"
    done = await office.post(f"/imports/{made['id']}/application", {})
    assert done.json()["counts"] == {"created": 1, "changed": 0, "unchanged": 0, "rejected": 2}
    listed = (await office.get(f"/imports/{made['id']}/rows", params={"outcome": "rejected", "count": "true"})).json()
    assert [(r["row"], r["errors"][0]["code"]) for r in listed["items"]] == [
        (4, "missing_leader"),
        (5, "not_an_amount"),
    ]
    assert listed["total"] == 2

    back = await office.get(f"/imports/{made['id']}/rejected.xlsx")
    assert back.status_code == 200
    assert "filename*=UTF-8''%E5%8F%B0%E8%B4%A6-" in back.headers["content-disposition"]
    text = cells(back.content)
    assert text[2][-1] == "退回原因"
    assert [(row[1], row[-1]) for row in text[3:]] == [("甲厂", "H4 没有领导“王建国”"), ("乙厂", "E5 不是金额")]

    mended = openpyxl.load_workbook(io.BytesIO(back.content))
    mended.worksheets[0]["E5"] = 3000
    out = io.BytesIO()
    mended.save(out)
    again = await apply_ledger(office, out.getvalue())
    assert again["counts"] == {"created": 2, "changed": 0, "unchanged": 0, "rejected": 0}
    assert (await project_named(office, "乙厂"))["total_investment"] == 3000


async def test_mode_all_changes_nothing_when_a_row_is_rejected(world: World, office: Client) -> None:
    made = await previewed(office, workbook([GOOD, (2, "乙厂", "某处", "新建", "三千", 5, None)]))
    refused = await office.post(f"/imports/{made['id']}/application", {"mode": "all"})
    assert (refused.status_code, refused.json()["code"]) == (409, "import_has_rejections")
    assert "1" in refused.json()["detail"]
    assert (await office.get("/projects?count=true")).json()["total"] == 0
    assert (await office.get(f"/imports/{made['id']}")).json()["status"] == "previewed"
    assert await _changes(world) == [("import", "created")]
    taken = await office.post(f"/imports/{made['id']}/application", {"mode": "good"})
    assert taken.json()["counts"]["created"] == 1
    late = await office.post(f"/imports/{made['id']}/application", {})
    assert (late.status_code, late.json()["code"]) == (409, "import_already_applied")


async def test_two_parallel_applications_of_one_file_make_one_set_of_projects(office: Client) -> None:
    content = workbook([(n, f"第{n}厂", "城关镇", "续建", n, n, 0) for n in range(1, 60)], (*HEADER,))
    first, second = await previewed(office, content), await previewed(office, content)
    answers = await asyncio.gather(
        *[office.post(f"/imports/{made['id']}/application", {"create_missing": True}) for made in (first, second)]
    )
    assert [a.status_code for a in answers] == [200, 200], [a.text for a in answers]
    counts = sorted((a.json()["counts"]["created"], a.json()["counts"]["unchanged"]) for a in answers)
    assert counts == [(0, 59), (59, 0)]
    assert (await office.get("/projects?count=true")).json()["total"] == 59


async def test_one_import_is_applied_once_however_often_it_is_asked_for(office: Client) -> None:
    made = await previewed(office, workbook([GOOD]))
    answers = await asyncio.gather(*[office.post(f"/imports/{made['id']}/application", {}) for _ in range(4)])
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409]


async def test_a_repeated_upload_with_one_key_is_one_import(office: Client) -> None:
    content = workbook([GOOD])
    headers = {"Idempotency-Key": "k1", "Content-Type": "multipart/form-data; boundary=b"}
    form: dict[str, Any] = {"data": {"region": COUNTY_B}, "files": {"file": ("a.xlsx", content)}}
    encoded = office.http.build_request("POST", "http://test/", headers=headers, **form).read()
    one, two = [await office.post("/imports", content=encoded, headers=headers) for _ in range(2)]
    assert (one.status_code, two.status_code) == (201, 201), one.text
    assert one.json()["id"] == two.json()["id"]
    assert len((await office.get("/imports")).json()["items"]) == 1


async def test_imports_of_another_county_are_not_there(world: World, office: Client) -> None:
    made = await previewed(office, workbook([GOOD]))
    other = await world.user("dispatcher", COUNTY_A)
    for path in ("", "/rows", "/rejected.xlsx"):
        assert (await other.get(f"/imports/{made['id']}{path}")).status_code == 404, path
    assert (await other.post(f"/imports/{made['id']}/application", {})).status_code == 404
    assert (await other.get("/imports")).json()["items"] == []
    assert (await send(other, workbook([GOOD]), COUNTY_B)).status_code == 403
    prefecture = await world.user("dispatcher", "9901")
    assert (await prefecture.get(f"/imports/{made['id']}")).status_code == 200
    viewer = await world.user("viewer", COUNTY_B)
    assert (await viewer.get(f"/imports/{made['id']}")).status_code == 403


async def test_lists_of_imports_page_and_filter(office: Client) -> None:
    first = await previewed(office, workbook([GOOD]))
    second = await apply_ledger(office, workbook([GOOD]))
    newest = (await office.get("/imports?limit=1&count=true")).json()
    assert (newest["items"][0]["id"], newest["total"]) == (second["id"], 2)
    assert newest["items"][0]["counts"]["created"] == 1
    older = (await office.get("/imports", params={"limit": 1, "cursor": newest["next_cursor"]})).json()
    assert older["items"][0]["id"] == first["id"]
    applied = (await office.get("/imports?status=applied")).json()["items"]
    assert [i["id"] for i in applied] == [second["id"]]
    # Its findings come in two languages under one version: never "not modified".
    seen = await office.get(f"/imports/{first['id']}", headers={"If-None-Match": '"1"'})
    assert seen.status_code == 200


async def test_an_import_of_more_rows_than_are_shown_says_so(office: Client) -> None:
    rows = [(n, f"第{n}厂", "城关镇", "续建", n, n, 0) for n in range(1, 1003)]
    made = await previewed(office, workbook(rows))
    assert (len(made["rows"]), made["rows_truncated"], made["counts"]["created"]) == (1000, True, 1002)
    last = (await office.get(f"/imports/{made['id']}/rows", params={"sort": "-position", "limit": 1})).json()
    assert last["items"][0]["name"] == "第1002厂"
