"""The pipeline (项目阶段) as data: which moves there are, who may make them, what must hold first.

Source: the county practice in the domain page: 储备→洽谈→签约→落地→开工→竣工→投产→达产, one stage back by the dispatch
office only and with a reason, 终止 from any stage before 竣工, with a reason. Nothing leads out of 终止: a project that
comes back to life is entered anew, so that what was counted as ended stays ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ORDER = ("reserve", "negotiating", "signed", "landed", "started", "completed", "in_production", "at_capacity")
TERMINATED = "terminated"

Condition = Literal[
    "investor_or_owner", "location", "land_settled", "permits_issued", "milestones_done", "reason", "not_suspended"
]
CONDITIONS: dict[str, tuple[str, str]] = {
    "investor_or_owner": ("须有投资方或业主单位", "there must be an investor or an owner"),
    "location": ("须有建设地点", "there must be a location"),
    "land_settled": ("用地须已落实", "the land must be settled"),
    "permits_issued": ("必备手续须已全部办结", "every mandatory permit must be issued"),
    "milestones_done": ("各节点须全部完成", "every milestone must be done"),
    "reason": ("须说明理由", "a reason must be given"),
    "not_suspended": ("项目不得处于暂停状态", "the project must not be suspended"),
}
"""What a move may ask for, worded as what must hold."""

_ENTRY_CONDITIONS: dict[str, tuple[str, ...]] = {
    "signed": ("investor_or_owner",),
    "landed": ("investor_or_owner", "location"),
    "started": ("investor_or_owner", "location", "land_settled", "permits_issued"),
    "completed": ("milestones_done",),
}

STALE_DAYS: dict[str, int] = {
    "reserve": 180,
    "negotiating": 30,
    "signed": 60,
    "landed": 60,
    "started": 30,
    "completed": 90,
    "in_production": 180,
}
"""Days without a move or a figure after which a project counts as stale (要么盯成、要么盯死)."""


@dataclass(frozen=True, slots=True)
class Move:
    """A row of the table of transitions. `roles` may make it; all `conditions` must hold."""

    from_stage: str
    to_stage: str
    roles: frozenset[str]
    conditions: tuple[str, ...]


_EVERYBODY, _OFFICE = frozenset({"dispatcher", "department"}), frozenset({"dispatcher"})


def _moves_from(i: int, stage: str) -> list[Move]:
    moves = []
    for j in range(i + 1, len(ORDER)):
        # Skipping stages is a move like any other: all that the stages on the way ask for must hold.
        needed = dict.fromkeys(c for s in ORDER[i + 1 : j + 1] for c in _ENTRY_CONDITIONS.get(s, ()))
        roles = _EVERYBODY if j == i + 1 else _OFFICE
        moves.append(Move(stage, ORDER[j], roles, (*needed, "not_suspended")))
    if i > 0:
        moves.append(Move(stage, ORDER[i - 1], _OFFICE, ("reason",)))
    if i < ORDER.index("completed"):
        moves.append(Move(stage, TERMINATED, _OFFICE, ("reason",)))
    return moves


MOVES: Mapping[tuple[str, str], Move] = {
    (move.from_stage, move.to_stage): move for i, stage in enumerate(ORDER) for move in _moves_from(i, stage)
}


def moves_from(stage: str) -> list[Move]:
    """All moves that lead out of `stage`, in the table's order; none out of `terminated`."""
    return [move for move in MOVES.values() if move.from_stage == stage]


def facts(
    *,
    investors: bool,
    owners: bool,
    place: bool,
    land_status: str,
    permits_issued: bool,
    open_milestones: bool,
    suspended: bool,
    reason: bool,
) -> dict[str, bool]:
    """Which conditions hold, from what is so: `True` always speaks for the move."""
    return {
        "investor_or_owner": investors or owners,
        "location": place,
        "land_settled": land_status in {"settled", "not_needed"},
        "permits_issued": permits_issued,
        "milestones_done": not open_milestones,
        "reason": reason,
        "not_suspended": not suspended,
    }


def unmet(move: Move, holds: Mapping[str, bool]) -> list[str]:
    """Every condition of `move` that does not hold, in the table's order; `holds` says which do."""
    return [condition for condition in move.conditions if not holds[condition]]
