from __future__ import annotations

from sqlalchemy import Text, cast, select

from app.access import Scoping
from app.listing import Resource
from app.models import DictionaryEntry
from app.reading import AnySelect

KEY = cast(DictionaryEntry.dictionary + "/" + DictionaryEntry.code, Text)
"""Both parts of the key as one: neither a dictionary's name nor a code holds a slash."""


def _select() -> AnySelect:
    e = DictionaryEntry
    return select(
        e.dictionary, e.code, e.label_zh, e.label_en, e.position, e.active, e.version, e.created_at, e.updated_at
    )


ENTRY = Resource(
    name="dictionary_entry",
    label=("字典条目", "dictionary entry"),
    permission="dictionaries.read",
    key=KEY,
    # Everyone reads every dictionary; they belong to no region.
    scoping=Scoping(region=DictionaryEntry.code),
    full=_select,
)
DICTIONARY_LABEL = ("字典", "dictionary")
