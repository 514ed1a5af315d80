"""Who answers for the project: sponsor, responsible departments, owners, contact, from the ledger's day on.

What the ledger no longer names ends on that day and stays in the history; what also began on that day was a mistake
and never held. A blank cell ends nothing: it may just not have been filled in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.services.import_directory import Party
from app.services.import_stored import Stored, Was
from app.services.import_verdict import Missing, Opening, Verdict

_TOWNSHIP = re.compile(".+(镇|乡|街道)((人民)?政府|办事处|办)?")
_SHOWN_AS = {
    "sponsor": "sponsors",
    "responsible": "responsible_departments",
    "owner": "owners",
    "contact": "contacts",
}
_FIELDS = {"sponsor": "leader", "responsible": "departments", "owner": "owners", "contact": "contact"}


def compare_roles(verdict: Verdict, was: Was | None, stored: Stored | None, region: str) -> None:
    """All four roles; `region` is where the project is. For a new project `was` and `stored` are None."""
    values = verdict.row.values
    directory = verdict.context.directory
    if values.departments and not (was and was.agrees(lambda ledger: ledger.departments, values.departments)):
        wanted = [_department(directory.department(n, region), n, "departments") for n in values.departments]
        _replace(verdict, "responsible", wanted, stored)
    if values.owners and not (was and was.agrees(lambda ledger: ledger.owners, values.owners)):
        wanted = [_department(directory.department(n, region), n, "owners") for n in values.owners]
        _replace(verdict, "owner", wanted, stored)
    if values.leader:
        _compare_sponsor(verdict, values.leader, was, stored, region)
    if values.contact:
        _compare_contact(verdict, values.contact, was, stored)


def _department(party: Party | None, name: str, field: str) -> Party | Missing:
    return party or Missing(field, name, kind=kind_of_department(name, is_owner=field == "owners"))


def kind_of_department(name: str, *, is_owner: bool) -> str:
    """The kind of a department made from a name alone."""
    if _TOWNSHIP.fullmatch(name):
        return "township"
    if name.endswith("管委会"):
        return "park_committee"
    return "owner" if is_owner else "bureau"


def _compare_sponsor(verdict: Verdict, name: str, was: Was | None, stored: Stored | None, region: str) -> None:
    title = verdict.row.values.leader_title
    known = verdict.context.directory.leader(name, region)
    if known is not None and title is not None and title != known.title:
        verdict.note("leader", "leader_title_differs", title, kept=known.title or "")
    # A ledger has room for one: of several sponsors it names any.
    if stored is not None and name in stored.names("sponsor"):
        return
    if was is not None and was.agrees(lambda ledger: ledger.leader, name):
        return
    _replace(verdict, "sponsor", [known or Missing("leader", name, title=title)], stored)


def _compare_contact(verdict: Verdict, name: str, was: Was | None, stored: Stored | None) -> None:
    phone = verdict.row.values.contact_phone
    current = stored.current("contact") if stored else []
    same = next((held for held in current if held.name == name), None)
    if same is None and was is not None and was.agrees(lambda ledger: ledger.contact, name):
        same = next((held for held in current if not held.is_account), current[0])
    if same is not None:
        told = was is not None and was.agrees(lambda ledger: ledger.contact_phone, phone)
        if phone and not same.is_account and phone != same.phone and not told:
            verdict.writes.phones[same.id] = phone
            verdict.change("contacts", [_person(held.name, held.phone) for held in current], [_person(name, phone)])
        return
    # An account's contact role carries access with it; only an office takes that away.
    ends = [held for held in current if not held.is_account]
    if _later_kept(verdict, "contact", stored):
        return
    verdict.writes.ended += [held.id for held in ends]
    verdict.writes.opened.append(Opening("contact", 0, person=name, phone=phone))
    before = [_person(held.name, held.phone) for held in ends]
    verdict.change("contacts", before if stored else None, [_person(name, phone)])


def _person(name: str, phone: str | None) -> str:
    return f"{name} {phone}" if phone else name


def _replace(verdict: Verdict, role: str, wanted: Sequence[Party | Missing], stored: Stored | None) -> None:
    current = stored.current(role) if stored else []
    ids = {party.id for party in wanted if isinstance(party, Party)}
    ends = [held for held in current if held.party_id not in ids]
    stay = {held.party_id for held in current}
    opens = [
        (position, party) for position, party in _once(wanted) if isinstance(party, Missing) or party.id not in stay
    ]
    if not ends and not opens:
        return
    if _later_kept(verdict, role, stored):
        return
    verdict.writes.ended += [held.id for held in ends]
    for position, party in opens:
        _open(verdict, role, position, party)
    if role in {"responsible", "owner"}:
        verdict.writes.left_departments += [held.party_id for held in ends if held.party_id]
    before = [held.name for held in current] if stored else None
    verdict.change(_SHOWN_AS[role], before, [party.name for party in wanted])


def _open(verdict: Verdict, role: str, position: int, party: Party | Missing) -> None:
    if isinstance(party, Missing):
        verdict.missing.append(party)
        verdict.writes.opened.append(Opening(role, position, missing=party))
    elif party.active:
        verdict.writes.opened.append(Opening(role, position, party=party))
    else:
        verdict.refuse(_FIELDS[role], "inactive_party", party.name)


def _once(wanted: Sequence[Party | Missing]) -> list[tuple[int, Party | Missing]]:
    """Two names may mean one department."""
    distinct = {party.id if isinstance(party, Party) else party.name: party for party in wanted}
    return list(enumerate(distinct.values()))


def _later_kept(verdict: Verdict, role: str, stored: Stored | None) -> bool:
    """An older ledger does not undo what changed after its day."""
    as_of = verdict.context.as_of
    held = [each for each in stored.held[role] if not each.is_account] if stored else []
    if not any(each.valid_from > as_of or each.valid_to is not None for each in held):
        return False
    verdict.note(_FIELDS[role], "later_assignment_kept")
    return True
