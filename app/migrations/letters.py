"""What migration 0010 needs beside tables: histories nobody rewrites, letters that stand as signed, units."""

from __future__ import annotations

APPEND_ONLY = ("target_revisions", "target_actuals", "indicator_values", "letter_supplements", "letter_progress")
"""Histories: what corrects them is a row of its own."""

FROZEN_FUNCTION = """
-- What was signed for stands as signed: a supplement may only end it, once.
CREATE FUNCTION diaodu_signed_item_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT status FROM responsibility_letters WHERE id = OLD.letter_id) = 'signed' THEN
    IF TG_OP = 'DELETE' OR OLD.ended_by IS NOT NULL
       OR to_jsonb(NEW) - 'ended_by' <> to_jsonb(OLD) - 'ended_by' THEN
      RAISE EXCEPTION 'items of a signed letter are never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN coalesce(NEW, OLD);
END $$
"""
FROZEN_TRIGGER = """
CREATE TRIGGER letter_items_stand BEFORE UPDATE OR DELETE ON letter_items
FOR EACH ROW EXECUTE FUNCTION diaodu_signed_item_stands()
"""
STATEMENTS = (
    *[
        f"CREATE TRIGGER {table}_never_change BEFORE UPDATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()"
        for table in APPEND_ONLY
    ],
    FROZEN_FUNCTION,
    FROZEN_TRIGGER,
)

_UNITS = (
    ("count", "个", "Number"),
    ("wan_yuan", "万元", "10 000 CNY"),
    ("percent", "%", "Percent"),
    ("points", "百分点", "Percentage points"),
    ("mu", "亩", "Mu"),
    ("tonne", "吨", "Tonnes"),
    ("person", "人", "Persons"),
    ("household", "户", "Households"),
    ("kilometre", "公里", "Kilometres"),
    ("square_metre", "平方米", "Square metres"),
)
UNITS = [
    {"dictionary": "indicator_unit", "code": code, "label_zh": zh, "label_en": en, "position": position}
    for position, (code, zh, en) in enumerate(_UNITS)
]
