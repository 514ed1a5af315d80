"""A small rating campaign, raters, and a client that blinds: what the tests of ratings start from."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.world import COUNTY_A, Client, World

DOCS = Path(__file__).parent.parent / "docs" / "rating-secrecy.md"
OPTIONS: list[dict[str, Any]] = [
    {"code": "satisfied", "name": "满意", "points": 100},
    {"code": "fairly", "name": "比较满意", "points": 80},
    {"code": "dissatisfied", "name": "不满意", "points": 0},
    {"code": "unknown", "name": "不了解", "points": None},
]
INDICATORS: list[dict[str, Any]] = [
    {"code": "efficiency", "name": "办事效率", "weight": 60},
    {"code": "integrity", "name": "廉洁自律", "weight": 40},
]
ELECTORATES: list[dict[str, Any]] = [
    {"code": "enterprises", "name": "企业业主", "weight": 70},
    {"code": "deputies", "name": "人大代表", "weight": 30},
]


def reference_client() -> dict[str, Any]:
    """The functions of the client printed in docs/rating-secrecy.md, as they stand there."""
    [code] = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "reference_client"}
    exec(compile(code, str(DOCS), "exec"), names)
    return names


CLIENT = reference_client()


def hours(start: timedelta = timedelta(hours=-1), end: timedelta = timedelta(days=7)) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"opens_at": (now + start).isoformat(), "closes_at": (now + end).isoformat()}


def draft(departments: list[str], **fields: Any) -> dict[str, Any]:
    return {
        "region_code": COUNTY_A,
        "year": 2006,
        "name": "2006年软环境评优选差",
        "groups": [{"code": "all", "name": "全部", "department_ids": departments}],
        "indicators": INDICATORS,
        "electorates": ELECTORATES,
        "options": OPTIONS,
        "best_count": 1,
        "worst_count": 1,
        **hours(),
        **fields,
    }


@dataclass
class Rating:
    """An open campaign, its departments, and unused codes by electorate."""

    world: World
    office: Client
    id: str
    departments: list[str]
    codes: dict[str, list[str]]

    @property
    def path(self) -> str:
        return f"/rating-campaigns/{self.id}"

    async def cast(self, code: str, answers: dict[str, dict[str, str]], **more: Any) -> Any:
        return await self.world.anonymous().post(f"{self.path}/ballots", {"code": code, "answers": answers, **more})

    def alike(self, *options: str) -> dict[str, dict[str, str]]:
        """The n-th department gets the n-th option for every indicator."""
        return {
            department: {indicator["code"]: option for indicator in INDICATORS}
            for department, option in zip(self.departments, options, strict=False)
        }

    async def close(self) -> None:
        answer = await self.office.post(f"{self.path}/closing", {"reason": "试验结束"})
        assert answer.status_code == 200, answer.text

    async def publish(self) -> None:
        answer = await self.office.post(f"{self.path}/publication")
        assert answer.status_code == 200, answer.text

    async def result(self) -> dict[str, Any]:
        answer = await self.office.get(f"{self.path}/result")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]  # JSON


async def drafted(world: World, departments: int = 3, codes: int = 10, **fields: Any) -> Rating:
    office = await world.user("dispatcher")
    count = await world.pool.fetchval("SELECT count(*) FROM departments")
    ids = [await world.department(name=f"部门{count + n}") for n in range(departments)]
    made = await office.created("/rating-campaigns", draft(ids, **fields))
    rating = Rating(world, office, made["id"], ids, {})
    for electorate in made["electorates"]:
        batch = await office.created(f"{rating.path}/code-batches", {"electorate": electorate["code"], "count": codes})
        rating.codes[electorate["code"]] = batch["codes"]
    return rating


async def opened(world: World, departments: int = 3, codes: int = 10, **fields: Any) -> Rating:
    rating = await drafted(world, departments, codes, **fields)
    answer = await rating.office.post(f"{rating.path}/opening")
    assert answer.status_code == 200, answer.text
    return rating


async def on_the_roll(
    rating: Rating, count: int, electorate: str = "enterprises", excluded: list[str] | None = None
) -> list[Client]:
    raters = [await rating.world.user("rater") for _ in range(count)]
    rows = await rating.world.pool.fetch(
        "SELECT id, username FROM users WHERE id = ANY($1)", [rater.user_id for rater in raters]
    )
    entries = [
        {"username": row["username"], "electorate": electorate, "excluded_department_ids": excluded or []}
        for row in rows
    ]
    answer = await rating.office.post(f"{rating.path}/raters", {"raters": entries})
    assert answer.status_code == 200, answer.text
    return raters


async def token_of(rating: Rating, rater: Client) -> dict[str, str]:
    """What the reference client ends up with."""
    key = (await rater.get(f"{rating.path}/ballot-paper")).json()["key"]
    serial, blinded, unblinder = CLIENT["blind"](key)
    signed = await rater.put(f"{rating.path}/ballot-paper", {"key_id": key["id"], "blinded": blinded})
    assert signed.status_code == 201, signed.text
    return CLIENT["finish"](key, serial, unblinder, signed.json()["blind_signature"])  # type: ignore[no-any-return]  # run from the docs


def nonsense(size: int = 256) -> str:
    return urlsafe_b64encode(hashlib.shake_256(b"x").digest(size)).rstrip(b"=").decode()
