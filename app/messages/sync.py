"""Problems of operations that phones send later."""

from __future__ import annotations

from app.messages.model import Message
from app.messages.model import message as _m

MESSAGES: dict[str, Message] = {
    "edit_conflict": _m(
        409,
        "同一字段已被他人改动",
        "Same field changed meanwhile",
        "离线期间他人改动了同样的字段：{names}；见 current（现值）、sent（所报）、base（改动前）。",
        "Others changed the same fields meanwhile: {names}; see `current`, `sent` and `base`.",
    ),
    "operation_id_reused": _m(
        409,
        "操作编号已用于别的内容",
        "Operation identifier reused",
        "该编号的操作先前内容不同，未作改动。",
        "An operation with other content came under this id before; nothing was done.",
    ),
    "earlier_operation_failed": _m(
        409,
        "所依据的操作未成功",
        "The operation before it failed",
        "该操作依据的操作 {after} 未被采用（{outcome}）。",
        "The operation {after} that it builds on was not applied ({outcome}).",
    ),
    "operation_in_a_circle": _m(
        409,
        "操作互相等待",
        "Operations wait for each other",
        "该操作依据 {after}，而后者又依据该操作本身，永远无法执行。",
        "The operation builds on {after}, which builds on it in turn; neither could ever be carried out.",
    ),
    "operation_expired": _m(
        409,
        "等待超时",
        "Waited too long",
        "所依据的操作 {after} 在 {days} 天内未到达；内容仍可查看。",
        "The operation {after} that it builds on did not come within {days} days; what was sent can still be read.",
    ),
    "too_many_held": _m(
        409,
        "等待中的操作过多",
        "Too many operations held",
        "已有 {limit} 项操作在等待先行操作，请先补报。",
        "{limit} operations already wait for others; send those first.",
    ),
}
