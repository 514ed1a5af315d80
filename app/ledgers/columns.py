"""What county ledgers call their columns. Data: a field, how well the wording fits (0 best), the wording.

A wording must match the whole header cell, folded, without blanks and without what stands in brackets. Where two
columns claim one field, the better fit wins, then the one further left; the other is reported as not understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple


class Wording(NamedTuple):
    field: str
    rank: int
    pattern: re.Pattern[str]


def wordings(field: str, *patterns: str) -> list[Wording]:
    return [Wording(field, rank, re.compile(pattern)) for rank, pattern in enumerate(patterns)]


_LEADER_PREFIX = (
    "县级|县处级|处级|市级|州级|区级|县|市|州|区|四大班子|挂牌?|牵头|包抓|包扶|包保|包联|包挂|联系|责任|帮扶|领办|督导"
    "|挂点|挂钩|挂帮|挂包|联点|服务|调度|项目"
)
_YEARLY = "[0-9]{4}年度?|年度?|当年度?|本年度?|今年|全年"

WORDINGS: tuple[Wording, ...] = (
    *wordings("seq", "序号?|序列号", "编号|排序|号|no\\.?"),
    *wordings(
        "name", "(重点|建设|主要|拟建)*(项目|工程)+(单体)?名称?", "项目|建设项目|工程项目|名称|重点(建设)?项目|主要项目"
    ),
    *wordings("own_code", "项目编[号码]|本地编[号码]|系统编[号码]"),
    *wordings(
        "code",
        "(投资)?项目(统一|国家|在线|审批|监管|平台)*代码|(国家|统一|在线|平台)(项目)?(编码|代码)|项目统一编码|(项目)?赋码",
    ),
    *wordings("investors", "投资(方|主体|单位|企业|商|人|者|业主)(名称)?", "(招商|引进|引资|落户)(企业|单位)(名称)?"),
    *wordings(
        "owners",
        "(项目)?业主(单位|名称)?|(项目)?(建设|法人|实施)(单位|法人|业主|主体)(名称)?|项目(单位|法人|主体)|法人单位",
        "(项目)?(承办|申报|承建)单位",
    ),
    *wordings(
        "location",
        "(项目)?(建设|实施|落地|落户|工程)(地点|地址|位置|地)|项目(地点|地址|位置)|地点|地址",
        "(项目)?所在(地|乡镇|镇乡|地区|区域|园区)?|属地|建设区域|乡镇|镇乡|落户园区",
    ),
    *wordings(
        "total_investment",
        "(项目|计划|工程)*总投资(额|规模)?",
        "(项目|计划|估算|概算|预算|预计|核定|批复|工程)*(总投资|投资总额|投资总量)(额|规模|估算|概算)?",
        "(项目)?投资(额|规模)",
    ),
    *wordings(
        "annual_plan",
        f"({_YEARLY})(计划|拟|预计|目标)(完成)?投资(额|数)?|({_YEARLY})投资(计划|目标|任务)(额|数)?",
        f"({_YEARLY})(计划|目标|任务)(额|数|任务)?",
    ),
    *wordings(
        "completed",
        "(?:[0-9]{4}年)?1[-至]([0-9]{1,2})月份?(?:累计|实际)*完成(?:投资)?(?:额|数|情况)?"
        "|(?:[0-9]{4}年)?1月份?(?:累计|实际)*完成投资(?:额|数)?",
        f"(年初至今|年内|年初以来|{_YEARLY})(累计|实际|已)*完成(投资)?(额|数)?"
        "|(截[至止]|至)[0-9]{1,2}月(份|底|末)?(累计|实际|已)*完成(投资)?(额|数)?",
        "(投资)?(累计|目前累计)(实际|已)*完成(投资)?(额|数)?",
        "(实际|目前|已)?完成投资(额|数)?",
    ),
    *wordings(
        "completion_rate",
        "占(年度?|[0-9]{4}年度?|全年|当年)?(计划|任务|目标|投资).*|(年度?|投资|计划|累计)*完成(比例|率|占比|百分比|%)|占比|%",
    ),
    *wordings("leader", f"({_LEADER_PREFIX})*领导(干部|姓名|同志)?", "分管领导|主管领导|分管县?领导|包抓人|包保人"),
    *wordings("leader_title", "(领导)?(现任)?职务(职称)?|领导职务"),
    *wordings(
        "departments",
        "(项目)?责任(部门|单位|主体)",
        "(项目)?(牵头|主要责任|第一责任|主责)(责任)?(部门|单位)",
        "(项目)?(行业)?(主管|包抓|包扶|包保|服务|协调|推进|联系|配合责任)(部门|单位)|部门",
    ),
    *wordings(
        "contact",
        "(项目|具体|直接|现场|部门|单位|主要|业主)*(责任人|联系人|联络员|联络人)(姓名)?",
        "(项目|具体|直接|现场|部门|单位|第一|主要|业主)*(负责人|经办人|责任人|填报人)(姓名)?",
    ),
    *wordings("contact_phone", "联系(电话|方式|手机)(号码)?|(联系人)?电话(号码)?|手机(号码?)?|联系人(电话|手机)"),
    *wordings("category", "(项目|工程)?(建设)?性质|新?续建|新建续建|建设(类别|类型|状态)"),
    *wordings(
        "content",
        "(项目)?(主要)?(建设|工程)(主要)?(内容|规模)[及和与、]?(主要)?(建设)?(规模|内容)?",
        "(项目|工程|建设)(概况|简介|基本情况|内容|规模)|主要内容",
    ),
    *wordings(
        "period",
        "(项目)?(建设|计划|实施|施工)?起止(年限|年月|年份|时间|期限|日期|工期)?",
        "(项目)?(计划|合同)?(建设|施工|实施)(年限|年份|工期|周期|期限|时间|年度)|(计划|合同|总)?工期",
    ),
    *wordings(
        "start",
        "(计划|预计|拟|预期)(开工|动工|开建|启动)(建设)?(时间|日期|年月|年份)?",
        "(开工|动工|开建|启动|起始|开始)(建设)?(时间|日期|年月|年份|年限)",
        "实际(开工|动工)(时间|日期|年月|年份)?",
    ),
    *wordings(
        "completion",
        "(计划|预计|拟|预期)(竣工|完工|建成|完成)(投产|投用)?(时间|日期|年月|年份)?",
        "(竣工|完工|建成|建成投产|建成投用|完成|结束|终止)(时间|日期|年月|年份|年限)",
        "(计划|预计)?(投产|投用|投入使用)(时间|日期|年月|年份)",
        "实际(竣工|完工)(时间|日期|年月|年份)?",
    ),
    *wordings(
        "progress_text",
        "(工程|项目|目前|当前)*形象(进度|进展)(情况)?",
        "(项目|工程|目前|当前|建设|总体|最新|工作|推进|实施|前期工作)*(进度|进展|推进)(情况|描述|说明)?",
    ),
    *wordings(
        "problem",
        "(目前|当前|项目)?(存在|主要)的?(主要)?(困难|问题)([及和与、]?(困难|问题|建议|原因))*",
        "(当前|目前)?(需|须|亟需|亟待|需要|待|请求)(县|上级|领导)*(协调)?(解决)?的?(主要)?(问题|事项|困难)"
        "|(困难|问题)([及和与、]?(困难|问题|建议))*|制约因素",
    ),
    *wordings("remark", "备注|备考|附注"),
    *wordings("sector", "(所属|项目)?(行业|产业|领域)(类别|分类|领域|名称|类型)?|所属(行业|领域|产业)"),
    *wordings("enrolled_on", "(统计)?(纳|入)(统|库)(时间|日期|年月)|纳入统计时间"),
    *wordings("stage", "(项目|当前|目前|所处|建设|现)*阶段|项目状态"),
    *wordings("reason", "(退回|驳回|拒绝|错误)?原因"),
)

NOT_OURS = re.compile(
    "节点|倒排|工期安排|进度安排|时间安排|月度|分月|上年|去年|往年|自?开工以来|历年|本月|当月|下月|下步|下一步"
)
"""Under such a heading nothing is what it is called: a 开工 among the milestones is no planned start. (What is a
milestone there, `nodes` says.)"""

GENERIC = frozenset({"姓名", "名称", "领导", "单位", "部门", "单位名称", "部门名称"})
"""Means whatever stands above it."""

PERSONAL = frozenset({"职务", "电话", "联系电话", "手机", "联系方式", "现任职务", "手机号码", "电话号码"})
"""Belongs to the person above it, or else to the nearest person on its left."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """How the headings of one kind of ledger are understood."""

    wordings: tuple[Wording, ...]
    anchors: frozenset[str]
    """A header has a column for one of these fields."""
    not_ours: re.Pattern[str]
    generic: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    milestones: bool = False
    """Whether 节点 columns may stand among them."""
    partial: frozenset[str] = frozenset()
    """Means something only together with what stands above it: 到位情况 / 金额."""


PROJECTS = Words(WORDINGS, frozenset({"name"}), NOT_OURS, GENERIC, PERSONAL, milestones=True)
