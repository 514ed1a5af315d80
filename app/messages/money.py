"""Problems of ledgers and of money."""

from __future__ import annotations

from app.messages.model import Message
from app.messages.model import message as _m

MESSAGES: dict[str, Message] = {
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
    "received_exceeds_approved": _m(
        409,
        "到位超过批复",
        "More received than approved",
        "到位合计 {received} 将超过批复合计 {approved}（万元）；确属如此，请以 excess_reason 说明原因。",
        "Received would be {received}, approved is {approved} (万元); if so, say why in excess_reason.",
    ),
    "paid_exceeds_received": _m(
        409,
        "支付超过到位",
        "More paid than received",
        "支付合计 {paid} 连同已分配 {allocated} 将超过到位合计 {received}（万元）；确属超付，请以 excess_reason 说明原因。",
        "Paid {paid} and allocated {allocated} would be beyond received {received} (万元); if paid so, say why in"
        " excess_reason.",
    ),
    "allocation_exceeds_received": _m(
        409,
        "分配超过到位",
        "More allocated than received",
        "分配合计 {allocated} 连同已支付 {paid} 将超过到位合计 {received}（万元）。",
        "Allocated {allocated} and paid {paid} would be beyond received {received} (万元).",
    ),
    "not_a_regions_money": _m(
        409,
        "不是区划资金",
        "Not money of a region",
        "只有区划资金可以分配。",
        "Only money of a region can be allocated.",
    ),
    "entry_already_corrected": _m(
        409,
        "已被更正",
        "Corrected already",
        "该笔已由 corrected_by_id 更正；请更正那一笔。",
        "The entry corrected_by_id took its place; correct that one.",
    ),
    "funding_has_entries": _m(
        409,
        "已有资金明细",
        "Has entries",
        "有明细的资金不能删除；请将各笔更正为 0。",
        "Funding with entries is kept; correct them to 0.",
    ),
    "unreadable_workbook": _m(422, "无法读取台账", "Unreadable ledger", "{reason_zh}", "{reason_en}"),
    "export_too_large": _m(
        422,
        "导出内容过多",
        "Too much to export",
        "一次最多导出 {limit} 行，请缩小筛选范围。",
        "At most {limit} rows fit into one workbook; narrow the filters.",
    ),
}
