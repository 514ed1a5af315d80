"""The route every endpoint uses: parse safely, run, commit, and only then answer.

Everything a request did is committed (or rolled back) before the first byte of its answer is sent, the kept answer of
an Idempotency-Key included: it is written in the same transaction, so a retry either finds both or neither.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Coroutine, Hashable
from email.message import Message
from typing import Any, NoReturn

from fastapi import APIRouter, Request, Response, params
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert
from starlette.types import Scope

from app.access import Actor
from app.authentication import Authenticator
from app.errors import AppError, FieldError
from app.json_bodies import ApiRequest, WholeNumbersRequest, check_depth
from app.models import IdempotencyKey
from app.security.ratelimit import RateLimiter
from app.uow import UnitOfWork

KEPT_HEADERS = ("location", "etag", "content-type")


def api(tag: str) -> APIRouter:
    """A router of the API. `main` puts the routes into the app as they are: nothing is matched twice."""
    return APIRouter(
        prefix="/api/v1",
        tags=[tag],
        route_class=TransactionalRoute,
        generate_unique_id_function=lambda route: route.name,
    )


class ShownOnce(Response):
    """An answer with a secret; an Idempotency-Key keeps `kept_body`, without it."""

    kept_body: bytes = b""


class TransactionalRoute(APIRoute):
    keeps_answers = True
    """Whether an Idempotency-Key makes it keep its answer; not where the answer is a secret."""
    traced = True
    """Whether requests leave a line in the access log."""
    reads: type[ApiRequest] = ApiRequest
    at_once: Callable[[Request], Coroutine[Any, Any, Response | None]] | None = None
    """Answers requests of the usual form by hand, without FastAPI and without a transaction; None: not one of those.
    Media type and query have been looked at, the depth of the body has not."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        run = super().get_route_handler()
        # All others forbid what they do not know in their own model.
        takes_no_query = not self.dependant.query_params
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)

        async def committed(plain: Request) -> Response:
            request = self.reads(plain.scope, plain.receive)
            if takes_no_query and request.scope["query_string"]:
                _refuse_query(request)
            if takes_json:
                _require_json(request)
                answer = await self.at_once(request) if self.at_once is not None else None
                if answer is not None:
                    return answer
                # Before FastAPI reads it: what is raised in there becomes a bare 400.
                check_depth(await request.body())
            state = request.app.state
            uow = UnitOfWork(state.db, state.clock(), request.state.request_id)
            request.state.uow = uow
            try:
                response = await (_once(request, uow, run) if self.keeps_answers else run(request))
                await uow.commit()
                return response
            finally:
                await uow.close()

        return committed


class SecretRoute(TransactionalRoute):
    """Its answers are secrets: with an Idempotency-Key or without, they are kept nowhere."""

    keeps_answers = False


class StreamedRoute(TransactionalRoute):
    """Its body is read as it comes, and never whole; what it does is safe to send again without a key."""

    keeps_answers = False


class UntracedRoute(SecretRoute):
    """What is sent here must not be told from the rest by when it came: it leaves no line in the access log."""

    traced = False
    reads = WholeNumbersRequest


def json_body_model(route: APIRoute) -> type[BaseModel] | None:
    """The model of a route's JSON body, None when it takes none."""
    field = route.body_field
    if field is None or isinstance(field.field_info, params.Form):
        return None
    model = field.field_info.annotation
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def _refuse_query(request: Request) -> NoReturn:
    none = ("无", "none")
    raise AppError(
        "invalid_content",
        errors=[FieldError(name, "unknown_parameter", {"known": none}) for name in dict.fromkeys(request.query_params)]
        or [FieldError("", "unknown_parameter", {"known": none})],
    )


def _require_json(request: Request) -> None:
    content_type = request.headers.get("content-type")
    if content_type is None:
        return
    media = content_type.partition(";")[0].strip().lower()
    if not (media.startswith("application/") and (media.endswith(("/json", "+json")))):
        raise AppError("unsupported_media_type", expected="application/json")


