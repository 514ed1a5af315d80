"""What the pictures of rankings show: scores in bands, places with their movement, points by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from app.domain.labels import LABELS
from app.domain.rating import Standing
from app.errors import AppError, unknown_code
from app.plots.model import Bars, Grid, Move, Moves, Section, Values
from app.services.rating_pages import Told

_SERIES = 4
_BANDS = 12
_STEPS = (1, 2, 5, 10, 20)


def moved(movement: int | None, *, english: bool) -> str:
    if movement is None:
        return "—"
    if movement == 0:
        return "=" if english else "持平"
    if english:
        return f"{movement:+d}"
    return f"{'进' if movement > 0 else '退'}{abs(movement)}"


def _places(*, english: bool) -> tuple[str, str]:
    return ("place before", "place now") if english else ("上期名次", "本期名次")


def distribution(rating: Told, *, english: bool) -> Bars:
    """How many departments stand in each band of scores, group beside group; of more than four groups all together."""
    groups = [(group.name, [s.score for s in found if s.score is not None]) for group, found in rating.groups]
    if len(groups) > _SERIES:
        groups = [("all departments" if english else "全部部门", [score for _, scores in groups for score in scores])]
    bands = score_bands([score for _, scores in groups for score in scores])
    rows = []
    for low, high in reversed(bands):
        counts = [sum(low <= score < high or score == high == 100 for score in scores) for _, scores in groups]
        rows.append(Values(f"{low}–{high}", [float(n) for n in counts], [f"{n}" for n in counts]))
    unrated = sum(s.score is None for _, found in rating.groups for s in found)
    note = (
        "departments by score; a band ends below its upper limit" if english else "各分数段部门数（含下限，不含上限）"
    )
    if unrated:
        note += f"; {unrated} not rated" if english else f"；另有 {unrated} 个部门未评出得分"
    title = f"{rating.campaign.name} {'scores' if english else '得分分布'}"
    return Bars(title, note, [name for name, _ in groups], rows)


def score_bands(scores: Sequence[Decimal]) -> list[tuple[int, int]]:
    """From below the lowest to 100 or above the highest, in equal steps, at most a dozen; 100 itself is in the last."""
    low, high = (min(scores), max(scores)) if scores else (Decimal(0), Decimal(100))
    step = next(s for s in _STEPS if (high - low) / s <= _BANDS - 2)
    first = int(low // step) * step
    last = min(int(high // step) * step + step, 100)
    return [(n, n + step) for n in range(min(first, last - step), last, step)]


def movement(rating: Told, group_code: str | None, *, english: bool) -> Moves:
    """Every group, or one; 422 `unknown_code` for one there is not."""
    chosen = [(group, found) for group, found in rating.groups if group_code in {None, group.code}]
    if not chosen:
        raise _no_such_group(group_code, [group.code for group, _ in rating.groups])
    sections = [
        Section(group.name, [_department(rating, s, english=english) for s in found]) for group, found in chosen
    ]
    title = f"{rating.campaign.name} {'movement' if english else '名次变动'}"
    year = rating.campaign.year
    note = (
        f"{year} against {year - 1}; lowest places shaded" if english else f"{year}年与{year - 1}年比较；评差部门加底色"
    )
    return Moves(title, note, sections, _places(english=english))


def _department(rating: Told, s: Standing, *, english: bool) -> Move:
    if s.score is None:
        text = "not rated" if english else "未评出得分"
    else:
        words = [f"{s.score:.2f}", moved(s.movement, english=english)]
        if s.best:
            words.append("best" if english else "评优")
        words += [LABELS["rating_consequence"][code][english] for code in s.consequences]
        text = " · ".join(words)
    before = s.past.rank if s.past is not None else None
    return Move(rating.name(s.department), s.rank, before, text, "best" if s.best else "worst" if s.worst else "")


def _groups(ranking: Mapping[str, Any], code: str | None) -> list[Mapping[str, Any]]:
    found = [group for group in ranking["groups"] if code in {None, group["code"]}]
    if not found:
        raise _no_such_group(code, [group["code"] for group in ranking["groups"]])
    return found


def _no_such_group(code: str | None, known: Sequence[str]) -> AppError:
    return AppError("invalid_content", errors=[unknown_code("group", code or "", known)])


def assessment_movement(
    name: str, note: str, ranking: Mapping[str, Any], group_code: str | None, *, english: bool
) -> Moves:
    sections = [
        Section(group["name"], [_subject(one, english=english) for one in group["subjects"]])
        for group in _groups(ranking, group_code)
    ]
    return Moves(f"{name} {'movement' if english else '名次变动'}", note, sections, _places(english=english))


def _subject(one: Mapping[str, Any], *, english: bool) -> Move:
    consequences = one["consequences"]
    words = [f"{Decimal(str(one['score'])):.2f}", moved(one["movement"], english=english)]
    words += [LABELS["assessment_consequence"][code][english] for code in consequences]
    mark: Literal["best", "worst", ""] = "" if not consequences else "best" if "rewarded" in consequences else "worst"
    return Move(one["name"], one["rank"], one["previous_rank"], " · ".join(words), mark)


def assessment_points(
    name: str, note: str, ranking: Mapping[str, Any], group_code: str | None, *, english: bool
) -> Grid:
    """Points of each item, and the score, of one group, or of all below each other."""
    rows = [
        Values(
            f"{one['rank']} {one['name']}",
            [float(one["score"]), *[float(item["points"]) for item in one["items"]]],
            [f"{Decimal(str(v)):.2f}" for v in (one["score"], *[item["points"] for item in one["items"]])],
        )
        for group in _groups(ranking, group_code)
        for one in group["subjects"]
    ]
    columns = ["Score" if english else "总分", *[item["name"] for item in ranking["items"]]]
    title = f"{name} {'points by item' if english else '各项得分'}"
    return Grid(title, note, columns, rows, "points taken off" if english else "扣分")
