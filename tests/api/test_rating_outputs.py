"""Word, Excel and pictures of ratings: the figures of the result, and of its parts only what `explain` tells."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from docx import Document

from tests.ratings import Rating, hours, opened
from tests.world import COUNTY_B, World

MEETINGS = json.loads((Path(__file__).parents[1] / "data" / "meetings.json").read_text("utf-8"))
OUTPUTS = (".xlsx", ".docx", "/distribution.svg", "/movement.svg")


async def _vote(rating: Rating, electorate: str, *ballots: tuple[str, ...]) -> None:
    for code, options in zip(rating.codes[electorate], ballots, strict=True):
        answer = await rating.cast(code, rating.alike(*options))
        assert answer.status_code == 201, answer.text


async def _rated(world: World) -> Rating:
    """Two years. In the second 24 enterprises and 6 deputies rate; of the first department one enterprise dissents."""
    first = await opened(world, year=2005)
    await _vote(first, "enterprises", *[("fairly", "satisfied", "dissatisfied")] * 10)
    await first.close()
    await first.publish()
    groups = [{"code": "all", "name": "全部", "department_ids": first.departments}]
    rating = await opened(world, codes=24, groups=groups)
    rating.departments = first.departments
    await _vote(
        rating, "enterprises", *[("satisfied", "fairly", "dissatisfied")] * 23, ("dissatisfied", "fairly", "fairly")
    )
    rating.codes["deputies"] = rating.codes["deputies"][:6]
    await _vote(rating, "deputies", *[("satisfied", "satisfied", "dissatisfied")] * 6)
    await rating.close()
    return rating


async def _get(rating: Rating, output: str, **more: Any) -> Any:
    answer = await rating.office.get(f"{rating.path}/result{output}", **more)
    assert answer.status_code == 200, answer.text
    return answer


async def _names(rating: Rating) -> list[str]:
    rows = {d["department_id"]: d["name"] for d in (await rating.result())["result"]["groups"][0]["departments"]}
    return [rows[d] for d in rating.departments]


async def test_the_workbook_tells_what_explain_tells(world: World) -> None:
    rating = await _rated(world)
    answer = await _get(rating, ".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["全部", "参评情况"]
    one, two, three = await _names(rating)
    rows = {row[1]: row for row in book["全部"].iter_rows(min_row=5, values_only=True) if row[1]}
    # One of 24 dissented on the first, one of 24 agreed on the third: both rows are hidden, and where there are fewer
    # than twenty slips in an electorate beside them nothing else is left to guess from.
    assert rows[two] == (2, two, 86, 1, 100, -1, -14, None, None, 80, 100, 86, 86)
    assert rows[three][:9] == (3, three, 2.33, 3, 0, 0, 2.33, "评差", "取消评优资格、建议组织处理")
    for department, name in ((rating.departments[0], one), (rating.departments[2], three)):
        told = (await rating.office.get(f"{rating.path}/result/explain", params={"department": department})).json()
        parts = [e["score"] for e in told["electorates"]]
        assert list(rows[name][9:11]) == ["—" if score is None else score for score in parts]
        assert parts[0] is None
        hidden = [any(e["indicators"][n]["hidden"] for e in told["electorates"]) for n in range(2)]
        assert [part == "—" for part in rows[name][11:]] == hidden == [True, True]
        # Which of the rows hidden together has the small count is told by nothing.
        because = {row["hidden_because"] for e in told["electorates"] for row in e["indicators"]}
        assert len(because - {None, "below_minimum"}) == 1
    # Numbers are numbers, shown as such: all scores with two decimals, movement in words.
    cells = {cell.column: cell for cell in next(book["全部"].iter_rows(min_row=5))}
    assert [cells[n].number_format for n in (1, 3, 4, 6, 7)] == [
        "0", "0.00", "0", '"进"0;"退"0;"持平"', "+0.00;-0.00;0.00",
    ]  # fmt: skip
    people = list(book["参评情况"].iter_rows(min_row=5, values_only=True))
    assert people == [("企业业主", 70, 24, 24, 24), ("人大代表", 30, 24, 24, 6)]


async def test_the_document_has_lists_ranking_parts_and_corrections(world: World) -> None:
    rating = await _rated(world)
    one, two, three = await _names(rating)

    async def texts() -> tuple[str, list[list[list[str]]]]:
        document = Document(io.BytesIO((await _get(rating, ".docx")).content))
        tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
        return "\n".join(p.text for p in document.paragraphs), tables

    told, tables = await texts()
    assert "未公布" in told
    assert f"评优：{one}\n评差：{three}" in told
    ranking, electorates, indicators, turnout = tables
    assert ranking[0] == ["名次", "部门", "得分", "上年名次", "进退位", "结果运用"]
    assert ranking[1][:5] == ["1", one, "97.08", "2", "进1"]
    assert ranking[3][5] == "取消评优资格、建议组织处理"
    assert electorates[2] == ["2", two, "80.00", "100.00"]
    assert electorates[1][2] == "—"
    assert indicators[0] == ["名次", "部门", "办事效率", "廉洁自律"]
    assert turnout[2] == ["人大代表", "30", "24", "24", "6"]
    await rating.publish()
    correction = await rating.office.post(f"{rating.path}/corrections", {"text": "名称有误。"})
    assert correction.status_code == 201
    told, _ = await texts()
    assert "公布" in told
    assert "未公布" not in told
    assert "更正：名称有误。" in told
    book = openpyxl.load_workbook(io.BytesIO((await _get(rating, ".xlsx")).content))
    below = [str(row[0].value) for row in book["全部"].iter_rows(min_row=9)]
    assert (len(below), below[0][:2], below[1].endswith("更正：名称有误。")) == (2, "注：", True)


async def test_pictures_tell_scores_and_movement_in_both_languages(world: World) -> None:
    rating = await _rated(world)
    one, two, _ = await _names(rating)
    for output, words in (
        ("/distribution.svg", ("90–100", "全部")),
        ("/movement.svg", (one, two, "97.08 · 进1 · 评优", "2.33 · 持平 · 取消评优资格 · 建议组织处理")),
    ):
        answer = await _get(rating, output)
        assert answer.headers["content-type"] == "image/svg+xml"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        texts = [t.text for t in ElementTree.fromstring(answer.content).iter("{http://www.w3.org/2000/svg}text")]
        for word in words:
            assert word in texts, (word, texts)
    english = await _get(rating, "/movement.svg?group=all", headers={"Accept-Language": "en"})
    assert english.headers["content-language"] == "en"
    assert "97.08 · +1 · best" in english.text
    unknown = await rating.office.get(f"{rating.path}/result/movement.svg?group=x")
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_code")


@pytest.mark.parametrize("output", OUTPUTS)
async def test_files_are_for_those_who_may_read_the_result(world: World, output: str) -> None:
    rating = await opened(world)
    path = f"{rating.path}/result{output}"
    viewer, elsewhere = await world.user("viewer"), await world.user("viewer", COUNTY_B)
    early = await rating.office.get(path)
    assert (early.status_code, early.json()["code"]) == (409, "rating_status_forbids")
    await rating.close()
    assert (await rating.office.get(path)).status_code == 200  # nobody voted: nothing is rated, and it says so
    assert (await viewer.get(path)).status_code == 403
    assert (await (await world.user("rater")).get(path)).status_code == 403
    await rating.publish()
    assert (await viewer.get(path)).status_code == 200
    assert (await elsewhere.get(path)).status_code == 404


async def test_county_a_named_two_worst_and_then_five(world: World) -> None:
    """As its meeting of 2006 heard: two worst departments in the year before, five this year, by one copy."""
    counts = MEETINGS["county_a"]["soft_environment"]["worst_count"]
    first = await opened(world, departments=8, year=2005, worst_count=counts["2005"], best_count=2)
    order = ("satisfied",) * 3 + ("fairly",) * 3 + ("dissatisfied",) * 2
    await _vote(first, "enterprises", *[order] * 10)
    await first.close()
    await first.publish()
    body = {"year": 2006, "worst_count": counts["2006"], **hours()}
    copied = (await first.office.post(f"{first.path}/copies", body)).json()
    second = Rating(world, first.office, copied["id"], first.departments, {})
    for electorate in ("enterprises", "deputies"):
        batch = {"electorate": electorate, "count": 10}
        second.codes[electorate] = (await second.office.created(f"{second.path}/code-batches", batch))["codes"]
    assert (await second.office.post(f"{second.path}/opening")).status_code == 200
    await _vote(second, "enterprises", *[order] * 10)
    await second.close()
    [before] = (await first.result())["result"]["groups"]
    [group] = (await second.result())["result"]["groups"]
    worst = [before["worst"], group["worst"]]
    assert (len(worst[0]), len(worst[1])) == (counts["2005"], counts["2006"])
    assert set(worst[0]) < set(worst[1])
    twice = {d["department_id"] for d in group["departments"] if "organisational_action_proposed" in d["consequences"]}
    assert twice == set(worst[0])