async def _once(request: Request, uow: UnitOfWork, run: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    """Run the endpoint, or give again what it answered to the same Idempotency-Key."""
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return await run(request)
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        expected = ("1 至 200 个 ASCII 字符", "1 to 200 ASCII characters")
        error = FieldError("Idempotency-Key", "invalid_value", {"expected": expected})
        raise AppError("invalid_content", errors=[error])
    actor = await authenticate(request.scope)
    permission = _permission(request)
    request_hash = await _fingerprint(request)
    if not await uow.try_lock_key("idempotency", str(actor.id), key):
        raise AppError("idempotency_in_progress", headers={"Retry-After": "1"})
    kept = await uow.session.get(IdempotencyKey, (actor.id, key))
    if kept is not None:
        if kept.request_hash != request_hash:
            raise AppError("idempotency_key_reused")
        if permission is not None and not actor.reaches(permission, kept.reach):
            # The right it was answered under has ended since, or this key is narrower.
            raise AppError("forbidden", permission=permission)
        return Response(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"})
    response = await run(request)
    await uow.session.execute(
        insert(IdempotencyKey).values(
            user_id=actor.id,
            key=key,
            request_hash=request_hash,
            reach=actor.reach(permission) if permission is not None else [],
            status=response.status_code,
            headers={h: response.headers[h] for h in KEPT_HEADERS if h in response.headers},
            body=bytes(getattr(response, "kept_body", response.body)),  # without what is shown only once
            created_at=uow.now,
        )
    )
    return response


def _permission(request: Request) -> str | None:
    """The permission the route asks for."""
    for dependency in request.scope["route"].dependant.dependencies:
        permission: str | None = getattr(dependency.call, "permission", None)
        if permission is not None:
            return permission
    return None


async def _fingerprint(request: Request) -> bytes:
    """What makes two requests the same: method, address and body.

    Keyed by a secret outside the database: a body may hold a password, which a plain hash would let be guessed. The
    boundary of a form is left out, because clients make up a new one each time they send the same form.
    """
    target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    digest = hmac.new(request.app.state.secret, target, hashlib.sha256)
    body = await request.body()
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    boundary = message.get_param("boundary")
    if message.get_content_maintype() == "multipart" and isinstance(boundary, str) and boundary:
        body = body.replace(b"--" + boundary.encode("latin-1", "replace"), b"--")
    digest.update(body)
    return digest.digest()


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """The request's headers by name, put together once."""
    state = scope["state"]
    headers: dict[bytes, bytes] | None = state.get("headers")
    if headers is None:
        headers = state["headers"] = dict(scope["headers"])
    return headers


async def authenticate(scope: Scope) -> Actor:
    """The actor behind the request's credentials; asked once per request."""
    state = scope["state"]
    actor: Actor | None = state.get("actor")
    if actor is None:
        try:
            actor = await _identify(scope)
        except AppError:
            # Guessing credentials is metered by address.
            client = scope.get("client")
            spend(scope, scope["app"].state.address_limiter, client[0] if client else "")
            raise
        spend(scope, scope["app"].state.user_limiter, actor.id.int)
        state["actor"] = actor
    uow: UnitOfWork | None = state.get("uow")
    if uow is not None:
        uow.actor = actor
    return actor


async def _identify(scope: Scope) -> Actor:
    authenticator: Authenticator = scope["app"].state.authenticator
    headers = headers_of(scope)
    scheme, _, credentials = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    api_key = headers.get(b"x-api-key")
    if scheme.lower() == "bearer" and credentials:
        return await authenticator.by_token(credentials.strip())
    if api_key:
        return await authenticator.by_api_key(api_key.decode("latin-1"))
    raise AppError("not_authenticated")


def spend(scope: Scope, limiter: RateLimiter, key: Hashable) -> None:
    """Take one request off the caller's allowance; the RateLimit headers follow from the decision."""
    decision = limiter.check(key, time.monotonic())
    scope["state"]["rate_limit"] = decision
    if not decision.allowed:
        wait = str(decision.retry_after)
        raise AppError("rate_limited", headers={"Retry-After": wait}, retry_after=wait)
