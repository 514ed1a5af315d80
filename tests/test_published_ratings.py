"""A result published by an earlier release must be computed again to the very same bytes: here is one.

Should a hash here change, results that counties have published no longer verify. Do not put in the new one; keep the
old spelling for old results.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

import orjson

from app.models import RatingCampaign, RatingResult
from app.services.rating_results import spelt

ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))


def _campaign(year: int, salt: bytes | None) -> RatingCampaign:
    return RatingCampaign(
        id=UUID(int=year),
        region_code="990102",
        year=year,
        groups=[
            {
                "code": "law",
                "name": "执法",
                "department_ids": [str(ONE), str(TWO)],
                "best_count": None,
                "worst_count": None,
            },
            {"code": "rest", "name": "其他", "department_ids": [str(THREE)], "best_count": 0, "worst_count": 0},
        ],
        indicators=[{"code": "i", "name": "效率", "weight": 60.5}, {"code": "j", "name": "廉洁", "weight": 39.5}],
        electorates=[{"code": "e", "name": "企业", "weight": 70}, {"code": "d", "name": "代表", "weight": 30}],
        options=[
            {"code": "y", "name": "满意", "points": 100},
            {"code": "f", "name": "比较满意", "points": 80},
            {"code": "n", "name": "不满意", "points": 0},
            {"code": "u", "name": "不了解", "points": None},
        ],
        best_count=1,
        worst_count=1,
        minimum_ballots=5,
        below_minimum="leave_out",
        tie_rule="name_all",
        smallest_count=3,
        department_names={str(ONE): "甲局", str(TWO): "乙局", str(THREE): "丙局"},
        turnout=[{"electorate": "e", "name": "企业", "entitled": 9, "papers": 8, "ballots": 7}],
        inputs_salt=salt,
    )


def test_results_of_two_years_are_spelt_as_they_were_published() -> None:
    first = {
        ("e", ONE): bytes([0, 0] * 4 + [1, 3] * 3),
        ("d", ONE): bytes([0, 1] * 5),
        ("e", TWO): bytes([0, 2] * 3 + [2, 255] * 3),
    }
    before = spelt(_campaign(2015, None), first, None)
    sha256 = hashlib.sha256(before).hexdigest()
    assert sha256 == "ff809d8f976e3f1fd62b0c87ecb26292bdc907cd4779d46a9d488647b31de56d"
    result = RatingResult(campaign_id=UUID(int=2015), document=before, sha256=sha256)
    second = {("e", ONE): bytes([1, 1] * 5), ("e", TWO): bytes([0, 2] * 6), ("e", THREE): bytes([0, 0] * 5)}
    after = spelt(_campaign(2016, bytes(range(32))), second, result)
    [law, rest] = orjson.loads(after)["groups"]
    assert [(d["score"], d["rank"], d["movement"], d["consequences"]) for d in law["departments"]] == [
        (80, 1, 0, []),
        (60.5, 2, 0, ["award_eligibility_lost", "organisational_action_proposed"]),
    ]
    assert [d["score"] for d in rest["departments"]] == [100]
    assert hashlib.sha256(after).hexdigest() == "e5f4ec92cf8691245e5d8dedf71a1313e1f1c21ee5f81b4c0b298d8a222a0051"
