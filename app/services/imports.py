"""Ledger imports: a preview of what a workbook would do, then its application, at once or not at all.

Usable without HTTP: a `UnitOfWork` with an actor is all they need; the caller commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from app.errors import AppError, invalid, not_found
from app.ledgers.model import AnyLedger, CellError
from app.ledgers.rejected import write_rejected
from app.models import Import, ImportRow, Region
from app.resources.imports import IMPORT
from app.schemas.base import clean_text
from app.schemas.imports import ImportForm
from app.services import import_compare
from app.services.import_kinds import KINDS
from app.services.import_missing import create_missing_parties
from app.services.import_reading import Period, a_place, lift_limits, off_loop, period_of
from app.services.import_since import refuse_edited
from app.services.import_verdict import Verdict
from app.services.import_writes import execute_many, table_of
from app.uow import UnitOfWork
from app.writing import get_visible

MAX_FILE = 20 * 1024 * 1024
_LONGEST_NAME = 200


async def preview(uow: UnitOfWork, form: ImportForm, filename: str, content: bytes) -> Import:
    """Read a workbook, compare it with the database, and keep both; no project changes.

    403 when the region is not the actor's, 413 beyond 20 MiB, 422 for an unknown region, a day ahead, a file that
    cannot be read.
    """
    region = await _region(uow, form)
    if len(content) > MAX_FILE:
        raise AppError("too_large")
    with a_place():
        await lift_limits(uow)
        kind = KINDS[form.kind]
        ledger = await kind.read(uow, content, form.year, form.as_of)
        period = period_of(ledger, uow.today)
        name = _plain_name(filename)
        verdicts = await kind.compare(uow, ledger, region, period, name)
        import_compare.note_missing(verdicts)
        asked = {"year": form.year, "as_of": form.as_of.isoformat() if form.as_of else None}
        row = Import(
            id=uow.new_id(),
            region_code=form.region,
            kind=form.kind,
            filename=name,
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            year=period.year,
            as_of=period.as_of,
            status="previewed",
            preview=import_compare.summary(ledger, verdicts, asked),
            created_by=uow.actor.id,
        )
        uow.add(row)
        uow.record("import.created", row, diff={"filename": [None, name], "counts": [None, row.preview["counts"]]})
        await uow.flush()
        await _keep_rows(uow, row, verdicts)
        return row


async def apply(
    uow: UnitOfWork,
    import_id: UUID,
    *,
    mode: Literal["good", "all"] = "good",
    create_missing: bool = False,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Compare again and write every good row, one after the other county import; returns what was done.

    Rows that would now replace something else than the preview showed are rejected, unless `overwrite`.
    409 `import_already_applied`; 409 `import_has_rejections` with mode "all" when any row is rejected;
    409 `nothing_to_apply` when every row is.
    """
    row = await _unapplied(uow, import_id, lock=False)
    with a_place():
        await lift_limits(uow)
        ledger = await _read_again(uow, row)
        # Only now: from the first lock on, readers of the change feed wait for this transaction.
        await _lock_region(uow, row.region_code)
        row = await _unapplied(uow, import_id, lock=True)
        region = await uow.session.get_one(Region, row.region_code)
        kind = KINDS[row.kind]
        verdicts = await kind.compare(uow, ledger, region, _period(row, ledger), row.filename, lock=True)
        made: dict[str, list[str]] = {"departments": [], "leaders": []}
        if not overwrite:
            await refuse_edited(uow, row, verdicts)
        if not create_missing:
            import_compare.refuse_missing(verdicts)
        rejected_rows = import_compare.counts(verdicts)["rejected"]
        if mode == "all" and rejected_rows:
            raise AppError("import_has_rejections", rejected=rejected_rows)
        if verdicts and rejected_rows == len(verdicts):
            # Left open: most often only `create_missing` was forgotten.
            raise AppError("nothing_to_apply", rejected=rejected_rows)
        if create_missing and verdicts and kind.makes_parties:
            made = await create_missing_parties(uow, verdicts[0].context.directory, verdicts)
        await kind.write(uow, verdicts)
        return await _finish(uow, row, verdicts, mode, made, create_missing=create_missing)


