"""Signing in and out: sessions, and the refresh tokens that keep them going.

What is refused here is committed too (the failure counted, the session revoked, the log row), before the error is
raised: nothing else is in these transactions.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.errors import AppError
from app.models import RefreshToken, Session, User
from app.schemas.auth import Tokens
from app.security import opaque_tokens
from app.security.access_tokens import AccessTokens
from app.security.passwords import Busy, PasswordHasherPool
from app.services import passwords
from app.uow import UnitOfWork

ANSWERED_AGAIN_FOR = timedelta(seconds=20)
"""Answers get lost on the way to a phone: so long the same refresh token gives the same successor."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """What signing in needs beside the database. `secret` makes successors of refresh tokens."""

    hasher: PasswordHasherPool
    access_tokens: AccessTokens
    secret: bytes
    refresh_lifetime: timedelta
    address: str
    """Where the request came from, for the log."""


async def sign_in(uow: UnitOfWork, issuer: Issuer, username: str, password: str) -> Tokens:
    """A new session. Errors: `invalid_grant`, the same whatever was wrong; `unavailable` when too many wait."""
    stored = await passwords.by_username(uow, username)
    user = await passwords.check(uow, issuer.hasher, stored, password)
    if user is None:
        uow.record_plain(
            "session.refused",
            resource_id=str(stored.id) if stored else "unknown",
            region_code=stored.region_code if stored else None,
            diff={"address": issuer.address},
        )
        await uow.commit()
        raise AppError("invalid_grant", extra={"error": "invalid_grant"})
    await _keep_hash_current(user, issuer.hasher, password)
    session = Session(
        id=uow.new_id(), user_id=user.id, created_at=uow.now, expires_at=uow.now + issuer.refresh_lifetime
    )
    token = opaque_tokens.new_refresh_token()
    uow.add(session)
    await uow.flush()
    uow.add(RefreshToken(token_hash=token.digest, session_id=session.id, issued_at=uow.now))
    _record(uow, "session.created", session, user, {"address": issuer.address})
    return _answer(uow, issuer, session, token.text)


async def _keep_hash_current(user: User, hasher: PasswordHasherPool, password: str) -> None:
    """Hash again when the cost was raised since; when the machine is busy, at the next sign-in."""
    if user.password_hash is not None and hasher.needs_rehash(user.password_hash):
        with suppress(Busy):
            user.password_hash = await hasher.hash(password)


async def refresh(uow: UnitOfWork, issuer: Issuer, text: str) -> Tokens:
    """The successor of a refresh token. Errors: `invalid_refresh_token`.

    A used one gives the same successor again for 20 s. After that somebody else has it: the session is revoked.
    """
    presented = opaque_tokens.parse_refresh_token(text)
    if presented is None:
        raise _refused()
    session = await uow.session.scalar(
        select(Session)
        .join(RefreshToken, RefreshToken.session_id == Session.id)
        .where(RefreshToken.token_hash == presented.digest)
        .with_for_update(of=Session, key_share=True)
    )
    if session is None:
        raise _refused()
    # Read under the session's lock: a parallel refresh has either not begun or is committed.
    token = await uow.session.get_one(RefreshToken, presented.digest)
    user = await uow.session.get_one(User, session.user_id)
    if session.revoked_at is not None or session.expires_at <= uow.now or user.disabled:
        _record(uow, "session.refused", session, user, {"address": issuer.address})
        await uow.commit()
        raise _refused()
    if token.used_at is not None and uow.now - token.used_at > ANSWERED_AGAIN_FOR:
        _revoke(uow, session, user, "refresh_token_reused", {"address": issuer.address})
        await uow.commit()
        raise _refused()
    successor = opaque_tokens.next_refresh_token(text, issuer.secret)
    if token.used_at is None:
        token.used_at = uow.now
        uow.add(RefreshToken(token_hash=successor.digest, session_id=session.id, issued_at=uow.now))
        session.expires_at = uow.now + issuer.refresh_lifetime
    return _answer(uow, issuer, session, successor.text)


async def sign_out(uow: UnitOfWork) -> None:
    """End the session of the access token that was sent; one that has ended already stays so."""
    found = (
        await uow.session.execute(
            select(Session, User)
            .join(User, User.id == Session.user_id)
            .where(Session.id == uow.actor.session_id, Session.revoked_at.is_(None))
            .with_for_update(of=Session, key_share=True)
        )
    ).one_or_none()
    if found is not None:
        session, user = found
        _revoke(uow, session, user, "signed_out", {})


def _refused() -> AppError:
    return AppError("invalid_refresh_token", extra={"error": "invalid_grant"})


def _answer(uow: UnitOfWork, issuer: Issuer, session: Session, refresh_token: str) -> Tokens:
    access_token = issuer.access_tokens.issue(
        subject=session.user_id, session_id=session.id, now=uow.now, monotonic=time.monotonic()
    )
    return Tokens(
        access_token=access_token,
        expires_in=int(issuer.access_tokens.lifetime.total_seconds()),
        refresh_token=refresh_token,
        refresh_expires_in=int((session.expires_at - uow.now).total_seconds()),
    )


def _revoke(uow: UnitOfWork, session: Session, user: User, because: str, details: dict[str, Any]) -> None:
    session.revoked_at = uow.now
    session.revoked_because = because
    _record(uow, "session.revoked", session, user, {"because": because, **details})


def _record(uow: UnitOfWork, action: str, session: Session, user: User, details: dict[str, Any]) -> None:
    uow.record_plain(
        action, resource_id=str(session.id), region_code=user.region_code, diff={"user_id": str(user.id), **details}
    )
