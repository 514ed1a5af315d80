"""What can be wrong with a workbook or with one of its cells, named and worded in Chinese and English."""

from __future__ import annotations

from typing import Any

FILE_MESSAGES: dict[str, tuple[str, str]] = {
    "not_a_workbook": (
        "不是可读的 Excel 文件（.xlsx 或 .xls），或文件已损坏。",
        "This is no readable Excel file (.xlsx or .xls), or it is damaged.",
    ),
    "workbook_encrypted": (
        "文件设有打开口令，请取消口令后重新上传。",
        "The file needs a password to open; remove it and upload again.",
    ),
    "workbook_too_large": (
        "文件超出限额：{what} {found}，最多 {limit}。",
        "The file is beyond a limit: {what} {found}, at most {limit}.",
    ),
    "no_header_found": (
        "没有找到表头：至少要有“项目名称”（资金台账或“资金渠道”）一列和另一个认得的列。",
        "No header row was found: it needs a 项目名称 column (for money or 资金渠道) and one more that is known.",
    ),
    "years_conflict": (
        "各工作表的年度不一致（{years}），请在上传时指明 year。",
        "The sheets are of different years ({years}); say which with `year`.",
    ),
}

CELL_MESSAGES: dict[str, tuple[str, str]] = {
    "missing_name": ("缺少项目名称", "the project name is missing"),
    "duplicate_name": ("与 {where} 的项目重名", "has the same project name as {where}"),
    "duplicate_code": ("与 {where} 的编号或代码重复", "has the same code as {where}"),
    "other_table": (
        "上方出现了另一种表头，本行无法对应到列",
        "a header of another table stands above, so the columns of this row are not known",
    ),
    "too_long": ("超过 {limit} 个字", "is longer than {limit} characters"),
    "formula_error": ("公式出错", "holds a formula error"),
    "formula_not_calculated": (
        "公式尚未计算，请用 Excel 或 WPS 打开文件并保存，再重新上传",
        "holds a formula without its result; open the file in Excel or WPS, save it, then send it again",
    ),
    "merged_amount": (
        "金额单元格跨多行合并，无法分到各项目",
        "an amount merged over several rows belongs to no single one",
    ),
    "not_an_amount": ("不是金额", "is not an amount"),
    "negative_amount": ("金额不能为负", "an amount must not be negative"),
    "too_many_decimals": ("折合万元后超过 {limit} 位小数", "has more than {limit} decimals in 万元"),
    "amount_too_large": ("金额过大", "the amount is too large"),
    "not_a_milestone": (
        "不是认得的节点时间或状态（如“5月底前”“2013.6.15”“已完成”“正在办理”“待定”）",
        "is no milestone date or state that is understood (such as 5月底前, 2013.6.15, 已完成, 正在办理, 待定)",
    ),
    "not_a_date": ("不是认得的日期", "is no date that is understood"),
    "ambiguous_month": (
        "数字 {value} 分不清是 1 月还是 10 月，请写成“{year}年1月”或“{year}年10月”",
        "the number {value} may be January or October; write {year}年1月 or {year}年10月",
    ),
    "date_needs_year": ("缺少年份，且台账年度未知", "names no year and the ledger's year is unknown"),
    "date_needs_month": ("须精确到月或日", "needs at least a month"),
    "dates_out_of_order": ("竣工早于开工", "completion is before start"),
    "period_not_understood": ("起止年限未能理解，已留空", "the period was not understood and left empty"),
    "period_open": ("只有一个日期，按开工时间处理", "there is one date only, taken as the start"),
    "period_end_only": ("只有一个日期，按竣工时间处理", "there is one date only, taken as the completion"),
    "unknown_category": (
        "建设性质“{value}”不属于续建、新建、前期，已留空",
        "{value} is none of 续建, 新建, 前期; left empty",
    ),
    "unknown_sector": ("行业“{value}”不在字典中，已留空", "the sector {value} is not in the dictionary; left empty"),
    "unknown_stage": ("阶段“{value}”不认得，已留空", "the stage {value} is not known; left empty"),
    "several_leaders": ("有多位领导，只取第一位", "there are several leaders; the first is taken"),
    "invalid_code": ("不是 24 位项目代码", "is not a national project code (24 characters)"),
    "missing_channel": ("缺少资金渠道", "the channel is missing"),
    "unknown_channel": ("资金渠道“{value}”不在字典中", "the channel {value} is not in the dictionary"),
    "not_a_batch": ("不是批次", "is not a batch number"),
    "not_a_year": ("不是年度", "is not a year"),
    "unknown_level": ("资金层级只能是项目、区划或分配", "the level is 项目, 区划 or 分配"),
    "invalid_record": ("不是资金记录编号", "is not the id of a funding record"),
    "invalid_own_code": (
        "项目编号只能用字母、数字、点、横线和下划线，最多 64 个",
        "a project number takes letters, digits, dot, dash and underscore only, at most 64",
    ),
}


class LedgerError(Exception):
    """The whole file cannot be used. `code` is stable; `params` fill the wording."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def message_zh(self) -> str:
        return FILE_MESSAGES[self.code][0].format(**self.params)

    @property
    def message_en(self) -> str:
        return FILE_MESSAGES[self.code][1].format(**self.params)


class CellProblem(Exception):
    """One cell cannot be understood; the caller knows where it stands."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def too_large(what: str, found: object, limit: object) -> LedgerError:
    return LedgerError("workbook_too_large", what=what, found=found, limit=limit)
