"""What edits of reports need to know and write, for any number of them in a few statements."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.models import Project, Report
from app.reading import AnySelect, Prepared
from app.resources.report_contexts import readers_of

_IDS = bindparam("reports", None, ARRAY(Uuid))


def lock_statement(seen: ColumnElement[bool]) -> AnySelect:
    """The projects of `reports`, as far as they are `seen`, in the one order of all."""
    named = select(Report.project_id).where(Report.id == func.any(_IDS))
    return (
        select(Project.id)
        .where(Project.id.in_(named), seen)
        .order_by(Project.id)
        .with_for_update(of=Project, key_share=True)
    )


def projects_statement(allowed: ColumnElement[bool], office: ColumnElement[bool]) -> AnySelect:
    """Of `projects`: who sees them, and whether the actor may edit reports there, its own or those of others."""
    return readers_of().add_columns(allowed.label("allowed"), office.label("office"))


REPORTS = Prepared(
    """
SELECT r.id, r.project_id, r.week, r.corrects, r.status, r.reporter_id, r.version, r.as_of,
       trim_scale(r.completed) AS completed, r.physical_text, trim_scale(r.physical_percent) AS physical_percent,
       r.milestones_done::text AS milestones_done, r.problems::text AS problems, r.note,
       (SELECT max(t.number) FROM report_rounds t WHERE t.report_id = r.id) AS number,
       (SELECT coalesce(json_agg(json_build_object('id', p.id, 'taken_at', p.taken_at, 'longitude', p.longitude,
                 'latitude', p.latitude, 'caption', p.caption, 'sha256', p.sha256) ORDER BY p.position), '[]'::json)
          FROM report_photos p WHERE p.report_id = r.id)::text AS photos,
       (SELECT coalesce(json_agg(json_build_array(c.version, c.diff) ORDER BY c.version), '[]'::json) FROM changes c
         WHERE c.resource = 'report' AND c.resource_id = r.id::text AND c.version > wanted.base)::text AS history
  FROM unnest($1::uuid[], $2::int[]) AS wanted(id, base) JOIN reports r ON r.id = wanted.id
 WHERE r.project_id = ANY($3::uuid[])
""",
    ("reports", "bases", "projects"),
    {},
)
"""Each report with its photos, the number of its last round, and what was written to it after version `base`."""

WRITE = Prepared(
    """
WITH edited AS (
  UPDATE reports r
     SET status = n.status, version = n.version, made_at = n.made_at, updated_at = $3::timestamptz, as_of = n.as_of,
         completed = n.completed, physical_text = n.physical_text, physical_percent = n.physical_percent,
         milestones_done = n.milestones_done, problems = n.problems, note = n.note
    FROM json_populate_recordset(NULL::reports, $1::text::json) n WHERE r.id = n.id
), rounds AS (
  INSERT INTO report_rounds SELECT * FROM json_populate_recordset(NULL::report_rounds, $2::text::json)
)
DELETE FROM report_photos WHERE report_id = ANY($4::uuid[])
""",
    ("reports", "rounds", "now", "of_photos"),
    {},
)
"""Photos of `of_photos` are written anew after this: one may have gone from one report to another."""

WRITE_PHOTOS = Prepared(
    "INSERT INTO report_photos SELECT * FROM json_populate_recordset(NULL::report_photos, $1::text::json)",
    ("photos",),
    {},
)

REPORTED_ON = Prepared(
    """
UPDATE projects SET last_activity_on = $2::date, version = version + 1,
       updated_at = greatest(updated_at, $3::timestamptz)
 WHERE id = ANY($1::uuid[]) AND last_activity_on < $2::date
RETURNING id, version
""",
    ("projects", "today", "now"),
    {},
)
"""Projects that are reported on for the first time that day."""
