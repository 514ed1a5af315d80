"""Problems of any request: who asks, what was sent, what is there already."""

from __future__ import annotations

from app.messages.model import Message
from app.messages.model import message as _m

MESSAGES: dict[str, Message] = {
    "malformed_request": _m(
        400,
        "请求无法解析",
        "Malformed request",
        "请求体不是合法的 JSON 或表单。",
        "The body is not valid JSON or form data.",
    ),
    "cross_origin_refused": _m(
        400,
        "不允许该网页跨域调用",
        "Cross-origin call refused",
        "本服务未向网页开放这里请求的：{refused}。可调用的来源由 DIAODU_CORS_ORIGINS 列出。",
        "This service does not grant web pages the {refused} asked for. Origins that may call it are named in"
        " DIAODU_CORS_ORIGINS.",
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
    "dictionary_closed": _m(
        409,
        "字典不可增改",
        "Closed dictionary",
        "“{name}”的代码由程序定义，不能增改。",
        "The codes of {name} are fixed by the program.",
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
        "Wrong places: {count}, see errors.",
    ),
    "idempotency_key_reused": _m(
        422,
        "幂等键已用于其他内容",
        "Idempotency-Key reused",
        "同一 Idempotency-Key 曾用于内容不同的请求。",
        "This Idempotency-Key was used with other content.",
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
    "took_too_long": _m(
        503,
        "超过时限",
        "Took too long",
        "未能在时限内完成。请缩小范围（如指定区划、减少条目），或稍后再试。",
        "This could not be done in time. Ask for less, e.g. for one region, or try again later.",
    ),
}
