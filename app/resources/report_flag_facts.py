"""All that reports are compared with, for any number of them in one statement: their own reports and those that what
was written may concern."""

# ruff: noqa: S608  # put together of the texts below and of constants only
from __future__ import annotations

from app.domain.report_flags import LEAST_DETAIL, MOST_BITS
from app.reading import Prepared

_NEXT_YEAR = "make_date(extract(year FROM {0})::integer + 1, 1, 1)"


def _same_picture(mine: str, columns: str, further: str) -> str:
    """Photos of the county that are the same file as `mine`, or look like it; each by an index of its own."""
    found = f"""
        SELECT {columns} FROM photos o
          JOIN report_photos op ON op.id = o.id
          JOIN reports orep ON orep.id = op.report_id
          JOIN projects oproj ON oproj.id = orep.project_id
         WHERE oproj.county_code = g.county_code AND orep.id <> g.id AND {further}"""
    detail = f"bit_count({mine}.dhash::bit(64)) BETWEEN {LEAST_DETAIL} AND {64 - LEAST_DETAIL}"
    return f"""{found}
           AND o.sha256 = {mine}.sha256
        UNION ALL {found}
           AND o.sha256 <> {mine}.sha256 AND {detail} AND o.dhash IS NOT NULL
           AND diaodu_hash_quarters(o.dhash) && diaodu_hash_near({mine}.dhash)
           AND bit_count((o.dhash # {mine}.dhash)::bit(64)) <= {MOST_BITS}"""


# A correction may show again what the report it corrects showed.
_NO_CORRECTION = """NOT (coalesce(g.corrects, orep.corrects) IS NOT NULL
                    AND (orep.project_id, orep.week) = (g.project_id, g.week))"""
_EARLIER = f"""(orep.submitted_at, orep.id) < (g.submitted_at, g.id) AND {_NO_CORRECTION}"""
_LATER = f"""(orep.submitted_at, orep.id) > (g.submitted_at, g.id) AND {_NO_CORRECTION}
           AND NOT EXISTS (SELECT FROM report_flags f WHERE f.report_id = orep.id AND f.photo_id = op.id
                              AND f.kind = 'photo_used_before' AND f.withdrawn_at IS NULL)"""

_GIVEN = """
  SELECT r.id, r.project_id, r.week, r.as_of, r.completed, r.physical_percent, r.corrects, r.submitted_at,
         p.county_code, p.region_code, p.longitude, p.latitude, p.total_investment
    FROM reports r JOIN projects p ON p.id = r.project_id"""

_CONCERNED = f"""
given AS ({_GIVEN} WHERE r.id = ANY($1::uuid[])),
concerned AS (
  SELECT id FROM given
  UNION
  -- Reports of later days in the years it is of, or was of before it was changed; and later ones of the same day.
  SELECT later.id
    FROM given g
    JOIN report_rounds t ON t.report_id = g.id
    CROSS JOIN LATERAL (SELECT (t.content ->> 'as_of')::date AS day) said
    -- No report speaks of a day after its week: by the week they are found through an index.
    JOIN reports later ON later.project_id = g.project_id AND later.week > said.day - 7
     AND later.as_of < {_NEXT_YEAR.format("said.day")}
     AND (later.as_of, later.submitted_at, later.id) > (said.day, g.submitted_at, g.id)
   -- Whose turn is still to come sees then what is written here.
   WHERE NOT EXISTS (SELECT FROM report_flag_duties d WHERE d.report_id = later.id)
  UNION
  SELECT f.report_id FROM given g JOIN report_flags f ON f.other_report_id = g.id AND f.withdrawn_at IS NULL
)"""

_BEFORE = """
  SELECT as_of, completed, report_id FROM (
    SELECT f.as_of, f.completed, f.report_id, f.recorded_at AS at
      FROM (SELECT DISTINCT ON (as_of) * FROM progress_figures
             WHERE project_id = g.project_id AND year = extract(year FROM g.as_of)::integer AND as_of < g.as_of
             ORDER BY as_of DESC, recorded_at DESC, id DESC) f
     WHERE f.completed IS NOT NULL
    UNION ALL
    SELECT r.as_of, r.completed, r.id, r.submitted_at FROM reports r
     WHERE r.project_id = g.project_id AND r.completed IS NOT NULL
       AND r.as_of >= date_trunc('year', g.as_of)::date AND r.week >= date_trunc('year', g.as_of)::date - 6
       AND (r.as_of < g.as_of AND r.status = 'submitted'
            -- Of the same day, what came before it: only a correction says something else on purpose.
            OR r.as_of = g.as_of AND g.corrects IS NULL AND r.status <> 'returned'
               AND (r.submitted_at, r.id) < (g.submitted_at, g.id))
    UNION ALL
    SELECT f.as_of, f.completed, NULL, f.recorded_at FROM progress_figures f
     WHERE g.corrects IS NULL AND f.project_id = g.project_id AND f.year = extract(year FROM g.as_of)::integer
       AND f.as_of = g.as_of AND f.completed IS NOT NULL AND f.report_id IS NULL AND f.recorded_at < g.submitted_at
  ) said ORDER BY as_of DESC, at DESC, report_id DESC NULLS LAST LIMIT 1"""

_EARLIER_YEARS = """
  SELECT coalesce(sum(completed), 0) FROM (
    SELECT DISTINCT ON (year) completed FROM progress_figures
     WHERE project_id = g.project_id AND year < extract(year FROM g.as_of)::integer AND completed IS NOT NULL
     ORDER BY year, as_of DESC, recorded_at DESC, id DESC) f"""

_STATISTICS = """
  SELECT id, year, month, completed FROM statistics_figures f
   WHERE f.project_id = g.project_id
     AND f.year = extract(year FROM g.as_of)::integer AND f.month = extract(month FROM g.as_of)::integer
   ORDER BY f.recorded_at DESC, f.id DESC LIMIT 1"""

_PHOTOS = """
  SELECT coalesce(json_agg(json_build_object('id', named.id, 'place', CASE
             WHEN mine.longitude IS NOT NULL
             THEN json_build_object('longitude', mine.longitude, 'latitude', mine.latitude, 'source', 'file')
             WHEN named.longitude IS NOT NULL
             THEN json_build_object('longitude', named.longitude, 'latitude', named.latitude, 'source', 'phone') END,
           'ready', mine.id IS NOT NULL) ORDER BY named.position, named.id), '[]')
    FROM report_photos named
    LEFT JOIN photos mine ON mine.id = named.id AND mine.state = 'ready'
   WHERE named.report_id = g.id"""

_STANDING = """
  SELECT coalesce(json_agg(json_build_object('id', f.id, 'kind', f.kind, 'photo_id', f.photo_id, 'facts', f.facts)
                           ORDER BY f.id), '[]')
    FROM report_flags f WHERE f.report_id = g.id AND f.withdrawn_at IS NULL"""

_RULES = """
  SELECT coalesce(json_agg(json_build_array(c.region_code, c.valid_from, c.lead_points, c.photo_distance_m,
                                            c.photo_bits, c.statistics_percent) ORDER BY c.entered_at, c.id), '[]')
    FROM report_flag_rules c
   WHERE c.region_code IN (left(g.region_code, 2), left(g.region_code, 4), left(g.region_code, 6),
                           left(g.region_code, 9), left(g.region_code, 12))"""

FACTS = Prepared(
    f"""
WITH {_CONCERNED}
SELECT g.id, g.project_id, json_build_object(
         'region_code', g.region_code, 'week', g.week, 'as_of', g.as_of, 'completed', trim_scale(g.completed),
         'physical_percent', trim_scale(g.physical_percent), 'total_investment', trim_scale(g.total_investment),
         'site', CASE WHEN g.longitude IS NOT NULL
                      THEN json_build_object('longitude', g.longitude, 'latitude', g.latitude) END,
         'annual_plan', (SELECT trim_scale(a.planned_investment) FROM annual_plans a
                          WHERE a.project_id = g.project_id AND a.year = extract(year FROM g.as_of)::integer),
         'before', (SELECT row_to_json(b) FROM ({_BEFORE}) b),
         'earlier_years', ({_EARLIER_YEARS}), 'statistics', (SELECT row_to_json(s) FROM ({_STATISTICS}) s),
         'photos', ({_PHOTOS}), 'standing', ({_STANDING}), 'rules', ({_RULES}))::text AS facts
  FROM concerned
 -- One by one: few are concerned, however many the plan expects. OFFSET keeps it so.
 CROSS JOIN LATERAL ({_GIVEN} WHERE r.id = concerned.id OFFSET 0) g
 ORDER BY g.id
""",
    ("reports",),
    {},
)

_MINE = f"""
  FROM ({_GIVEN}) g
  JOIN report_photos named ON named.report_id = g.id
  JOIN photos mine ON mine.id = named.id AND mine.state = 'ready'"""

USED = Prepared(
    f"""
SELECT named.id AS photo_id, row_to_json(used)::text AS used
  {_MINE}
 CROSS JOIN LATERAL (
  SELECT photo_id, report_id, project_id, week, exact, bits FROM ({
        _same_picture(
            "mine",
            "op.id AS photo_id, orep.id AS report_id, orep.project_id, orep.week, o.sha256 = mine.sha256 AS exact, "
            "bit_count((o.dhash # mine.dhash)::bit(64)) AS bits, orep.submitted_at",
            _EARLIER,
        )
    }) found
   ORDER BY exact DESC, bits, submitted_at, photo_id LIMIT 1) used
 WHERE g.id = ANY($1::uuid[])
""",
    ("reports",),
    {},
)
"""Of photos that are here: the earlier one most like each, where there is one."""

USED_LATER = Prepared(
    f"""
SELECT DISTINCT same.report_id
  {_MINE}
 CROSS JOIN LATERAL ({_same_picture("mine", "orep.id AS report_id", _LATER)}) same
 WHERE g.id = ANY($1::uuid[])
""",
    ("reports",),
    {},
)
"""Later reports that show what these show."""

LOCKS = Prepared(
    """
WITH done AS (
  -- What another transaction has in hand it does itself; waiting for it here could be waiting in a circle.
  DELETE FROM report_flag_duties WHERE report_id IN (
    SELECT report_id FROM report_flag_duties WHERE report_id = ANY($1::uuid[]) FOR UPDATE SKIP LOCKED)
)
SELECT pg_advisory_xact_lock(hashtextextended('report flags:' || project_id, 0))::text
  FROM (SELECT DISTINCT project_id FROM reports WHERE id = ANY($1::uuid[]) ORDER BY project_id) p
UNION ALL
SELECT pg_advisory_xact_lock_shared(hashtextextended($2::text, 0))::text
UNION ALL
SELECT set_config('plan_cache_mode', 'force_generic_plan', true)
""",
    ("reports", "pictures"),
    {},
)
"""Reports of these projects one after the other, and no photo taken in meanwhile; nothing is left to do about their
flags when this commits. See `PLAN_ONCE`, which it is too."""

DUE = """
SELECT report_id FROM report_flag_duties
 WHERE ($1::uuid IS NULL OR report_id = $1) AND ($2::uuid IS NULL OR report_id > $2)
 ORDER BY report_id LIMIT $3 FOR UPDATE {}
"""
DUE_FREE = Prepared(DUE.format("SKIP LOCKED"), ("only", "after", "at_most"), {})
"""Reports whose flags are to be worked out, the oldest first; those that another process works on are left to it."""
DUE_ALL = Prepared(DUE.format(""), ("only", "after", "at_most"), {})
"""The same, waiting for the other process to finish."""

PLAN_ONCE = Prepared("SELECT set_config('plan_cache_mode', 'force_generic_plan', true)", (), {})
"""Planning what reports are compared with takes ten times as long as doing it, and the plan is the same for all."""

NOT_HELD = Prepared(
    """
WITH named AS MATERIALIZED (SELECT id, project_id FROM reports WHERE id = ANY($1::uuid[]))
SELECT id FROM named WHERE pg_try_advisory_xact_lock(hashtextextended('report flags:' || project_id, 0)) ORDER BY id
""",
    ("reports",),
    {},
)
"""Those of these reports whose projects nobody else has in hand; they are ours until the transaction ends."""

PATIENCE = Prepared("SELECT set_config('lock_timeout', '1000', true)", (), {})
"""Who only wants to read, or can come again later, waits a second for others, not as long as who writes."""
