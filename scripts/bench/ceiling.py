"""What the machine can do at best, and what a textbook service does: both answer the product's own queries.

`bare` is ASGI by hand over an asyncpg pool: no routing, no authentication, no validation. `textbook` is FastAPI with
ORM objects and a response model. `writes` is of `scripts.bench.writes`. uvicorn serves them as it serves the product.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.access import Actor, Grant, visible
from app.listing import Resource, one_statement, page_statement, plan_filters
from app.models import Assignment, Department, Leader, Project
from app.reading import AnySelect, Prepared, compile_statement
from app.resources.project_columns import full, slim
from app.resources.projects import PROJECT
from app.whole_answers import WholeAnswers
from scripts.bench.writes import Writes, keep

URL, COUNTY = os.environ.get("BENCH_URL", ""), os.environ.get("BENCH_COUNTY", "")
ABOVE = ["", COUNTY[:2], COUNTY[:4], COUNTY]
POOL = 8


_LIGHTS = {"light", "computed_light"}


def _without_lights(statement: AnySelect) -> AnySelect:
    kept = [column for column in statement.selected_columns if column.key not in _LIGHTS]
    return statement.with_only_columns(*kept, maintain_column_froms=True)


DARK = replace(PROJECT, slim=lambda: _without_lights(slim()), full=lambda: _without_lights(full()))


def _queries(resource: Resource) -> tuple[Prepared, Prepared, dict[str, Any]]:
    actor = Actor(uuid.UUID(int=0), "bench", (Grant("dispatcher", COUNTY),))
    seen = visible(actor.scopes("projects.read"), resource.scoping)
    plan = plan_filters(resource, {}, seen)
    page = compile_statement(page_statement(resource, plan, resource.sorts["id"], descending=False, after=False))
    return page, compile_statement(one_statement(resource, seen.condition())), plan.values


class Bare:
    """GET /projects, /projects/{id}, both also -without-lights, /version/{id}, /marks."""

    pool: asyncpg.Pool

    def __init__(self) -> None:
        self.queries = {"/projects": _queries(PROJECT), "/projects-without-lights": _queries(DARK)}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        path: str = scope["path"]
        place, _, last = path.rpartition("/")
        status, body = 200, ""
        if path in self.queries:
            page, _, values = self.queries[path]
            rows = await self.pool.fetch(page.sql, *page.arguments(values | {"page_limit": 51}))
            body = '{"items":[' + ",".join(row["j"] for row in rows[:50]) + "]}"
        elif place in self.queries:
            _, one, values = self.queries[place]
            row = await self.pool.fetchrow(one.sql, *one.arguments(values | {"key": uuid.UUID(last)}))
            body = row["j"]
        elif path == "/marks":
            marks = await self.pool.fetchval("SELECT sum(mark) FROM data_versions WHERE region_code = ANY($1)", ABOVE)
            status = 304 if (marks or 0) >= 0 else 500
        else:
            key = uuid.UUID(path.removeprefix("/version/"))
            version = await self.pool.fetchval(
                "SELECT version FROM projects WHERE id = $1 AND county_code = $2", key, COUNTY
            )
            status = 304 if version == 1 else 500
        encoded = body.encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(encoded)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": encoded})

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        self.pool = await asyncpg.create_pool(URL, min_size=POOL, max_size=POOL, reset=keep)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})


class _Party(BaseModel):
    id: uuid.UUID
    name: str


class _Item(BaseModel):
    id: uuid.UUID
    code: str
    name: str
    region_code: str
    stage: str
    total_investment: float | None
    sponsors: list[_Party]
    responsible_departments: list[_Party]


def bare() -> Bare:
    return Bare()


def textbook() -> FastAPI:
    engine = create_async_engine(URL.replace("postgresql://", "postgresql+asyncpg://"), pool_size=POOL)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/projects", response_model=list[_Item])
    async def list_projects() -> list[dict[str, Any]]:
        async with AsyncSession(engine) as session:
            found = (
                await session.scalars(
                    select(Project).where(Project.county_code == COUNTY).order_by(Project.id).limit(50)
                )
            ).all()
            ids = [p.id for p in found]
            a = Assignment
            sponsors = await session.execute(
                select(a.project_id, Leader).join(Leader, Leader.id == a.leader_id).where(a.project_id.in_(ids))
            )
            departments = await session.execute(
                select(a.project_id, Department).join(Department, Department.id == a.department_id)
                .where(a.project_id.in_(ids))
            )  # fmt: skip
            by_leader, by_department = dict(sponsors.tuples().all()), dict(departments.tuples().all())
            return [
                {
                    **{k: getattr(p, k) for k in ("id", "code", "name", "region_code", "stage", "total_investment")},
                    "sponsors": [{"id": by_leader[p.id].id, "name": by_leader[p.id].name}],
                    "responsible_departments": [{"id": by_department[p.id].id, "name": by_department[p.id].name}],
                }
                for p in found
            ]

    return app


if __name__ == "__main__":
    name, port = sys.argv[1:]
    factory = {"bare": bare, "textbook": textbook, "writes": Writes}[name]
    uvicorn.run(factory, factory=True, port=int(port), access_log=False, http=WholeAnswers)
