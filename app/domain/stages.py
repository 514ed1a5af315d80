"""The pipeline (项目阶段) as data: which moves there are, who may make them, what must hold first.

Source: the county practice in the domain page: 储备→洽谈→签约→落地→开工→竣工→投产→达产, one stage back by the dispatch
office only and with a reason, 终止 from any stage before 竣工, with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ORDER = ("reserve", "negotiating", "signed", "landed", "started", "completed", "in_production", "at_capacity")
TERMINATED = "terminated"

CONDITIONS: dict[str, tuple[str, str]] = {
    "investor_or_owner": ("须有投资方或业主单位", "needs an investor or an owner"),
    "location": ("须有建设地点", "needs a location"),
    "land_settled": ("用地须已落实", "the land must be settled"),
    "reason": ("须说明理由", "needs a reason"),
    "not_suspended": ("项目处于暂停状态", "the project is suspended"),
}
"""Facts a move may ask for, in words."""

_ENTRY_CONDITIONS: dict[str, tuple[str, ...]] = {
    "signed": ("investor_or_owner",),
    "landed": ("investor_or_owner", "location"),
    "started": ("investor_or_owner", "location", "land_settled"),
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


def _moves() -> dict[tuple[str, str], Move]:
    both, office = frozenset({"dispatcher", "department"}), frozenset({"dispatcher"})
    moves = []
    for i, stage in enumerate(ORDER):
        for later in ORDER[i + 1 :]:
            # Skipping stages is a move like any other: all that the stages on the way ask for must hold.
            needed = dict.fromkeys(
                c for s in ORDER[i + 1 : ORDER.index(later) + 1] for c in _ENTRY_CONDITIONS.get(s, ())
            )
            roles = both if ORDER.index(later) == i + 1 else office
            moves.append(Move(stage, later, roles, (*needed, "not_suspended")))
        if i > 0:
            moves.append(Move(stage, ORDER[i - 1], office, ("reason",)))
        if i < ORDER.index("completed"):
            moves.append(Move(stage, TERMINATED, office, ("reason",)))
    return {(m.from_stage, m.to_stage): m for m in moves}


MOVES: Mapping[tuple[str, str], Move] = _moves()


def unmet(move: Move, facts: Mapping[str, bool]) -> list[str]:
    """Every condition of `move` that does not hold, in the table's order; `facts` says which hold."""
    return [condition for condition in move.conditions if not facts[condition]]
