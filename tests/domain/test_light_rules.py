"""Which rule set counts where and when, and what ships."""

from __future__ import annotations

from datetime import date

from app.domain.light_rules import DEFAULT, FOREVER, SHIPPED, Choice, Choices
from app.domain.lights import Part

YINCHUAN, OUHAI, HAIKOU = SHIPPED


def test_the_closest_regions_last_choice_counts() -> None:
    day = date(2016, 3, 1)
    choices = Choices(
        [
            Choice("99", date(2016, 1, 1), HAIKOU),
            Choice("990102", date(2016, 2, 1), OUHAI),
            Choice("99", date(2016, 3, 1), YINCHUAN),
            Choice("990102", date(2016, 3, 1), HAIKOU),
            Choice("990102", date(2016, 3, 1), OUHAI),
        ]
    )
    assert choices.on("990102", date(2015, 12, 31)) == (DEFAULT, date(2016, 1, 1))
    assert choices.on("990102", date(2016, 1, 31)) == (HAIKOU, date(2016, 2, 1))
    assert choices.on("990102001", day) == (OUHAI, FOREVER)
    assert choices.on("990101", day) == (YINCHUAN, FOREVER)
    assert choices.on("98", day) == (DEFAULT, FOREVER)


def test_shipped_sets_are_as_published() -> None:
    assert [(s.code, s.version, s.practice, s.region_code) for s in SHIPPED] == [
        ("yinchuan", 1, "yinchuan", None), ("ouhai", 1, "ouhai", None), ("haikou", 1, "haikou", None),
    ]  # fmt: skip
    assert DEFAULT.parameters == {
        "start_red_months": 3, "progress_yellow_points": 10, "progress_red_points": 30, "enrolment_yellow_months": 1,
        "enrolment_red_months": 2,
    }  # fmt: skip
    assert Part("start", "green", "started").until == FOREVER
