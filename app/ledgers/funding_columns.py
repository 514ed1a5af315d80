"""What ledgers of money call their columns; the same form as `columns`."""

from __future__ import annotations

import re

from app.ledgers.columns import Words, wordings

STEP_VERBS = {
    "applied": "申请|申报|争取|上报",
    "approved": "批复|下达|核定|批准|安排",
    "received": "到位|拨入|收到",
    "paid": "支付|拨付|支出|付款",
}
_MEASURED = "情况|资金|金额|投资|计划|总|合计|数|额|度"

FUNDING = Words(
    (
        *wordings("seq", "序号?|序列号", "编号|排序|号|no\\.?"),
        *wordings("record", "(资金)?记录编号|资金编号"),
        *wordings("name", "(重点|建设|主要)*(项目|工程)+(单体)?名称?", "项目|建设项目|工程项目|使用项目"),
        *wordings("own_code", "项目编[号码]|本地编[号码]"),
        *wordings("code", "(投资)?项目(统一|国家|在线)*代码|(国家|统一)(项目)?(编码|代码)"),
        *wordings("level", "资金层级|层级|资金类型"),
        *wordings("region", "(所属|所在)?(行政)?(区划|县区|区县|乡镇|园区|县市区)(名称)?|所在地区?|地区"),
        *wordings("channel", "(资金)?(来源)?渠道(名称|类别)?", "资金来源(渠道|类别)?|来源|资金(性质|类别)"),
        *wordings("batch", "(资金|下达|所属)?批次(号)?"),
        *wordings("year", "(资金|下达|所属|计划|预算)?(年度|年份)", "年"),
        *wordings("title", "资金(名称|名目)|(资金)?科目", "资金项目(名称)?"),
        *[
            wording
            for step, verbs in STEP_VERBS.items()
            for wording in (
                *wordings(step, f"(累计|实际|已|资金|本年度?|年度)*({verbs})({_MEASURED})*"),
                *wordings(f"{step}_on", f"(资金|实际)?({verbs})(情况)?(时间|日期|年月)"),
                *wordings(
                    f"{step}_document", f"(资金)?({verbs})(情况|文件|资金|计划)*(文号|文件|文件号|凭证|凭证号|依据)"
                ),
            )
        ],
        # A county's summary has but one column of amounts.
        *wordings("received", "\0", "\0", "金额|资金|资金额|资金金额|资金总额|金额合计"),
        *wordings("approved_document", "\0", "文号|文件号|批文|文件名称?"),
        *wordings("excess_reason", "超(批复|批|支|拨|到位|额)*(原因|理由|情况)?(说明)?"),
        *wordings("remark", "备注|附注|说明"),
        *wordings("reason", "(退回|驳回|拒绝|错误)?原因"),
    ),
    frozenset({"name", "channel"}),
    re.compile("上年|去年|往年|同期|增长|增幅|差额|缺口|比例|率|占比|结余|结转|未(到位|支付|拨付|下达)|尚需|比上"),
    partial=frozenset({"金额", "资金", "资金额", "时间", "日期", "年月", "文号", "文件号", "文件", "凭证号", "依据"}),
)
