from __future__ import annotations

from pydantic import AwareDatetime, Field

from app.schemas.base import Out


class CalendarFeedOut(Out):
    created_at: AwareDatetime | None = Field(description="When the address that counts was made; null: there is none")


class CalendarFeedCreated(CalendarFeedOut):
    url: str | None = Field(
        description="The address to subscribe to. Shown this once; null when an Idempotency-Key gives the answer "
        "again, because no copy is kept",
        examples=["https://diaodu.example.com/api/v1/calendars/ddc_….ics"],
    )
