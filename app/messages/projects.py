"""Problems of projects, milestones, permits, lights and letters."""

from __future__ import annotations

from app.messages.model import Message
from app.messages.model import message as _m

MESSAGES: dict[str, Message] = {
    "transition_refused": _m(
        409,
        "不能变更阶段",
        "Stage change refused",
        "从{from_stage}到{to_stage}有 {count} 项条件未满足。",
        "{count} conditions for moving from {from_stage} to {to_stage} do not hold.",
    ),
    "no_such_transition": _m(
        409,
        "没有这样的阶段变更",
        "No such stage change",
        "不能从{from_stage}变更为{to_stage}；可变更为：{allowed}。",
        "There is no move from {from_stage} to {to_stage}; there are moves to: {allowed}.",
    ),
    "project_terminated": _m(409, "项目已终止", "Project terminated"),
    "already_suspended": _m(409, "项目已暂停", "Already suspended"),
    "not_suspended": _m(409, "项目未暂停", "Not suspended"),
    "already_overridden": _m(
        409,
        "已有人工定灯",
        "Already overridden",
        "已有人工定灯（自 {since} 起）；请先结束它。",
        "There is an override since {since}; end that first.",
    ),
    "rule_set_shipped": _m(
        409,
        "编码为系统所用",
        "Code of a shipped rule set",
        "“{taken}”是随系统提供的规则；自己的规则请另取编码。",
        "{taken} is shipped with the program; give a set of your own another code.",
    ),
    "already_ended": _m(409, "已经结束", "Already ended"),
    "permit_event_out_of_order": _m(
        409,
        "手续记录先后不符",
        "Permit event out of order",
        "{day} 的“{kind}”不能发生在“{state}”状态下；此时可登记：{allowed}。",
        "{kind} of {day} cannot happen in the state {state}, where there can be: {allowed}.",
    ),
    "permit_has_events": _m(
        409,
        "手续已有记录",
        "Permit has events",
        "该手续已有办理记录，不能删除；登记有误请以 annulled 作废该条记录。",
        "Something was recorded of this permit, so it stays; annul what was recorded by mistake.",
    ),
    "already_corrected": _m(
        409,
        "该记录已被更正",
        "Already corrected",
        "该记录已被另一条记录更正，请更正最新的那一条（corrected_by）。",
        "Another entry corrected this one already; correct that one, see corrected_by.",
    ),
    "periods_overlap": _m(
        409,
        "时段重叠",
        "Periods overlap",
        "同一对象已有重叠的时段（{valid_from} 起，至 {valid_to}）。",
        "The same pair already has a period from {valid_from} until {valid_to}.",
    ),
    "letter_signed": _m(
        409,
        "责任状已签订",
        "Letter already signed",
        "责任状签订后不得改动；请以补充协议变更。",
        "A signed letter never changes; add a dated supplement.",
    ),
    "letter_not_signed": _m(
        409,
        "责任状尚未签订",
        "Letter not signed yet",
        "责任状尚未签订；请先签订。",
        "The letter has not been signed yet.",
    ),
    "schedule_outdated": _m(
        409,
        "排期已过时",
        "Schedule out of date",
        "排期之后节点、进展或基线已有变化，请重新排期后再采用。",
        "Milestones, their progress or the baseline have changed since it was computed; compute it again.",
    ),
    "already_adopted": _m(
        409,
        "排期已被采用",
        "Already adopted",
        "该排期已采用为第 {number} 号基线，依据不同。",
        "This schedule became baseline {number}, on another decision.",
    ),
    "planned_by_baseline": _m(
        409,
        "计划日期以基线为准",
        "Planned by the baseline",
        "已采用基线的节点，其计划日期以现行基线为准，不能直接修改；请另行排期并采用，写明决定文号（decision_reference）"
        "和理由（reason）。",
        "Once a baseline is adopted, its milestones are planned as it says; adopt another schedule, with the decision's"
        " reference (decision_reference) and reason.",
    ),
    "no_milestones": _m(409, "没有节点", "No milestones", "项目还没有节点。", "The project has no milestones yet."),
    "has_milestones": _m(
        409,
        "已有节点",
        "Milestones exist",
        "项目已有 {milestones} 个节点；如要追加，请带 add_to_existing=true。",
        "The project has {milestones} milestones; send add_to_existing=true to add to them.",
    ),
    "template_shipped": _m(
        409,
        "内置模板不可改",
        "Shipped template",
        "内置模板不能修改或删除；请新建本地模板。",
        "A template that ships with the product stays as it is; make one of your own from it.",
    ),
    "permit_rule_says_nothing": _m(
        422,
        "规则没有内容",
        "Rule says nothing",
        "办理时限、是否必备、是否须先登记至少填写一项；要恢复上级规定请删除该规则。",
        "Say the time limit, whether it is mandatory or whether it has to be entered; to go back to the rules above, delete"
        " the rule.",
    ),
}
