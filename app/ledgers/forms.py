"""Project values as a ledger writes them, and the form they have once written and read again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.ledgers.amounts import from_wan
from app.ledgers.cells import RowContext, read_values
from app.ledgers.dates import chinese
from app.ledgers.model import CellValue, ProjectValues
from app.ledgers.nodes import PREFIX, can_head_a_column, node_text
from app.ledgers.rows import AMOUNT_FIELDS
from app.ledgers.text import clean, plain
from app.ledgers.vocabulary import CATEGORY_LABELS, SECTOR_LABELS, STAGE_LABELS

_MAJOR = "大项目"


def written(
    values: ProjectValues, *, unit: str = "万元", sectors: Mapping[str, str] | None = None
) -> dict[str, str | Decimal]:
    """What stands in the cells, by field; a field that says nothing is left out. Amounts in `unit`."""
    labels = SECTOR_LABELS | dict(sectors or {})
    texts: dict[str, str | None] = {
        "name": values.name,
        "own_code": values.own_code,
        "code": values.code,
        "stage": STAGE_LABELS[values.stage] if values.stage else None,
        "sector": labels.get(values.sector, values.sector) if values.sector else None,
        "category": CATEGORY_LABELS[values.category] if values.category else None,
        "investors": "、".join(values.investors),
        "owners": "、".join(values.owners),
        "location": values.location,
        "content": values.content,
        "start": chinese(values.start) if values.start else None,
        "completion": chinese(values.completion) if values.completion else None,
        "progress_text": values.progress_text,
        "problem": values.problem,
        "departments": "、".join(values.departments),
        "contact": values.contact,
        "contact_phone": values.contact_phone,
        "leader": f"{values.leader}({values.leader_title})" if values.leader and values.leader_title else values.leader,
        "remark": "、".join(filter(None, (_MAJOR if values.major else None, values.remark))),
        "enrolled_on": chinese(values.enrolled_on) if values.enrolled_on else None,
    }
    for node in values.milestones:
        if can_head_a_column(node.name):
            # Of two with one name the first has the column.
            texts.setdefault(PREFIX + node.name, node_text(node))
    found: dict[str, str | Decimal] = {field: shown for field, text in texts.items() if (shown := clean(text or ""))}
    for field in AMOUNT_FIELDS:
        amount = getattr(values, field)
        if amount is not None:
            found[field] = from_wan(amount, unit)
    return found


def canonical(values: ProjectValues, *, sectors: Mapping[str, str] | None = None) -> ProjectValues:
    """The values as they come back from a ledger that was written with them.

    Hold these, not the stored ones, against what a row says: text that a ledger cannot tell from nothing ("无"),
    names with separators in them and the like are then no change.
    """
    cells: dict[str, CellValue] = {
        field: plain(cell) if isinstance(cell, Decimal) else cell
        for field, cell in written(values, sectors=sectors).items()
    }
    cells.setdefault("remark", "")
    return read_values(cells, RowContext({}, 1, sectors=sectors))[0]
