"""Edits made offline against what others did meanwhile: who touched which field decides, not who came first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

CLOCK_TOLERANCE = timedelta(minutes=5)


class Written(NamedTuple):
    """One version of something and the fields that it changed, each as [before, after]."""

    version: int
    diff: Mapping[str, Any]


def changed_by_others(history: Iterable[Written], base: int, own: Collection[int]) -> dict[str, Any]:
    """Field → what it was at version `base`, of the fields that later versions changed; `own` versions do not count.

    What the editor's own chain of edits changed is known to the editor: the next edit of the chain builds on it.
    """
    before: dict[str, Any] = {}
    for version, diff in sorted(history, key=lambda written: written.version):
        if version > base and version not in own:
            for name, change in diff.items():
                before.setdefault(name, change[0])
    return before


def conflicting(sent: Mapping[str, Any], current: Mapping[str, Any], changed: Collection[str]) -> list[str]:
    """The fields sent that others changed meanwhile, to something else than what was sent."""
    return sorted(name for name in sent if name in changed and current.get(name) != sent[name])


def skew(device: datetime, server: datetime) -> int:
    """Whole seconds that the device's clock is ahead of the server's; negative: behind."""
    return round((device - server).total_seconds())


def is_wrong(skew_seconds: int) -> bool:
    return abs(skew_seconds) > CLOCK_TOLERANCE.total_seconds()
