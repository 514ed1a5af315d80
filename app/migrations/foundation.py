"""What the first migration needs beside tables: functions, triggers, first dictionary entries.

One statement each: asyncpg prepares what it runs. No extension is needed, so any PostgreSQL will do.
"""

FUNCTIONS = (
    """
-- Every run of one and of two characters of a text: what makes a substring of two or more findable by index.
CREATE FUNCTION diaodu_grams(body text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
    SELECT substr(body, i, n) AS gram
      FROM generate_series(1, length(body)) AS i, generate_series(1, 2) AS n
     WHERE i + n - 1 <= length(body)
  ) AS grams
$$
""",
    """
-- What a project is searched by, in small letters; array_to_string itself is not declared immutable.
CREATE FUNCTION diaodu_search_text(name text, code text, national_code text, investors text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(name || E'\\n' || code || E'\\n' || coalesce(national_code, '') || E'\\n' || array_to_string(investors, E'\\n'))
$$
""",
    """
CREATE FUNCTION diaodu_array_sum(amounts numeric[]) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT sum(amount) FROM unnest(amounts) AS amount
$$
""",
    """
CREATE FUNCTION diaodu_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
""",
)

TRIGGERS = (
    "CREATE SEQUENCE project_code_numbers",
    """
CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE ON changes
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
""",
    # These go only with their project, when it was entered by mistake.
    """
CREATE TRIGGER stage_transitions_never_change BEFORE UPDATE ON stage_transitions
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
""",
    """
CREATE TRIGGER progress_figures_never_change BEFORE UPDATE ON progress_figures
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
""",
)

_SECTORS = (
    ("industry", "工业", "Industry"),
    ("urban", "城建", "Urban construction"),
    ("transport", "交通", "Transport"),
    ("agriculture", "农业农林水利", "Agriculture, forestry, water"),
    ("social", "社会事业", "Social services"),
    ("service", "商贸服务", "Commerce and services"),
    ("energy", "能源", "Energy"),
    ("ecology", "生态环保", "Ecology"),
    ("other", "其他", "Other"),
)
_PROGRAMMES = (
    ("three_year_rolling_plan", "三年滚动计划", "Three-year rolling plan"),
    ("new_countryside", "新农村", "New countryside"),
    ("pillar_enterprises", "立县企业", "Pillar enterprises"),
)
ENTRIES = [
    {"dictionary": name, "code": code, "label_zh": zh, "label_en": en, "position": position}
    for name, entries in (("sector", _SECTORS), ("programme", _PROGRAMMES))
    for position, (code, zh, en) in enumerate(entries)
]
