"""Accounts, their passwords and locks, by administrators."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.resources.users import USER
from app.routing import api
from app.schemas.users import PasswordReset, UserIn, UserOut, UserPage, UserPatch, UserQuery
from app.services import users

router = api("accounts")


@router.get("/users", summary="账号列表 List users", response_model=UserPage)
async def list_users(
    request: Request, query: Annotated[UserQuery, Query()], actor: Annotated[Actor, permitted("users.read")]
) -> Response:
    """Accounts administered in the regions you see."""
    return await listing.page(request, USER, actor, query)


@router.post("/users", summary="新增账号 Create user", status_code=201, response_model=UserOut, responses=CREATED)
async def create_user(
    request: Request, uow: Uow, body: UserIn, actor: Annotated[Actor, permitted("users.write")]
) -> Response:
    """An account that may do nothing yet: a security administrator grants it roles.

    Errors: 409 `duplicate` when the user name is taken, anywhere; 422 `weak_password`, `unknown_reference`.
    """
    row = await users.create(uow, request.app.state.passwords, body)
    return await listing.shown(uow, USER, row.id, status=201, location=f"/api/v1/users/{row.id}")


@router.get("/users/{user_id}", summary="账号 Get user", response_model=UserOut, responses=NOT_MODIFIED)
async def get_user(request: Request, user_id: UUID, actor: Annotated[Actor, permitted("users.read")]) -> Response:
    """One account. Its roles: `GET /grants?user_id=…`."""
    return await listing.one(request, USER, actor, user_id)


@router.patch("/users/{user_id}", summary="修改账号 Change user", response_model=UserOut)
async def update_user(
    uow: Uow,
    user_id: UUID,
    body: UserPatch,
    actor: Annotated[Actor, permitted("users.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch. Disabling ends all sessions and stops API keys within 1 s. Accounts are never deleted."""
    row = await users.change(uow, user_id, body, if_match)
    return await listing.shown(uow, USER, row.id)


@router.put("/users/{user_id}/password", summary="重置口令 Reset password", status_code=204)
async def reset_password(
    request: Request,
    uow: Uow,
    user_id: UUID,
    body: PasswordReset,
    actor: Annotated[Actor, permitted("users.write")],
) -> Response:
    """A new password; all sessions of the account end and a lock is lifted.

    Errors: 409 `own_password` for the own account; 422 `weak_password`.
    """
    await users.reset_password(uow, request.app.state.passwords, user_id, body.password)
    return Response(status_code=204)


@router.delete("/users/{user_id}/lockout", summary="解除锁定 Lift lockout", status_code=204)
async def lift_lockout(uow: Uow, user_id: UUID, actor: Annotated[Actor, permitted("lockouts.write")]) -> Response:
    """Too many wrong passwords are forgotten: the account may try again at once. Nothing happens to an unlocked one."""
    await users.lift_lockout(uow, user_id)
    return Response(status_code=204)
