"""A week in the field, drawn by Hypothesis: who does what when, and what the network does to it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.phone.crew import Crew, Place
from tests.phone.network import FAULTS

MOST_OFFLINE = 400
"""Two full batches, done before there is a network again."""
WHO = st.integers(0, 2)
SEED = st.integers(0, 2**32 - 1)
WEATHER = st.lists(st.sampled_from(FAULTS), max_size=4)


@dataclass
class Stage:
    """What runs outlive: the loop that the service lives in, and what was seen in all runs together."""

    loop: asyncio.AbstractEventLoop
    place: Place
    folder: Path
    begin: datetime
    now: datetime
    counts: dict[str, int] = field(default_factory=dict)
    """`operations`: what people did, each once, however often it was sent: reports and edits of phones, edits and
    reviews of the office, photos. What was sent `again` comes beside them, and so do all requests that only read."""

    def add(self, crew: Crew) -> None:
        seen = {f"fault {name}": n for name, n in crew.network.counts.items()}
        operations = crew.model.operations.values()
        for operation in operations:
            seen[operation.status] = seen.get(operation.status, 0) + 1
        held = sum(o.held_until is not None for o in operations)
        done = {"from phones": len(operations), "by the office": crew.acts, "photos": len(crew.photos)}
        seen |= {"reports": len(crew.model.reports), "again": crew.model.again, "busy": crew.busy, "held": held}
        seen |= {**done, "operations": sum(done.values())}
        for name, n in seen.items():
            self.counts[name] = self.counts.get(name, 0) + n


class Week(RuleBasedStateMachine):
    stage: ClassVar[Stage]
    first_day: ClassVar[int] = 480
    """Done by each phone at most before anything else happens."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = False
        self.stage.now = self.stage.begin
        self.crew = self.make(Random(0))
        self.wait(self.crew.settle_in())
        for number, phone in enumerate(self.crew.phones):
            self.crew.work(phone, Random(number), self.first_day)

    def make(self, dice: Random) -> Crew:
        return Crew(self.stage.place, self.stage.folder, dice)

    def wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self.stage.loop).result()
        except BaseException:
            self.broken = True
            raise

    @rule(who=WHO, seed=SEED)
    def work_offline(self, who: int, seed: int) -> None:
        self.crew.work(self.crew.phones[who], Random(seed), MOST_OFFLINE)

    @rule(who=WHO, seed=SEED, weather=WEATHER, most=st.sampled_from([5, 200]))
    def send(self, who: int, seed: int, weather: list[Any], most: int) -> None:
        self.crew.work(self.crew.phones[who], Random(seed))
        self.crew.network.faults.extend(weather)
        self.wait(self.crew.try_to(self.crew.phones[who].send(most)))

    @rule(who=WHO, seed=SEED, weather=WEATHER)
    def send_in_any_order(self, who: int, seed: int, weather: list[Any]) -> None:
        self.crew.work(self.crew.phones[who], Random(seed))
        self.crew.network.faults.extend(weather)
        self.wait(self.crew.try_to(self.crew.phones[who].send(20, Random(seed))))

    @rule(seed=SEED, weather=WEATHER)
    def all_meet(self, seed: int, weather: list[Any]) -> None:
        """Two phones of two accounts and the office at the same moment."""
        self.crew.network.faults.extend(weather)
        one, _, two = self.crew.phones
        for phone in (one, two):
            self.crew.work(phone, Random(seed), 10)
        self.wait(self.crew.try_to(one.send(10), two.send(10), self.crew.office_acts(Random(seed))))

    @rule(who=WHO, number=st.integers(0, 50), weather=WEATHER)
    def put_by_itself(self, who: int, number: int, weather: list[Any]) -> None:
        self.crew.network.faults.extend(weather)
        self.wait(self.crew.try_to(self.crew.put_by_itself(self.crew.phones[who], number)))

    @rule(number=st.integers(0, 50))
    def late_one_arrives(self, number: int) -> None:
        # No precondition: what is late depends on which of two came first, and the same draws must mean the same rules.
        if self.crew.network.late:
            self.wait(self.crew.try_to(self.crew.network.bring_late(number)))

    @rule(seed=SEED, times=st.integers(1, 12))
    def office(self, seed: int, times: int) -> None:
        dice = Random(seed)
        for _ in range(times):
            self.wait(self.crew.try_to(self.crew.office_acts(dice)))

    @rule(who=WHO, weather=WEATHER)
    def catch_up(self, who: int, weather: list[Any]) -> None:
        self.crew.network.faults.extend(weather)
        self.wait(self.crew.try_to(self.crew.phones[who].catch_up()))

    @rule(who=WHO, weather=WEATHER)
    def send_photos(self, who: int, weather: list[Any]) -> None:
        self.crew.network.faults.extend(weather)
        self.wait(self.crew.try_to(self.crew.phones[who].send_photos()))

    @rule(who=WHO)
    def restart(self, who: int) -> None:
        self.crew.phones[who].restart()

    @rule(hours=st.sampled_from([1, 1, 5, 30, 100, 200]))
    def time_passes(self, hours: int) -> None:
        self.stage.now += timedelta(hours=hours)

    def teardown(self) -> None:
        if self.broken:
            return
        self.wait(self.crew.come_to_rest())
        self.wait(self.crew.check())
        self.stage.add(self.crew)
