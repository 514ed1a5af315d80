"""Where FastAPI meets the rest: the actor with a permission, the unit of work, the database."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from app.access import Actor
from app.db import Database
from app.permissions import PERMISSIONS
from app.routing import authenticate
from app.services.files import Files
from app.uow import UnitOfWork


class Permitted:
    """Dependency: an actor that holds `permission` somewhere. What it reaches, the service asks per row."""

    def __init__(self, permission: str) -> None:
        assert permission in PERMISSIONS, permission
        self.permission = permission

    async def __call__(self, request: Request) -> Actor:
        # FastAPI's own security classes would only cost time here: `contract` puts the schemes into OpenAPI.
        actor = await authenticate(request.scope)
        actor.require(self.permission)
        return actor


def permitted(permission: str) -> Permitted:
    return Depends(Permitted(permission))  # type: ignore[no-any-return]  # Depends is typed Any on purpose


# Coroutines although they wait for nothing: FastAPI would run plain functions in a thread, for each request anew.


async def _uow(request: Request) -> UnitOfWork:
    uow: UnitOfWork = request.state.uow
    return uow


async def _db(request: Request) -> Database:
    db: Database = request.app.state.db
    return db


async def _secret(request: Request) -> bytes:
    secret: bytes = request.app.state.secret
    return secret


async def _files(request: Request) -> Files:
    files: Files = request.app.state.files
    return files


Uow = Annotated[UnitOfWork, Depends(_uow)]
Db = Annotated[Database, Depends(_db)]
Secret = Annotated[bytes, Depends(_secret)]
"""The service's own secret, which lies outside the database."""
FileDesk = Annotated[Files, Depends(_files)]
"""The store of files, the process that reads pictures, the limits."""
IfMatch = Annotated[
    str | None,
    Header(description="The ETag last seen. Missing: 428; no longer current: 412 with the current content."),
]
