"""Code lists: the closed ones are fixed by the program, the open ones are data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.db import Database
from app.domain.dictionaries import OPEN
from app.domain.labels import LABELS
from app.errors import AppError, FieldError, not_found, unknown_code
from app.listing import require_match
from app.models import DictionaryEntry
from app.permissions import ROLES
from app.reading import AnySelect, prepared
from app.resources.dictionaries import DICTIONARY_LABEL, ENTRY
from app.schemas.dictionaries import EntryIn, EntryPatch
from app.uow import UnitOfWork
from app.writing import apply_patch, get_visible

Dictionary = dict[str, Any]
CLOSED: dict[str, dict[str, tuple[str, str]]] = {
    **LABELS,
    "role": {role.code: (role.label_zh, role.label_en) for role in ROLES.values()},
}


async def everything(db: Database) -> list[Dictionary]:
    """Every dictionary with its entries in their order, by name."""
    entries = await _open_entries(db)
    found = [_closed(name) for name in CLOSED]
    found += [{"name": name, "open": True, "entries": entries.get(name, [])} for name in OPEN]
    return sorted(found, key=lambda d: str(d["name"]))


async def named(db: Database, name: str) -> Dictionary:
    for dictionary in await everything(db):
        if dictionary["name"] == name:
            return dictionary
    raise not_found(DICTIONARY_LABEL)


async def require_known(db: Database, dictionary: str, pointer: str, code: str | None) -> None:
    """A filter by a code of an open dictionary names one of it, in use or not (422). Reads outside any transaction."""
    known = [entry["code"] for entry in (await _open_entries(db)).get(dictionary, [])]
    if code is not None and code not in known:
        raise AppError("invalid_content", errors=[unknown_code(pointer, code, known)])


async def in_use(uow: UnitOfWork, dictionary: str) -> list[str]:
    """The codes of an open dictionary that may be written now, in their order."""
    e = DictionaryEntry
    codes = select(e.code).where(e.dictionary == dictionary, e.active).order_by(e.position, e.code)
    return list(await uow.session.scalars(codes))


async def faults(uow: UnitOfWork, dictionary: str, pointer: str, code: str) -> list[FieldError]:
    """What is wrong with such a code in a body: nothing, or that it is none of those in use, which are named."""
    known = await in_use(uow, dictionary)
    return [] if code in known else [unknown_code(pointer, code, known)]


def _closed(name: str) -> Dictionary:
    entries = [
        {"code": code, "label_zh": zh, "label_en": en, "active": True, "position": position}
        for position, (code, (zh, en)) in enumerate(CLOSED[name].items())
    ]
    return {"name": name, "open": False, "entries": entries}


async def _open_entries(db: Database) -> dict[str, list[dict[str, Any]]]:
    rows = await db.rows(prepared("dictionary_entries", _select_entries), {})
    entries: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        entry = dict(row)
        entries.setdefault(entry.pop("dictionary"), []).append(entry)
    return entries


def _select_entries() -> AnySelect:
    e = DictionaryEntry
    return select(e.dictionary, e.code, e.label_zh, e.label_en, e.active, e.position).order_by(
        e.dictionary, e.position, e.code
    )


async def add(uow: UnitOfWork, name: str, body: EntryIn) -> DictionaryEntry:
    _require_open(name)
    position = body.position
    if position is None:
        last = await uow.session.scalar(
            select(func.max(DictionaryEntry.position)).where(DictionaryEntry.dictionary == name)
        )
        position = 0 if last is None else last + 1
    row = DictionaryEntry(
        dictionary=name,
        code=body.code,
        label_zh=body.label_zh,
        label_en=body.label_en,
        position=position,
        active=True,
    )
    uow.add(row)
    _note(uow, "dictionary_entry.created", row)
    await uow.flush()
    return row


async def change(uow: UnitOfWork, name: str, code: str, body: EntryPatch, if_match: str | None) -> DictionaryEntry:
    _require_open(name)
    key = entry_key(name, code)
    row = await get_visible(uow, ENTRY, DictionaryEntry, key, lock=True)
    wanted = body.model_dump(mode="json", exclude_unset=True)
    await require_match(uow, ENTRY, key, if_match, row.version, wanted)
    apply_patch(row, body)
    uow.touch(row)
    _note(uow, "dictionary_entry.updated", row)
    return row


def entry_key(name: str, code: str) -> str:
    return f"{name}/{code}"


def _require_open(name: str) -> None:
    if name in CLOSED:
        raise AppError("dictionary_closed", name=name)
    if name not in OPEN:
        raise not_found(DICTIONARY_LABEL)


def _note(uow: UnitOfWork, action: str, row: DictionaryEntry) -> None:
    # The code alone would not say of which dictionary.
    uow.record_plain(
        action,
        resource_id=entry_key(row.dictionary, row.code),
        version=row.version,
        diff=uow.changed_fields(row),
    )
