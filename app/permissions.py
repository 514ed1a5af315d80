"""Who may do what: the roles and the table of permissions, as data. `access` turns it into SQL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """How far a permission of a role goes."""

    EVERYWHERE = "everywhere"
    REGION = "region"
    DEPARTMENT = "department"
    ASSIGNED = "assigned"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    label_zh: str
    label_en: str
    needs_department: bool = False
    administrator: bool = False
    """One of the three separated administrators (等保三级“三员”): one person never holds two of them."""


ROLES: dict[str, Role] = {
    r.code: r
    for r in (
        Role("dispatcher", "调度员", "Dispatcher"),
        Role("leader", "领导", "Leader"),
        Role("department", "部门", "Department", needs_department=True),
        Role("reporter", "填报员", "Reporter"),
        Role("rater", "评议人", "Rater"),
        Role("viewer", "查看者", "Viewer"),
        Role("system_admin", "系统管理员", "System administrator", administrator=True),
        Role("security_admin", "安全管理员", "Security administrator", administrator=True),
        Role("auditor", "审计管理员", "Auditor", administrator=True),
    )
}

_R, _D, _A, _E, _O = Reach.REGION, Reach.DEPARTMENT, Reach.ASSIGNED, Reach.EVERYWHERE, Reach.OWN
_ANYONE = dict.fromkeys(ROLES, _E)
_SELF = dict.fromkeys(ROLES, _O)

PERMISSIONS: dict[str, dict[str, Reach]] = {
    # permission: role → reach
    "me.read": _SELF,
    "me.write": _SELF,
    "api_keys.read": _SELF,
    "api_keys.write": _SELF,
    "roles.read": _ANYONE,
    "dictionaries.read": _ANYONE,
    "regions.read": _ANYONE,
    "departments.read": dict.fromkeys(ROLES, _R),
    "leaders.read": dict.fromkeys(("dispatcher", "leader", "department", "reporter", "viewer", "system_admin"), _R),
    "projects.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "projects.create": {"dispatcher": _R},
    "projects.write": {"dispatcher": _R, "department": _D},
    "projects.delete": {"dispatcher": _R},
    "assignments.write": {"dispatcher": _R},
    "plans.write": {"dispatcher": _R},
    "stage_transitions.write": {"dispatcher": _R, "department": _D},
    "stage_transitions.override": {"dispatcher": _R},
    "suspensions.write": {"dispatcher": _R},
    "permits.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "permits.write": {"dispatcher": _R},
    "permit_events.write": {"dispatcher": _R, "department": _D},
    "permit_rules.read": dict.fromkeys(ROLES, _R),
    "permit_rules.write": {"dispatcher": _R},
    "progress.write": {"dispatcher": _R},
    "statistics_figures.write": {"dispatcher": _R},
    "lights.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "light_overrides.write": {"dispatcher": _R, "leader": _R},
    "light_rules.read": dict.fromkeys(("dispatcher", "leader", "department", "reporter", "viewer"), _R),
    "light_rules.write": {"dispatcher": _R},
    "targets.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "targets.write": {"dispatcher": _R},
    # What the statistics bureau published is no secret within the region.
    "indicators.read": dict.fromkeys(("dispatcher", "leader", "viewer", "department", "reporter"), _R),
    "indicators.write": {"dispatcher": _R},
    "letters.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D},
    "letters.write": {"dispatcher": _R},
    "letters.sign": {"dispatcher": _R, "leader": _R},
    "funding.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "funding.write": {"dispatcher": _R, "department": _D},
    "milestones.write": {"dispatcher": _R},
    "milestones.report": {"dispatcher": _R, "department": _D, "reporter": _A},
    "reports.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "reports.write": {"dispatcher": _R, "department": _D, "reporter": _A},
    "reports.review": {"dispatcher": _R},
    "report_flag_rules.read": dict.fromkeys(("dispatcher", "leader", "department", "reporter", "viewer"), _R),
    "report_flag_rules.write": {"dispatcher": _R},
    "reporting_calendars.read": dict.fromkeys(("dispatcher", "leader", "department", "reporter", "viewer"), _R),
    "reporting_calendars.write": {"dispatcher": _R},
    "milestone_templates.read": dict.fromkeys(("dispatcher", "leader", "department", "viewer"), _R),
    "milestone_templates.write": {"dispatcher": _R},
    "schedules.write": {"dispatcher": _R},
    "workdays.read": _ANYONE,
    "workdays.write": {"dispatcher": _E, "system_admin": _E},
    "uploads.write": dict.fromkeys(("dispatcher", "department", "reporter"), _O),
    "imports.read": {"dispatcher": _R},
    "imports.write": {"dispatcher": _R},
    "sync.read": {"dispatcher": _R, "department": _D, "reporter": _A},
    "sync.write": {"dispatcher": _R, "department": _D, "reporter": _A},
    "statistics.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    "visits.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A},
    # A leader's own: the account says whose it is.
    "visits.write": {"dispatcher": _R, "leader": _O},
    "leader_cards.read": {"dispatcher": _R, "leader": _R, "viewer": _R},
    "changes.read": {"dispatcher": _R, "leader": _R, "viewer": _R, "department": _D, "reporter": _A, "auditor": _R},
    "audit.read": {"auditor": _R},
    "ratings.read": dict.fromkeys(("dispatcher", "leader", "department", "viewer", "rater"), _R),
    "ratings.write": {"dispatcher": _R},
    "rating_results.read": dict.fromkeys(("dispatcher", "leader", "department", "viewer"), _R),
    "ballots.write": {"rater": _O},
    # A published ranking is no secret within the region; drafts are the dispatch office's.
    "assessments.read": dict.fromkeys(("dispatcher", "leader", "viewer", "department", "reporter"), _R),
    "assessments.write": {"dispatcher": _R},
    "assessment_facts.read": {"dispatcher": _R, "leader": _R},
    "regions.write": {"system_admin": _R},
    "departments.write": {"dispatcher": _R, "system_admin": _R},
    "leaders.write": {"dispatcher": _R, "system_admin": _R},
    "dictionaries.write": {"system_admin": _E},
    "users.read": {"system_admin": _R, "security_admin": _R, "auditor": _R},
    "users.write": {"system_admin": _R},
    "grants.read": {"system_admin": _R, "security_admin": _R, "auditor": _R},
    "grants.write": {"security_admin": _R},
    "lockouts.write": {"security_admin": _R},
}

WITHOUT_GRANT = frozenset({"me.read", "me.write"})
"""Held by every account, grants or none: to see that one has none, to change the password, to sign out."""
