from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.db import to_json
from app.deps import Uow, permitted
from app.downloads import WORKBOOK, workbook
from app.problems import wants_english
from app.resources.imports import IMPORT, import_in, import_rows_in
from app.routing import api
from app.schemas.imports import (
    ApplicationIn,
    ApplicationOut,
    ImportOut,
    ImportPage,
    ImportQuery,
    ImportUpload,
    LedgerRowPage,
    LedgerRowQuery,
)
from app.services import imports

router = api("imports")


@router.post(
    "/imports",
    summary="台账导入预览 Preview a ledger import",
    status_code=201,
    response_model=ImportOut,
    responses=CREATED,
    max_body_size=imports.MAX_FILE + 64 * 1024,
)
async def create_import(
    request: Request,
    uow: Uow,
    form: Annotated[ImportUpload, Form(media_type="multipart/form-data")],
    actor: Annotated[Actor, permitted("imports.write")],
) -> Response:
    """Send in an Excel ledger; answers what was understood of it and what each row would do. No project changes yet.

    A row is matched with a project of the region by project number, else national code, else exact name. Only fields
    the sheet has columns (or sections) for are compared. A blank cell clears a text, amount or date; it never ends
    an assignment, clears a code, sector, stage or figure, or removes a plan. Stages follow the ledger only where it
    names them; a project new to the system gets one from its category (续建 started, 新建 landed, else reserve).

    Columns under a heading of 节点 (or called 立项, 设计 … themselves) are milestones, in column order: a day is the
    planned finish ("5月底前" the last of May), "已完成" is done, "已于3月5日完成" done on that day, "正在办理" under
    way, "待定" without a day. A blank cell says nothing. What is done on record stays done, and what a baseline
    planned stays planned; both are noted.

    With `kind=funding` each row is one sum of money, its amounts the totals so far: of the project it names, else of
    the region. More than is recorded becomes an entry of the difference, dated as the row says or else `as_of`; less
    corrects the one entry there is, and is rejected where there are several. Blank cells say nothing. Without a
    column for approvals, what was received counts as approved. Sent twice, the second time changes nothing.

    Errors: 403 when the region is not yours, 413 beyond 20 MiB, 422 `unreadable_workbook` with `reason`.
    """
    content = await form.file.read()
    row = await imports.preview(uow, form, form.file.filename or "", content)
    english = wants_english(request)
    answer = await listing.shown(
        uow, import_in(english=english), row.id, status=201, location=f"/api/v1/imports/{row.id}"
    )
    return _worded(answer, english=english)


@router.get("/imports", summary="导入列表 List imports", response_model=ImportPage)
async def list_imports(
    request: Request,
    query: Annotated[ImportQuery, Query()],
    actor: Annotated[Actor, permitted("imports.read")],
) -> Response:
    """Imports of the regions you see, newest first."""
    return await listing.page(request, IMPORT, actor, query)


@router.get("/imports/{import_id}", summary="导入 Get import", response_model=ImportOut, responses=TAGGED)
async def get_import(request: Request, import_id: UUID, actor: Annotated[Actor, permitted("imports.read")]) -> Response:
    """One import with its first 1000 rows, as last compared."""
    english = wants_english(request)
    return _worded(await listing.one(request, import_in(english=english), actor, import_id), english=english)


@router.get("/imports/{import_id}/rows", summary="导入行 List rows of an import", response_model=LedgerRowPage)
async def list_import_rows(
    request: Request,
    uow: Uow,
    import_id: UUID,
    query: Annotated[LedgerRowQuery, Query()],
    actor: Annotated[Actor, permitted("imports.read")],
) -> Response:
    """Every row in ledger order, e.g. `outcome=rejected` for what must be mended."""
    await imports.require_visible(uow, import_id)
    english = wants_english(request)
    resource = import_rows_in(english=english)
    return _worded(await listing.page(request, resource, actor, query, fixed={"import": import_id}), english=english)


@router.get(
    "/imports/{import_id}/rejected.xlsx",
    summary="退回的行 Rejected rows as a workbook",
    response_class=Response,
    responses=WORKBOOK,
)
async def download_rejected(uow: Uow, import_id: UUID, actor: Annotated[Actor, permitted("imports.read")]) -> Response:
    """The rejected rows as they were, with a column of reasons. Mend them and send the file in again."""
    return workbook(*await imports.rejected(uow, import_id))


@router.post("/imports/{import_id}/application", summary="应用导入 Apply an import", response_model=ApplicationOut)
async def apply_import(
    uow: Uow,
    import_id: UUID,
    body: ApplicationIn,
    actor: Annotated[Actor, permitted("imports.write")],
) -> Response:
    """Write all good rows in one transaction, compared anew with what is stored by now.

    A row that would replace something other than the preview showed, because it was edited since, is rejected with
    `changed_since_preview` and what is there now; send the file again to see the difference, or apply with
    `overwrite`. Where the edit says the same as the ledger, or is of a field the ledger does not have, nothing is lost
    and the row is taken.

    Errors: 409 `import_already_applied`; 409 `import_has_rejections` with mode `all`, and then nothing is changed.
    """
    result = await imports.apply(
        uow, import_id, mode=body.mode, create_missing=body.create_missing, overwrite=body.overwrite
    )
    return Response(to_json(result), 200, media_type=listing.MEDIA_TYPE)


def _worded(answer: Response, *, english: bool) -> Response:
    answer.headers["Content-Language"] = "en" if english else "zh-CN"
    answer.headers["Vary"] = "Accept-Language"
    return answer
