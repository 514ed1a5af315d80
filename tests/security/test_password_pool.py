"""Passwords hashed off the event loop, by a bounded number of threads, for a bounded number of waiters."""

import asyncio
import threading
import time
from collections.abc import Iterator

import argon2
import pytest

from app.security.passwords import Argon2Cost, Busy, PasswordHasherPool

CHEAP = Argon2Cost(memory_kib=8, passes=1, lanes=1)
DEAR = Argon2Cost(memory_kib=4096, passes=12, lanes=1)


@pytest.fixture
def pool() -> Iterator[PasswordHasherPool]:
    pool = PasswordHasherPool(cost=CHEAP)
    yield pool
    pool.close()


def test_the_right_password_and_only_it(pool: PasswordHasherPool) -> None:
    async def story() -> None:
        stored = await pool.hash("Fluss-9und7")
        assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
        assert stored != await pool.hash("Fluss-9und7"), "every hash has its own salt"
        assert await pool.verify(stored, "Fluss-9und7")
        for wrong in ("", "fluss-9und7", "Fluss-9und7 ", "Fluss-9und7\x00", "x" * 257, "\ud800", "Fluss-9und7" * 1000):
            assert not await pool.verify(stored, wrong)
            assert not await pool.verify(None, wrong)

    asyncio.run(story())


def test_a_full_width_keyboard_makes_no_difference(pool: PasswordHasherPool) -> None:
    async def story() -> None:
        assert await pool.verify(await pool.hash("Ｆluss－９und７"), "Fluss-9und7")
        assert await pool.verify(await pool.hash("Fluss-9und7"), "Ｆluss－９und７")
        assert await pool.verify(await pool.hash("e\u0301tude-9Xyz"), "\u00e9tude-9Xyz")

    asyncio.run(story())


@pytest.mark.parametrize("password", ["x" * 257, "\ud800" * 12])
def test_what_cannot_be_hashed_is_refused(pool: PasswordHasherPool, password: str) -> None:
    with pytest.raises(ValueError, match="policy"):
        asyncio.run(pool.hash(password))


def test_defaults_are_the_recommended_cost_and_old_costs_are_told(pool: PasswordHasherPool) -> None:
    recommended = PasswordHasherPool()
    stored = asyncio.run(recommended.hash("Fluss-9und7"))
    recommended.close()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not recommended.needs_rehash(stored)
    assert pool.needs_rehash(stored)
    assert pool.needs_rehash("rubbish")
    assert asyncio.run(pool.verify(stored, "Fluss-9und7")), "hashes of another cost still count"


@pytest.mark.parametrize("stored", ["", "rubbish", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=8,t=1,p=1$a$b"])
def test_a_damaged_hash_fits_no_password(pool: PasswordHasherPool, stored: str) -> None:
    assert not asyncio.run(pool.verify(stored, ""))
    assert not asyncio.run(pool.verify(stored, "Fluss-9und7"))


def test_unknown_accounts_cost_as_much_as_known_ones() -> None:
    """Processor time of the whole process, so that other work on the machine does not count."""
    pool = PasswordHasherPool(cost=DEAR)
    stored = asyncio.run(pool.hash("Fluss-9und7"))

    def cost(against: str | None, password: str) -> float:
        measured = []
        for _ in range(5):
            start = time.process_time()
            assert not asyncio.run(pool.verify(against, password))
            measured.append(time.process_time() - start)
        return min(measured)

    wrong = cost(stored, "Fluss-9und8")
    for against, password in ((None, "Fluss-9und7"), (stored, "x" * 300), ("rubbish", "Fluss-9und7")):
        assert 0.6 < cost(against, password) / wrong < 1.6
    pool.close()


class Gate:
    """A job that holds its thread until the gate opens."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def job(self) -> bool:
        self.reached.set()
        return self.open.wait(timeout=30)


def test_beyond_the_bound_callers_are_sent_away_and_places_come_back() -> None:
    pool = PasswordHasherPool(workers=1, max_waiting=3, cost=CHEAP, retry_after=7)

    async def story() -> None:
        for _ in range(2):
            gate = Gate()
            running = asyncio.create_task(pool._run(gate.job))
            await asyncio.to_thread(gate.reached.wait, 30)
            callers = [asyncio.create_task(pool.hash("Fluss-9und7")) for _ in range(10)]
            sent_away, _ = await asyncio.wait(callers[3:])
            refusals = [task.exception() for task in sent_away]
            assert [refusal.retry_after for refusal in refusals if isinstance(refusal, Busy)] == [7] * 7
            gate.open.set()
            assert await running
            assert all(stored.startswith("$argon2id$") for stored in await asyncio.gather(*callers[:3]))

    asyncio.run(story())
    pool.close()


def test_a_caller_who_gives_up_frees_no_running_thread() -> None:
    pool = PasswordHasherPool(workers=1, max_waiting=1, cost=CHEAP)

    async def story() -> None:
        gate = Gate()
        running = asyncio.create_task(pool._run(gate.job))
        await asyncio.to_thread(gate.reached.wait, 30)
        running.cancel()
        waiting = asyncio.create_task(pool.hash("Fluss-9und7"))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await pool.hash("Fluss-9und7")
        waiting.cancel()  # not begun: its place is free at once
        await asyncio.wait([waiting])
        last = asyncio.create_task(pool.hash("Fluss-9und7"))
        await asyncio.sleep(0)
        gate.open.set()
        assert (await last).startswith("$argon2id$")

    asyncio.run(story())
    pool.close()


def test_the_event_loop_goes_on_meanwhile() -> None:
    pool = PasswordHasherPool(workers=2, cost=DEAR)

    async def story() -> int:
        hashing = asyncio.gather(*(pool.hash("Fluss-9und7") for _ in range(4)))
        turns = 0
        while not hashing.done():
            turns += 1
            await asyncio.sleep(0)
        return turns

    assert asyncio.run(story()) > 50
    pool.close()


def test_a_closed_pool_refuses_work(pool: PasswordHasherPool) -> None:
    pool.close()
    for _ in range(40):
        with pytest.raises(RuntimeError):
            asyncio.run(pool.hash("Fluss-9und7"))


def test_hashes_are_what_argon2_itself_understands(pool: PasswordHasherPool) -> None:
    assert argon2.PasswordHasher().verify(asyncio.run(pool.hash("Fluss-9und7")), "Fluss-9und7")
