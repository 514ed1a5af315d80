"""The application, put together from settings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp

from app import contract, embedded, housekeeping, problems, query_fields
from app.authentication import Authenticator
from app.conditional import Conditional
from app.cross_origin import cross_origin
from app.data_versions import DataVersions
from app.db import Database
from app.handing_in import HandingIn
from app.images.model import Limits as ImageLimits
from app.images.process import Images
from app.middleware import RequestContext, without_secrets
from app.objects import Objects
from app.plots.process import Charts
from app.routers import POLLED, ROUTERS, STATISTICS
from app.security.access_tokens import AccessTokens
from app.security.cursors import CursorSigner
from app.security.keys import SigningKeys
from app.security.passwords import Argon2Cost, PasswordHasherPool
from app.security.private_files import load_or_create_secret
from app.security.ratelimit import RateLimiter
from app.services.files import FileLimits, Files
from app.settings import Settings
from app.statistics_etags import StatisticsEtags
from app.tus import TusEnvelope
from app.warming import warm_up

MAX_BODY = 1024 * 1024


def system_clock() -> datetime:
    return datetime.now(UTC)


class Diaodu(FastAPI):
    cors_origins: tuple[str, ...] = ()

    def build_middleware_stack(self) -> ASGIApp:
        """The context around even the body limit and the last-resort 500."""
        uploads = TusEnvelope(super().build_middleware_stack())
        polled = StatisticsEtags(Conditional(uploads, POLLED), STATISTICS)
        return cross_origin(RequestContext(HandingIn(polled)), self.cors_origins)


def _telemetry() -> TelemetryConfig:
    """FastAPI's own OpenTelemetry, exporting as the standard OTEL_* variables say; without them, not even asked for."""
    if any(name.startswith("OTEL_EXPORTER_OTLP") for name in os.environ):
        # A span would carry the whole path.
        return {"auto_configure": True, "exclude": lambda scope: without_secrets(scope["path"]) != scope["path"]}
    return {"tracing": False, "metrics": False, "logs": False}


class RefusedToStart(Exception):
    """The service must not run like this; the message says why."""


def create_app(settings: Settings, clock: Callable[[], datetime] = system_clock) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        url = settings.database_url or embedded.start(settings.var_dir / "postgres").url("postgres")
        state = app.state
        state.db = await Database.open(
            url,
            pool_size=settings.pool_size,
            statement_timeout_ms=settings.statement_timeout_ms,
            import_timeout_ms=settings.import_timeout_ms,
        )
        try:
            await refuse_in_production(settings, state.db)
            _assemble(state, settings, clock)
            keepers = _keepers(settings, state, clock)
            await warm_up(state.db, clock())
            state.ready = True
            yield
            state.ready = False
            for keeper in keepers:
                keeper.cancel()
            await state.charts.close()
            await state.files.images.close()
            state.passwords.close()
        finally:
            await state.db.close()

    query_fields.remember()
    app = Diaodu(
        **contract.METADATA,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=MAX_BODY,
        telemetry=_telemetry(),
    )
    app.cors_origins = settings.cors_origins
    app.state.ready = False
    problems.install(app)
    for router in ROUTERS:
        # Flat, not nested: including a router would match every request once per level.
        app.router.routes.extend(router.routes)
    contract.install(app)
    return app


async def refuse_in_production(settings: Settings, db: Database) -> None:
    """Asked by the command line first, which says it in one line, and by every process that serves."""
    if settings.env != "production":
        return
    SigningKeys.load(settings.keys)
    if await db.pool.fetchval("SELECT EXISTS (SELECT FROM users WHERE demo)"):
        raise RefusedToStart("this database has demo accounts; production starts with one of its own")


def _keepers(settings: Settings, state: Any, clock: Callable[[], datetime]) -> list[asyncio.Task[None]]:
    keep = timedelta(days=settings.idempotency_days)
    keepers = [asyncio.create_task(housekeeping.run(state.db, state.files, clock, keep))]
    if settings.figures_seconds:
        keepers.append(asyncio.create_task(housekeeping.keep_figures(state.db, clock, settings.figures_seconds)))
    if settings.flags_seconds:
        keepers.append(asyncio.create_task(housekeeping.keep_flags(state.db, clock, settings.flags_seconds)))
    return keepers


def _assemble(state: Any, settings: Settings, clock: Callable[[], datetime]) -> None:
    if settings.env == "production":
        keys = SigningKeys.load(settings.keys)
    else:
        keys = SigningKeys.load_or_generate(settings.keys, now=clock())
    tokens = AccessTokens(
        keys,
        issuer=settings.public_url,
        audience="diaodu",
        lifetime=timedelta(minutes=settings.access_token_minutes),
    )
    state.clock = clock
    state.settings = settings
    state.authenticator = Authenticator(state.db, tokens, clock)
    state.data_versions = DataVersions(state.db)
    state.charts = Charts(settings.var_dir / "charts")
    state.files = files_of(state.db, settings, lambda: state.clock())  # noqa: PLW0108  # tests give it another later on
    state.secret = load_or_create_secret(settings.keys / "secret")
    state.cursors = CursorSigner(state.secret)
    state.passwords = PasswordHasherPool(cost=Argon2Cost(settings.argon2_memory_kib, settings.argon2_time_cost))
    state.user_limiter = _limiter(settings.rate_limit_per_minute)
    state.address_limiter = _limiter(settings.anonymous_rate_limit_per_minute)


def files_of(db: Database, settings: Settings, clock: Callable[[], datetime]) -> Files:
    return Files(
        db,
        Objects.open(settings.object_store, settings.var_dir / "objects"),
        Images(ImageLimits(settings.photo_max_pixels)),
        FileLimits(
            file=settings.upload_max_bytes,
            day=settings.upload_bytes_per_day,
            total=settings.upload_bytes_in_all,
            unfinished=timedelta(days=settings.upload_days),
            unnamed=timedelta(days=settings.photo_orphan_days),
        ),
        clock,
    )


def _limiter(per_minute: int) -> RateLimiter:
    """A tenth of a minute's allowance may come at once."""
    return RateLimiter(per_minute, max(per_minute // 10, 20))
