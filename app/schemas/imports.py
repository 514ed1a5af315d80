from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import UploadFile
from pydantic import AwareDatetime, ConfigDict, Field

from app.schemas.base import In, Out, PlainDate, RegionCode, RegionPrefix, Stamped, Year
from app.schemas.lists import ListQuery

Outcome = Literal["created", "changed", "unchanged", "rejected"]
Status = Literal["previewed", "applied"]
Kind = Literal["projects", "funding"]
Number = Annotated[float, Field(description="万元 (10 000 CNY), or a number of projects")]


class ImportForm(In):
    """What is said of a ledger beside the file itself."""

    region: Annotated[RegionCode, Field(description="The county (or other region) whose ledger it is")]
    kind: Kind = Field("projects", description="projects: a project ledger; funding: a ledger of money by channel")
    year: Year | None = Field(None, description="Year of plans and figures; default: as the ledger says")
    as_of: PlainDate | None = Field(
        None,
        description="Day the figures hold for, not ahead; default: as the ledger says, else its year's end or today",
    )


class ImportUpload(ImportForm):
    file: UploadFile = Field(
        description=".xlsx or .xls, at most 20 MiB",
        # What generators of clients know a file by.
        json_schema_extra={"format": "binary"},
    )


class ApplicationIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"mode": "good", "create_missing": True}]})

    mode: Literal["good", "all"] = Field(
        "good", description="good: every good row, whatever the others are; all: nothing unless every row is good"
    )
    create_missing: bool = Field(
        False, description="Make departments and leaders that are not there yet; else rows that name them are rejected"
    )
    overwrite: bool = Field(
        False,
        description="Write the ledger's values even over what was changed since the preview; else such rows are"
        " rejected with `changed_since_preview` and left as they are",
    )


class Counts(Out):
    """Ledger rows by what became, or would become, of them."""

    created: int
    changed: int
    unchanged: int
    rejected: int


class Finding(Out):
    cell: str = Field(description="The cell it is about", examples=["G12"])
    field: str | None = Field(description="What that cell holds", examples=["total_investment"])
    code: str = Field(examples=["not_an_amount"])
    message: str = Field(description="In the language of Accept-Language", examples=["不是金额"])


class LedgerMilestone(Out):
    """One milestone as the row's cell has it. Before and after stand in `changes` under `milestones.<name>`."""

    cell: str = Field(examples=["F4"])
    name: str = Field(examples=["立项"])
    kind: str = Field(description="Code of the dictionary `milestone_kind`", examples=["project_approval"])
    outcome: Literal["created", "changed", "unchanged"]
    status: Literal["planned", "in_progress", "done"]
    date: PlainDate | None = Field(description="Planned finish; of one that is done the day it was done")


class LedgerRowOut(Out):
    position: int = Field(description="Running number over all sheets, from 1")
    sheet: str
    row: int = Field(description="Row number in its sheet, as Excel counts")
    outcome: Outcome
    name: str | None
    project_id: UUID | None = Field(description="The project it is about; null while there is none")
    changes: dict[str, Any] = Field(
        description="{field: [before, after]}, fields named as in the project; `before` is null where it is new",
        examples=[{"annual_plan.planned_investment": [10266, 11000]}],
    )
    milestones: list[LedgerMilestone] = Field(description="What its 节点 columns say, and what would become of it")
    errors: list[Finding] = Field(description="Why it is rejected")
    notes: list[Finding] = Field(description="What was read or decided although it was not plain")


class SheetColumn(Out):
    letter: str
    header: str = Field(description='Its headings, outer ones first, joined by "/"')
    field: str | None = Field(description="What it was taken for; null: not understood and left out")
    unit: str | None


class IgnoredRow(Out):
    row: int
    kind: str = Field(examples=["subtotal"])
    text: str


class SheetOut(Out):
    name: str
    skipped: Literal["hidden", "empty", "no_header"] | None = Field(
        description="Why it gave no rows; null: it was read"
    )
    title: str | None
    header_rows: list[int]
    unit: str
    unit_stated: bool
    stage: str | None = Field(description="Stage all its rows are in, where the sheet means one")
    columns: list[SheetColumn]
    provides: list[str] = Field(description="Fields its rows speak about; all others stay as they are")
    ignored: list[IgnoredRow] = Field(description="Rows that are no projects, at most 1000")


class MissingLeader(Out):
    name: str
    title: str | None


class MissingParties(Out):
    departments: list[str]
    leaders: list[MissingLeader]
    rows: int = Field(description="Rows that name one of them: rejected when applied without `create_missing`")


class TotalCheckOut(Out):
    """A figure the sheet states itself, against its rows."""

    sheet: str
    row: int
    kind: Literal["section", "subtotal", "total"]
    label: str
    field: Literal[
        "count", "total_investment", "annual_plan", "completed", "applied", "approved", "received", "paid"
    ]  # fmt: skip
    stated: Number | None = Field(description="null: the cell is no amount")
    computed: Number
    agrees: bool


class ApplicationOut(Out):
    mode: Literal["good", "all"]
    create_missing: bool
    counts: Counts
    created_departments: list[str] = Field(description="Names of the departments made")
    created_leaders: list[str]


class ImportItem(Stamped):
    id: UUID
    status: Status
    kind: Kind
    region_code: str
    filename: str
    year: int
    as_of: date
    counts: Counts = Field(description="As last compared: in the preview, then when applied")
    created_by: UUID
    applied_at: AwareDatetime | None


class ImportOut(ImportItem):
    unit: str | None = Field(description="Unit of amounts in the first sheet; answers are in 万元")
    sheets: list[SheetOut]
    missing: MissingParties
    totals: list[TotalCheckOut]
    rows: list[LedgerRowOut] = Field(description="The first 1000; all at `/imports/{import_id}/rows`")
    rows_truncated: bool
    result: ApplicationOut | None = Field(description="What applying it did; null before")


class ImportPage(Out):
    items: list[ImportItem]
    next_cursor: str | None
    total: int | None = None


class ImportQuery(ListQuery):
    region: RegionPrefix | None = None
    status: list[Status] | None = None
    sort: Literal["id", "-id"] = "-id"


class LedgerRowPage(Out):
    items: list[LedgerRowOut]
    next_cursor: str | None
    total: int | None = None


class LedgerRowQuery(ListQuery):
    outcome: list[Outcome] | None = None
    sort: Literal["position", "-position"] = "position"
