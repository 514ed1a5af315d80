"""Which of the four bodies (四大班子) a leader belongs to, read off the title."""

from __future__ import annotations

import re

from app.domain.dictionaries import LeaderBody

# 政协…县委员会 is the committee of the CPPCC: 委 before 员 is not the party's.
_PARTY = re.compile(r"[省市州盟县区旗]委(?!员)|中共|党委|党工委|纪委|政法委")
_CONGRESS = re.compile(r"人大|人民代表大会")
_CPPCC = re.compile(r"政协|政治协商会议")


def body_of(title: str | None) -> LeaderBody:
    """县委 → party_committee, 人大 → peoples_congress, 政协 → cppcc, in this order; else government.

    A member of the party's standing committee who is also 副县长 ranks with the party: "县委常委、副县长".
    """
    plain = re.sub(r"\s", "", title or "")
    if _PARTY.search(plain):
        return "party_committee"
    if _CONGRESS.search(plain):
        return "peoples_congress"
    if _CPPCC.search(plain):
        return "cppcc"
    return "government"
