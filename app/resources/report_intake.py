"""Reports handed in for the first time, any number of them by one statement: who may, when they are due, and all that
is written.

What it does not take it leaves alone: `services.reports` decides about that. It is one statement, and a lean one,
because nearly all that the database does for one report is to begin and end the parts of a statement.
"""

# ruff: noqa: S608  # put together of the texts below and of what SQLAlchemy writes
from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import TIMESTAMP, BigInteger, Text, Uuid, any_, cast, column, func, select, table, true
from sqlalchemy import literal_column as sql
from sqlalchemy.dialects.postgresql import JSONB

from app.access import Scoping, within
from app.models import Project, Report, ReportingMark
from app.reading import AnySelect, Prepared, plain_sql, prepared
from app.resources.report_contexts import LEVELS, all_rules, parties, workday_years

_COLUMNS = (
    "id, project_id, week, as_of, completed, physical_text, physical_percent, milestones_done, problems, note,"
    " reporter_id, made_at, submitted_at"
)
_LOGGED = (
    "at, actor_id, resource, resource_id, action, version, region_code, project_id, department_ids, user_ids, diff,"
    " request_id"
)

_PHOTOS_NEW = "NOT EXISTS (SELECT FROM json_to_recordset(said.photos) AS p (id uuid) JOIN report_photos USING (id))"
_PHOTOS = """photos AS (
  INSERT INTO report_photos
  SELECT named.* FROM taken CROSS JOIN LATERAL json_populate_recordset(NULL::report_photos, photos) AS named
), """


def _taken(photos: bool) -> AnySelect:
    """What was said of projects the account may report on, in time and by today's rules, with what is known of them.
    Not what is there already."""
    said = table("said", *[column(name, kind) for name, kind in (
        ("id", Uuid), ("project_id", Uuid), ("dues", JSONB), ("mark", BigInteger),
    )])  # fmt: skip
    named = parties()
    nearest = cast(_nearest(said.c.dues), TIMESTAMP(timezone=True))
    due = select(nearest.label("at")).correlate(said, Project).lateral("due")
    scope = (
        func.json_to_recordset(sql("said.scopes"))
        .table_valued(column("low", Text), column("high", Text), column("department_id", Uuid), column("user_id", Uuid))
        .render_derived("scope", with_types=True)
    )
    # As of any project, by the parties found above.
    scoping = Scoping(
        region=Project.region_code,
        department=lambda party: party == any_(named.c.department_ids),
        user=lambda party: party == any_(named.c.user_ids),
    )
    reached = within(scoping, scope.c.low, scope.c.high, scope.c.department_id, scope.c.user_id)
    columns: list[Any] = [
        sql("said.*"),
        Project.region_code,
        Project.name.label("project_name"),
        sql("projects.last_activity_on < said.today").label("first_of_day"),
        due.c.at.label("due_at"),
        sql("said.submitted_at > due.at").label("late"),
        named.c.department_ids,
        named.c.user_ids,
    ]
    conditions = [
        select(sql("1")).select_from(scope).where(reached).correlate(Project, named).exists(),
        sql("said.submitted_at >= due.at - interval '7 days'"),
        _mark() == said.c.mark,
        ~select(Report.id).where(Report.id == said.c.id).correlate(said).exists(),
    ]
    if photos:
        conditions.append(sql(_PHOTOS_NEW))
    found = said.join(Project, Project.id == said.c.project_id).join(named, true()).join(due, true())
    return select(*columns).select_from(found).where(*conditions)


def _nearest(dues: Any) -> Any:
    """What the nearest region at or above the project's says."""
    found = [dues.op("->>")(func.left(Project.region_code, digits)) for digits in reversed(LEVELS)]
    return func.coalesce(*found, dues.op("->>")(sql("''")))


def _mark() -> Any:
    return func.coalesce(select(ReportingMark.mark).scalar_subquery(), sql("0"))


def _reckoning() -> AnySelect:
    return select(all_rules().label("rules"), workday_years().label("years"), _mark().label("mark"))


