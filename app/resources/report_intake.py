"""Reports handed in for the first time, any number of them by one statement: who may, when they are due, all that is
written, and the answers.

What it does not take it leaves alone: `services.reports` decides about that.
"""

# ruff: noqa: S608  # put together of the texts below and of what SQLAlchemy writes
from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import JSON, TIMESTAMP, Integer, Text, Uuid, column, func, select, table
from sqlalchemy import literal_column as sql

from app.access import within
from app.models import Project, Report
from app.reading import AnySelect, Prepared, plain_sql, prepared, row_as_json
from app.resources.project_columns import SCOPING
from app.resources.report_contexts import all_rules, departments_of, members_of, rules_above, workday_years
from app.resources.reports import full

_COLUMNS = (
    "id, project_id, week, as_of, completed, physical_text, physical_percent, milestones_done, problems, note,"
    " reporter_id, made_at, submitted_at"
)
_LOGGED = (
    "at, actor_id, resource, resource_id, action, version, region_code, project_id, department_ids, user_ids, diff,"
    " request_id"
)


def _taken() -> AnySelect:
    """What was said of projects the account may report on, in time and by today's rules, with what is known of them.

    The projects are locked before anything is written, as by whoever deletes one.
    """
    said = table("said", column("id", Uuid), column("project_id", Uuid), column("dues", JSON), column("scopes", JSON))
    due = (
        func.json_to_recordset(said.c.dues)
        .table_valued(column("code", Text), column("due_at", TIMESTAMP(timezone=True)), column("rules", Integer))
        .render_derived("due", with_types=True)
    )
    last: Any = sql("(array_agg(due.due_at ORDER BY length(due.code) DESC) FILTER (WHERE due.due_at IS NOT NULL))[1]")
    above = func.left(Project.region_code, func.length(due.c.code)) == due.c.code
    reckoned = select(last.label("due_at"), func.sum(due.c.rules).label("rules")).where(above).lateral("reckoned")
    scope = (
        func.json_to_recordset(said.c.scopes)
        .table_valued(column("low", Text), column("high", Text), column("department_id", Uuid), column("user_id", Uuid))
        .render_derived("scope", with_types=True)
    )
    # By their names: what asks about assignments takes up no table but the projects from around it.
    reached = within(SCOPING, *[sql(f"scope.{name}") for name in ("low", "high", "department_id", "user_id")])
    columns: list[Any] = [
        sql("said.*"),
        Project.region_code,
        reckoned.c.due_at,
        sql("said.submitted_at > reckoned.due_at").label("late"),
        departments_of().label("department_ids"),
        members_of().label("user_ids"),
    ]
    return (
        select(*columns)
        .select_from(said.join(Project, Project.id == said.c.project_id).join(reckoned, sql("true")))
        .where(
            select(sql("1")).select_from(scope).where(reached).correlate(said, Project).exists(),
            sql("said.submitted_at >= reckoned.due_at - interval '7 days'"),
            # Rules are only ever added: as many as were reckoned with, and they are the same.
            reckoned.c.rules == rules_above(Project.region_code),
            workday_years() == sql("said.years"),
            sql("NOT EXISTS (SELECT FROM json_to_recordset(said.photos) AS p (id uuid) JOIN report_photos USING (id))"),
        )
        .order_by(said.c.id)
        .with_for_update(read=True, key_share=True, of=Project)
    )


def _reckoning() -> AnySelect:
    return select(all_rules().label("rules"), workday_years().label("years"))


def reckoning() -> Prepared:
    """What reports are due by, as JSON: `rules` of all regions, `years` of working days entered."""
    return prepared("reckoning of reports", _reckoning)


@cache
def intake() -> Prepared:
    """`reports`: a JSON array as `services.report_intake` writes it.

    Gives (id, j), the report's id and its full representation, for each report that was taken.
    """
    answer = row_as_json(full().add_columns(Report.id.label("i")), "i")
    return Prepared(
        f"""
WITH said AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::text::json) AS r (
    id uuid, project_id uuid, week date, as_of date, completed numeric, physical_text text, physical_percent numeric,
    milestones_done jsonb, problems jsonb, note text, reporter_id uuid, made_at timestamptz, submitted_at timestamptz,
    today date, content jsonb, photos json, diff jsonb, request_id text, scopes json, dues json, years text)
), taken AS MATERIALIZED (
  {plain_sql(_taken())}
), new AS (
  INSERT INTO reports ({_COLUMNS}, status, due_at, late, version, created_at, updated_at)
  SELECT {_COLUMNS}, 'submitted', due_at, late, 1, submitted_at, submitted_at FROM taken ORDER BY id
  ON CONFLICT (id) DO NOTHING RETURNING *
), rounds AS (
  INSERT INTO report_rounds (report_id, version, number, content, sent_by, made_at, received_at)
  SELECT id, 1, 1, content, taken.reporter_id, taken.made_at, taken.submitted_at FROM new JOIN taken USING (id)
  RETURNING *
), photos AS (
  INSERT INTO report_photos
  SELECT named.* FROM new JOIN taken USING (id)
   CROSS JOIN LATERAL json_populate_recordset(NULL::report_photos, taken.photos) AS named
  RETURNING *
), duties AS (
  INSERT INTO report_flag_duties SELECT id FROM new
), active AS (
  -- The last of each project, which speaks for it.
  SELECT DISTINCT ON (taken.project_id) taken.* FROM new JOIN taken USING (id)
   ORDER BY taken.project_id, taken.submitted_at DESC
), held AS (
  SELECT projects.id FROM projects JOIN active ON active.project_id = projects.id
     AND projects.last_activity_on < active.today
   ORDER BY projects.id FOR NO KEY UPDATE OF projects
), reported_on AS (
  UPDATE projects SET last_activity_on = active.today, version = projects.version + 1,
         updated_at = greatest(projects.updated_at, active.submitted_at)
    FROM held JOIN active ON active.project_id = held.id WHERE projects.id = held.id
  RETURNING projects.id, projects.version
), logged AS (
  INSERT INTO changes ({_LOGGED})
  SELECT * FROM (
    SELECT taken.submitted_at, taken.reporter_id, 'report', taken.id::text, 'created', 1, region_code,
           taken.project_id, department_ids, user_ids,
           diff || jsonb_build_object('late', jsonb_build_array(NULL, taken.late)), request_id
      FROM new JOIN taken USING (id) ORDER BY taken.id) AS reports
   UNION ALL
  SELECT submitted_at, reporter_id, 'project', project_id::text, 'updated', reported_on.version, region_code,
         project_id, department_ids, user_ids, '{{}}', request_id
    FROM reported_on JOIN active ON active.project_id = reported_on.id
  RETURNING region_code
), marks AS (
  -- What the trigger of the log would do at commit, which is now: the same, without looking through the log for it.
  INSERT INTO data_versions (region_code, mark)
  SELECT county, (random() * 9007199254740992)::bigint
    FROM (SELECT DISTINCT left(region_code, 6) AS county FROM logged) AS written ORDER BY county
  ON CONFLICT (region_code) DO UPDATE SET mark = excluded.mark
  RETURNING set_config('diaodu.bumped_by', pg_current_xact_id()::text, true)
)
-- The answers are what everybody is shown, of what was written just now instead of what the tables held before.
SELECT answer.i AS id, answer.j FROM (
  WITH reports AS (SELECT * FROM new), report_rounds AS (SELECT * FROM rounds),
       report_photos AS (SELECT * FROM photos), report_flag_duties AS (SELECT id AS report_id FROM new)
  {plain_sql(answer)}
) AS answer
""",
        ("reports",),
        {},
    )
