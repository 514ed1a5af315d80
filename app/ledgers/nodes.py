"""节点 in ledgers: which columns are milestones, and what stands in their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from app.ledgers.dates import chinese, parse_day
from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue, MilestoneValue
from app.ledgers.text import NOTHING, UNDECIDED, fold, match_key, text_cell

PREFIX = "milestones."
"""A column of the milestone 立项 has the field `milestones.立项`."""

GROUP = "节点计划完成时间"
"""The heading we write over milestone columns ourselves."""

NODE_GROUP = re.compile(".{0,12}(节点|里程碑).{0,12}|(项目|工程)?倒排工期.{0,6}")
"""Under such a heading every column is a milestone, whatever it is called."""
PLANNING_GROUP = re.compile(".{0,12}(工期|进度|时间)安排.{0,6}")
"""Under such a heading only known names are: ledgers put months and quarters there, too."""
_NOT_PLANNED = re.compile("实际|情况|问题|进展|完成率|月度|分月|上年|去年|往年|历年|本月|当月|下月|下步|下一步")
_NO_NODE = re.compile(
    "([0-9]{4}年?)?(第?[一二三四1-4]季度|[0-9一二三四五六七八九十]{1,3}月份?|[上下]半年|[0-9]{4}年?度?|全年|年底)"
    "|.*(单位|部门|领导|责任人|负责人|联系人|人员|电话|方式|情况|问题|内容|规模|进度|进展|备注|说明|投资|资金|金额|序号|名称)"
)
_TIME = re.compile("(计划|预计)?(完成)?(时间|日期|时限|年月)$")
_BRACKETED = re.compile(r"[(（][^()（）]*[)）]")
_LONGEST = 100


def _kinds(words_by_kind: dict[str, str]) -> dict[str, str]:
    return {word: kind for kind, words in words_by_kind.items() for word in words.split()}


_KNOWN = _kinds(
    {
        "project_approval": "立项 项目立项 立项批复 立项审批 立项备案 核准备案 项目备案 可研批复 可行性研究",
        "design": "设计 规划设计 方案设计 初步设计 施工图设计 勘察设计 设计招标 初设批复",
        "financing": "融资 筹资 资金筹措 资金落实 项目融资",
        "demolition": "拆迁 征地拆迁 征迁 征拆 征收 房屋征收 土地征收 征地",
        "site_entry": "进场 施工进场 队伍进场 进场施工 三通一平 场地平整",
        "construction_start": "开工 动工 开工建设 破土动工 正式开工",
        "completion": "竣工 完工 竣工验收 完工验收 竣工投用 竣工投产 建成 建成投用",
    }
)
"""Words that name a milestone wherever they head a column."""
_FURTHER = _kinds(
    {
        "permits": "手续 前期手续 手续办理 规划许可 施工许可 环评 环评批复",
        "land": "用地 供地 土地 用地预审 土地报批 土地出让 土地供应",
        "bidding": "招标 招投标 施工招标 工程招标 施工招投标",
        "construction": "施工 主体施工 基础施工",
        "main_structure": "主体 主体完工 主体封顶 封顶 主体工程",
        "equipment": "设备安装 设备采购 设备调试",
        "acceptance": "验收 交工验收 消防验收 专项验收",
        "production": "投产 试生产 投用 投产达效",
    }
)
"""Words that do so only under a heading of milestones."""

_DONE = re.compile("(已|已经|全部|均)*(完成|办结|落实|办理完毕|竣工|完工|建成)|[√✓✔☑]")
_DONE_ON = (
    re.compile(r"已?(?:完成|办结)[(:,](.+?)\)?"),
    re.compile("(?:已于|已在)(.+?)(?:完成|办结|竣工|完工|建成)?"),
    re.compile("(.+?)(?:已|已经)(?:完成|办结|竣工|完工|建成)"),
)
_UNDER_WAY = re.compile(
    "(正在|正)?(进行|办理|实施|推进|施工|建设|开展|编制|审批|报批|洽谈)中|正在.{1,8}|在[办建]|已启动|进行中"
)
_NOT_BEGUN = re.compile("(尚)?未(开工|动工|启动|完成|开始|办理|实施)")
_NOT_NEEDED = re.compile("(不涉及|不需要|不需|无需|免办).{0,6}")
_MOST_TEXT = 60


def name_of(levels: Sequence[str]) -> tuple[str, bool] | None:
    """(milestone, whether its group says so) a column stands for, its headings given outermost first."""
    pieces = tuple(levels) if len(levels) != 1 else tuple(levels[0].split("/", 1))
    return _name_of(pieces)


@lru_cache(maxsize=4096)
def _name_of(pieces: tuple[str, ...]) -> tuple[str, bool] | None:
    *above, leaf = pieces or ("",)
    if not leaf or len(leaf) > _LONGEST or any(_NOT_PLANNED.search(piece) for piece in pieces):
        return None
    name = _TIME.sub("", leaf.rstrip(":：*"))
    known = _plain(name) in _KNOWN
    if any(NODE_GROUP.fullmatch(_plain(piece)) for piece in above):
        fits = known or not _NO_NODE.fullmatch(_plain(name))
        return (name, True) if name and fits else None
    if not known:
        return None
    return name, any(PLANNING_GROUP.fullmatch(_plain(piece)) for piece in above)


def _plain(text: str) -> str:
    return _BRACKETED.sub("", fold(text))


def kind_of(name: str) -> str:
    """The code of the dictionary `milestone_kind` that a milestone's name means; `other` for a name of its own."""
    word = _plain(name)
    return _KNOWN.get(word) or _FURTHER.get(word, "other")


