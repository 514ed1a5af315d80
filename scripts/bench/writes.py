"""What a report by PUT costs at least: ASGI by hand and one plain statement that writes what a report writes, with
nothing looked up that it could do without, no authentication, no validation, no answer but what was sent."""

from __future__ import annotations

import os
import uuid
from datetime import date
from typing import Any

import asyncpg
import orjson

POOL = 8
_WRITE = """
WITH place AS (SELECT region_code FROM projects WHERE id = $2
), new AS (
  INSERT INTO reports (id, project_id, week, as_of, completed, physical_text, physical_percent, problems, reporter_id,
                       made_at, submitted_at, due_at, late, version, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9, now(), now(), now(), false, 1, now(), now())
), rounds AS (
  INSERT INTO report_rounds (report_id, version, number, content, sent_by, made_at, received_at)
  VALUES ($1, 1, 1, $10::text::jsonb, $9, now(), now())
), duties AS (
  INSERT INTO report_flag_duties VALUES ($1)
), logged AS (
  INSERT INTO changes (at, actor_id, resource, resource_id, action, version, region_code, project_id, diff)
  SELECT now(), $9, 'report', $1::text, 'created', 1, region_code, $2, $10::text::jsonb FROM place
)
INSERT INTO data_versions (region_code, mark)
SELECT left(region_code, 6), (random() * 9007199254740992)::bigint FROM place
ON CONFLICT (region_code) DO UPDATE SET mark = excluded.mark
RETURNING set_config('diaodu.bumped_by', pg_current_xact_id()::text, true)
"""


async def keep(_: asyncpg.Connection) -> None:
    """Nothing to reset on a connection given back: that would be a round trip."""


class Writes:
    """PUT /…/{id} with a report that the product would take; whatever else is asked says that it is there."""

    pool: asyncpg.Pool
    reporter: uuid.UUID

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if scope["method"] == "PUT":
            await self._write(uuid.UUID(scope["path"].rpartition("/")[2]), body)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _write(self, report_id: uuid.UUID, body: bytes) -> None:
        said = orjson.loads(body)
        await self.pool.execute(
            _WRITE,
            report_id,
            uuid.UUID(said["project_id"]),
            *[date.fromisoformat(said[name]) for name in ("week", "as_of")],
            *[said[name] for name in ("completed", "physical_text", "physical_percent")],
            orjson.dumps(said["problems"]).decode(),
            self.reporter,
            body.decode(),
        )

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        settings = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
        url = os.environ["BENCH_URL"]
        self.pool = await asyncpg.create_pool(url, min_size=POOL, max_size=POOL, server_settings=settings, reset=keep)
        self.reporter = await self.pool.fetchval("SELECT id FROM users LIMIT 1")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})
