from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from app.domain.dictionaries import AssignmentRole
from app.schemas.base import In, Name, NewId, Out, PlainDate, Stamped, clean_text, fold_width
from app.schemas.lists import ListQuery

Phone = Annotated[
    str,
    BeforeValidator(fold_width),
    Field(min_length=1, max_length=50, examples=["13900000000"]),
    AfterValidator(clean_text),
]
Position = Annotated[int, Field(ge=0, le=9999, description="Order among those of the same role")]


class AssignmentIn(In):
    """Who answers for the project in a role. Exactly one party, of a kind that fits the role."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "sponsor",
                    "leader_id": "0199c1a0-7c00-7000-8000-000000000002",
                    "valid_from": "2016-03-01",
                },
                {"role": "contact", "person_name": "孙浩", "phone": "13900000000"},
            ]
        }
    )

    id: NewId | None = None
    role: AssignmentRole
    leader_id: UUID | None = Field(None, description="For sponsor, crew")
    department_id: UUID | None = Field(None, description="For responsible, owner, crew")
    user_id: UUID | None = Field(None, description="An account of the project's county. For contact, reporter, crew")
    person_name: Name | None = Field(None, description="A person without an account. For contact, crew")
    phone: Phone | None = None
    position: Position = 0
    valid_from: PlainDate | None = Field(None, description="First day; default today. May lie ahead")
    valid_to: PlainDate | None = Field(None, description="First day without; null: open")


class AssignmentPatch(In):
    """Ending it, and what does not change who answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"valid_to": "2016-07-01"}]})

    valid_to: PlainDate | None = Field(None, description="First day without. The day it began: it was never meant")
    phone: Phone | None = None
    position: Position | None = None


class AssignmentOut(Stamped):
    id: UUID
    project_id: UUID
    role: AssignmentRole
    leader_id: UUID | None
    department_id: UUID | None
    user_id: UUID | None
    person_name: str | None
    name: str = Field(description="The party's name, whichever it is", examples=["王建国"])
    title: str | None = Field(description="A leader's title")
    phone: str | None
    position: int
    valid_from: date
    valid_to: date | None = Field(description="First day without; null: open")


class AssignmentPage(Out):
    items: list[AssignmentOut]
    next_cursor: str | None
    total: int | None = None


class AssignmentQuery(ListQuery):
    role: list[AssignmentRole] | None = Field(None, max_length=10)
    as_of: PlainDate | None = Field(None, description="Only who answered on that day; default: all there ever were")
    sort: Literal["id", "-id", "valid_from", "-valid_from"] = "id"
