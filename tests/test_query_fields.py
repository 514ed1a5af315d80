"""Query parameters are told apart as FastAPI does, without asking twice."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.query_fields import remembered


def test_asked_once_for_each_annotation() -> None:
    asked: list[object] = []

    def is_list(annotation: object) -> bool:
        asked.append(annotation)
        return annotation is not str

    unhashable = Annotated[list[str], Field(json_schema_extra={"a": []})]
    ask = remembered(is_list)
    assert [ask(str), ask(unhashable), ask(str), ask(unhashable)] == [False, True, False, True]
    assert asked == [str, unhashable]
