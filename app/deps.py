"""Where FastAPI meets the rest: the actor with a permission, the unit of work, the database."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer

from app.access import PERMISSIONS, Actor
from app.db import Database
from app.routing import authenticate
from app.uow import UnitOfWork

_password = OAuth2PasswordBearer(
    tokenUrl="/api/v1/auth/token", scheme_name="password", description="People: OAuth2 password grant", auto_error=False
)
_api_key = APIKeyHeader(name="X-API-Key", scheme_name="api_key", description="Systems", auto_error=False)


class Permitted:
    """Dependency: an actor that holds `permission` somewhere. What it reaches, the service asks per row."""

    def __init__(self, permission: str) -> None:
        assert permission in PERMISSIONS, permission
        self.permission = permission

    async def __call__(
        self,
        request: Request,
        _token: Annotated[str | None, Security(_password)],
        _key: Annotated[str | None, Security(_api_key)],
    ) -> Actor:
        actor = await authenticate(request)
        actor.require(self.permission)
        return actor


def permitted(permission: str) -> Permitted:
    return Depends(Permitted(permission))  # type: ignore[no-any-return]  # Depends is typed Any on purpose


def _uow(request: Request) -> UnitOfWork:
    uow: UnitOfWork = request.state.uow
    return uow


def _db(request: Request) -> Database:
    db: Database = request.app.state.db
    return db


Uow = Annotated[UnitOfWork, Depends(_uow)]
Db = Annotated[Database, Depends(_db)]
IfMatch = Annotated[
    str | None,
    Header(description="The ETag last seen. Missing: 428; no longer current: 412 with the current content."),
]
