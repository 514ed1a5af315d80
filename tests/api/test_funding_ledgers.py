"""Ledgers of money in and out: messy ones read, twice without effect, and what goes out comes back the same."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from app.services import funding_export
from tests.funding import book, enter, messy, project_money, region_money, totals
from tests.ledger_files import cells, send
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id


@pytest.fixture
async def office(world: World) -> Client:
    return await world.user("dispatcher", COUNTY_B)


async def _preview(office: Client, content: bytes, region: str = COUNTY_B, **form: Any) -> dict[str, Any]:
    answer = await send(office, content, region, kind="funding", **form)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


async def _apply(office: Client, content: bytes, **form: Any) -> dict[str, Any]:
    made = await _preview(office, content, **form)
    answer = await office.post(f"/imports/{made['id']}/application", {})
    assert answer.status_code == 200, answer.text
    return (await office.get(f"/imports/{made['id']}")).json()  # type: ignore[no-any-return]  # JSON


async def _projects(office: Client, *names: str) -> dict[str, str]:
    made = [await office.created("/projects", {"name": name, "region_code": COUNTY_B}) for name in names]
    return {project["name"]: project["id"] for project in made}


async def _money(office: Client) -> dict[Any, dict[str, Any]]:
    items = (await office.get("/funding-records?limit=100")).json()["items"]
    return {(i["project_name"] or i["region_name"], i["channel"], i["batch"]): i for i in items}


async def test_a_messy_ledger_is_read_row_by_row(office: Client) -> None:
    await _projects(office, "大桥", "学校")
    made = await _preview(office, messy("123.456789万元"))
    assert (made["kind"], made["unit"], made["year"], made["as_of"]) == ("funding", "元", 2015, "2015-12-31")
    assert [(c["field"], c["unit"]) for c in made["sheets"][0]["columns"]] == [
        ("seq", None), ("name", None), ("batch", None), ("approved", None), ("approved_on", None),
        ("approved_document", None), ("received", None), ("received_on", None), ("paid", "万元"), ("remark", None),
    ]  # fmt: skip
    assert [(r["row"], r["name"], r["outcome"], [e["code"] for e in r["errors"]]) for r in made["rows"]] == [
        (6, "大桥", "created", []), (7, "大桥", "created", []), (9, "学校", "created", []),
        (10, "不存在的项目", "rejected", ["unknown_project"]), (11, "大桥", "rejected", ["not_an_amount"]),
    ]  # fmt: skip
    assert made["rows"][0]["changes"] == {
        "year": [None, 2015], "channel": [None, "special_construction_fund"], "batch": [None, 1],
        "approved": [0, 1200], "received": [0, 1200], "paid": [0, 900],
    }  # fmt: skip
    assert made["rows"][2]["changes"]["received"] == [0, 123.456789]
    checks = {(c["row"], c["field"]): (c["stated"], c["agrees"]) for c in made["totals"]}
    assert checks[5, "approved"] == (2000, True)
    assert checks[5, "paid"] == (900, True)
    assert checks[12, "approved"] == (2123.457289, True)
    assert (await _money(office)) == {}


async def test_applied_once_it_is_money_and_twice_it_is_the_same(world: World, office: Client) -> None:
    projects = await _projects(office, "大桥", "学校")
    content = messy("123.456789万元")
    done = await _apply(office, content)
    assert done["counts"] == {"created": 3, "changed": 0, "unchanged": 0, "rejected": 2}
    money = await _money(office)
    first = money["大桥", "special_construction_fund", 1]
    assert (first["approved"], first["received"], first["paid"], first["project_id"]) == (
        1200, 1200, 900, projects["大桥"],
    )  # fmt: skip
    entries = (await office.get(f"/funding-records/{first['id']}/entries")).json()["items"]
    assert [(e["step"], e["happened_on"], e["document_number"], e["source"]) for e in entries] == [
        ("approved", "2015-03-31", "发改投资〔2015〕88号", "import"), ("received", "2015-06-30", None, "import"),
        ("paid", "2015-12-31", None, "import"),
    ]  # fmt: skip
    assert money["大桥", "special_construction_fund", 2]["remark"] == "@1+1"
    assert money["学校", "vehicle_purchase_tax", None]["received"] == 123.456789
    before = await world.pool.fetchval("SELECT count(*) FROM funding_entries")
    again = await _apply(office, content)
    assert again["counts"] == {"created": 0, "changed": 0, "unchanged": 3, "rejected": 2}
    assert await world.pool.fetchval("SELECT count(*) FROM funding_entries") == before
    changes = (await office.get("/changes?resource=funding_record&resource=funding_entry&limit=100")).json()["items"]
    assert sum(c["resource"] == "funding_entry" for c in changes) == before
    record = next(c for c in changes if c["id"] == first["id"])
    assert record["version"] == int((await office.get(f"/funding-records/{first['id']}")).headers["etag"].strip('"'))


async def test_more_is_a_new_entry_less_corrects_the_only_one(world: World, office: Client) -> None:
    [project] = (await _projects(office, "大桥")).values()
    path = await project_money(office, project)
    await enter(office, path, approved=100, received=50)

    def ledger(received: Any, approved: Any = 100, **more: Any) -> bytes:
        header = ("项目名称", "资金渠道", "年度", "批复金额", "到位金额", *more)
        return book([("资金台账",), header, ("大桥", "专项债券", 2015, approved, received, *more.values())])

    assert (await _apply(office, ledger(80)))["counts"]["changed"] == 1
    assert (await totals(world, path))["received"] == 80
    refused = (await _preview(office, ledger(70)))["rows"][0]
    assert [e["code"] for e in refused["errors"]] == ["less_than_recorded"]
    assert "80" in refused["errors"][0]["message"]
    assert (await _apply(office, ledger(80, 90)))["counts"]["changed"] == 1
    entries = (await office.get(f"{path}/entries?step=approved")).json()["items"]
    assert [(e["amount"], e["corrected_by_id"] is None) for e in entries] == [(100, False), (90, True)]
    assert entries[1]["reason"] == "台账导入：台账.xlsx"
    over = (await _preview(office, ledger(95, 90)))["rows"][0]
    assert [e["code"] for e in over["errors"]] == ["received_exceeds_approved"]
    explained = await _apply(office, ledger(95, 90, 超额原因="省里追加"))
    assert explained["counts"]["changed"] == 1
    assert (await office.get(path)).json()["received_over_reason"] == "省里追加"
    blank = await _preview(office, ledger(None, None))
    assert blank["counts"]["unchanged"] == 1


async def test_a_countys_summary_by_channel_is_its_own_money(office: Client) -> None:
    content = book(
        [
            ("2015年争取资金情况",), ("单位：万元",), ("序号", "资金渠道", "金额", "比上年增长"),
            ("一", "财政渠道", 311500, None), ("二", "中央预算内投资", 40120, None),
            ("三", "专项建设基金（第一批）", 55400, None), ("四", "车购税", 6000, None), (None, "合计", 413020, 2.7547),
        ]
    )  # fmt: skip
    done = await _apply(office, content)
    assert done["counts"]["created"] == 4
    assert {n["code"] for row in done["rows"] for n in row["notes"]} == {"approved_as_received"}
    assert [c["agrees"] for c in done["totals"]] == [True]
    found = (await office.get("/statistics/funding?group_by=channel&year=2015")).json()
    assert (found["total"]["received"], found["total"]["approved"]) == (413020, 413020)
    assert ("乙县", "special_construction_fund", 1) in await _money(office)


async def test_rows_that_cannot_be_taken_say_why_and_come_back(world: World, office: Client) -> None:
    await _projects(office, "大桥", "学校")
    header = (
        "项目名称",
        "区划",
        "资金渠道",
        "批次",
        "年度",
        "批复金额",
        "到位金额",
        "支付金额",
        "到位时间",
        "记录编号",
    )
    rows: list[tuple[tuple[Any, ...], str]] = [
        (("大桥", None, "彩票", None, 2015, 5, None, None, None, None), "unknown_channel"),
        (("大桥", None, None, None, 2015, 5, None, None, None, None), "missing_channel"),
        (("大桥", None, "专项建设基金", None, 2015, 5, None, None, None, None), "missing_batch"),
        (("大桥", None, "专项建设基金", "首期", 2015, 5, None, None, None, None), "not_a_batch"),
        (("大桥", None, "自筹", None, "哪年", 5, None, None, None, None), "not_a_year"),
        (("大桥", None, "自筹", None, 2013, None, None, None, None, None), "missing_amount"),
        (("大桥", None, "自筹", None, 2014, -5, None, None, None, None), "negative_amount"),
        (("大桥", None, "自筹", None, 2012, 0.0000001, None, None, None, None), "too_many_decimals"),
        (("大桥", None, "自筹", None, 2011, 5, 6, None, None, None), "received_exceeds_approved"),
        (("大桥", None, "自筹", None, 2010, 5, 5, 6, None, None), "paid_exceeds_received"),
        (("大桥", None, "自筹", None, 2009, 5, 5, None, "2199年1月1日", None), "date_ahead"),
        ((None, "别的县", "自筹", None, 2015, 5, None, None, None, None), "unknown_region"),
        (("学校", None, "自筹", None, 2015, 5, None, None, None, None), "same_record"),
        (("学校", None, "企业自筹", None, 2015, 6, None, None, None, None), "same_record"),
        (("大桥", None, "自筹", None, 2015, 5, None, None, None, "abc"), "invalid_record"),
        (("大桥", None, "自筹", None, 2015, 5, None, None, None, str(new_id())), "unknown_record"),
    ]  # fmt: skip
    content = book([("资金",), header, *[row for row, _ in rows]])
    made = await _preview(office, content)
    assert [[e["code"] for e in row["errors"]] for row in made["rows"]] == [[code] for _, code in rows]
    refused = await office.post(f"/imports/{made['id']}/application", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_apply")
    back = await office.get(f"/imports/{made['id']}/rejected.xlsx")
    again = await _preview(office, back.content)
    assert [[e["code"] for e in row["errors"]] for row in again["rows"]] == [[code] for _, code in rows]
    assert await world.pool.fetchval("SELECT count(*) FROM funding_records") == 0


async def test_what_goes_out_comes_back_the_same(world: World, office: Client) -> None:
    projects = await _projects(office, "=大桥", "学校")
    path = await region_money(office, COUNTY_B, name="+年初预算", channel="special_construction_fund", batch=12)
    await enter(office, path, applied=300, approved=200, received=100.000001, paid=1)
    town = await region_money(office, "990102001", year=2014)
    await enter(office, town, approved=12345678901234.567891)
    for amount in (10, 5):
        await office.created(
            f"{path}/allocations",
            {
                "project_id": projects["学校"],
                "amount": amount,
                "happened_on": "2015-07-01",
                "document_number": "县财1号",
            },
        )
    own = await project_money(office, projects["=大桥"])
    await enter(office, own, approved=7)
    over = {"step": "received", "happened_on": "2015-06-30", "amount": 9, "excess_reason": "@追加"}
    await office.created(f"{own}/entries", over)
    await project_money(office, projects["学校"], channel="special_construction_fund", batch=12, name="+年初预算")
    answer = await office.get("/funding-records.xlsx", params={"region": COUNTY_B})
    assert answer.status_code == 200, answer.text
    assert "%E8%B5%84%E9%87%91%E5%8F%B0%E8%B4%A6" in answer.headers["content-disposition"]
    rows = cells(answer.content)
    assert rows[4][:3] == [None, None, "合计(5项)"]
    table = {row[-1]: row for row in rows[5:]}
    line = table[path.split("/")[2]]
    assert line[9] == 300
    assert isinstance(line[15], float)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"n", "s"}
    again = await _apply_unchanged(office, answer.content)
    assert again == {"created": 0, "changed": 0, "unchanged": 5, "rejected": 0}
    one = await office.get("/funding-records.xlsx", params={"project_id": projects["=大桥"]})
    assert len(cells(one.content)) == 6
    assert len(cells((await (await world.user("viewer", COUNTY_A)).get("/funding-records.xlsx")).content)) == 5
    assert (await office.get("/funding-records.xlsx?limit=5")).status_code == 422
    for chosen in ("sector=industry", "q=大桥", "level=project", "batch=1"):
        assert (await office.get(f"/funding-records.xlsx?{chosen}")).status_code == 200, chosen


async def _apply_unchanged(office: Client, content: bytes) -> Any:
    made = await _preview(office, content)
    assert [r for r in made["rows"] if r["outcome"] != "unchanged"] == []
    assert all(check["agrees"] for check in made["totals"])
    return made["counts"]


async def test_what_was_allocated_is_not_changed_by_a_ledger(office: Client) -> None:
    projects = await _projects(office, "学校")
    path = await region_money(office, COUNTY_B)
    await enter(office, path, approved=100, received=100)
    await office.created(
        f"{path}/allocations", {"project_id": projects["学校"], "amount": 10, "happened_on": "2015-07-01"}
    )
    content = book([("资金",), ("资金层级", "项目名称", "资金渠道", "年度", "到位金额", "支付金额"),
                    ("分配", "学校", "财政渠道", 2015, 12, 3)])  # fmt: skip
    assert [e["code"] for e in (await _preview(office, content))["rows"][0]["errors"]] == ["allocated_elsewhere"]
    fits = book([("资金",), ("资金层级", "项目名称", "资金渠道", "年度", "到位金额", "支付金额"),
                 ("分配", "学校", "财政渠道", 2015, 10, 3)])  # fmt: skip
    assert (await _apply(office, fits))["counts"]["changed"] == 1
    less = book([("资金",), ("资金渠道", "年度", "批复金额", "到位金额"), ("财政渠道", 2015, 100, 9)])
    assert [e["code"] for e in (await _preview(office, less))["rows"][0]["errors"]] == ["allocation_exceeds_received"]


async def test_only_who_may_write_money_sends_it_in(world: World, office: Client) -> None:
    content = book([("资金",), ("资金渠道", "年度", "金额"), ("财政渠道", 2015, 9)])
    for role, status in (("viewer", 403), ("dispatcher", 403)):
        client = await world.user(role, COUNTY_A)
        assert (await send(client, content, kind="funding")).status_code == status
    key = await office.created(
        "/api-keys", {"name": "导入", "permissions": ["imports.write"], "expires_at": "2027-06-30T00:00:00+08:00"}
    )
    narrow = Client(office.app, office.http, {"X-API-Key": key["key"]}, office.user_id)
    assert (await send(narrow, content, kind="funding")).status_code == 403
    wrong = await send(office, content, kind="projects")
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "no_header_found")


async def test_more_than_can_be_read_again_is_refused(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for year in (2014, 2015):
        await region_money(office, COUNTY_B, year=year)
    monkeypatch.setattr(funding_export, "MAX_RECORDS", 1)
    refused = await office.get("/funding-records.xlsx")
    assert (refused.status_code, refused.json()["code"]) == (422, "export_too_large")
