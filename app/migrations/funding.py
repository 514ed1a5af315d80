"""What migration 0009 needs beside tables: the triggers that keep the totals of funding, and its channels."""

STATEMENTS = (
    """
-- Totals come from entries alone; what a record is of, never changes.
CREATE FUNCTION diaodu_funding_record_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.applied <> 0 OR NEW.approved <> 0 OR NEW.received <> 0 OR NEW.paid <> 0 OR NEW.allocated <> 0
       OR NEW.received_over <> 0 OR NEW.paid_over <> 0 THEN
      RAISE EXCEPTION 'totals of funding come from its entries' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.source_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM funding_records s
       WHERE s.id = NEW.source_id AND s.region_code IS NOT NULL AND s.year = NEW.year AND s.channel = NEW.channel
         AND s.batch IS NOT DISTINCT FROM NEW.batch
    ) THEN
      RAISE EXCEPTION 'only money of a region is allocated, with its year, channel and batch'
        USING ERRCODE = 'insufficient_privilege';
    END IF;
  ELSIF (NEW.id, NEW.project_id, NEW.region_code, NEW.source_id, NEW.year, NEW.channel, NEW.batch)
        IS DISTINCT FROM (OLD.id, OLD.project_id, OLD.region_code, OLD.source_id, OLD.year, OLD.channel, OLD.batch)
  THEN
    RAISE EXCEPTION 'what funding is of never changes' USING ERRCODE = 'insufficient_privilege';
  ELSIF pg_trigger_depth() < 2
        AND (NEW.applied, NEW.approved, NEW.received, NEW.paid, NEW.allocated,
             NEW.received_over, NEW.received_over_reason, NEW.paid_over, NEW.paid_over_reason)
            IS DISTINCT FROM
            (OLD.applied, OLD.approved, OLD.received, OLD.paid, OLD.allocated,
             OLD.received_over, OLD.received_over_reason, OLD.paid_over, OLD.paid_over_reason)
  THEN
    RAISE EXCEPTION 'totals of funding come from its entries' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER funding_records_guard BEFORE INSERT OR UPDATE ON funding_records
FOR EACH ROW EXECUTE FUNCTION diaodu_funding_record_guard()
""",
    """
-- Books an entry into its record, and what is allocated into the source, whose row is always locked first. What goes
-- beyond the step before is allowed as far as an entry gave a reason for it; less than that, and the rest lapses.
CREATE FUNCTION diaodu_funding_book() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  r funding_records%ROWTYPE;
  delta numeric;
  origin uuid;
  excess numeric;
BEGIN
  SELECT NEW.amount - coalesce((SELECT e.amount FROM funding_entries e WHERE e.id = NEW.corrects_id), 0) INTO delta;
  SELECT source_id INTO origin FROM funding_records WHERE id = NEW.funding_record_id;
  IF origin IS NOT NULL AND NEW.step = 'received' THEN
    SELECT * INTO r FROM funding_records WHERE id = origin FOR NO KEY UPDATE;
    r.allocated := r.allocated + delta;
    excess := greatest(r.paid + r.allocated - r.received, 0);
    UPDATE funding_records
       SET allocated = r.allocated, paid_over = least(r.paid_over, excess),
           version = version + 1, updated_at = greatest(updated_at, NEW.recorded_at)
     WHERE id = origin;
  END IF;
  SELECT * INTO r FROM funding_records WHERE id = NEW.funding_record_id FOR NO KEY UPDATE;
  CASE NEW.step
    WHEN 'applied' THEN r.applied := r.applied + delta;
    WHEN 'approved' THEN r.approved := r.approved + delta;
    WHEN 'received' THEN r.received := r.received + delta;
    ELSE r.paid := r.paid + delta;
  END CASE;
  IF r.source_id IS NULL THEN
    excess := greatest(r.received - r.approved, 0);
    IF excess > r.received_over AND NEW.excess_reason IS NOT NULL THEN
      r.received_over := excess;
      r.received_over_reason := NEW.excess_reason;
    ELSIF excess < r.received_over THEN
      r.received_over := excess;
    END IF;
  END IF;
  excess := greatest(r.paid + r.allocated - r.received, 0);
  IF excess > r.paid_over AND NEW.excess_reason IS NOT NULL THEN
    r.paid_over := excess;
    r.paid_over_reason := NEW.excess_reason;
  ELSIF excess < r.paid_over THEN
    r.paid_over := excess;
  END IF;
  UPDATE funding_records
     SET applied = r.applied, approved = r.approved, received = r.received, paid = r.paid,
         received_over = r.received_over,
         received_over_reason = CASE WHEN r.received_over > 0 THEN r.received_over_reason END,
         paid_over = r.paid_over, paid_over_reason = CASE WHEN r.paid_over > 0 THEN r.paid_over_reason END,
         version = version + 1, updated_at = greatest(updated_at, NEW.recorded_at)
   WHERE id = NEW.funding_record_id;
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER funding_entries_book AFTER INSERT ON funding_entries
FOR EACH ROW EXECUTE FUNCTION diaodu_funding_book()
""",
    """
CREATE TRIGGER funding_entries_append_only BEFORE UPDATE OR DELETE ON funding_entries
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
""",
)

_CHANNELS = (
    ("fiscal", "财政渠道", "Fiscal funds"),
    ("central_budget_investment", "中央预算内", "Central budget investment"),
    ("special_construction_fund", "专项建设基金", "Special construction fund"),
    ("vehicle_purchase_tax", "车购税", "Vehicle purchase tax"),
    ("special_bond", "专项债", "Special bond"),
    ("self_raised", "自筹", "Self-raised"),
    ("bank_loan", "银行贷款", "Bank loan"),
    ("private_capital", "社会资本", "Private capital"),
    ("other", "其他", "Other"),
)
CHANNELS = [
    {"dictionary": "funding_channel", "code": code, "label_zh": zh, "label_en": en, "position": position}
    for position, (code, zh, en) in enumerate(_CHANNELS)
]
