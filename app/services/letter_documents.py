"""The printed letter: what it says, gathered here and set in the worker thread."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from anyio import CapacityLimiter, to_thread

from app.access import visible
from app.documents.letters import TEMPLATE, Item, Letter, Supplement, word_document
from app.errors import not_found
from app.listing import one_statement
from app.reading import prepared
from app.resources.responsibility_letters import LETTER
from app.uow import UnitOfWork

_setting = CapacityLimiter(2)
"""Setting a letter takes some 50 ms of one processor: a burst of them must not take every thread."""


async def source(uow: UnitOfWork, letter_id: UUID) -> tuple[Letter, str]:
    """What is printed, and a digest of it: the document's ETag. 404 for a letter the actor does not see."""
    seen = visible(uow.actor.scopes(LETTER.permission), LETTER.scoping)
    statement = prepared((LETTER.name, "one", seen.shape), lambda: one_statement(LETTER, seen.condition()))
    row = await uow.db.row(statement, seen.values | {"key": letter_id})
    if row is None:
        raise not_found(LETTER.label)
    letter = _letter(json.loads(row["j"], parse_float=Decimal, parse_int=Decimal))
    return letter, hashlib.sha256(f"{TEMPLATE}:{letter!r}".encode()).hexdigest()[:32]


async def printed(letter: Letter) -> tuple[str, bytes]:
    """(file name, Word document)."""
    content = await to_thread.run_sync(word_document, letter, limiter=_setting)
    return f"{letter.department}-{letter.title}.docx", content


def _letter(told: dict[str, Any]) -> Letter:
    """As it holds now; what supplements ended is told with them."""
    items = told["items"]
    return Letter(
        title=told["title"],
        year=int(told["year"]),
        superior=told["superior_name"],
        leader=told["leader_name"],
        department=told["department_name"],
        signatory=told["signatory"],
        preamble=told["preamble"],
        weight_total=Decimal(told["weight_total"]),
        signed_on=_day(told["signed_on"]),
        items=tuple(_item(item) for item in items if item["ended_by"] is None),
        supplements=tuple(_supplement(supplement, items) for supplement in told["supplements"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _item(told: dict[str, Any]) -> Item:
    due_on = date.fromisoformat(told["due_on"])
    return Item(told["name"], told["value"], told["unit"], due_on, Decimal(told["weight"]))


def _supplement(told: dict[str, Any], items: list[dict[str, Any]]) -> Supplement:
    number = told["number"]
    by_id = {item["id"]: item for item in items}
    replaced = {item["replaces"] for item in items}
    added = [item for item in items if item["added_by"] == number]
    return Supplement(
        number=int(number),
        signed_on=date.fromisoformat(told["signed_on"]),
        reason=told["reason"],
        added=tuple(item["name"] for item in added if item["replaces"] is None),
        changed=tuple((_item(by_id[item["replaces"]]), _item(item)) for item in added if item["replaces"] is not None),
        ended=tuple(item["name"] for item in items if item["ended_by"] == number and item["id"] not in replaced),
    )
