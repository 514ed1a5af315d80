"""Imports and their rows; each in two languages, because findings are stored in both."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Integer, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.access import Scoping
from app.listing import Resource, Sort, any_of, equals, region_prefix
from app.models import Import, ImportRow
from app.reading import AnySelect

SHOWN_ROWS = 1000
"""Rows that come with the import itself."""

SCOPING = Scoping(region=Import.region_code)
_NONE: Any = literal_column("'[]'::jsonb")


def _own_columns() -> list[Any]:
    i = Import
    return [
        i.id, i.status, i.kind, i.region_code, i.filename, i.year, i.as_of, i.preview["counts"].label("counts"),
        i.created_by, i.applied_at, i.version, i.created_at, i.updated_at,
    ]  # fmt: skip


def _row_columns(language: str) -> dict[str, Any]:
    r = ImportRow
    return {
        "position": r.position,
        "sheet": r.sheet,
        "row": r.row,
        "outcome": r.outcome,
        "name": r.name,
        "project_id": r.project_id,
        "changes": r.detail["changes"],
        "milestones": func.coalesce(r.detail["milestones"], _NONE),
        "errors": func.coalesce(r.detail[(language, "errors")], _NONE),
        "notes": func.coalesce(r.detail[(language, "notes")], _NONE),
    }


def _rows(language: str) -> Any:
    """The first rows as a JSON array."""
    pairs: list[Any] = []
    for key, column in _row_columns(language).items():
        pairs += [literal_column(f"'{key}'"), column]
    array = func.json_agg(aggregate_order_by(func.json_build_object(*pairs), ImportRow.position))
    statement = select(func.coalesce(array, literal_column("'[]'::json")))
    mine = (ImportRow.import_id == Import.id, ImportRow.position <= literal_column(str(SHOWN_ROWS)))
    return statement.where(*mine).correlate(Import).scalar_subquery()


def _full(language: str) -> AnySelect:
    p = Import.preview
    truncated = cast(p["row_count"].astext, Integer) > literal_column(str(SHOWN_ROWS))
    return select(
        *_own_columns(), p["unit"].label("unit"), p["sheets"].label("sheets"), p["missing"].label("missing"),
        p["totals"].label("totals"), _rows(language).label("rows"), cast(truncated, Boolean).label("rows_truncated"),
        Import.result,
    )  # fmt: skip


def _ledger_rows(language: str) -> AnySelect:
    columns = [column.label(name) for name, column in _row_columns(language).items()]
    return select(*columns).join_from(ImportRow, Import, Import.id == ImportRow.import_id)


def _import(language: str) -> Resource:
    return Resource(
        name=f"import:{language}",
        conditional=False,
        label=("导入", "import"),
        permission="imports.read",
        key=Import.id,
        scoping=SCOPING,
        full=lambda: _full(language),
        slim=lambda: select(*_own_columns()),
        filters={"region": region_prefix(SCOPING), "status": any_of(Import.status, "status")},
        sorts={"id": Sort(Import.id)},
    )


def _row(language: str) -> Resource:
    return Resource(
        name=f"import_row:{language}",
        label=("台账行", "ledger row"),
        permission="imports.read",
        key=ImportRow.position,
        scoping=SCOPING,
        full=lambda: _ledger_rows(language),
        filters={"import": equals(Import.id, "import"), "outcome": any_of(ImportRow.outcome, "outcome")},
        sorts={"position": Sort(ImportRow.position)},
    )


_BOTH = {english: (_import(language), _row(language)) for english, language in ((False, "zh"), (True, "en"))}
IMPORT = _BOTH[False][0]


def import_in(*, english: bool) -> Resource:
    return _BOTH[english][0]


def import_rows_in(*, english: bool) -> Resource:
    return _BOTH[english][1]
