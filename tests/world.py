"""What tests start from: two counties, and accounts of any role signed in."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI

from app.ids import Uuid7Sequence
from tests.promises import hold

COUNTY_A = "990101"
COUNTY_B = "990102"
REGIONS = [
    ("99", "示范省", "province", None),
    ("9901", "示范州", "prefecture", "99"),
    (COUNTY_A, "甲县", "county", "9901"),
    (COUNTY_B, "乙县", "county", "9901"),
    ("990101001", "柳城工业园区", "park", COUNTY_A),
    ("990102001", "城关镇", "township", COUNTY_B),
]


def new_id() -> uuid.UUID:
    return Uuid7Sequence(datetime.now(UTC)).next()


class Client:
    """One account's view of the API: paths are under /api/v1."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, headers: dict[str, str], user_id: uuid.UUID) -> None:
        self.app = app
        self.http = client
        self.headers = headers
        self.user_id = user_id

    async def request(self, method: str, path: str, **kw: Any) -> httpx.Response:
        headers = {**self.headers, **(kw.pop("headers", None) or {})}
        answer = await self.http.request(method, f"/api/v1{path}", headers=headers, **kw)
        hold(self.app, answer)
        return answer

    async def get(self, path: str, **kw: Any) -> httpx.Response:
        return await self.request("GET", path, **kw)

    async def post(self, path: str, json: Any = None, **kw: Any) -> httpx.Response:
        body = {} if json is None else {"json": json}
        return await self.request("POST", path, **body, **kw)

    async def put(self, path: str, json: Any, **kw: Any) -> httpx.Response:
        return await self.request("PUT", path, json=json, **kw)

    async def patch(self, path: str, json: Any, etag: str | None = None, **kw: Any) -> httpx.Response:
        headers = {**(kw.pop("headers", None) or {}), **({"If-Match": etag} if etag else {})}
        return await self.request("PATCH", path, json=json, headers=headers, **kw)

    async def delete(self, path: str, etag: str | None = None, **kw: Any) -> httpx.Response:
        headers = {**(kw.pop("headers", None) or {}), **({"If-Match": etag} if etag else {})}
        return await self.request("DELETE", path, headers=headers, **kw)

    async def created(self, path: str, json: Any, **kw: Any) -> dict[str, Any]:
        answer = await self.post(path, json, **kw)
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]  # JSON


class World:
    def __init__(self, app: FastAPI, client: httpx.AsyncClient) -> None:
        self.app = app
        self.http = client
        self.pool = app.state.db.pool

    async def reset(self) -> None:
        tables = await self.pool.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename NOT IN ('alembic_version', 'dictionary_entries')"
        )
        emptied = False
        while not emptied:
            try:
                names = ", ".join(t["tablename"] for t in tables)
                await self.pool.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
                emptied = True
            except asyncpg.DeadlockDetectedError:
                pass  # with the application's housekeeping, which looks around once a minute
        statement = "INSERT INTO regions (code, name, kind, parent_code) VALUES ($1, $2, $3, $4)"
        await self.pool.executemany(statement, REGIONS)

    def anonymous(self) -> Client:
        return Client(self.app, self.http, {}, uuid.UUID(int=0))

    async def user(
        self, role: str, region: str = COUNTY_A, *, department_id: str | uuid.UUID | None = None, **columns: Any
    ) -> Client:
        """An account with that one grant, signed in (without going through the password)."""
        user_id = new_id()
        await self.pool.execute(
            "INSERT INTO users (id, username, display_name, region_code) VALUES ($1, $2, $3, $4)",
            user_id, f"{role.replace('_', '.')}.{user_id.hex[-8:]}", role, region,
        )  # fmt: skip
        await self.grant(user_id, role, region, department_id)
        return await self.sign_in(user_id)

    async def grant(
        self, user_id: uuid.UUID, role: str, region: str, department_id: str | uuid.UUID | None = None
    ) -> uuid.UUID:
        grant_id = new_id()
        await self.pool.execute(
            "INSERT INTO grants (id, user_id, role, region_code, department_id, valid_from) VALUES ($1,$2,$3,$4,$5,$6)",
            grant_id, user_id, role, region, uuid.UUID(str(department_id)) if department_id else None, date(2000, 1, 1),
        )  # fmt: skip
        return grant_id

    async def sign_in(self, user_id: uuid.UUID) -> Client:
        session_id, now = new_id(), datetime.now(UTC)
        await self.pool.execute(
            "INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            session_id, user_id, now, now + timedelta(days=1),
        )  # fmt: skip
        token = self.app.state.authenticator.tokens.issue(
            subject=user_id, session_id=session_id, now=now, monotonic=0.0
        )
        return Client(self.app, self.http, {"Authorization": f"Bearer {token}"}, user_id)

    async def department(self, region: str = COUNTY_A, name: str = "发改委", kind: str = "bureau") -> str:
        department_id = new_id()
        await self.pool.execute(
            "INSERT INTO departments (id, region_code, name, kind) VALUES ($1, $2, $3, $4)",
            department_id, region, name, kind,
        )  # fmt: skip
        return str(department_id)

    async def leader(self, region: str = COUNTY_A, name: str = "王建国", body: str = "government") -> str:
        leader_id = new_id()
        await self.pool.execute(
            "INSERT INTO leaders (id, region_code, name, body) VALUES ($1, $2, $3, $4)", leader_id, region, name, body
        )
        return str(leader_id)

    async def project(self, region: str = COUNTY_A, **fields: Any) -> dict[str, Any]:
        """A project as the API answers it, made by a dispatcher of its region."""
        dispatcher = await self.user("dispatcher", region[:6])
        return await dispatcher.created("/projects", {"name": "测试项目", "region_code": region, **fields})
