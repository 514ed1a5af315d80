"""What tests of field reports start from: a project under way, who reports on it, and a week's report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.world import COUNTY_A, Client, World, new_id

WEEK = "2016-05-16"
FRIDAY = datetime(2016, 5, 20, 4, tzinfo=UTC)
"""Noon of that week's Friday in Shanghai: its reports are due at 18:00."""
SAID: dict[str, Any] = {
    "week": WEEK,
    "as_of": "2016-05-20",
    "completed": 1250.5,
    "physical_text": "主体结构施工至三层",
    "physical_percent": 42.5,
    "problems": [{"kind": "power", "text": "施工用电容量不足"}],
    "note": "雨天停工一日",
    "made_at": "2016-05-20T11:05:00+08:00",
}


class Site(NamedTuple):
    """A started project of county A."""

    project_id: str
    office: Client
    reporter: Client
    department: str

    def said(self, **changes: Any) -> dict[str, Any]:
        return {**SAID, "project_id": self.project_id, **changes}

    async def put(self, client: Client | None = None, **changes: Any) -> dict[str, Any]:
        """A report that arrived."""
        answer = await (client or self.reporter).put(f"/reports/{new_id()}", self.said(**changes))
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]  # JSON

    async def review(self, report: dict[str, Any], verdict: str = "accepted", comment: str | None = None) -> Any:
        body = {"verdict": verdict, **({"comment": comment} if comment else {})}
        answer = await self.office.post(f"/reports/{report['id']}/reviews", body)
        assert answer.status_code == 201, answer.text
        return answer.json()


async def site(world: World, *, on: datetime = FRIDAY, name: str = "测试项目") -> Site:
    """On that Friday; the project was entered and started long before."""
    world.app.state.clock = lambda: datetime(2016, 1, 4, 4, tzinfo=UTC)
    office = await world.user("dispatcher")
    made = await office.created("/projects", {"name": name, "region_code": COUNTY_A, "stage": "started"})
    department = await world.department(name=f"{name}责任部门")
    address = f"/projects/{made['id']}/assignments"
    await office.created(address, {"role": "responsible", "department_id": department})
    reporter = await world.user("reporter")
    await office.created(address, {"role": "reporter", "user_id": str(reporter.user_id)})
    world.app.state.clock = lambda: on
    return Site(made["id"], office, reporter, department)
