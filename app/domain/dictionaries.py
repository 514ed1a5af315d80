"""Every closed list of codes with its Chinese and English label; served by `GET /dictionaries`."""

from __future__ import annotations

from typing import Literal

RegionKind = Literal["province", "prefecture", "county", "township", "park", "village"]
DepartmentKind = Literal["bureau", "township", "park_committee", "party_organ", "owner", "other"]
LeaderBody = Literal["party_committee", "peoples_congress", "government", "cppcc"]
Stage = Literal[
    "reserve", "negotiating", "signed", "landed", "started", "completed", "in_production", "at_capacity", "terminated"
]
PlanCategory = Literal["new_start", "continued", "preliminary"]
LandStatus = Literal["unknown", "pending", "settled", "not_needed"]
AssignmentRole = Literal["sponsor", "responsible", "owner", "contact", "reporter", "crew"]
MilestoneStatus = Literal["planned", "in_progress", "done"]

OPEN = ("sector", "programme", "milestone_kind", "permit_kind")
"""Dictionaries whose entries are data: counties add to them (table dictionary_entries)."""

LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "region_kind": {
        "province": ("省级", "Province"),
        "prefecture": ("市州", "Prefecture"),
        "county": ("县区", "County"),
        "township": ("乡镇街道", "Township"),
        "park": ("园区", "Park"),
        "village": ("村社区", "Village"),
    },
    "department_kind": {
        "bureau": ("局委办", "Bureau"),
        "township": ("乡镇", "Township"),
        "park_committee": ("园区管委会", "Park committee"),
        "party_organ": ("党委部门", "Party organ"),
        "owner": ("业主单位", "Project owner"),
        "other": ("其他", "Other"),
    },
    "leader_body": {
        "party_committee": ("县委", "Party committee"),
        "peoples_congress": ("人大", "People's congress"),
        "government": ("政府", "Government"),
        "cppcc": ("政协", "CPPCC"),
    },
    "stage": {
        "reserve": ("储备", "Reserve"),
        "negotiating": ("洽谈", "Negotiating"),
        "signed": ("签约", "Signed"),
        "landed": ("落地", "Landed"),
        "started": ("开工", "Started"),
        "completed": ("竣工", "Completed"),
        "in_production": ("投产", "In production"),
        "at_capacity": ("达产", "At capacity"),
        "terminated": ("终止", "Terminated"),
    },
    "plan_category": {
        "new_start": ("新建", "New start"),
        "continued": ("续建", "Continued"),
        "preliminary": ("前期", "Preliminary"),
    },
    "land_status": {
        "unknown": ("未说明", "Not stated"),
        "pending": ("用地未落实", "Waiting for land"),
        "settled": ("用地已落实", "Land settled"),
        "not_needed": ("无需用地", "No land needed"),
    },
    "permit_state": {
        "not_applied": ("未申请", "Not applied for"),
        "applied": ("已申请", "Applied for"),
        "accepted": ("已受理", "Accepted"),
        "supplementing": ("补正中", "Being supplemented"),
        "issued": ("已核发", "Issued"),
        "refused": ("不予许可", "Refused"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
    "permit_event_kind": {
        "applied": ("申请", "Applied"),
        "accepted": ("受理", "Accepted"),
        "supplement_requested": ("补正通知", "Supplement requested"),
        "supplemented": ("补正完成", "Supplemented"),
        "issued": ("核发", "Issued"),
        "refused": ("不予许可", "Refused"),
        "withdrawn": ("撤回申请", "Withdrawn"),
        "annulled": ("记录作废", "Entry annulled"),
    },
    "assignment_role": {
        "sponsor": ("包扶领导", "Sponsor leader"),
        "responsible": ("责任部门", "Responsible department"),
        "owner": ("业主单位", "Owner"),
        "contact": ("联系人", "Contact"),
        "reporter": ("填报员", "Reporter"),
        "crew": ("工作组", "Crew"),
    },
    "milestone_status": {
        "planned": ("未开始", "Not begun"),
        "in_progress": ("进行中", "In progress"),
        "done": ("已完成", "Done"),
    },
}
