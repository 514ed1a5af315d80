"""The rule in `domain.funding` and the one in the database are the same, entry by entry."""

from __future__ import annotations

import random
import uuid
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from app.domain.funding import STEPS, Totals
from tests.funding import region_money
from tests.world import World, new_id

_ENTRY = (
    "INSERT INTO funding_entries (id, funding_record_id, step, happened_on, amount, corrects_id, reason, excess_reason,"
    " recorded_at) VALUES ($1, $2, $3, '2015-01-01', $4, $5, $6, $7, now())"
)


@pytest.mark.parametrize("seed", range(4))
async def test_database_and_rule_book_alike(world: World, seed: int) -> None:
    """A hundred and twenty random entries and corrections: refused by both or by neither, with the same totals."""
    chance = random.Random(seed)  # no secret
    record = uuid.UUID((await region_money(await world.user("dispatcher"))).split("/")[2])
    totals = Totals()
    standing: list[tuple[uuid.UUID, str, Decimal]] = []
    taken = refused = 0
    for _ in range(120):
        corrected = chance.choice(standing) if standing and chance.random() < 0.4 else None
        step = corrected[1] if corrected else chance.choice(STEPS)
        amount = Decimal(chance.randint(0 if corrected else 1, 400)) / 100
        explained = chance.random() < 0.2
        after = totals.booked(step, amount - (corrected[2] if corrected else 0), explained=explained)
        entry: list[Any] = [new_id(), record, step, amount]
        entry += [corrected[0] if corrected else None, "录错" if corrected else None, "说明" if explained else None]
        try:
            await world.pool.execute(_ENTRY, *entry)
        except asyncpg.CheckViolationError:
            assert after.refusal() is not None, (totals, step, amount)
            refused += 1
            continue
        assert after.refusal() is None, (totals, step, amount)
        taken += 1
        totals = after
        if corrected:
            standing.remove(corrected)
        standing.append((entry[0], step, amount))
        row = await world.pool.fetchrow("SELECT * FROM funding_records WHERE id = $1", record)
        assert {name: row[name] for name in Totals.__dataclass_fields__} == {
            name: getattr(totals, name) for name in Totals.__dataclass_fields__
        }
        for name in ("received_over", "paid_over"):
            assert (row[f"{name}_reason"] is not None) == (row[name] > 0)
    assert taken > 30
    assert refused > 10
