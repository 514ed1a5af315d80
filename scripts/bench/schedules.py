"""Backward scheduling of 10 000 milestones: the computing alone, and through HTTP with everything kept."""

from __future__ import annotations

import random
import time
import uuid
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

import httpx

from app.domain.scheduling import Task, faults, schedule
from app.domain.workdays import CHINA
from app.ids import Uuid7Sequence

MILESTONES = 10_000
DEADLINE = "2120-12-31"


def graph() -> list[tuple[uuid.UUID, int, list[uuid.UUID]]]:
    """Milestones of 1 to 3 days, each waiting for up to three of the fifty before it."""
    chance, ids = random.Random(7), Uuid7Sequence(datetime.now(UTC))  # noqa: S311  # a repeatable example, no secret
    made: list[tuple[uuid.UUID, int, list[uuid.UUID]]] = []
    for n in range(MILESTONES):
        before = {made[chance.randint(max(0, n - 50), n - 1)][0] for _ in range(3)} if n else set()
        made.append((ids.next(), chance.randint(1, 3), sorted(before)))
    return made


def computing() -> float:
    tasks = [Task(key, days, tuple(before)) for key, days, before in graph()]
    start = time.perf_counter()
    assert faults(tasks) == []
    schedule(tasks, date.fromisoformat(DEADLINE), date(2026, 3, 2), CHINA)
    return time.perf_counter() - start


def run(server: AbstractContextManager[int], project: uuid.UUID, token: str) -> None:
    print(f"scheduling {MILESTONES} milestones")
    print(f"  computing alone                  {computing() * 1000:8.0f} ms (goal < 1000 ms)")
    items = [
        {"id": str(key), "name": f"节点{n}", "duration_days": days, "predecessor_ids": [str(p) for p in before]}
        for n, (key, days, before) in enumerate(graph())
    ]
    with server as port:
        client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
        address = f"/projects/{project}"
        _timed("PUT of the whole plan", client, "PUT", f"{address}/milestone-set", {"milestones": items})
        made = _timed("POST of a schedule", client, "POST", f"{address}/schedules", {"deadline": DEADLINE})
        _timed("GET of the schedule", client, "GET", f"/schedules/{made['id']}", None)
        _timed("adoption", client, "POST", f"/schedules/{made['id']}/adoption", {})
        _timed("variance", client, "GET", f"{address}/variance", None)


def _timed(name: str, client: httpx.Client, method: str, path: str, body: object) -> dict[str, str]:
    start = time.perf_counter()
    answer = client.request(method, path, json=body) if body is not None else client.request(method, path)
    answer.raise_for_status()
    print(f"  {name:<32} {(time.perf_counter() - start) * 1000:8.0f} ms", flush=True)
    found: dict[str, str] = answer.json()
    return found
