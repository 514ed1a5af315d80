"""Is it alive, is it ready, how is it doing, and the keys its tokens are signed with."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from app.errors import AppError
from app.schemas.health import Health, KeySet

router = APIRouter(tags=["service"], generate_unique_id_function=lambda route: route.name)


@router.get("/healthz", summary="存活 Alive", response_model=Health)
async def healthz() -> Any:
    """The process answers. Never touches the database."""
    return {"status": "ok"}


@router.get("/readyz", summary="就绪 Ready", response_model=Health)
async def readyz(request: Request) -> Any:
    """The database answers and the process is not shutting down. Errors: `unavailable`."""
    state = request.app.state
    if not state.ready:
        raise AppError("unavailable", headers={"Retry-After": "5"})
    try:
        async with asyncio.timeout(2):
            await state.db.pool.fetchval("SELECT 1")
    except (TimeoutError, OSError):
        raise AppError("unavailable", headers={"Retry-After": "5"}) from None
    return {"status": "ready"}


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/.well-known/jwks.json", summary="签名公钥 Signing keys", response_model=KeySet)
async def jwks(request: Request, response: Response) -> Any:
    """Public keys (RFC 7517) for verifying access tokens; old ones stay while their tokens live."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return request.app.state.authenticator.tokens.jwks(monotonic=time.monotonic())