def mark() -> Prepared:
    """The `mark` of what reports are due by now."""
    return prepared("mark of reckonings", lambda: select(_mark().label("mark")))


def reckoning() -> Prepared:
    """What reports are due by: `rules` of all regions and `years` of working days entered, as JSON, and their mark."""
    return prepared("reckoning of reports", _reckoning)


@cache
def intake(photos: bool) -> Prepared:
    """`reports`: a JSON array as `services.report_intake` writes it; `photos`: whether any of them has some.

    Gives what is not known beforehand of each report that was taken. Another that comes first under one of the ids in
    this very moment, or whoever deletes one of the projects, fails the statement for all.
    """
    return Prepared(
        f"""
WITH said AS (
  SELECT * FROM json_to_recordset($1::text::json) AS r (
    id uuid, project_id uuid, week date, as_of date, completed numeric, physical_text text, physical_percent numeric,
    milestones_done jsonb, problems jsonb, note text, reporter_id uuid, made_at timestamptz, submitted_at timestamptz,
    today date, content jsonb, photos json, diff jsonb, request_id text, scopes json, dues jsonb, mark bigint)
), taken AS MATERIALIZED (
  {plain_sql(_taken(photos))}
), new AS (
  INSERT INTO reports ({_COLUMNS}, status, due_at, late, version, created_at, updated_at)
  SELECT {_COLUMNS}, 'submitted', due_at, late, 1, submitted_at, submitted_at FROM taken
  RETURNING id
), rounds AS (
  INSERT INTO report_rounds (report_id, version, number, content, sent_by, made_at, received_at)
  SELECT id, 1, 1, content, reporter_id, made_at, submitted_at FROM taken
), {_PHOTOS if photos else ""}duties AS (
  INSERT INTO report_flag_duties SELECT id FROM taken
), active AS (
  -- The last of each project, which speaks for it. In one order, as it is planned, so that nobody waits in a circle.
  SELECT DISTINCT ON (project_id) project_id, region_code, department_ids, user_ids, reporter_id, submitted_at, today,
         request_id
    FROM taken WHERE first_of_day ORDER BY project_id, submitted_at DESC
), reported_on AS (
  UPDATE projects SET last_activity_on = active.today, version = projects.version + 1,
         updated_at = greatest(projects.updated_at, active.submitted_at)
    FROM active WHERE projects.id = active.project_id AND projects.last_activity_on < active.today
  RETURNING active.*, projects.version
), logged AS (
  INSERT INTO changes ({_LOGGED})
  SELECT submitted_at, reporter_id, 'report', id::text, 'created', 1, region_code, project_id, department_ids, user_ids,
         diff || jsonb_build_object('late', jsonb_build_array(NULL, late)), request_id
    -- What is read of `new` makes it come first: whoever has to wait for another, for an id or a project, waits before
    -- it holds the marks, which all others of the county take last.
    FROM taken WHERE (SELECT count(*) FROM new) > 0
   UNION ALL
  SELECT submitted_at, reporter_id, 'project', project_id::text, 'updated', version, region_code, project_id,
         department_ids, user_ids, '{{}}', request_id
    FROM reported_on
  RETURNING region_code
), marks AS (
  -- What the trigger of the log would do at commit, which is now: the same, without looking through the log for it.
  INSERT INTO data_versions (region_code, mark)
  SELECT county, (random() * 9007199254740992)::bigint
    FROM (SELECT DISTINCT left(region_code, 6) AS county FROM logged) AS written ORDER BY county
  ON CONFLICT (region_code) DO UPDATE SET mark = excluded.mark
  RETURNING set_config('diaodu.bumped_by', pg_current_xact_id()::text, true)
)
SELECT id, region_code, project_name, due_at, late, content::text, milestones_done::text, problems::text,
       (SELECT display_name FROM users WHERE users.id = reporter_id) AS reporter_name
  FROM taken
""",
        ("reports",),
        {},
    )
