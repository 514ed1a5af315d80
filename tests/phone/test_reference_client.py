"""The reference client against the service: in the end the service holds exactly what the model says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.phone.crew import Place
from tests.phone.field import Stage, Week
from tests.phone.network import FAULTS, InProcess
from tests.reports import FRIDAY, WEEK
from tests.world import World

OPERATIONS = 10_000
DUE = datetime(2016, 5, 20, 10, tzinfo=UTC)


async def test_ten_thousand_operations_over_a_bad_network(world: World, tmp_path: Path) -> None:
    def clock() -> datetime:
        return stage.now

    place = Place(world, "http://test", lambda: InProcess(world.app), clock, WEEK, "2016-05-20", DUE)
    stage = Stage(asyncio.get_running_loop(), place, tmp_path, FRIDAY, FRIDAY)
    world.app.state.clock = clock
    machine = type("InProcessWeek", (Week,), {"stage": stage})
    how = settings(
        derandomize=True, database=None, deadline=None, max_examples=2, stateful_step_count=60,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=how)
    print(stage.counts)
    assert stage.counts["operations"] >= OPERATIONS
    seen = {"applied", "refused", "conflict", "expired", "held", "photos", *(f"fault {name}" for name in FAULTS)}
    assert seen <= stage.counts.keys()
