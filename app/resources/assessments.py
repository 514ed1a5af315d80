"""Runs and entered facts of the assessment as JSON. A published run is the region's to read, a draft the office's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Integer, bindparam, case, cast, exists, func, literal_column, null, or_, select
from sqlalchemy.orm import aliased

from app.access import Actor, Scoping, Visible, visible
from app.listing import Filter, Resource, Sort, equals, region_prefix
from app.models import Assessment, AssessmentFact
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account

SCOPING = Scoping(region=Assessment.region_code)
_PUBLISHED = Scoping(region=case((Assessment.status == "published", Assessment.region_code), else_=null()))


def _object(**members: Any) -> Any:
    pairs: list[Any] = []
    for name, column in members.items():
        pairs += [literal_column(f"'{name}'"), column]
    return func.json_build_object(*pairs)


def _period() -> Any:
    x = Assessment
    months = case((x.period_kind == "year", 12), (x.period_kind == "quarter", 3), else_=1)
    begins: Any = func.make_date(x.year, cast(1 + (x.number - 1) * months, Integer), 1, type_=Date)
    ends = cast(begins + func.make_interval(0, months) - func.make_interval(0, 0, 0, 1), Date)
    return _object(kind=x.period_kind, year=x.year, number=x.number, starts_on=begins, ends_on=ends)


def _slim_columns() -> list[Any]:
    x = Assessment
    scheme = _object(id=x.scheme_id, code=x.scheme_code, version=x.scheme_version)
    return [
        x.id, x.region_code, x.name, scheme.label("scheme"), _period().label("period"), x.subject_kind, x.status,
        x.computed_at, x.published_at, x.version, x.created_at, x.updated_at,
    ]  # fmt: skip


def _full() -> AnySelect:
    x = Assessment
    return select(*_slim_columns(), x.groups, x.previous_id, x.inputs_sha256, x.sha256)


ASSESSMENT = Resource(
    name="assessment",
    label=("考核", "assessment"),
    permission="assessments.read",
    key=Assessment.id,
    scoping=_PUBLISHED,
    full=_full,
    slim=lambda: select(*_slim_columns()),
    filters={
        "region": region_prefix(SCOPING),
        "year": equals(Assessment.year, "year"),
        "period_kind": equals(Assessment.period_kind, "period_kind"),
        "subject_kind": equals(Assessment.subject_kind, "subject_kind"),
        "scheme": equals(Assessment.scheme_code, "scheme"),
        "status": equals(Assessment.status, "status"),
    },
    sorts={"year": Sort(Assessment.year), "id": Sort(Assessment.id)},
)


def seen(actor: Actor) -> Visible:
    """Published runs the actor may read, and drafts it may write; also what `listing` then goes by."""
    found: Visible | None = actor.seen.get(ASSESSMENT.name)
    if found is None:
        published = visible(actor.scopes("assessments.read"), _PUBLISHED)
        own = visible(actor.scopes("assessments.write"), SCOPING, "drafts")
        found = actor.seen[ASSESSMENT.name] = Visible(
            lambda: or_(published.condition(), own.condition()),
            {**published.values, **own.values},
            (published.shape, own.shape),
        )
    return found


FACT_SCOPING = Scoping(region=AssessmentFact.region_code)


def _facts() -> AnySelect:
    f, other = AssessmentFact, aliased(AssessmentFact, name="retraction")
    retracted = exists().where(other.retracts_id == f.id).correlate(f)
    columns: list[Any] = [
        f.id, f.region_code, f.kind, f.happened_on, f.department_id, f.leader_id, f.project_id,
        func.trim_scale(f.value).label("value"), f.document, f.note, f.retracts_id, retracted.label("retracted"),
        f.entered_at, account(f.entered_by).label("entered_by"), NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


def _of_year() -> Filter:
    year = bindparam("f_year", None, Integer)
    return Filter(
        lambda _: AssessmentFact.happened_on.between(func.make_date(year, 1, 1), func.make_date(year, 12, 31)),
        lambda v: {"f_year": v},
    )


ASSESSMENT_FACT = Resource(
    name="assessment_fact",
    label=("考核事项", "assessment fact"),
    permission="assessment_facts.read",
    key=AssessmentFact.id,
    # Whether it was taken back, and names of accounts: no version follows them.
    conditional=False,
    scoping=FACT_SCOPING,
    full=_facts,
    filters={
        "region": region_prefix(FACT_SCOPING),
        "kind": equals(AssessmentFact.kind, "kind"),
        "department_id": equals(AssessmentFact.department_id, "department_id"),
        "leader_id": equals(AssessmentFact.leader_id, "leader_id"),
        "project_id": equals(AssessmentFact.project_id, "project_id"),
        "year": _of_year(),
    },
    sorts={"happened_on": Sort(AssessmentFact.happened_on), "entered_at": Sort(AssessmentFact.entered_at)},
)
