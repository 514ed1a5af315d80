"""The application, put together from settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI

from app import contract, embedded, problems
from app.authentication import Authenticator
from app.db import Database
from app.middleware import RequestContext
from app.routers import ROUTERS
from app.security.access_tokens import AccessTokens
from app.security.cursors import CursorSigner
from app.security.keys import SigningKeys
from app.security.passwords import Argon2Cost, PasswordHasherPool
from app.security.private_files import load_or_create_secret
from app.security.ratelimit import RateLimiter
from app.settings import Settings

MAX_BODY = 1024 * 1024


def system_clock() -> datetime:
    return datetime.now(UTC)


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
            _assemble(state, settings, clock)
            state.ready = True
            yield
        finally:
            state.ready = False
            await state.db.close()
            state.passwords.close()

    app = FastAPI(
        **contract.METADATA,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        max_body_size=MAX_BODY,
    )
    app.state.ready = False
    app.add_middleware(RequestContext)
    problems.install(app)
    for router in ROUTERS:
        # Flat, not nested: including a router would match every request once per level.
        app.router.routes.extend(router.routes)
    contract.install(app)
    return app


def _assemble(state: Any, settings: Settings, clock: Callable[[], datetime]) -> None:
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
    state.secret = load_or_create_secret(settings.keys / "secret")
    state.cursors = CursorSigner(state.secret)
    state.passwords = PasswordHasherPool(cost=Argon2Cost(settings.argon2_memory_kib, settings.argon2_time_cost))
    state.user_limiter = _limiter(settings.rate_limit_per_minute)
    state.address_limiter = _limiter(settings.anonymous_rate_limit_per_minute)


def _limiter(per_minute: int) -> RateLimiter:
    """A tenth of a minute's allowance may come at once."""
    return RateLimiter(per_minute, max(per_minute // 10, 20))
