"""The reference client against the service: in the end the service holds exactly what the model says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from app.domain.reporting_weeks import monday_of
from app.main import system_clock
from app.uow import SHANGHAI
from scripts.live_server import free_port
from tests.phone.crew import Place
from tests.phone.field import Stage, Week
from tests.phone.killed import KilledWeek, ServedStage
from tests.phone.network import FAULTS, InProcess
from tests.reports import FRIDAY, WEEK
from tests.servers import kill, serve
from tests.world import World

OPERATIONS, KILLS = 10_000, 4
DUE = datetime(2016, 5, 20, 10, tzinfo=UTC)


def _how(runs: int, steps: int) -> hypothesis.settings:
    """Not shrunk: what hangs on which of two came first would not fail again each time."""
    return hypothesis.settings(
        derandomize=True, database=None, deadline=None, max_examples=runs, stateful_step_count=steps,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip


async def test_weeks_of_phones_over_a_bad_network(world: World, tmp_path: Path) -> None:
    def clock() -> datetime:
        return stage.now

    place = Place(world, "http://test", lambda: InProcess(world.app), clock, WEEK, "2016-05-20", DUE)
    stage = Stage(asyncio.get_running_loop(), place, tmp_path, FRIDAY, FRIDAY)
    world.app.state.clock = clock
    machine = type("InProcessWeek", (Week,), {"stage": stage})
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=_how(12, 30))
    deadlocks = await world.pool.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert deadlocks == 0
    assert stage.counts["operations"] >= OPERATIONS, stage.counts
    seen = {
        "applied",
        "refused",
        "conflict",
        "held",
        "expired",
        "again",
        "photos",
        *(f"fault {name}" for name in FAULTS),
    }
    assert seen <= {name for name, count in stage.counts.items() if count}, stage.counts


async def test_the_server_is_killed_again_and_again(
    world: World, database_url: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAODU_RATE_LIMIT_PER_MINUTE", "1000000")
    port = free_port()
    # Last week: the server has the clock of this machine, and all of it comes late.
    monday = monday_of(system_clock().astimezone(SHANGHAI).date()) - timedelta(days=7)
    friday = monday + timedelta(days=4)
    due = datetime.combine(friday, time(18), SHANGHAI)
    url = f"http://127.0.0.1:{port}"
    lines: list[httpx.AsyncHTTPTransport] = []

    def line() -> httpx.AsyncHTTPTransport:
        lines.append(httpx.AsyncHTTPTransport())
        return lines[-1]

    place = Place(world, url, line, system_clock, f"{monday}", f"{friday}", due)
    loop = asyncio.get_running_loop()
    stage = ServedStage(loop, place, tmp_path, FRIDAY, FRIDAY, most_kills=KILLS)
    stage.serve = lambda: serve(database_url, settings.var_dir, port)
    await stage.start()
    machine = type("ServedWeek", (KilledWeek,), {"stage": stage})
    try:
        await asyncio.to_thread(run_state_machine_as_test, machine, settings=_how(8, 20))
    finally:
        assert stage.process is not None
        await kill(stage.process)
        for each in lines:
            await each.aclose()
    assert stage.kills == KILLS
    assert {"applied", "conflict"} <= stage.counts.keys()
