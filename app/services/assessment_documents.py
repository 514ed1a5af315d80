"""The ranking as Word and as Excel, set in a worker thread."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from anyio import CapacityLimiter, to_thread

from app.documents.rankings import Ranked, RankedGroup, RankingPage, about, word_document
from app.domain.assessment_shares import Period
from app.domain.labels import LABELS
from app.ledgers.ranking import Row, write_ranking
from app.models import Assessment
from app.services.assessment_schemes import for_region
from app.services.assessments import find
from app.uow import SHANGHAI, UnitOfWork

_setting = CapacityLimiter(2)


async def page(uow: UnitOfWork, identity: UUID) -> RankingPage:
    row = await find(uow, identity, whole=True)
    scheme = await for_region(uow, row.scheme_id, row.region_code)
    return _page(row, f"{scheme.label_zh}（第{scheme.version}版）")


def _page(row: Assessment, scheme: str) -> RankingPage:
    told, period = orjson.loads(row.document), Period(row.period_kind, row.year, row.number)
    words = LABELS["assessment_consequence"]
    groups = [
        RankedGroup(
            group["name"],
            [
                Ranked(
                    one["rank"], one["name"], _points(one["score"]), one["previous_rank"], one["movement"],
                    tuple(words[code][0] for code in one["consequences"]),
                    tuple(_points(item["points"]) for item in one["items"]),
                )
                for one in group["subjects"]
            ],
        )
        for group in told["groups"]
    ]  # fmt: skip
    published = row.published_at.astimezone(SHANGHAI).date() if row.published_at is not None else None
    names = tuple(item["name"] for item in told["items"])
    return RankingPage(row.name, scheme, period.starts_on, period.ends_on, published, names, groups)


def _points(value: float) -> str:
    return f"{Decimal(str(value)):.2f}"


async def picture(uow: UnitOfWork, identity: UUID, *, english: bool) -> tuple[str, str, dict[str, Any]]:
    """(title, note, result) of a ranking that is to be drawn."""
    row = await find(uow, identity, whole=True)
    period = Period(row.period_kind, row.year, row.number)
    note = f"{period.starts_on} – {period.ends_on}" if english else f"考核期：{period.starts_on}至{period.ends_on}"
    if row.published_at is None:
        note += "; draft" if english else "；草稿，未公布"
    return row.name, note, orjson.loads(row.document)


async def word(ranking: RankingPage) -> tuple[str, bytes]:
    """(file name, document)."""
    return f"{ranking.title}.docx", await to_thread.run_sync(word_document, ranking, limiter=_setting)


async def workbook(ranking: RankingPage) -> tuple[str, bytes]:
    """(file name, workbook)."""
    return f"{ranking.title}.xlsx", await to_thread.run_sync(_workbook, ranking, limiter=_setting)


def _workbook(ranking: RankingPage) -> bytes:
    groups = [(group.name, [_row(one) for one in group.subjects]) for group in ranking.groups]
    return write_ranking(ranking.title, about(ranking), ranking.item_names, groups)


def _row(one: Ranked) -> Row:
    before, movement = ("—" if n is None else Decimal(n) for n in (one.previous_rank, one.movement))
    items = [Decimal(points) for points in one.items]
    return (Decimal(one.rank), one.name, *items, Decimal(one.score), before, movement, "、".join(one.consequences))
