"""One row of every kind in county A, by the name its id has in paths."""

from __future__ import annotations

from pathlib import Path

from tests.phones import operation, statuses, sync
from tests.photo_files import Phone
from tests.world import COUNTY_A, World, new_id

LEDGER = Path(__file__).parent / "data" / "ledgers" / "county-a-pipeline.xlsx"


async def rows_of_county_a(world: World) -> dict[str, str]:
    """Path parameter → id of such a row, made through the API where that can be."""
    office = await world.user("dispatcher", COUNTY_A)
    department, leader = await world.department(), await world.leader()
    project = await office.created("/projects", {"name": "甲县项目", "region_code": COUNTY_A})
    address = f"/projects/{project['id']}"
    assignment = await office.created(f"{address}/assignments", {"role": "responsible", "department_id": department})
    suspension = await office.created(f"{address}/suspensions", {"reason": "等待用地"})
    moves = (await office.get(f"{address}/stage-transitions")).json()["items"]
    await office.put(f"{address}/annual-plans/2016", {"category": "continued", "planned_investment": 100})
    figure = await office.created(f"{address}/progress-figures", {"as_of": "2016-02-29", "completed": 10})
    override = await office.created(f"{address}/light-overrides", {"light": "red", "reason": "现场停工"})
    rules = {"region_code": COUNTY_A, "code": "own", "label_zh": "甲县规则", "description": "-", "practice": "ouhai"}
    rule_set = await office.created("/light-rule-sets", rules)
    permit = await office.created(f"{address}/permits", {"kind": "construction_permit", "department_id": department})
    event = await office.created(f"/permits/{permit['id']}/events", {"kind": "applied", "happened_on": "2016-03-01"})
    rule = await office.created("/permit-rules", {"region_code": COUNTY_A, "kind": "other", "time_limit_days": 5})
    supervision = await office.created(
        f"/leaders/{leader}/supervisions", {"department_id": department, "valid_from": "2016-01-01"}
    )
    target = await office.created(
        "/targets", {"region_code": COUNTY_A, "year": 2016, "indicator": "gdp", "value": 100, "actual_from": "entered"}
    )
    actual = await office.created(f"/targets/{target['id']}/actuals", {"as_of": "2016-02-29", "value": 9})
    published = await office.created(
        "/indicator-values",
        {
            "region_code": COUNTY_A,
            "indicator": "gdp",
            "year": 2015,
            "month": 12,
            "value": 90,
            "published_on": "2016-01-20",
        },
    )
    letter = await office.created(
        "/responsibility-letters",
        {
            "department_id": department,
            "year": 2016,
            "title": "目标责任状",
            "superior_name": "甲县人民政府",
            "items": [{"name": "新开工项目", "value": 5, "due_on": "2016-12-31", "weight": 100}],
        },
    )
    item = letter["items"][0]["id"]
    entry = await office.created(f"/letter-items/{item}/progress", {"as_of": "2016-02-29", "value": 1})
    money = await office.created("/funding-records", {"region_code": COUNTY_A, "year": 2015, "channel": "fiscal"})
    entry = await office.created(
        f"/funding-records/{money['id']}/entries", {"step": "approved", "happened_on": "2015-01-31", "amount": 100}
    )
    sent = {"region": (None, COUNTY_A), "file": ("甲县.xlsx", LEDGER.read_bytes())}
    imported = await office.post("/imports", files=sent)
    assert imported.status_code == 201, imported.text
    rating = await office.created("/rating-campaigns", {"region_code": COUNTY_A, "year": 2006, "name": "软环境评议"})
    applied = await office.created(
        f"{address}/milestone-template-applications", {"template_id": "01890000-0000-7000-8000-000000000001"}
    )
    schedule = await office.created(f"{address}/schedules", {"deadline": "2030-12-31"})
    baseline = await office.created(f"/schedules/{schedule['id']}/adoption", {})
    template = await office.created(
        "/milestone-templates",
        {"region_code": COUNTY_A, "name": "甲县模板", "milestones": [{"key": "a", "name": "立项"}]},
    )
    scheme = await office.created(
        "/assessment-schemes",
        {
            "region_code": COUNTY_A, "code": "own", "label_zh": "甲县办法",
            "definition": {"items": [{"code": "n", "name": "项目", "function": "count", "points": 1}]},
        },
    )  # fmt: skip
    fact = await office.created(
        "/assessment-facts",
        {"region_code": COUNTY_A, "kind": "criticism", "happened_on": "2016-03-01", "department_id": department,
         "document": "通报1号"},
    )  # fmt: skip
    assessment = await office.created(
        "/assessments",
        {"region_code": COUNTY_A, "scheme_id": scheme["id"], "subject_kind": "department",
         "period": {"kind": "year", "year": 2016}},
    )  # fmt: skip
    upload = str(new_id())
    begun = await Phone(office).begin(100, upload)
    assert begun.status_code == 201, begun.text
    publishing = await office.post(f"/assessments/{assessment['id']}/publication", headers={"If-Match": "*"})
    assert publishing.status_code == 200, publishing.text
    report = await office.put(
        f"/reports/{new_id()}", {"project_id": project["id"], "week": "2016-05-16", "as_of": "2016-05-20"}
    )
    assert report.status_code == 201, report.text
    sent = operation("report.put", body={"project_id": project["id"], "week": "2016-05-16", "as_of": "2016-05-20"})
    assert statuses(await sync(office, sent)) == ["applied"]
    counted = await office.created(f"{address}/statistics-figures", {"year": 2016, "month": 2, "completed": 100})
    flag_rule = await office.created("/report-flag-rules", {"region_code": COUNTY_A, "valid_from": "2190-01-04"})
    flag_id = new_id()
    await world.pool.execute(
        "INSERT INTO report_flags (id, report_id, kind, facts, raised_at)"
        " VALUES ($1, $2, 'cumulative_falls', $3, now())",
        flag_id, report.json()["id"],
        '{"as_of": "2016-05-20", "completed": 1, "before": {"as_of": "2016-05-13", "completed": 2, "report_id": null},'
        ' "fell_by": 1}',
    )  # fmt: skip
    calendar = await office.created("/reporting-calendars", {"region_code": COUNTY_A, "valid_from": "2190-01-04"})
    visit = await office.created(
        "/visits",
        {
            "project_id": project["id"],
            "leader_id": leader,
            "kind": "help",
            "happened_on": "2016-03-10",
            "finding": "征地",
        },
    )
    viewer = await world.user("viewer", COUNTY_A)
    grant = await world.pool.fetchval("SELECT id FROM grants WHERE user_id = $1", viewer.user_id)
    key = await office.created(
        "/api-keys", {"name": "大屏", "permissions": ["projects.read"], "expires_at": "2027-06-30T00:00:00+08:00"}
    )
    return {
        "project_id": project["id"],
        "assignment_id": assignment["id"],
        "suspension_id": suspension["id"],
        "stage_transition_id": moves[0]["id"],
        "progress_figure_id": figure["id"],
        "light_override_id": override["id"],
        "light_rule_set_id": rule_set["id"],
        "target_id": target["id"],
        "target_actual_id": actual["id"],
        "indicator_value_id": published["id"],
        "letter_id": letter["id"],
        "letter_item_id": item,
        "letter_progress_id": entry["id"],
        "funding_record_id": money["id"],
        "funding_entry_id": entry["id"],
        "milestone_id": applied["milestone_ids"][0],
        "template_application_id": applied["id"],
        "schedule_id": schedule["id"],
        "baseline_id": baseline["id"],
        "milestone_template_id": template["id"],
        "permit_id": permit["id"],
        "permit_event_id": event["id"],
        "permit_rule_id": rule["id"],
        "department_id": department,
        "leader_id": leader,
        "supervision_id": supervision["id"],
        "import_id": imported.json()["id"],
        "rating_campaign_id": rating["id"],
        "assessment_scheme_id": scheme["id"],
        "assessment_fact_id": fact["id"],
        "assessment_id": assessment["id"],
        "visit_id": visit["id"],
        "user_id": str(viewer.user_id),
        "grant_id": str(grant),
        "upload_id": upload,
        "photo_id": upload,
        "report_id": report.json()["id"],
        "operation_id": sent["id"],
        "reporting_calendar_id": calendar["id"],
        "report_flag_id": str(flag_id),
        "report_flag_rule_id": flag_rule["id"],
        "statistics_figure_id": counted["id"],
        "key_id": key["id"],
    }
