"""Statistics: a wall screen's poll against the bare lookup, and how long figures take in a large table."""

from __future__ import annotations

import statistics
import time
import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx

OVERVIEW = "/api/v1/statistics/overview"
ROLL_UP = "/api/v1/statistics/projects?group_by=region"
_TIMES = 30


def known(port: int, token: str) -> str:
    """The ETag of the overview."""
    answer = httpx.get(f"http://127.0.0.1:{port}{OVERVIEW}", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    answer.raise_for_status()
    return answer.headers["etag"]


async def national(url: str) -> tuple[uuid.UUID, uuid.UUID]:
    """(user, session) of an account that sees every province."""
    user, session, now = uuid.uuid4(), uuid.uuid4(), datetime.now(UTC)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "INSERT INTO regions (code, name, kind) SELECT DISTINCT left(code, 2), '省' || left(code, 2), 'province'"
            " FROM regions ON CONFLICT DO NOTHING"
        )
        await connection.execute(
            "INSERT INTO users (id, username, display_name, region_code)"
            " SELECT $1, 'national', 'national', min(code) FROM regions",
            user,
        )
        await connection.execute(
            "INSERT INTO grants (id, user_id, role, region_code, valid_from)"
            " SELECT gen_random_uuid(), $1, 'viewer', code, '2000-01-01' FROM regions WHERE length(code) = 2",
            user,
        )
        await connection.execute(
            "INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            session, user, now, now + timedelta(days=1),
        )  # fmt: skip
    finally:
        await connection.close()
    return user, session


def _milliseconds(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - started) * 1000


def times(port: int, name: str, path: str, token: str, goal: int) -> None:
    """The first call and those after it, one at a time."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
        first, *again = [_milliseconds(client, path) for _ in range(_TIMES)]
    middle, slowest = statistics.median(again), max(again)
    print(
        f"  {name:<34} first {first:7.0f} ms   then {middle:6.1f} ms, at most {slowest:6.1f} ms (goal < {goal} ms)",
        flush=True,
    )
