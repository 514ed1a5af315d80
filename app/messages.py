"""Every problem code: HTTP status, title and detail in Chinese and English.

`{name}` in a detail is filled from the error's params. Codes are part of the contract: never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    status: int
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str


def _m(status: int, title_zh: str, title_en: str, detail_zh: str = "", detail_en: str = "") -> Message:
    return Message(status, title_zh, title_en, detail_zh or title_zh, detail_en or title_en)


CATALOGUE: dict[str, Message] = {
    "malformed_request": _m(
        400,
        "请求无法解析",
        "Malformed request",
        "请求体不是合法的 JSON 或表单。",
        "The body is not valid JSON or form data.",
    ),
    "invalid_request": _m(
        400,
        "登录请求不完整",
        "Invalid token request",
        "登录请求缺少参数或有重复的参数，见 errors。",
        "A parameter of the token request is missing or repeated, see errors.",
    ),
    "invalid_grant": _m(
        400,
        "登录凭据无效",
        "Invalid grant",
        "用户名或口令错误，或账号暂不可用；连续失败 5 次将锁定 10 分钟。",
        "Wrong user name or password, or the account cannot sign in now; 5 failures lock it for 10 minutes.",
    ),
    "invalid_refresh_token": _m(
        400,
        "刷新令牌无效",
        "Invalid refresh token",
        "刷新令牌无效、已过期或已被使用，请重新登录。",
        "The refresh token is unknown, expired or already used; sign in again.",
    ),
    "unsupported_grant_type": _m(
        400,
        "不支持的授权类型",
        "Unsupported grant type",
        "grant_type 只能是 password 或 refresh_token。",
        "grant_type must be password or refresh_token.",
    ),
    "not_authenticated": _m(
        401, "未登录", "Not authenticated", "请提供有效的访问令牌或 API 密钥。", "Send a valid access token or API key."
    ),
    "forbidden": _m(
        403,
        "没有权限",
        "Forbidden",
        "当前账号在此范围内没有“{permission}”权限。",
        "This account does not hold the permission {permission} here.",
    ),
    "not_found": _m(
        404,
        "未找到",
        "Not found",
        "没有这个{resource}，或不在可见范围内。",
        "There is no such {resource}, or it is not yours to see.",
    ),
    "route_not_found": _m(404, "没有这个地址", "No such address"),
    "method_not_allowed": _m(405, "不支持的方法", "Method not allowed"),
    "not_acceptable": _m(406, "无法提供所要的格式", "Not acceptable"),
    "conflict": _m(409, "与现有数据冲突", "Conflict with stored data"),
    "duplicate": _m(
        409,
        "已存在",
        "Already exists",
        "已有相同的记录。",
        "There is one like it already.",
    ),
    "id_taken": _m(
        409,
        "编号已被占用",
        "Identifier taken",
        "这个 id 已用于内容不同的记录。",
        "This id belongs to a record with other content.",
    ),
    "still_referenced": _m(
        409, "仍被引用", "Still referenced", "仍有其他记录引用它，不能删除。", "Other records still refer to it."
    ),
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
    "periods_overlap": _m(
        409,
        "时段重叠",
        "Periods overlap",
        "同一对象已有重叠的时段（{valid_from} 起，至 {valid_to}）。",
        "The same pair already has a period from {valid_from} until {valid_to}.",
    ),
    "dictionary_closed": _m(
        409,
        "字典不可增改",
        "Closed dictionary",
        "“{name}”的代码由程序定义，不能增改。",
        "The codes of {name} are fixed by the program.",
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
    "import_already_applied": _m(
        409,
        "该台账已入库",
        "Import already applied",
        "该次导入已经应用；请重新上传以再次核对。",
        "This import was applied already; upload the file again to compare once more.",
    ),
    "import_has_rejections": _m(
        409,
        "有被拒绝的行",
        "Import has rejected rows",
        "mode=all 要求全部行可入库，但有 {rejected} 行被拒绝；未作任何更改。",
        "mode=all needs every row to be good, {rejected} were rejected; nothing was changed.",
    ),
    "nothing_to_apply": _m(
        409,
        "没有可入库的行",
        "Nothing to apply",
        "{rejected} 行全部被拒绝，未作任何更改；若只是缺少部门或领导，请带 create_missing=true 再试。",
        "All {rejected} rows are rejected, nothing was changed; if only departments or leaders are missing, try again"
        " with create_missing=true.",
    ),
    "administrators_kept_apart": _m(
        409,
        "三员必须分设",
        "Administrators are kept apart",
        "系统管理员、安全管理员、审计管理员不得由同一人兼任（已有 {held}）。",
        "One person never holds two of system, security and audit administration (already {held}).",
    ),
    "own_grant": _m(
        409,
        "不能给自己授权",
        "Not for oneself",
        "安全管理员不能给自己授权或改动自己的授权。",
        "A security administrator can neither grant to nor change grants of themselves.",
    ),
    "own_password": _m(
        409,
        "不能重置自己的口令",
        "Not for oneself",
        "自己的口令请用 PUT /me/password 修改，需提供当前口令。",
        "Change your own password with PUT /me/password, which asks for the current one.",
    ),
    "idempotency_in_progress": _m(
        409,
        "相同请求正在处理",
        "Same request still running",
        "带有相同 Idempotency-Key 的请求正在处理，请稍后重试。",
        "A request with this Idempotency-Key is still running; try again shortly.",
    ),
    "scheme_shipped": _m(
        409,
        "编码为系统所用",
        "Code of a shipped scheme",
        "“{taken}”是随系统提供的考核办法；自己的办法请另取编码。",
        "{taken} is shipped with the program; give a scheme of your own another code.",
    ),
    "assessment_published": _m(
        409,
        "考核已公布",
        "Assessment published",
        "已公布的考核结果不再改变。",
        "A published assessment never changes.",
    ),
    "assessment_period_running": _m(
        409,
        "考核期未结束",
        "Period not over",
        "考核期至 {ends_on} 结束，之后才能公布。",
        "The period ends on {ends_on}; it can be published after that.",
    ),
    "fact_retracted": _m(409, "事项已撤回", "Fact taken back", "该事项已撤回。", "It was taken back before."),
    "rating_not_ready": _m(
        409,
        "评议尚不能开始",
        "Rating not ready to open",
        "方案有 {count} 处问题，见 errors。",
        "{count} things are wrong with the draft, see errors.",
    ),
    "rating_status_forbids": _m(
        409,
        "评议状态不允许",
        "Rating state forbids it",
        "评议现为“{now}”，须为“{needed}”。",
        "The rating is {now}; it would have to be {needed}.",
    ),
    "rating_not_open": _m(
        409,
        "不在评议时间内",
        "Not taking ballots",
        "现在不接受评议票。",
        "Ballots are not taken now.",
    ),
    "ballot_paper_issued": _m(
        409,
        "评议票已领取",
        "Ballot paper already issued",
        "本账号已领取过评议票，不能再领；网络中断可用同一 blinded 重试。",
        "This account has had its one ballot paper; a lost answer is given again for the same `blinded` only.",
    ),
    "ballot_key_not_yours": _m(
        409,
        "签名密钥不对应",
        "Not your ballot key",
        "请先取 ballot-paper 中的 key 再盲化。",
        "Blind under the key that GET ballot-paper names for you.",
    ),
    "ballot_differs": _m(
        409,
        "已投过内容不同的票",
        "Ballot already cast",
        "该票已按同一 revision 投出，内容不同；如需修改请增大 revision。",
        "Another content was cast under this revision; raise `revision` to change the ballot.",
    ),
    "ballot_superseded": _m(
        409,
        "已有更新的票",
        "Ballot superseded",
        "已收到 revision {stored}，较旧的不再计入。",
        "Revision {stored} has been received; an older one counts no more.",
    ),
    "rater_has_paper": _m(
        409,
        "该评议人已领票",
        "Rater has a ballot paper",
        "已领票的评议人不能再改动或移出名册。",
        "A rater whose ballot paper was signed can be neither changed nor taken off the roll.",
    ),
    "precondition_failed": _m(
        412,
        "内容已被他人修改",
        "Changed meanwhile",
        "If-Match 与当前版本不符；请以 current 为准重新修改。",
        "If-Match does not name the current version; `current` holds it, `fields` what would differ.",
    ),
    "too_large": _m(413, "内容过大", "Content too large"),
    "unsupported_media_type": _m(
        415, "不支持的内容类型", "Unsupported media type", "请使用 {expected}。", "Send {expected}."
    ),
    "invalid_content": _m(
        422,
        "内容不合要求",
        "Invalid content",
        "有 {count} 处不合要求，见 errors。",
        "{count} places are wrong, see errors.",
    ),
    "idempotency_key_reused": _m(
        422,
        "幂等键已用于其他内容",
        "Idempotency-Key reused",
        "同一 Idempotency-Key 曾用于内容不同的请求。",
        "This Idempotency-Key was used with other content.",
    ),
    "unreadable_workbook": _m(422, "无法读取台账", "Unreadable ledger", "{reason_zh}", "{reason_en}"),
    "export_too_large": _m(
        422,
        "导出项目过多",
        "Too many projects to export",
        "一次最多导出 {limit} 个项目，请缩小筛选范围。",
        "At most {limit} projects fit into one workbook; narrow the filters.",
    ),
    "precondition_required": _m(
        428,
        "缺少 If-Match",
        "If-Match required",
        "修改和删除须带 If-Match（取自 ETag）。",
        "Changing and deleting need If-Match, taken from ETag.",
    ),
    "rate_limited": _m(
        429, "请求过于频繁", "Too many requests", "请在 {retry_after} 秒后重试。", "Try again in {retry_after} seconds."
    ),
    "internal_error": _m(
        500,
        "服务器内部错误",
        "Internal error",
        "已记录，可凭 request_id 查询。",
        "It was logged under this request_id.",
    ),
    "unavailable": _m(503, "暂时不可用", "Temporarily unavailable", "请稍后重试。", "Try again shortly."),
}

FIELD_MESSAGES: dict[str, tuple[str, str]] = {
    "missing": ("必填", "is required"),
    "unknown_parameter": ("没有这个参数；可用：{known}", "is not a parameter here; known: {known}"),
    "unknown_field": ("没有这个字段；可用：{known}", "is not a field here; known: {known}"),
    "wrong_type": ("类型不对：{expected}", "has the wrong type: {expected}"),
    "invalid_value": ("取值不对：{expected}", "has a wrong value: {expected}"),
    "out_of_range": ("超出范围：{expected}", "is out of range: {expected}"),
    "too_short": ("太短：{expected}", "is too short: {expected}"),
    "too_long": ("太长：{expected}", "is too long: {expected}"),
    "invalid_text": ("含有不允许的字符", "contains characters that are not allowed"),
    "too_deep": ("嵌套超过 {limit} 层", "is nested deeper than {limit} levels"),
    "unknown_reference": ("没有这个{resource}，或不在可见范围内", "refers to no {resource} you can see"),
    "unknown_code": ("字典中没有“{value}”", "{value} is not in the dictionary"),
    "invalid_cursor": ("游标无效，或用于了别的列表", "is not a cursor of this list"),
    "does_not_add_up": (
        "分月合计 {sum} 与年度计划 {planned} 不符",
        "the months add up to {sum}, the plan is {planned}",
    ),
    "dates_out_of_order": ("日期先后不对", "the dates are out of order"),
    "in_the_future": ("不能晚于今天", "must not be in the future"),
    "less_than_before": ("累计数不能小于上一季度", "is cumulative and cannot be less than the quarter before"),
    "last_quarter_differs": ("第四季度累计须等于全年目标", "must end with the year's value"),
    "weights_do_not_add_up": ("权重合计 {sum}，应为 {total}", "the weights add up to {sum}, not to {total}"),
    "outside_region": ("不在 {region} 范围内", "is not within {region}"),
    "parent_missing": ("上级区划 {parent} 不存在", "its parent {parent} does not exist"),
    "parent_missing_of": (
        "不存在，而 {example} 等 {count} 个区划属于它；请一并导入上级名录",
        "does not exist, but {count} regions belong to it, {example} for one; import the list of its level too",
    ),
    "kind_does_not_fit": ("与代码位数不符，可用：{allowed}", "does not fit the digits of the code; allowed: {allowed}"),
    "one_party": ("须且只须指定一个对象：{allowed}", "name exactly one party: {allowed}"),
    "party_does_not_fit": ("不适用于该角色，可用：{allowed}", "does not fit this role, which takes: {allowed}"),
    "inactive": ("已停用", "is no longer active"),
    "department_required": ("该角色须指定部门", "this role needs a department"),
    "department_not_allowed": ("该角色不能指定部门", "this role takes no department"),
    "repeated": ("只能出现一次", "must be sent once only"),
    "in_the_past": ("不能早于今天", "must not be in the past"),
    "not_for_keys": ("不能授予 API 密钥", "cannot be given to an API key"),
    "not_held": ("不是自己拥有的权限", "is not a permission you hold"),
    "wrong_password": ("当前口令不对", "is not the current password"),
    "weak_password": ("口令强度不够：{reasons}", "is too weak: {reasons}"),
    "reason_required": ("须说明理由", "a reason is required"),
    "nothing_there": ("还没有任何内容", "is still empty"),
    "repeated_code": ("代码“{value}”重复", "has the code {value} twice"),
    "in_two_groups": ("已在“{group}”组中", "is in the group {group} already"),
    "too_many_named": (
        "最好与最差共 {named} 名，而本组只有 {departments} 个部门",
        "names {named} best and worst of only {departments} departments",
    ),
    "weights_not_100": ("权重合计 {sum}，应为 100", "the weights add up to {sum}, not to 100"),
    "options_all_alike": ("至少要有两个分值不同的选项", "needs two options of different points"),
    "empty_electorate": ("没有评议人", "has no raters"),
    "too_few_raters": (
        "评议人 {count} 名，少于最低有效票数 {minimum}",
        "has {count} raters, fewer than the minimum of {minimum} ballots",
    ),
    "small_class": (
        "“{electorate}”中回避相同部门的评议人只有 {count} 名，评议期间保密性较弱",
        "only {count} raters of {electorate} may not rate the same departments: secrecy is weaker while it is open",
    ),
    "year_taken": ("该区划该年度已有评议", "has a rating of that region already"),
    "credentials_not_wanted": (
        "投票请求不得带登录凭据；请去掉后重发",
        "a ballot is cast without credentials; send it again without",
    ),
    "bad_ballot_credential": ("投票凭证无效", "is not valid for this ballot"),
    "own_department": ("不能评议本部门", "is your own department, which you do not rate"),
    "not_assessed_here": ("不在本次考核之列", "is not assessed here"),
    "no_subjects": ("没有考核对象", "has nobody to assess"),
    "not_rated_here": ("不在本次评议之列", "is not rated here"),
    "constraint": ("违反约束 {constraint}", "violates {constraint}"),
}
"""Wording of single fields by error code; `{expected}` is filled in the same language by `problems`."""
