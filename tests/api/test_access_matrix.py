"""Every route, every role: the table of permissions is what happens. New routes are covered by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from app.contract import permission_of, routes
from app.main import create_app
from app.permissions import PERMISSIONS, ROLES, Reach
from app.routing import json_body_model
from app.settings import Settings
from tests.rows import rows_of_county_a
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

PUBLIC = {
    "healthz", "readyz", "metrics", "jwks", "docs", "contract", "problem_page", "create_token",
    "cast_ballot", "get_ballot_form",  # a ballot is cast by nobody in particular
    "get_calendar",  # its secret address is the key
}  # fmt: skip
"""Routes that need no account, by name."""


def _routes() -> list[APIRoute]:
    return routes(create_app(Settings()))


def _guarded() -> list[tuple[str, str, str]]:
    """(method, path under /api/v1, permission)."""
    return [
        (method, route.path_format.removeprefix("/api/v1"), permission)
        for route in _routes()
        if (permission := permission_of(route))
        for method in sorted(route.methods or ())
    ]


def test_every_route_asks_for_a_permission_or_is_known_to_be_public() -> None:
    assert {route.name for route in _routes() if permission_of(route) is None} == PUBLIC


def test_every_permission_of_the_table_guards_something() -> None:
    used = {permission for _, _, permission in _guarded()}
    # Asked inside a service, beside the route's own permission.
    inside = {"stage_transitions.override", "audit.read"}
    assert used | inside == set(PERMISSIONS)


def _filled(path: str) -> str:
    """The path with ids of nothing."""
    fixed = {"code": "990199", "name": "sector", "year": "2016", "format": "csv"}
    return re.sub(r"\{([a-z_]+)\}", lambda m: fixed.get(m[1], str(new_id())), path)


@pytest.mark.parametrize("role", [*ROLES, None])
async def test_a_role_gets_through_exactly_where_the_table_says(world: World, role: str | None) -> None:
    department = await world.department()
    needs = role is not None and ROLES[role].needs_department
    client = await world.user(role, department_id=department if needs else None) if role else world.anonymous()
    wrong = []
    for method, path, permission in _guarded():
        answer = await client.request(method, _filled(path))
        allowed = role is not None and role in PERMISSIONS[permission]
        expected = "through" if allowed else 403 if role else 401
        got = answer.status_code if answer.status_code in {401, 403} else "through"
        if got != expected or answer.status_code >= 500:
            wrong.append((method, path, permission, expected, answer.status_code))
        if method == "POST" and path == "/auth/logout" and role:
            client = await world.sign_in(client.user_id)
    assert wrong == []


@pytest.fixture
async def foreign(world: World) -> dict[str, str]:
    return await rows_of_county_a(world)


NOT_OF_A_COUNTY = {"code", "name", "year", "format"}
"""Path parameters that name no row of any county."""


def _body(route: APIRoute) -> dict[str, Any]:
    """What the contract gives as an example, so that the request gets as far as looking for the row."""
    model = json_body_model(route)
    return {} if model is None else {"json": model.model_json_schema()["examples"][0]}


@pytest.mark.parametrize("role", list(ROLES))
async def test_rows_of_another_county_look_like_missing_ones(world: World, foreign: dict[str, str], role: str) -> None:
    """Whatever a role may do with such rows at home, here it gets the very answer of an id that is not there."""
    client = await _at_home_elsewhere(world, role)
    wrong, tried = await _told_apart(client, foreign, lambda permission: role in PERMISSIONS[permission])
    assert wrong == []
    assert tried > 0


@pytest.mark.parametrize("role", ["department", "reporter"])
async def test_rows_of_another_department_look_like_missing_ones(
    world: World, foreign: dict[str, str], role: str
) -> None:
    """As above, within one county: what a role reaches by its department or its own projects only."""
    own = await world.department(COUNTY_A, "旁观局")
    client = await world.user(role, COUNTY_A, department_id=own)
    narrow = {Reach.DEPARTMENT, Reach.ASSIGNED}
    wrong, tried = await _told_apart(client, foreign, lambda permission: PERMISSIONS[permission].get(role) in narrow)
    assert wrong == []
    assert tried > 0


async def _told_apart(
    client: Client, foreign: dict[str, str], asked: Callable[[str], bool]
) -> tuple[list[tuple[Any, ...]], int]:
    """Routes to a row, of the permissions `asked` for, that do not answer 404 as they do of no row; how many tried."""
    nowhere = dict.fromkeys(foreign, "0199c1a0-7c00-7000-8000-000000000001")
    wrong, tried = [], 0
    for route in _routes():
        names = set(re.findall(r"\{([a-z_]+)\}", route.path_format))
        permission = permission_of(route)
        if names <= NOT_OF_A_COUNTY or permission is None or not asked(permission):
            continue
        assert foreign.keys() >= names - NOT_OF_A_COUNTY, f"tests/rows.py lacks one of {names}"
        path = route.path_format.removeprefix("/api/v1")
        for method in route.methods or ():
            there, missing = [
                await client.request(
                    method,
                    path.format(**ids, code="x", name="sector", year="2016"),
                    headers={"If-Match": "*"},
                    **_body(route),
                )
                for ids in (foreign, nowhere)
            ]
            tried += 1
            if _shape(there) != _shape(missing) or there.status_code != 404:
                wrong.append((method, path, there.status_code, there.text[:200], missing.status_code))
    return wrong, tried


def _shape(answer: httpx.Response) -> object:
    if answer.status_code < 400:
        return answer.content  # perhaps a document or a picture
    return {k: v for k, v in answer.json().items() if k != "request_id"}


async def _at_home_elsewhere(world: World, role: str) -> Client:
    department = await world.department(COUNTY_B, "乙县发改局")
    return await world.user(role, COUNTY_B, department_id=department if ROLES[role].needs_department else None)


async def test_a_department_sees_its_own_projects_only(world: World) -> None:
    mine, theirs = await world.department(name="发改委"), await world.department(name="交通局")
    office = await world.user("dispatcher")
    for name, department in (("我的", mine), ("他们的", theirs)):
        project = await office.created("/projects", {"name": name, "region_code": COUNTY_A})
        await office.created(
            f"/projects/{project['id']}/assignments", {"role": "responsible", "department_id": department}
        )
    client = await world.user("department", department_id=mine)
    seen = (await client.get("/projects")).json()["items"]
    assert [p["name"] for p in seen] == ["我的"]
    hidden = (await office.get("/projects", params={"q": "他们"})).json()["items"][0]["id"]
    assert (await client.get(f"/projects/{hidden}")).status_code == 404
    refused = await client.patch(f"/projects/{hidden}", {"name": "改"}, etag='"1"')
    assert refused.status_code == 404
