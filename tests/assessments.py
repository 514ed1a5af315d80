"""A small county to be assessed, and its runs."""

from __future__ import annotations

from typing import Any

from tests.world import COUNTY_A, Client, World

YANAN = "0199c1a0-7c00-7000-8000-0000000f1001"
NINGXIANG = "0199c1a0-7c00-7000-8000-0000000f1002"
NINGXIANG_2 = "0199c1a0-7c00-7000-8000-0000000f1003"
SIMPLE: dict[str, Any] = {
    "items": [
        {"code": "done", "name": "完成投资", "function": "sum", "fact": "completed", "per": 100, "points": 1},
        {"code": "criticism", "name": "批评", "function": "entered", "kinds": ["criticism"], "points": -2},
    ],
    "outcomes": {"first": 1, "last": 1, "running": 2},
}


async def held(
    world: World, office: Client, name: str, plan: dict[str, Any], figures: dict[str, float], **tenures: Any
) -> str:
    """A project with a plan of 2016, figures by day, and who answers for it: {department: (from, to)}."""
    project = await office.created("/projects", {"name": name, "region_code": COUNTY_A, "sector": "industry"})
    path = f"/projects/{project['id']}"
    assert (await office.put(f"{path}/annual-plans/2016", {"category": "continued", **plan})).status_code == 201
    for day, completed in figures.items():
        await office.created(f"{path}/progress-figures", {"as_of": day, "completed": completed, "year": int(day[:4])})
    for department, (since, to) in tenures.items():
        made = await office.created(
            f"{path}/assignments", {"role": "responsible", "department_id": department, "valid_from": since}
        )
        if to is not None:
            ended = await office.patch(f"/assignments/{made['id']}", {"valid_to": to}, etag='"1"')
            assert ended.status_code == 200, ended.text
    return str(project["id"])


class Run:
    def __init__(self, office: Client, told: dict[str, Any]) -> None:
        self.office, self.told = office, told
        self.path = f"/assessments/{told['id']}"

    async def ranking(self, reader: Client | None = None) -> dict[str, Any]:
        answer = await (reader or self.office).get(f"{self.path}/ranking")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]  # JSON

    async def publish(self) -> None:
        etag = (await self.office.get(self.path)).headers["etag"]
        answer = await self.office.post(f"{self.path}/publication", headers={"If-Match": etag})
        assert answer.status_code == 200, answer.text


async def run(office: Client, scheme: str, year: int = 2016, **fields: Any) -> Run:
    body = {
        "region_code": COUNTY_A, "scheme_id": scheme, "period": {"kind": "year", "year": year},
        "subject_kind": "bureau", **fields,
    }  # fmt: skip
    return Run(office, await office.created("/assessments", body))


async def county(world: World) -> tuple[Client, str, str]:
    """Two bureaus; one project of each, and one that went from the first to the second on 1 July."""
    office = await world.user("dispatcher")
    one, two = await world.department(name="发改委"), await world.department(name="交通局")
    always = ("2016-01-01", None)
    await held(world, office, "一", {"planned_investment": 1000}, {"2016-12-31": 500}, **{one: always})
    await held(world, office, "二", {"planned_investment": 60000}, {"2016-12-31": 60000}, **{two: always})
    handed = {one: ("2016-01-01", "2016-07-01"), two: ("2016-07-01", None)}
    figures = {"2016-06-30": 800.0, "2016-12-31": 1000.0}
    await held(world, office, "转", {"planned_investment": 1000}, figures, **handed)
    return office, one, two


async def scheme(office: Client, definition: dict[str, Any] | None = None, code: str = "own") -> str:
    body = {"region_code": COUNTY_A, "code": code, "label_zh": "甲县办法", "definition": definition or SIMPLE}
    return str((await office.created("/assessment-schemes", body))["id"])


def scores(told: dict[str, Any]) -> dict[str, tuple[float, int]]:
    return {s["subject_id"]: (s["score"], s["rank"]) for g in told["result"]["groups"] for s in g["subjects"]}
