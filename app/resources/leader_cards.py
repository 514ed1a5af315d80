"""What a leader's card is made from. Projects and results are seen as far as the card's own permission reaches."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import ColumnElement, Date, Integer, Text, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import Scoping, Visible
from app.models import Assessment, Assignment, Leader, Project, RatingCampaign, RatingResult, Supervision
from app.reading import AnySelect, Prepared
from app.resources.leaders import SCOPING as LEADER_SCOPING
from app.resources.project_columns import SCOPING as PROJECT_SCOPING

READ = "leader_cards.read"
LEADERS, PROJECTS = LEADER_SCOPING, PROJECT_SCOPING
RATINGS = Scoping(region=RatingCampaign.region_code)
ASSESSMENTS = Scoping(region=Assessment.region_code)

Party = Literal["sponsor", "responsible"]
_FIRST, _LAST = bindparam("first", None, Date), bindparam("last", None, Date)


def _held_between(a: Any) -> ColumnElement[bool]:
    """Holds on a day from `first` to `last`; what was taken back before it began never did."""
    ends_later = or_(a.valid_to.is_(None), a.valid_to > func.greatest(a.valid_from, _FIRST, type_=Date))
    return and_(a.valid_from <= _LAST, ends_later)


def tenures(role: Party, seen: Visible) -> AnySelect:
    """Who answered for which project when, of the `parties` asked for."""
    a = Assignment
    party = a.leader_id if role == "sponsor" else a.department_id
    columns: list[Any] = [
        party.label("party"), a.project_id, Project.name, Project.region_code, a.valid_from, a.valid_to,
    ]  # fmt: skip
    return (
        select(*columns)
        .join_from(a, Project, Project.id == a.project_id)
        .where(
            a.role == role,
            party == func.any(bindparam("parties", None, ARRAY(Uuid))),
            _held_between(a),
            seen.condition(),
        )
        .order_by(Project.name, a.project_id, a.valid_from)
    )


def leader(seen: Visible) -> AnySelect:
    x = Leader
    columns: list[Any] = [x.id, x.region_code, x.name, x.title, x.body]
    return select(*columns).where(x.id == bindparam("leader", None, Uuid), seen.condition())


def leaders_at_work(seen: Visible) -> AnySelect:
    """Leaders under `region` who sponsored a project or supervised a department from `first` to `last`."""
    x, a, s = Leader, Assignment, Supervision
    columns: list[Any] = [x.id, x.region_code, x.name, x.title, x.body]
    sponsored = exists().where(a.leader_id == x.id, a.role == "sponsor", _held_between(a)).correlate(x)
    supervised = exists().where(s.leader_id == x.id, _held_between(s)).correlate(x)
    region: Any = bindparam("region", None, Text)
    within = and_(x.region_code >= region, x.region_code < region + ":")
    return select(*columns).where(within, or_(sponsored, supervised), seen.condition()).order_by(x.name, x.id)


def _of_county(column: Any) -> ColumnElement[bool]:
    """The county's own, of places in it, and of the regions it lies in."""
    county: Any = bindparam("county", None, Text)
    above = func.any(bindparam("above", None, ARRAY(Text)))
    return or_(column == above, and_(column >= county, column < county + ":"))


def rating_results(seen: Visible) -> AnySelect:
    c = RatingCampaign
    columns: list[Any] = [c.id, c.name, c.year, RatingResult.document]
    return (
        select(*columns)
        .join_from(RatingResult, c, c.id == RatingResult.campaign_id)
        .where(c.year == bindparam("year", None, Integer), _of_county(c.region_code), seen.condition())
        .order_by(c.region_code, c.id)
    )


def assessment_results(seen: Visible) -> AnySelect:
    x = Assessment
    columns: list[Any] = [x.id, x.name, x.period_kind, x.year, x.number, x.subject_kind, x.document]
    published = (x.status == "published", x.year == bindparam("year", None, Integer))
    return (
        select(*columns)
        .where(*published, _of_county(x.region_code), seen.condition())
        .order_by(x.number, x.period_kind, x.name, x.id)
    )


SUPERVISIONS = Prepared(
    """
SELECT s.leader_id, s.department_id, d.name, s.valid_from, s.valid_to
  FROM supervisions s JOIN departments d ON d.id = s.department_id
 WHERE s.leader_id = ANY($1::uuid[]) AND s.valid_from <= $3::date
   AND coalesce(s.valid_to, DATE 'infinity') > greatest(s.valid_from, $2::date)
 ORDER BY d.name, s.department_id, s.valid_from
""",
    ("leaders", "first", "last"),
    {},
)
VISITS = Prepared(
    """
SELECT v.leader_id, v.project_id, v.happened_on FROM visits v
 WHERE v.leader_id = ANY($1::uuid[]) AND v.project_id = ANY($2::uuid[]) AND v.happened_on <= $3::date
""",
    ("leaders", "projects", "last"),
    {},
)
STATES = Prepared(
    """
SELECT w.project_id, w.day, latest.to_stage AS stage, latest.happened_on AS since, earliest.happened_on AS known_since,
       light.light, plan.category, plan.planned_investment AS annual_plan, figure.completed
  FROM unnest($1::uuid[], $2::date[]) AS w (project_id, day)
 CROSS JOIN LATERAL (SELECT t.to_stage, t.happened_on FROM stage_transitions t
                      WHERE t.project_id = w.project_id AND t.happened_on <= w.day
                      ORDER BY t.happened_on DESC, t.entered_at DESC, t.id DESC LIMIT 1) AS latest
 CROSS JOIN LATERAL (SELECT min(t.happened_on) AS happened_on FROM stage_transitions t
                      WHERE t.project_id = w.project_id) AS earliest
  LEFT JOIN light_periods light ON light.project_id = w.project_id
                                AND light.from_day <= w.day AND light.until_day > w.day
  LEFT JOIN annual_plans plan ON plan.project_id = w.project_id AND plan.year = date_part('year', w.day)
  LEFT JOIN LATERAL (SELECT f.completed FROM progress_figures f
                      WHERE f.project_id = w.project_id AND f.year = date_part('year', w.day) AND f.as_of <= w.day
                        AND f.completed IS NOT NULL
                      ORDER BY f.as_of DESC, f.recorded_at DESC, f.id DESC LIMIT 1) AS figure ON true
""",
    ("projects", "days"),
    {},
)
"""Projects at the end of a day, each pair of the two arrays; no row before a project's first stage."""
