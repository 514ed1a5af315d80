"""The own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response

from app.access import Actor
from app.deps import Db, Uow, permitted
from app.routing import api
from app.schemas.me import Me, PasswordChange
from app.services import me

router = api("auth")


@router.get("/me", summary="当前账号 Who am I", response_model=Me)
async def get_me(db: Db, actor: Annotated[Actor, permitted("me.read")]) -> Me:
    """The account behind the request, its grants of today, and the permissions they give."""
    return await me.describe(db, actor)


@router.put("/me/password", summary="修改口令 Change own password", status_code=204)
async def change_my_password(
    request: Request, uow: Uow, body: PasswordChange, actor: Annotated[Actor, permitted("me.write")]
) -> Response:
    """All other sessions of the account end; this one goes on. API keys are not touched.

    Errors: 422 `weak_password` with the reasons; 422 `wrong_password`, which counts like a failed sign-in (also
    answered while the account is locked for too many of them).
    """
    await me.change_password(uow, request.app.state.passwords, body)
    return Response(status_code=204)
