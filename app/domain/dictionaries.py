"""Every closed list of codes with its Chinese and English label; served by `GET /dictionaries`."""

from __future__ import annotations

from typing import Literal

from app.domain import photos, report_flags

RegionKind = Literal["province", "prefecture", "county", "township", "park", "village"]
DepartmentKind = Literal["bureau", "township", "park_committee", "party_organ", "owner", "other"]
LeaderBody = Literal["party_committee", "peoples_congress", "government", "cppcc"]
Stage = Literal[
    "reserve", "negotiating", "signed", "landed", "started", "completed", "in_production", "at_capacity", "terminated"
]
PlanCategory = Literal["new_start", "continued", "preliminary"]
LandStatus = Literal["unknown", "pending", "settled", "not_needed"]
AssignmentRole = Literal["sponsor", "responsible", "owner", "contact", "reporter", "crew"]
RatingStatus = Literal["draft", "open", "closed", "published"]
RatingBelowMinimum = Literal["leave_out", "unrated"]
RatingTieRule = Literal["name_all", "name_none", "compare_indicators"]
RatingConsequence = Literal["award_eligibility_lost", "organisational_action_proposed"]
MilestoneStatus = Literal["planned", "in_progress", "done"]
AssessmentPeriodKind = Literal["year", "quarter", "month"]
AssessmentSubjectKind = Literal["department", "bureau", "township", "park", "leader"]
AssessmentStatus = Literal["draft", "published"]
AssessmentConsequence = Literal["rewarded", "award_eligibility_lost", "organisational_action_proposed"]
AssessmentFunction = Literal["count", "sum", "share", "bands", "cases", "months", "entered", "figure"]

Light = Literal["green", "yellow", "red"]
LightPart = Literal["start", "progress", "enrolment", "investment", "milestones"]
LightReason = Literal["no_annual_plan", "terminated", "suspended", "nothing_to_judge", "not_known"]
LightRule = Literal[
    "started", "start_not_due", "start_month_passed", "start_months_passed",
    "at_or_above_time_progress", "slightly_below_time_progress", "below_time_progress", "far_below_time_progress",
    "enrolled", "enrolment_not_due", "enrolment_late", "enrolment_very_late",
    "first_month", "month_reached", "month_caught_up", "month_missed",
    "milestones_on_time", "milestone_caught_up", "milestone_missed",
    "on_schedule", "behind", "behind_in_a_row", "seriously_behind_with_reason", "seriously_behind_without_reason",
]  # fmt: skip
LightPractice = Literal["yinchuan", "ouhai", "haikou"]

ReportStatus = Literal["submitted", "returned", "accepted"]
ReportVerdict = Literal["returned", "accepted"]
ReportingState = Literal["on_time", "late", "missing", "open"]
ProblemKind = Literal["land", "demolition", "power", "funds", "approval", "other"]
VisitKind = Literal["watch", "follow", "help", "press"]
RankingSource = Literal["rating", "assessment"]

FundingStep = Literal["applied", "approved", "received", "paid"]
FundingLevel = Literal["project", "region"]

OPEN = (
    "sector",
    "programme",
    "milestone_kind",
    "indicator_unit",
    "funding_channel",
    "permit_kind",
    "assessment_fact_kind",
)
"""Dictionaries whose entries are data: counties add to them (table dictionary_entries)."""

LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "region_kind": {
        "province": ("省级", "Province"),
        "prefecture": ("市州", "Prefecture"),
        "county": ("县区", "County"),
        "township": ("乡镇街道", "Township"),
        "park": ("园区", "Park"),
        "village": ("村社区", "Village"),
    },
    "department_kind": {
        "bureau": ("局委办", "Bureau"),
        "township": ("乡镇", "Township"),
        "park_committee": ("园区管委会", "Park committee"),
        "party_organ": ("党委部门", "Party organ"),
        "owner": ("业主单位", "Project owner"),
        "other": ("其他", "Other"),
    },
    "leader_body": {
        "party_committee": ("县委", "Party committee"),
        "peoples_congress": ("人大", "People's congress"),
        "government": ("政府", "Government"),
        "cppcc": ("政协", "CPPCC"),
    },
    "stage": {
        "reserve": ("储备", "Reserve"),
        "negotiating": ("洽谈", "Negotiating"),
        "signed": ("签约", "Signed"),
        "landed": ("落地", "Landed"),
        "started": ("开工", "Started"),
        "completed": ("竣工", "Completed"),
        "in_production": ("投产", "In production"),
        "at_capacity": ("达产", "At capacity"),
        "terminated": ("终止", "Terminated"),
    },
    **photos.LABELS,
    **report_flags.LABELS,
    "plan_category": {
        "new_start": ("新建", "New start"),
        "continued": ("续建", "Continued"),
        "preliminary": ("前期", "Preliminary"),
    },
    "land_status": {
        "unknown": ("未说明", "Not stated"),
        "pending": ("用地未落实", "Waiting for land"),
        "settled": ("用地已落实", "Land settled"),
        "not_needed": ("无需用地", "No land needed"),
    },
    "permit_state": {
        "not_applied": ("未申请", "Not applied for"),
        "applied": ("已申请", "Applied for"),
        "accepted": ("已受理", "Accepted"),
        "supplementing": ("补正中", "Being supplemented"),
        "issued": ("已核发", "Issued"),
        "refused": ("不予许可", "Refused"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
    "permit_event_kind": {
        "applied": ("申请", "Applied"),
        "accepted": ("受理", "Accepted"),
        "supplement_requested": ("补正通知", "Supplement requested"),
        "supplemented": ("补正完成", "Supplemented"),
        "issued": ("核发", "Issued"),
        "refused": ("不予许可", "Refused"),
        "withdrawn": ("撤回申请", "Withdrawn"),
        "annulled": ("记录作废", "Entry annulled"),
    },
    "assignment_role": {
        "sponsor": ("包扶领导", "Sponsor leader"),
        "responsible": ("责任部门", "Responsible department"),
        "owner": ("业主单位", "Owner"),
        "contact": ("联系人", "Contact"),
        "reporter": ("填报员", "Reporter"),
        "crew": ("工作组", "Crew"),
    },
    "light": {
        "green": ("绿灯", "Green"),
        "yellow": ("黄灯", "Yellow"),
        "red": ("红灯", "Red"),
    },
    "light_part": {
        "start": ("开工", "Start"),
        "progress": ("进度", "Progress"),
        "enrolment": ("入库", "Enrolment"),
        "investment": ("月度投资", "Month's investment"),
        "milestones": ("节点", "Milestones"),
    },
    "light_reason": {
        "no_annual_plan": ("当年没有年度计划", "No annual plan for the year"),
        "terminated": ("项目已终止", "Terminated"),
        "suspended": ("项目暂停", "Suspended"),
        "nothing_to_judge": ("计划中没有可考核的内容", "Nothing in the plan can be judged"),
        "not_known": ("当日尚无记录", "Nothing was known of it that day"),
    },
    "light_rule": {
        "started": ("已开工", "Started"),
        "start_not_due": ("未过计划开工月", "The planned month of the start is not over"),
        "start_month_passed": ("计划开工月已过未开工", "The planned month passed without start"),
        "start_months_passed": ("逾期数月未开工", "Months passed after the planned one without start"),
        "at_or_above_time_progress": ("达到序时进度", "At or above time progress"),
        "slightly_below_time_progress": ("略低于序时进度", "Slightly below time progress"),
        "below_time_progress": ("低于序时进度", "Below time progress"),
        "far_below_time_progress": ("远低于序时进度", "Far below time progress"),
        "enrolled": ("已入库", "Enrolled in statistics"),
        "enrolment_not_due": ("未到入库期限", "Enrolment is not due yet"),
        "enrolment_late": ("逾期未入库", "Enrolment is late"),
        "enrolment_very_late": ("长期未入库", "Enrolment is very late"),
        "first_month": ("当年首月未满", "No month of the year is over yet"),
        "month_reached": ("按月完成", "The month's plan was reached in time"),
        "month_caught_up": ("逾期后补上", "The month's plan was caught up later"),
        "month_missed": ("当月未完成", "The month's plan was missed"),
        "milestones_on_time": ("节点按时", "All milestones in time"),
        "milestone_caught_up": ("节点逾期后完成", "A milestone was caught up later"),
        "milestone_missed": ("节点逾期", "A milestone was missed"),
        "on_schedule": ("未滞后", "Not behind"),
        "behind": ("滞后", "Behind"),
        "behind_in_a_row": ("连续滞后", "Behind several times running"),
        "seriously_behind_with_reason": ("严重滞后，已说明问题", "Seriously behind, with a reason stated"),
        "seriously_behind_without_reason": ("严重滞后，未说明问题", "Seriously behind without a stated reason"),
    },
    "light_practice": {
        "yinchuan": ("银川：开工、进度、入库", "Yinchuan: start, progress, enrolment"),
        "ouhai": ("瓯海：逐月按期", "Ouhai: month by month"),
        "haikou": ("海口：连续滞后", "Haikou: behind in a row"),
    },
    "indicator_computation": {
        "key_projects": ("重点项目计数", "Key projects of the year"),
        "signings": ("签约计数", "Moves into signed"),
        "starts": ("开工计数", "Moves into started"),
        "completions": ("竣工计数", "Moves into completed"),
        "productions": ("投产计数", "Moves into production"),
        "enrolments": ("入库计数", "Enrolments in statistics"),
        "completed_investment": ("完成投资合计", "Completed investment"),
        "series_growth": ("公布数据同比", "Growth of a published series"),
        "entered": ("人工填报", "Entered"),
    },
    "indicator_accrual": {
        "cumulative": ("累计数", "Adds up over the year"),
        "level": ("水平数", "Compared as it is"),
    },
    "actual_source": {
        "computed": ("系统计算", "Computed"),
        "entered": ("人工填报", "Entered"),
        "series": ("统计公布", "Published series"),
    },
    "target_status": {
        "achieved": ("已完成", "Achieved"),
        "on_track": ("达到序时进度", "On track"),
        "behind": ("落后序时进度", "Behind"),
        "missed": ("未完成", "Missed"),
        "running": ("进行中", "Running"),
        "not_begun": ("未开始", "Not begun"),
        "no_data": ("无数据", "No data"),
    },
    "letter_status": {
        "draft": ("草拟", "Draft"),
        "signed": ("已签订", "Signed"),
    },
    "letter_item_status": {
        "achieved": ("已完成", "Achieved"),
        "running": ("进行中", "Running"),
        "overdue": ("逾期未完成", "Overdue"),
        "no_data": ("无数据", "No data"),
    },
    "rating_status": {
        "draft": ("拟订", "Draft"),
        "open": ("评议中", "Open"),
        "closed": ("已截止", "Closed"),
        "published": ("已公布", "Published"),
    },
    "rating_below_minimum": {
        "leave_out": ("该类评议人不计，权重由其余分摊", "Left out; the others share its weight"),
        "unrated": ("该部门不予评定", "The department is not rated"),
    },
    "rating_tie_rule": {
        "name_all": ("并列全部列入", "Equals across the line are all named"),
        "name_none": ("并列均不列入", "Equals across the line are not named"),
        "compare_indicators": ("按权重依次比较指标得分", "Equals are compared by indicators, the heaviest first"),
    },
    "rating_consequence": {
        "award_eligibility_lost": ("取消评优资格", "Eligibility for awards lost"),
        "organisational_action_proposed": ("建议组织处理", "Organisational action proposed"),
    },
    "funding_step": {
        "applied": ("申请", "Applied for"),
        "approved": ("批复", "Approved"),
        "received": ("到位", "Received"),
        "paid": ("支付", "Paid out"),
    },
    "funding_level": {
        "project": ("项目资金", "Of a project"),
        "region": ("区划资金", "Of a region"),
    },
    "report_status": {
        "submitted": ("已提交", "Submitted"),
        "returned": ("已退回", "Returned"),
        "accepted": ("已采用", "Accepted"),
    },
    "report_verdict": {
        "returned": ("退回", "Returned"),
        "accepted": ("采用", "Accepted"),
    },
    "reporting_state": {
        "on_time": ("按时填报", "Reported on time"),
        "late": ("迟报", "Reported late"),
        "missing": ("漏报", "Missing"),
        "open": ("未到期限", "Not due yet"),
    },
    "problem_kind": {
        "land": ("用地", "Land"),
        "demolition": ("拆迁", "Demolition"),
        "power": ("电力", "Power"),
        "funds": ("资金", "Funds"),
        "approval": ("审批", "Approval"),
        "other": ("其他", "Other"),
    },
    "milestone_status": {
        "planned": ("未开始", "Not begun"),
        "in_progress": ("进行中", "In progress"),
        "done": ("已完成", "Done"),
    },
    "assessment_period_kind": {
        "year": ("年度", "Year"),
        "quarter": ("季度", "Quarter"),
        "month": ("月度", "Month"),
    },
    "assessment_subject_kind": {
        "department": ("部门、乡镇和园区", "Departments, townships and parks"),
        "bureau": ("部门", "Departments"),
        "township": ("乡镇", "Townships"),
        "park": ("园区", "Parks"),
        "leader": ("包扶领导", "Sponsor leaders"),
    },
    "assessment_status": {
        "draft": ("草稿", "Draft"),
        "published": ("已公布", "Published"),
    },
    "assessment_consequence": {
        "rewarded": ("奖励", "Rewarded"),
        "award_eligibility_lost": ("取消评优资格", "Eligibility for awards lost"),
        "organisational_action_proposed": ("建议组织处理", "Organisational action proposed"),
    },
    "visit_kind": {
        "watch": ("盯", "Watch"),
        "follow": ("跟", "Follow"),
        "help": ("帮", "Help"),
        "press": ("督", "Press"),
    },
    "ranking_source": {
        "rating": ("软环境评议", "Rating"),
        "assessment": ("考核", "Assessment"),
    },
    "assessment_function": {
        "count": ("按项目计数", "Points for every project"),
        "sum": ("按数额折算", "Points for an amount"),
        "share": ("按比例", "Points by a share"),
        "bands": ("按档次", "Points by bands"),
        "cases": ("按情形", "Points by cases"),
        "months": ("按月数", "Points for months"),
        "entered": ("按填报事项", "Points for entered facts"),
        "figure": ("按评议得分", "Points by a figure"),
    },
}
