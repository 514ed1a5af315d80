"""What the comparison with the database may say of a row, in both languages, pointing at the cell it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.ledgers.model import AnyRow, CellError, LedgerSheet

MESSAGES: dict[str, tuple[str, str]] = {
    # errors: the row is rejected
    "ambiguous_name": (
        "有 {count} 个同名项目，请填写项目编号以示区别",
        "{count} projects have this name; tell which by the project number",
    ),
    "ambiguous_code": ("有 {count} 个项目用此代码", "{count} projects have this code"),
    "codes_disagree": (
        "项目编号与项目代码分属不同项目",
        "project number and national code belong to different projects",
    ),
    "code_taken": ("此代码已用于 {region} 以外的项目", "this code belongs to a project outside {region}"),
    "same_project": ("与 {where} 是同一个项目", "is the same project as {where}"),
    "no_such_move": ("阶段不能由{from_zh}改为{to_zh}", "the stage cannot go from {from_en} to {to_en}"),
    "unknown_project": ("没有这个项目", "there is no such project"),
    "unknown_region": ("没有区划“{value}”", "there is no region {value}"),
    "outside_region": ("不在 {region} 范围内", "is not within {region}"),
    "unknown_record": ("没有这条资金记录", "there is no such funding record"),
    "other_record": (
        "与该资金记录的{what_zh}不符，资金的归属不可更改",
        "is not the {what_en} of that record, which never changes",
    ),
    "ambiguous_record": (
        "有 {count} 笔这样的资金，请填写记录编号",
        "{count} records are like that; give the record's id",
    ),
    "same_record": ("与 {where} 是同一笔资金", "is the same money as {where}"),
    "missing_batch": ("专项建设基金须有批次", "the special construction fund has a batch"),
    "missing_amount": ("没有任何金额", "there is no amount at all"),
    "less_than_recorded": (
        "少于已登记的 {kept}（共 {count} 笔），请逐笔更正",
        "is less than the {kept} on record in {count} entries; correct those",
    ),
    "allocated_elsewhere": (
        "该资金由区划资金分配而来，已分配 {kept}，请在分配中变更",
        "was allocated from a region's money ({kept}); change the allocation",
    ),
    "received_exceeds_approved": (
        "到位 {received} 超过批复 {approved}，须写明超额原因",
        "received {received} is beyond approved {approved}; say why",
    ),
    "paid_exceeds_received": (
        "支付 {paid}（连同已分配 {allocated}）超过到位 {received}，须写明超额原因",
        "paid {paid} (with allocated {allocated}) is beyond received {received}; say why",
    ),
    "allocation_exceeds_received": (
        "到位 {received} 少于已分配 {allocated}",
        "received {received} is less than allocated {allocated}",
    ),
    "date_ahead": ("日期不能晚于今天", "the date must not be ahead"),
    "inactive_party": ("“{value}”已停用", "{value} is no longer active"),
    "milestone_done_ahead": ("完成日期 {value} 尚未到来", "cannot be done on {value}, which is yet to come"),
    "milestone_done_before_begun": (
        "完成日期 {value} 早于实际开始日期 {begun}",
        "done on {value}, before it was begun on {begun}",
    ),
    # errors of the application alone: somebody was there since the preview
    "changed_since_preview": (
        "预览之后已有改动，现为：{now}；未覆盖",
        "changed since the preview, now: {now}; it is kept",
    ),
    "other_since_preview": (
        "预览时对应的项目已改名、改号或删除，未入库",
        "the project it meant in the preview has another name or number since, or is gone; nothing is written",
    ),
    # errors when the rows are applied without making what is missing, notes before that
    "missing_department": ("没有部门“{value}”", "there is no department {value}"),
    "missing_leader": ("没有领导“{value}”", "there is no leader {value}"),
    # notes: the row is taken
    "approved_as_received": (
        "台账没有批复一栏，按到位数登记批复",
        "the ledger has no column for approvals; what was received is taken as approved",
    ),
    "own_code_kept": (
        "同名项目的编号是 {kept}，保留不变",
        "the project of this name has the number {kept}, which is kept",
    ),
    "leader_title_differs": ("领导现登记职务为“{kept}”，未改", "the leader's title on record is {kept}; it is kept"),
    "later_stage_kept": (
        "阶段已于 {since} 变更，晚于本台账日期，未改",
        "the stage changed on {since}, after the day of this ledger; it is kept",
    ),
    "later_assignment_kept": (
        "本台账日期之后已有变更，未改",
        "this changed after the day of this ledger; it is kept",
    ),
    "stage_overridden": ("阶段变更时有条件未满足：{unmet_zh}", "the stage changes although: {unmet_en}"),
    "figure_before_year": (
        "{year} 年尚未开始，不记完成情况",
        "the year {year} had not begun; nothing is recorded as done in it",
    ),
    "category_inferred": ("未写明建设性质，按{label_zh}处理", "no category is given; taken as {label_en}"),
    "milestone_done_kept": (
        "节点“{value}”已登记为完成，保持不变",
        "the milestone {value} is done on record, and stays so",
    ),
    "milestone_date_kept": (
        "节点“{value}”已登记的计划完成日期 {kept} 保留不变",
        "the milestone {value} is planned for {kept} on record, and stays so",
    ),
    "baseline_kept": (
        "节点“{value}”的计划完成日期 {kept} 已由基线确定，未改；如需调整，请另行排期并采用，写明决定文号和理由",
        "the planned finish {kept} of {value} stands in a baseline and is kept; another schedule adopted changes it",
    ),
    "milestone_start_dropped": (
        "节点“{value}”的计划开始日期 {start} 晚于新的计划完成日期，已清空",
        "the planned start {start} of {value} is after its new planned finish, and is dropped",
    ),
    "monthly_split_dropped": (
        "分月计划合计与新的年度计划不符，已取消分月",
        "the monthly split no longer adds up to the plan and is dropped",
    ),
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the fields of a ledger stand: column letters by sheet and field."""

    letters: dict[tuple[str, str], str]

    @classmethod
    def of(cls, sheets: Iterable[LedgerSheet]) -> Places:
        return cls({(s.name, c.field): c.letter for s in sheets for c in s.columns if c.field})

    def finding(self, row: AnyRow, field: str, code: str, value: str = "", **params: Any) -> CellError:
        """`value` is what the cell says; `params` fill the wording."""
        zh, en = MESSAGES[code]
        cell = self.cell(row, field)
        params = {"value": value, **params}
        return CellError(cell, code, zh.format(**params), en.format(**params), value, field)

    def cell(self, row: AnyRow, field: str) -> str:
        return f"{self.letters.get((row.sheet, field), 'A')}{row.row}"

    def where(self, row: AnyRow, field: str) -> str:
        """The cell with its sheet, for other rows to refer to."""
        return f"{row.sheet}!{self.cell(row, field)}"
