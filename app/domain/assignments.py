"""Which kind of party each role of an assignment takes (a leader, a department, an account, a named person)."""

from __future__ import annotations

PARTIES: dict[str, tuple[str, ...]] = {
    "sponsor": ("leader_id",),
    "responsible": ("department_id",),
    "owner": ("department_id",),
    "contact": ("user_id", "person_name"),
    "reporter": ("user_id",),
    "crew": ("leader_id", "department_id", "user_id", "person_name"),
}
"""Role → fields of which exactly one names the party."""

FIELDS = PARTIES["crew"]


def party_faults(role: str, named: list[str]) -> list[tuple[str, str]]:
    """(field, error code) of what is wrong when `named` are the party fields given for `role`; "" is the whole."""
    allowed = PARTIES[role]
    wrong = [(field, "party_does_not_fit") for field in named if field not in allowed]
    if wrong or len(named) == 1:
        return wrong
    if not named and len(allowed) == 1:
        return [(allowed[0], "missing")]
    return [("", "one_party")]
