"""The same weeks against the service as a process of its own, which is killed in the middle of what phones send."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Literal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.phone.crew import Crew
from tests.phone.field import WHO, Stage, Week
from tests.phone.network import Delivery
from tests.servers import kill

Moment = Literal["while_it_waits", "while_it_works", "before_the_answer"]
MOMENTS: tuple[Moment, ...] = ("while_it_waits", "while_it_works", "before_the_answer")
_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_WORKING = f"SELECT count(*) {_OTHERS} AND backend_type = 'client backend' AND state <> 'idle'"  # of here
_WAITING = f"SELECT count(*) {_OTHERS} AND wait_event_type = 'Lock'"  # of here


@dataclass
class ServedStage(Stage):
    serve: Callable[[], Awaitable[asyncio.subprocess.Process]] | None = None
    process: asyncio.subprocess.Process | None = None
    kills: int = 0
    most_kills: int = 0

    async def start(self) -> None:
        assert self.serve is not None
        self.process = await self.serve()

    async def kill(self) -> None:
        assert self.process is not None
        self.kills += 1
        await kill(self.process)


class KilledCrew(Crew):
    """Of a batch whose server died before it answered, the database tells whether it was committed: whole, or not."""

    async def _witness(self, group: list[Delivery]) -> None:
        await super()._witness([each for each in group if each.answer is not None or await self._was_committed(each)])

    async def _was_committed(self, delivery: Delivery) -> bool:
        pool = self.place.world.pool
        while await pool.fetchval(_WORKING):  # a commit may outlive the server that sent it
            await asyncio.sleep(0.01)
        assert delivery.path == "/sync", delivery.path
        known = {operation_id for user, operation_id in self.model.operations if user == delivery.user}
        fresh = {each["id"] for each in delivery.body["operations"]} - known
        rows = await pool.fetch("SELECT id::text FROM sync_operations WHERE id = ANY($1::text[]::uuid[])", [*fresh])
        assert len(rows) in {0, len(fresh)}, "half a batch was committed"
        return bool(rows)


class KilledWeek(Week):
    stage: ClassVar[ServedStage]
    first_day: ClassVar[int] = 50

    def make(self, dice: Random) -> Crew:
        return KilledCrew(self.stage.place, self.stage.folder, dice)

    @rule(who=WHO, when=st.sampled_from(MOMENTS))
    def killed(self, who: int, when: Moment) -> None:
        if self.stage.kills == self.stage.most_kills:
            return
        self.crew.work(self.crew.phones[who], Random(who))
        self.crew.network.faults.clear()
        self.wait(self._killed(who, when))

    async def _killed(self, who: int, when: Moment) -> None:
        pool = self.stage.place.world.pool
        if when == "before_the_answer":
            self.crew.network.faults.append("lost_answer")
            await self.crew.try_to(self.crew.phones[who].send())
            await self.stage.kill()
        else:
            async with pool.acquire() as connection, connection.transaction():
                if when == "while_it_waits":
                    await connection.execute("SELECT FROM projects FOR UPDATE")
                sending = asyncio.create_task(self.crew.try_to(self.crew.phones[who].send()))
                busy = _WAITING if when == "while_it_waits" else _WORKING + " AND state <> 'idle in transaction'"
                while not sending.done() and not await self._asked(busy):
                    await asyncio.sleep(0)
                await self.stage.kill()
            await sending
        await self.stage.start()

    async def _asked(self, query: str) -> bool:
        return bool(await self.stage.place.world.pool.fetchval(query))

    def time_passes(self, hours: int) -> None:
        """The served one has the clock of this machine."""
