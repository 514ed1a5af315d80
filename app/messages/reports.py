"""Problems of field reports."""

from __future__ import annotations

from app.messages.model import Message
from app.messages.model import message as _m

MESSAGES: dict[str, Message] = {
    "report_accepted": _m(
        409,
        "填报已采用",
        "Report already accepted",
        "已采用的填报不再改动；请另报一份，以 corrects 注明更正的是这一份。",
        "An accepted report never changes; make a new report with `corrects` naming this one.",
    ),
    "report_not_submitted": _m(
        409,
        "填报不在待审状态",
        "Report not waiting for review",
        "该填报现为“{now}”，只能审核已提交的填报。",
        "The report is {now}; only a submitted one is reviewed.",
    ),
    "own_report": _m(
        403,
        "不能审核自己的填报",
        "Not for oneself",
        "填报须由他人审核。",
        "A report is reviewed by somebody else.",
    ),
    "not_your_report": _m(
        403,
        "不是自己的填报",
        "Not your report",
        "只有填报人和调度员可以修改填报。",
        "Only who made a report, and the dispatch office, may change it.",
    ),
    "not_correctable": _m(
        409,
        "不能更正该填报",
        "Cannot be corrected",
        "只能更正已采用的填报；未采用的请直接修改（该填报现为“{now}”）。",
        "Only an accepted report is corrected; one that is not can still be changed (it is {now}).",
    ),
    "report_cannot_be_accepted": _m(
        409,
        "填报不能采用",
        "Report cannot be accepted",
        "填报中有 {count} 处与项目现状不符，见 errors；请退回修改。",
        "{count} things it says do not fit the project as it is now, see errors; return it.",
    ),
    "photo_id_taken": _m(
        409,
        "照片编号已被占用",
        "Photo identifier taken",
        "该填报中某张照片的 id 已用于别的填报。",
        "The id of one of its photos belongs to another report.",
    ),
    "flag_not_open": _m(
        409,
        "疑点已处理",
        "Flag not open",
        "该疑点现为“{now}”，不能再排除。",
        "The flag is {now}; only an open one is dismissed.",
    ),
}
