"""Signing in, refreshing, signing out."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Annotated

from fastapi import Form, Request, Response

from app.access import Actor
from app.deps import Uow, permitted
from app.errors import AppError, FieldError
from app.routing import SecretRoute, api, spend
from app.schemas.auth import TokenForm, Tokens
from app.services import auth

FORM = "application/x-www-form-urlencoded"
router = api("auth")


token_router = api("auth")
token_router.route_class = SecretRoute


@token_router.post("/auth/token", summary="登录与续期 Get tokens", response_model=Tokens)
async def create_token(request: Request, response: Response, uow: Uow, form: Annotated[TokenForm, Form()]) -> Tokens:
    """OAuth2 token endpoint: `grant_type=password` signs in, `grant_type=refresh_token` goes on with a session.

    A refresh token is for one use and answers with its successor; sent again within 20 s, because the answer got lost,
    it answers with the same successor. Sent later it counts as stolen, and the session ends.

    Five wrong passwords lock the account for 10 minutes; the answer does not tell, nor whether the account exists.
    Problem documents carry OAuth2's `error` member. Errors: `invalid_request`, `unsupported_grant_type`,
    `invalid_grant`, `invalid_refresh_token`, `unsupported_media_type`, `rate_limited`, `unavailable`.
    """
    address = request.client.host if request.client else "unknown"
    spend(request.scope, request.app.state.address_limiter, address)
    await _check_form(request, form)
    issuer = _issuer(request, address)
    response.headers["Cache-Control"] = "no-store"
    if form.grant_type == "password":
        return await auth.sign_in(uow, issuer, form.username, form.password)
    return await auth.refresh(uow, issuer, form.refresh_token)


@router.post("/auth/logout", summary="退出 Sign out", status_code=204)
async def sign_out(uow: Uow, actor: Annotated[Actor, permitted("me.write")]) -> Response:
    """Ends the session of the access token: neither it nor the refresh token counts any more, everywhere within 1 s."""
    await auth.sign_out(uow)
    return Response(status_code=204)


def _issuer(request: Request, address: str) -> auth.Issuer:
    state = request.app.state
    return auth.Issuer(
        hasher=state.passwords,
        access_tokens=state.authenticator.tokens,
        secret=state.secret,
        refresh_lifetime=timedelta(days=state.settings.refresh_token_days),
        address=address,
    )


async def _check_form(request: Request, form: TokenForm) -> None:
    """RFC 6749: each parameter at most once; an empty one counts as left out."""
    media = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if media != FORM:
        raise AppError("unsupported_media_type", expected=FORM)
    sent = Counter(name for name, _ in (await request.form()).multi_items())
    errors = [FieldError(f"/{n}", "repeated", {}) for n in TokenForm.model_fields if sent[n] > 1]
    needed = {"": ["grant_type"], "password": ["username", "password"], "refresh_token": ["refresh_token"]}
    if form.grant_type not in needed:
        raise AppError("unsupported_grant_type", extra={"error": "unsupported_grant_type"})
    errors += [FieldError(f"/{n}", "missing", {}) for n in needed[form.grant_type] if not getattr(form, n)]
    if errors:
        raise AppError("invalid_request", errors=errors, extra={"error": "invalid_request"})
