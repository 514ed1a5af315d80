"""Projects and all that hangs on them, put straight into the tables; the ledgers' own rows among them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.ids import Uuid7Sequence
from tests.world import COUNTY_A, COUNTY_B, World

LEDGERS = Path(__file__).parent / "data" / "ledgers"
CATEGORIES = {"续建": "continued", "新建": "new_start", "前期": "preliminary"}
AS_OF = date(2016, 2, 29)


class Rows:
    """Projects and what hangs on them, put straight into the tables."""

    def __init__(self, world: World) -> None:
        self.pool = world.pool
        self.ids = Uuid7Sequence(datetime.now(UTC))
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.known: dict[tuple[str, str], uuid.UUID] = {}

    def add(self, table: str, **columns: Any) -> uuid.UUID:
        identity = self.ids.next()
        self.tables.setdefault(table, []).append({"id": identity, **columns})
        return identity

    def project(self, region: str, name: str, stage: str = "started", since: date = AS_OF, **columns: Any) -> uuid.UUID:
        code = f"{region[:6]}-{len(self.tables.get('projects', [])):06}"
        identity = self.add(
            "projects", region_code=region, code=code, name=name, stage=stage, stage_since=since,
            last_activity_on=since, **columns,
        )  # fmt: skip
        self.move(identity, None, stage, since)
        return identity

    def move(self, project: uuid.UUID, before: str | None, after: str, on: date) -> None:
        self.add(
            "stage_transitions", project_id=project, from_stage=before, to_stage=after, happened_on=on,
            entered_at=datetime.now(UTC),
        )  # fmt: skip
        (row,) = [row for row in self.tables["projects"] if row["id"] == project]
        row |= {"stage": after, "stage_since": on, "last_activity_on": on}

    def plan(self, project: uuid.UUID, planned: Any, category: str = "continued", year: int = 2016) -> None:
        self.add("annual_plans", project_id=project, year=year, category=category, planned_investment=planned)

    def figure(self, project: uuid.UUID, completed: Any, as_of: date = AS_OF, **columns: Any) -> None:
        self.add(
            "progress_figures", project_id=project, year=as_of.year, as_of=as_of, completed=completed,
            recorded_at=datetime.now(UTC), **columns,
        )  # fmt: skip

    def party(self, table: str, region: str, name: str) -> uuid.UUID:
        if (table, name) not in self.known:
            more = {"kind": "bureau"} if table == "departments" else {"body": "government"}
            self.known[table, name] = self.add(table, region_code=region, name=name, **more)
        return self.known[table, name]

    def assign(
        self, project: uuid.UUID, role: str, since: date = AS_OF, until: date | None = None, **party: Any
    ) -> None:
        self.add("assignments", project_id=project, role=role, valid_from=since, valid_to=until, **party)

    async def write(self) -> None:
        order = ("departments", "leaders", "projects")
        for table in sorted(self.tables, key=lambda t: order.index(t) if t in order else len(order)):
            for shape in {tuple(row) for row in self.tables[table]}:
                rows = [tuple(row.values()) for row in self.tables[table] if tuple(row) == shape]
                marks = ", ".join(f"${i + 1}" for i in range(len(shape)))
                await self.pool.executemany(f"INSERT INTO {table} ({', '.join(shape)}) VALUES ({marks})", rows)
        self.tables = {}


async def county_a(world: World) -> None:
    rows = Rows(world)
    for row in json.loads((LEDGERS / "county-a-pipeline.expected.json").read_text("utf-8"))["projects"]:
        project = rows.project(
            COUNTY_A, row["name"], row["stage"], total_investment=row["total_investment"], location=row["location"],
            major=row["major"], land_status="pending" if row["problem"] == "土地征用" else "unknown",
        )  # fmt: skip
        rows.assign(project, "sponsor", leader_id=rows.party("leaders", COUNTY_A, row["leader"]))
        for name in row["departments"]:
            rows.assign(project, "responsible", department_id=rows.party("departments", COUNTY_A, name))
    await rows.write()


async def county_b(world: World) -> None:
    rows = Rows(world)
    for row in json.loads((LEDGERS / "county-b-2016-02.expected.json").read_text("utf-8"))["projects"]:
        project = rows.project(
            COUNTY_B, row["name"], total_investment=row["total_investment"], sector=row["sector"],
            location=row["location"],
        )  # fmt: skip
        rows.plan(project, row["annual_plan"], CATEGORIES[row["nature"]])
        if row["completed"] is not None:
            rows.figure(project, row["completed"])
        rows.assign(project, "responsible", department_id=rows.party("departments", COUNTY_B, row["department"]))
    await rows.write()