async def rejected(uow: UnitOfWork, import_id: UUID) -> tuple[str, bytes]:
    """(file name, workbook) of the rows rejected when last compared, with the reasons: mend it and send it again."""
    row = await get_visible(uow, IMPORT, Import, import_id)
    refused = await uow.session.execute(
        select(ImportRow.position, ImportRow.detail).where(
            ImportRow.import_id == row.id, ImportRow.outcome == "rejected"
        )
    )
    reasons = {each.position: _errors(each.detail) for each in refused}
    with a_place():
        ledger = await _read_again(uow, row)
        rows = [replace(r, errors=reasons[at]) for at, r in enumerate(ledger.rows, 1) if at in reasons]
        content = await off_loop(
            write_rejected, ledger.sheets, rows, year=row.year, as_of=row.as_of, words=KINDS[row.kind].words
        )
    return f"{row.filename.rpartition('.')[0] or row.filename}-退回.xlsx", content


async def require_visible(uow: UnitOfWork, import_id: UUID) -> None:
    await get_visible(uow, IMPORT, Import, import_id)


def _errors(detail: dict[str, Any]) -> tuple[CellError, ...]:
    both = zip(detail["zh"]["errors"], detail["en"]["errors"], strict=True)
    return tuple(CellError(zh["cell"], zh["code"], zh["message"], en["message"], "", zh["field"]) for zh, en in both)


async def _region(uow: UnitOfWork, form: ImportForm) -> Region:
    uow.actor.require_in_region("imports.write", form.region)
    if form.as_of is not None and form.as_of > uow.today:
        raise invalid("/as_of", "in_the_future")
    region = await uow.session.get(Region, form.region)
    if region is None:
        raise invalid("/region", "unknown_reference", resource=("行政区划", "region"))
    return region


async def _unapplied(uow: UnitOfWork, import_id: UUID, *, lock: bool) -> Import:
    row = await get_visible(uow, IMPORT, Import, import_id, lock=lock)
    uow.actor.require_in_region("imports.write", row.region_code)
    if row.status != "previewed":
        raise AppError("import_already_applied")
    return row


async def _read_again(uow: UnitOfWork, row: Import) -> Any:
    """As it was read for the preview: with the same year and day given."""
    content = await uow.session.scalar(select(Import.content).where(Import.id == row.id))
    if content is None:
        raise not_found(IMPORT.label)
    asked = ImportForm.model_validate({"region": row.region_code, "kind": row.kind, **row.preview["asked"]})
    return await KINDS[row.kind].read(uow, content, asked.year, asked.as_of)


def _period(row: Import, ledger: AnyLedger) -> Period:
    """The preview's, whatever day it is by now."""
    assert row.year is not None
    assert row.as_of is not None
    return Period(row.year, row.as_of, ledger.year is not None)


async def _lock_region(uow: UnitOfWork, region: str) -> None:
    """One application at a time in a county; one for a whole prefecture or province waits for those of its counties."""
    for length in (2, 4):
        if len(region) > length:
            key = func.hashtextextended(f"import:{region[:length]}", 0)
            await uow.session.execute(select(func.pg_advisory_xact_lock_shared(key)))
    await uow.lock_key("import", region[:6])


async def _finish(
    uow: UnitOfWork,
    row: Import,
    verdicts: Sequence[Verdict],
    mode: str,
    made: dict[str, list[str]],
    *,
    create_missing: bool,
) -> dict[str, Any]:
    counts = import_compare.counts(verdicts)
    row.status = "applied"
    row.applied_at = uow.now
    row.preview = {**row.preview, "counts": counts}
    row.result = result = {
        "mode": mode,
        "create_missing": create_missing,
        "counts": counts,
        "created_departments": made["departments"],
        "created_leaders": made["leaders"],
    }
    uow.touch(row)
    uow.record("import.applied", row, diff={"status": ["previewed", "applied"], "counts": [None, counts]})
    await uow.flush()
    await uow.session.execute(delete(ImportRow).where(ImportRow.import_id == row.id))
    await _keep_rows(uow, row, verdicts)
    return result


async def _keep_rows(uow: UnitOfWork, row: Import, verdicts: Sequence[Verdict]) -> None:
    await execute_many(uow, insert(table_of(ImportRow)), import_compare.row_records(row, verdicts))


def _plain_name(filename: str) -> str:
    """The last part of whatever the client called it, fit to be shown and sent back."""
    last = filename.replace("\\", "/").rpartition("/")[2].encode("utf-8", "replace").decode()
    printable = "".join(sign if sign.isprintable() else " " for sign in last)
    return clean_text(printable)[-_LONGEST_NAME:] or "ledger.xlsx"
