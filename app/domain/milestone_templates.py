"""Milestones to begin a project with, by sector. Those here ship with the product; counties keep their own.

Durations in working days and weights are starting points that an office adapts, taken from how county ledgers cut
their projects: 立项→设计→融资→拆迁→进场→开工→竣工.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.scheduling import Fault, Task, faults


@dataclass(frozen=True, slots=True)
class Shipped:
    id: UUID
    sector: str | None
    name: str
    description: str
    milestones: tuple[dict[str, Any], ...]


def _chain(*rows: tuple[str, str, str, int, int, str] | tuple[str, str, str, int, int]) -> tuple[dict[str, Any], ...]:
    """(key, name, kind, working days, weight[, keys it waits for]); without the last it waits for the one before."""
    items: list[dict[str, Any]] = []
    for key, name, kind, days, weight, *after in rows:
        waits = after[0].split() if after else [items[-1]["key"]] if items else []
        items.append(
            {
                "key": key, "name": name, "kind": kind, "duration_days": days, "weight": weight, "after": waits,
                "steps": [],
            }
        )  # fmt: skip
    return tuple(items)


_PREPARING = (
    ("approval", "立项", "project_approval", 20, 5),
    ("design", "设计", "design", 45, 5),
    ("finance", "融资", "financing", 60, 5, "approval"),
)
SHIPPED = (
    Shipped(
        UUID("01890000-0000-7000-8000-000000000001"), None, "通用", "立项→设计→融资→拆迁→进场→开工→竣工",
        _chain(
            *_PREPARING, ("demolition", "拆迁", "demolition", 60, 10, "approval"),
            ("entry", "进场", "site_entry", 10, 5, "design finance demolition"),
            ("start", "开工", "construction_start", 5, 5), ("build", "施工", "construction", 200, 55),
            ("completion", "竣工", "completion", 20, 10),
        ),
    ),
    Shipped(
        UUID("01890000-0000-7000-8000-000000000002"), "industry", "工业项目", "从立项到投产",
        _chain(
            *_PREPARING, ("land", "用地", "land", 60, 5, "approval"),
            ("permits", "规划与施工许可", "permits", 40, 5, "design land"),
            ("start", "开工", "construction_start", 5, 5, "permits finance"),
            ("main", "厂房主体", "main_structure", 120, 30),
            ("equipment", "设备安装调试", "equipment", 60, 25), ("acceptance", "竣工验收", "acceptance", 20, 10),
            ("production", "投产", "production", 20, 5),
        ),
    ),
    Shipped(
        UUID("01890000-0000-7000-8000-000000000003"), "urban", "城建项目", "含拆迁与招标",
        _chain(
            *_PREPARING, ("demolition", "征地拆迁", "demolition", 90, 15, "approval"),
            ("bidding", "招标", "bidding", 30, 5, "design finance"),
            ("entry", "进场", "site_entry", 10, 5, "bidding demolition"),
            ("start", "开工", "construction_start", 5, 5), ("build", "施工", "construction", 180, 45),
            ("completion", "竣工验收", "completion", 20, 10),
        ),
    ),
    Shipped(
        UUID("01890000-0000-7000-8000-000000000004"), "transport", "交通项目", "路基、路面分段",
        _chain(
            *_PREPARING, ("land", "征地拆迁", "land", 90, 10, "approval"),
            ("bidding", "招标", "bidding", 30, 5, "design finance"),
            ("start", "开工", "construction_start", 5, 5, "bidding land"),
            ("base", "路基桥涵", "construction", 150, 35), ("surface", "路面", "construction", 90, 20),
            ("completion", "交工验收", "completion", 20, 10),
        ),
    ),
)  # fmt: skip
BY_ID = {template.id: template for template in SHIPPED}


def template_faults(milestones: Sequence[dict[str, Any]]) -> list[Fault[str]]:
    """Keys given twice, unknown ones, cycles. Durations may be missing."""
    tasks = [Task(item["key"], item["duration_days"], tuple(item["after"])) for item in milestones]
    return faults(tasks, durations=False)