def can_head_a_column(name: str) -> bool:
    """Whether a milestone of that name is found again from the heading we would write for it."""
    found = name_of((GROUP, "".join(name.split())))
    return found is not None and match_key(found[0]) == match_key(name)


def parse_node(cell: CellValue, name: str, year: int | None = None) -> MilestoneValue | None:
    """What a cell says of the milestone `name`; None: nothing ("", "不涉及").

    A date is the planned finish, a month its last day; "待定" is planned without a day; "已完成" is done, on a day
    when it names one ("已于3月5日完成"); "正在办理" is under way. CellProblem: not_a_milestone, date_needs_month,
    date_needs_year, ambiguous_month, formula_error.
    """
    text = text_cell(cell, nothing=NOTHING)
    if text is None:
        return None
    folded = fold(text)
    if isinstance(cell, str):
        found = _said(folded, name, year)
        if found is not None or _NOT_NEEDED.fullmatch(folded):
            return found
    return MilestoneValue(name, "planned", _day(cell, year))


def _said(folded: str, name: str, year: int | None) -> MilestoneValue | None:
    """What words say, but for a mere date."""
    if len(folded) > _MOST_TEXT:
        raise CellProblem("not_a_milestone")
    if folded in UNDECIDED or _NOT_BEGUN.fullmatch(folded):
        return MilestoneValue(name, "planned")
    # "已开工" says that the start is done, and nothing of the completion.
    own = {f"已{word}" for word, kind in _KNOWN.items() if kind == kind_of(name) != "other"} | {f"已{fold(name)}"}
    if _DONE.fullmatch(folded) or folded in own:
        return MilestoneValue(name, "done")
    for pattern in _DONE_ON:
        match = pattern.fullmatch(folded)
        if match:
            return MilestoneValue(name, "done", _day(match[1], year))
    return MilestoneValue(name, "in_progress") if _UNDER_WAY.fullmatch(folded) else None


def _day(cell: CellValue, year: int | None) -> date:
    try:
        day = parse_day(cell, year)
    except CellProblem as problem:
        raise (CellProblem("not_a_milestone") if problem.code == "not_a_date" else problem) from None
    if day is None:
        raise CellProblem("not_a_milestone")
    return day


def node_text(value: MilestoneValue) -> str:
    """The cell of a milestone: read back as the very same."""
    if value.status == "done":
        return f"{chinese(value.date)}已完成" if value.date else "已完成"
    if value.status == "in_progress":
        return "进行中"
    return chinese(value.date) if value.date else "待定"
