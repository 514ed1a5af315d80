"""The result of a rating as Word, Excel and pictures: the same figures, and nothing that `explain` would not tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from sqlalchemy import select

from app.documents.paper import day_in_words
from app.documents.ratings import NONE, Rated, RatedSection, RatingPage, word_document
from app.domain.labels import LABELS
from app.domain.rating import Standing, rounded
from app.domain.rating_disclosure import told_scores
from app.domain.rating_rules import Group, Rules
from app.ledgers.ranking import Row, write_rating
from app.models import RatingCampaign, RatingCorrection
from app.services.rating_campaigns import rules_of
from app.services.rating_results import readable, standings
from app.uow import SHANGHAI, UnitOfWork

_setting = CapacityLimiter(2)
_NOTE = "“—”表示不足最低票数，或为保护评议人不予列示。"


@dataclass(frozen=True, slots=True)
class Told:
    """A result as it is to be set: names as they were at opening."""

    campaign: RatingCampaign
    rules: Rules
    groups: Sequence[tuple[Group, Sequence[Standing]]]
    corrections: Sequence[RatingCorrection]

    def name(self, department: UUID) -> str:
        return (self.campaign.department_names or {}).get(str(department), "")


async def told(uow: UnitOfWork, campaign_id: UUID) -> Told:
    """Errors as of the result itself: 404, 403 before publication, 409 before closing."""
    row = await readable(uow, campaign_id)
    c = RatingCorrection
    corrections = await uow.session.scalars(select(c).where(c.campaign_id == campaign_id).order_by(c.created_at, c.id))
    return Told(row, rules_of(row), await standings(uow, row), corrections.all())


async def word(rating: Told) -> tuple[str, bytes]:
    """(file name, document)."""
    return f"{rating.campaign.name}结果.docx", await to_thread.run_sync(_word, rating, limiter=_setting)


async def workbook(rating: Told) -> tuple[str, bytes]:
    """(file name, workbook)."""
    return f"{rating.campaign.name}结果.xlsx", await to_thread.run_sync(_workbook, rating, limiter=_setting)


def moved(movement: int | None) -> str:
    """进 or 退 so many places."""
    if movement is None:
        return NONE
    return "持平" if movement == 0 else f"{'进' if movement > 0 else '退'}{abs(movement)}"


def _about(row: RatingCampaign) -> str:
    published = row.published_at
    state = f"{day_in_words(published.astimezone(SHANGHAI).date())}公布" if published else "未公布，仅供内部核对"
    hours = "至".join(day_in_words(at.astimezone(SHANGHAI).date()) for at in (row.opened_at, row.closed_at) if at)
    return f"评议时间：{hours}    {state}"


def _names(rules: Rules) -> tuple[list[str], list[str]]:
    return [e.name for e in rules.electorates], [i.name for i in rules.indicators]


def _parts(rating: Told, standing: Standing) -> list[Decimal | None]:
    electorates, indicators = told_scores(standing, rating.rules.smallest_count)
    return [None if score is None else rounded(score) for score in (*electorates, *indicators)]


def _consequences(standing: Standing) -> str:
    return "、".join(LABELS["rating_consequence"][code][0] for code in standing.consequences)


def _word(rating: Told) -> bytes:
    return word_document(
        RatingPage(
            f"{rating.campaign.name}结果",
            _about(rating.campaign),
            [tuple("" if v is None else f"{v}" for v in row) for row in _turnout(rating)],
            _names(rating.rules),
            [_section(rating, group, found) for group, found in rating.groups],
            _notes(rating),
        )
    )


def _notes(rating: Told) -> list[str]:
    return [f"注：{_NOTE}", *[_correction(one) for one in rating.corrections]]


def _correction(one: RatingCorrection) -> str:
    return f"{day_in_words(one.created_at.astimezone(SHANGHAI).date())}更正：{one.text}"


def _section(rating: Told, group: Group, found: Sequence[Standing]) -> RatedSection:
    return RatedSection(
        group.name,
        [rating.name(s.department) for s in found if s.best],
        [rating.name(s.department) for s in found if s.worst],
        [
            Rated(
                NONE if s.rank is None else f"{s.rank}",
                rating.name(s.department),
                _figure(s.score),
                NONE if s.past is None or s.past.rank is None else f"{s.past.rank}",
                moved(s.movement),
                _consequences(s),
                tuple(_figure(part) for part in _parts(rating, s)),
            )
            for s in found
        ],
    )


def _figure(value: Decimal | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def _workbook(rating: Told) -> bytes:
    groups = [(group.name, [_row(rating, s) for s in found]) for group, found in rating.groups]
    return write_rating(
        f"{rating.campaign.name}结果", _about(rating.campaign), _names(rating.rules), groups, _turnout(rating),
        _notes(rating),
    )  # fmt: skip


def _row(rating: Told, s: Standing) -> Row:
    before = (None, None) if s.past is None else (s.past.rank, s.past.score)
    change = None if s.score is None or before[1] is None else s.score - before[1]
    named = "评优" if s.best else "评差" if s.worst else ""
    return (
        _number(s.rank), rating.name(s.department), _number(s.score), _number(before[0]), _number(before[1]),
        _number(s.movement), _number(change), named, _consequences(s), *map(_number, _parts(rating, s)),
    )  # fmt: skip


def _number(value: Decimal | int | None) -> Decimal | str:
    return NONE if value is None else Decimal(value)


def _turnout(rating: Told) -> list[Row]:
    weights = {e.code: e.weight for e in rating.rules.electorates}
    return [
        (
            one["name"],
            weights[one["electorate"]],
            *(Decimal(one[n]) for n in ("entitled", "papers", "ballots")),
        )
        for one in rating.campaign.turnout or []
    ]
