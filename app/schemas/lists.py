from __future__ import annotations

from typing import Any

from pydantic import Field

from app.schemas.base import Query


class ListQuery(Query):
    """Parameters of every list."""

    limit: int = Field(50, ge=1, le=100, description="Items a page")
    cursor: str | None = Field(None, max_length=4096, description="`next_cursor` of the page before")
    count: bool = Field(False, description="Also count all items into `total`")

    def chosen(self) -> dict[str, Any]:
        """Filter name → value: everything the client set but paging and sorting."""
        fields = self.model_fields_set - {"limit", "cursor", "count", "sort"}
        return {name: value for name in fields if (value := getattr(self, name)) not in (None, [], ())}
