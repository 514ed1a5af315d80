"""What a problem is told by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    status: int
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str


def message(status: int, title_zh: str, title_en: str, detail_zh: str = "", detail_en: str = "") -> Message:
    return Message(status, title_zh, title_en, detail_zh or title_zh, detail_en or title_en)
