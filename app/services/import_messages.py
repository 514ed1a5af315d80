"""What the comparison with the database may say of a row, in both languages, pointing at the cell it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.ledgers.model import CellError, LedgerRow, LedgerSheet

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
    "inactive_party": ("“{value}”已停用", "{value} is no longer active"),
    "milestone_done_ahead": ("完成日期 {value} 尚未到来", "cannot be done on {value}, which is yet to come"),
    "milestone_done_before_begun": (
        "完成日期 {value} 早于实际开始日期 {begun}",
        "done on {value}, before it was begun on {begun}",
    ),
    # errors when the rows are applied without making what is missing, notes before that
    "missing_department": ("没有部门“{value}”", "there is no department {value}"),
    "missing_leader": ("没有领导“{value}”", "there is no leader {value}"),
    # notes: the row is taken
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
        "节点“{value}”的计划完成日期 {kept} 已由基线确定，变更须依据会议决议另立基线，未改",
        "the planned finish {kept} of {value} stands in a baseline; only a decision changes it, so it is kept",
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

    def finding(self, row: LedgerRow, field: str, code: str, value: str = "", **params: Any) -> CellError:
        """`value` is what the cell says; `params` fill the wording."""
        zh, en = MESSAGES[code]
        cell = self.cell(row, field)
        params = {"value": value, **params}
        return CellError(cell, code, zh.format(**params), en.format(**params), value, field)

    def cell(self, row: LedgerRow, field: str) -> str:
        return f"{self.letters.get((row.sheet, field), 'A')}{row.row}"

    def where(self, row: LedgerRow, field: str) -> str:
        """The cell with its sheet, for other rows to refer to."""
        return f"{row.sheet}!{self.cell(row, field)}"
