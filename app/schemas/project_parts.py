from __future__ import annotations

from uuid import UUID

from app.schemas.base import Out


class Account(Out):
    """Who entered it."""

    id: UUID
    name: str
