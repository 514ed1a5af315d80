"""Projects of 2016 with leaders and departments: what the tests of leaders' cards start from."""

from __future__ import annotations

from typing import Any

from tests.world import COUNTY_A, Client


async def project(
    office: Client, name: str, completed: dict[str, float], plan: float | None = 1200, **fields: Any
) -> str:
    made = await office.created(
        "/projects", {"name": name, "region_code": COUNTY_A, "stage": "started", "sector": "industry", **fields}
    )
    path = f"/projects/{made['id']}"
    if plan is not None:
        body = {"category": "continued", "planned_investment": plan}
        assert (await office.put(f"{path}/annual-plans/2016", body)).status_code == 201
    for day, amount in completed.items():
        await office.created(f"{path}/progress-figures", {"as_of": day, "year": 2016, "completed": amount})
    return str(made["id"])


async def assign(office: Client, project_id: str, since: str = "2016-01-01", to: str | None = None, **who: str) -> None:
    role = "sponsor" if "leader_id" in who else "responsible"
    made = await office.created(f"/projects/{project_id}/assignments", {"role": role, "valid_from": since, **who})
    if to is not None:
        ended = await office.patch(f"/assignments/{made['id']}", {"valid_to": to}, '"1"')
        assert ended.status_code == 200, ended.text


async def supervise(office: Client, leader: str, department: str, since: str, to: str | None = None) -> None:
    body = {"department_id": department, "valid_from": since, "valid_to": to}
    await office.created(f"/leaders/{leader}/supervisions", body)


async def card(reader: Client, leader: str, **params: Any) -> dict[str, Any]:
    answer = await reader.get(f"/leaders/{leader}/card", params=params or {"year": 2016})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON
