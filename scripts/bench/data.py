"""Projects by the hundred thousand, made inside PostgreSQL."""

from __future__ import annotations

import asyncpg

_REGIONS = """
INSERT INTO regions (code, name, kind, parent_code)
SELECT code, '测试' || code, kind, NULL FROM (
  SELECT lpad((10 + i / 100)::text, 2, '0') || lpad((i % 100)::text, 2, '0') || '01' AS code, 'county' AS kind
    FROM generate_series(0, $1::int - 1) AS i) AS made
ON CONFLICT DO NOTHING
"""
_DEPARTMENTS = """
INSERT INTO departments (id, region_code, name, kind) SELECT gen_random_uuid(), code, '发改局', 'bureau' FROM regions
ON CONFLICT DO NOTHING
"""
_LEADERS = """
INSERT INTO leaders (id, region_code, name, title, body)
SELECT gen_random_uuid(), code, '王建国', '县长', 'government' FROM regions ON CONFLICT DO NOTHING
"""
_PROJECTS = """
INSERT INTO projects (id, region_code, code, name, location, sector, stage, stage_since, last_activity_on,
                      total_investment, key_years)
SELECT ('0199c1a0-' || lpad(to_hex(n / 65536), 4, '0') || '-7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-'
        || lpad(to_hex(n), 12, '0'))::uuid,
       r.code, 'B-' || n, '测试项目' || n, '城关镇', (ARRAY['industry', 'urban', 'transport'])[1 + n % 3],
       (ARRAY['reserve', 'negotiating', 'landed', 'started'])[1 + n % 4], DATE '2016-01-01', DATE '2016-01-01',
       1000 + n % 9000, '{2016}'
  FROM generate_series($1::int, $2::int) AS n
  JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS position FROM regions) AS r
    ON r.position = n / $3::int
"""
_ASSIGNMENTS = """
INSERT INTO assignments (id, project_id, role, leader_id, department_id, valid_from)
SELECT gen_random_uuid(), p.id, role,
       CASE role WHEN 'sponsor' THEN l.id END, CASE role WHEN 'responsible' THEN d.id END, DATE '2016-01-01'
  FROM projects p JOIN leaders l USING (region_code) JOIN departments d ON d.region_code = p.region_code,
       (VALUES ('sponsor'), ('responsible')) AS roles (role)
"""
_PLANS = """
INSERT INTO annual_plans (id, project_id, year, category, planned_investment)
SELECT gen_random_uuid(), id, extract(year FROM now())::int,
       (ARRAY['new_start', 'continued', 'preliminary'])[1 + abs(hashtext(code)) % 3], 500 + abs(hashtext(code)) % 3000
  FROM projects
"""
_FIGURES = """
INSERT INTO progress_figures (id, project_id, year, as_of, completed, recorded_at)
SELECT gen_random_uuid(), id, extract(year FROM now())::int, date_trunc('year', now())::date + step * 7,
       step * (10 + abs(hashtext(code)) % 90), now()
  FROM projects, generate_series(1, 2) AS step
"""
_MOVES = """
INSERT INTO stage_transitions (id, project_id, from_stage, to_stage, happened_on, entered_at)
SELECT gen_random_uuid(), id, before, after, stage_since - before_days, now() - make_interval(days => before_days)
  FROM projects, (VALUES (NULL, 'reserve', 100), ('reserve', 'negotiating', 30)) AS moves (before, after, before_days)
"""
_KNOWN = """
INSERT INTO light_facts (project_id, since, entered_at, facts)
SELECT id, date_trunc('year', now())::date, date_trunc('year', now()), jsonb_build_object('region', region_code)
  FROM projects
"""
_PERIODS = """
INSERT INTO light_periods (project_id, from_day, until_day, light, computed, reason, rule_set_code, rule_set_version,
                           parts, turned)
SELECT p.id, begins, ends, light, light, CASE WHEN light IS NULL THEN 'no_annual_plan' END, 'yinchuan', 1,
       CASE WHEN light IS NULL THEN '[]'::jsonb
            ELSE jsonb_build_array(jsonb_build_array('progress', light, 'near_time_progress')) END, n > 0
  FROM (SELECT id, abs(hashtext(code)) AS chance, date_trunc('year', now())::date AS year FROM projects) AS p,
       generate_series(0, 3) AS n,
       LATERAL (SELECT CASE WHEN n = 3 THEN (year + interval '1 year')::date ELSE year + n * 100 + chance % 60 END
                         AS begins,
                       CASE n WHEN 3 THEN 'infinity' WHEN 2 THEN (year + interval '1 year')::date
                              ELSE year + (n + 1) * 100 + chance % 60 END AS ends) AS days,
       LATERAL (SELECT CASE WHEN n = 3 THEN NULL WHEN (chance / 60 + n) % 10 = 0 THEN 'red'
                            WHEN (chance / 60 + n) % 10 < 4 THEN 'yellow' ELSE 'green' END AS light) AS lit
"""
_FILLED = """
SELECT oid::regclass::text AS name FROM pg_class
 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
_HISTORIES = (_PLANS, _FIGURES, _MOVES, _KNOWN, _PERIODS)


async def fill(url: str, projects: int, per_county: int, *, histories: bool = False) -> str:
    """That many projects, `per_county` in each county, each with a leader and a department; a county's code.

    With `histories` each has a plan of this year, two figures, two moves and lights as well: a tenth of them red.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_REGIONS, projects // per_county)
        await connection.execute(_DEPARTMENTS)
        await connection.execute(_LEADERS)
        await connection.execute(_PROJECTS, 0, projects - 1, per_county)
        await connection.execute(_ASSIGNMENTS)
        for statement in _HISTORIES if histories else ():
            await connection.execute(statement)
        # An empty table that was looked at counts as empty for ever in plans that are kept; a service's never was.
        for filled in await connection.fetch(_FILLED):
            await connection.execute(f"VACUUM ANALYZE {filled['name']}")
        middle = await connection.fetchval(
            "SELECT code FROM regions ORDER BY code OFFSET $1", projects // per_county // 2
        )
    finally:
        await connection.close()
    return str(middle)
