from __future__ import annotations

from pydantic import ConfigDict, Field

from app.schemas.base import Code, In, Name, Out, Stamped

POSITION = "Place among the others, smallest first; default: after the last"


class EntryOut(Out):
    code: str = Field(examples=["industry"])
    label_zh: str = Field(examples=["工业"])
    label_en: str = Field(examples=["Industry"])
    active: bool = Field(description="False: kept for what already uses it, not for anything new")
    position: int


class DictionaryOut(Out):
    name: str = Field(examples=["sector"])
    open: bool = Field(description="Whether entries can be added and changed")
    entries: list[EntryOut]


class DictionariesOut(Out):
    dictionaries: list[DictionaryOut]


class EntryIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "tourism", "label_zh": "文化旅游", "label_en": "Culture and tourism"}]}
    )

    code: Code = Field(examples=["tourism"])
    label_zh: Name = Field(examples=["文化旅游"])
    label_en: Name = Field(examples=["Culture and tourism"])
    position: int | None = Field(None, ge=0, le=10_000, description=POSITION)


class EntryPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"label_zh": "文旅", "active": False}]})

    label_zh: Name | None = None
    label_en: Name | None = None
    position: int | None = Field(None, ge=0, le=10_000)
    active: bool | None = None


class EntryDetail(Stamped, EntryOut):
    dictionary: str = Field(examples=["sector"])
