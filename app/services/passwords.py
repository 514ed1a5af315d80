"""Passwords of accounts: checked off the event loop, wrong ones counted in the database, sessions ended with them.

The count is kept right by order: every check ends by taking the lock on the account's row. Of any number of parallel
guesses only those that come through before the fifth failure learn anything; a right password after it is refused.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.errors import AppError, invalid
from app.models import Session, User
from app.reading import Prepared
from app.schemas.users import USERNAME_FORM, fold_username
from app.security.password_policy import check_policy, normalise
from app.security.passwords import Busy, PasswordHasherPool
from app.uow import UnitOfWork

MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=10)
_NOBODY = uuid.UUID(int=0)
_FORM = re.compile(USERNAME_FORM)
_STORED = "SELECT id, region_code, password_hash, password_changed_at FROM users WHERE "
_BY_USERNAME = Prepared(_STORED + "username = $1", ("key",), {})
_BY_ID = Prepared(_STORED + "id = $1", ("key",), {})
_REASONS: dict[str, tuple[str, str]] = {
    "too_long": ("超过 256 个字符", "more than 256 characters"),
    "not_text": ("含控制字符", "control characters"),
    "too_short": ("不足 10 个字符", "fewer than 10 characters"),
    "too_simple": ("大小写字母、数字、符号不足三类，或重复过多", "too few kinds of characters, or too many alike"),
    "contains_username": ("包含用户名", "contains the user name"),
    "common": ("过于常见", "too common"),
    "unchanged": ("与原口令相同", "the same as before"),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored of an account when the check of its password began."""

    id: uuid.UUID
    region_code: str
    password_hash: str | None
    password_changed_at: datetime | None


async def by_username(uow: UnitOfWork, username: str) -> Stored | None:
    name = fold_username(username)
    return await _stored(uow, _BY_USERNAME, name if _FORM.fullmatch(name) else "")


async def by_id(uow: UnitOfWork, user_id: uuid.UUID) -> Stored | None:
    return await _stored(uow, _BY_ID, user_id)


async def _stored(uow: UnitOfWork, query: Prepared, key: str | uuid.UUID) -> Stored | None:
    """Read outside the transaction: no connection is held while the password is being hashed."""
    row = await uow.db.row(query, {"key": key})
    return Stored(*row) if row else None


async def check(uow: UnitOfWork, hasher: PasswordHasherPool, stored: Stored | None, password: str) -> User | None:
    """The account, locked, if `password` is its password and it may use it now; else None, with the failure counted.

    No account, a wrong password, a locked and a disabled account take the same time. The caller commits, also when
    the answer is an error: a failure that is rolled back would not count.
    """
    try:
        right = await hasher.verify(stored.password_hash if stored else None, password)
    except Busy as busy:
        raise _unavailable(busy) from None
    user = await uow.session.scalar(
        select(User).where(User.id == (stored.id if stored else _NOBODY)).with_for_update(key_share=True)
    )
    if user is None or stored is None or user.disabled:
        return None
    if user.locked_until is not None:
        if user.locked_until > uow.now:
            return None
        unlock(uow, user)
    # Changed while we were checking: it was the old password that was right.
    if right and user.password_changed_at == stored.password_changed_at:
        user.failed_attempts = 0
        return user
    _count_failure(uow, user)
    return None


def _count_failure(uow: UnitOfWork, user: User) -> None:
    user.failed_attempts += 1
    if user.failed_attempts >= MAX_FAILURES:
        user.locked_until = uow.now + LOCKED_FOR
        uow.touch(user)
        uow.record("user.locked", user, diff={"locked_until": [None, str(user.locked_until)]})


def unlock(uow: UnitOfWork, user: User) -> None:
    """Count from nothing again."""
    user.failed_attempts = 0
    if user.locked_until is not None:
        user.locked_until = None
        uow.touch(user)


def require_strong(password: str, username: str, pointer: str, *, before: str | None = None) -> None:
    """422 `weak_password` with every reason; `before` is the password it replaces, where that is known."""
    reasons = check_policy(password, username)
    if not reasons and before is not None and normalise(before[:512]) == normalise(password):
        reasons = ["unchanged"]
    if reasons:
        chinese, english = zip(*(_REASONS[reason] for reason in reasons), strict=True)
        raise invalid(pointer, "weak_password", reasons=("、".join(chinese), ", ".join(english)))


async def hashed(hasher: PasswordHasherPool, password: str) -> str:
    try:
        return await hasher.hash(password)
    except Busy as busy:
        raise _unavailable(busy) from None


async def end_sessions(uow: UnitOfWork, user_id: uuid.UUID, because: str, *, but: uuid.UUID | None = None) -> None:
    """Revoke every session of the account, `but` one."""
    statement = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None))
    if but is not None:
        statement = statement.where(Session.id != but)
    await uow.session.execute(
        statement.values(revoked_at=uow.now, revoked_because=because).execution_options(synchronize_session=False)
    )


def _unavailable(busy: Busy) -> AppError:
    return AppError("unavailable", headers={"Retry-After": str(busy.retry_after)})
