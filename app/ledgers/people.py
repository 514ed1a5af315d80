"""People and departments in cells: titles in brackets, several names in one cell."""

from __future__ import annotations

import re

from app.ledgers.text import UNDECIDED, clean, fold, one_line

_OPEN, _CLOSE = "(\uff08【[〔", ")\uff09】]〕"
_ROUND_OPEN, _ROUND_CLOSE = "(\uff08", ")\uff09"
_SEPARATORS = "、,\uff0c;\uff1b/\uff0f\n"
_COMPANY_COMMA = re.compile(r"\s*(co|ltd|inc|llc|corp|limited|company)\b", re.IGNORECASE)
_AND_OTHERS = re.compile(r"(\s*等(相关|有关)?(部门|单位|乡镇|企业))+$")
_OFFICE = re.compile(r".+(局|委|办|处|中心|会|部|院|公司|镇|乡|街道|区|站|所|队|厅|县|行|社|集团)")
_TITLE = re.compile(
    r".*(书记|[县市州区镇乡]长|主任|主席|局长|部长|常委|委员|科长|处长|院长|校长|所长|站长|队长|秘书长|经理|董事长"
    r"|调研员|巡视员|政委|组长|专员|主管|干事)"
)


def parse_person(text: str) -> tuple[str | None, str | None]:
    """(name, title) of "王建国(县委书记)", "王 建 国", "王建国 县委书记" or "县委书记 王建国"."""
    text = clean(text)
    title = None
    at = _last_bracket(text)
    if at > 0:
        text, title = text[:at].strip(), one_line(text[at + 1 : -1]) or None
    words = text.split()
    if title is None and len(words) == 2:
        first, second = words
        if _TITLE.fullmatch(second) and not _TITLE.fullmatch(first):
            text, title = first, second
        elif _TITLE.fullmatch(first) and not _TITLE.fullmatch(second):
            text, title = second, first
    name = one_line(text)
    return (None, None) if fold(name) in UNDECIDED else (name, title)


def parse_names(text: str) -> tuple[str, ...]:
    """Each name once, in order: parted by 、 , ; / or a line break outside brackets, or by blanks between offices."""
    names: dict[str, None] = {}
    parts = [piece for part in split_outside_brackets(clean(text)) for piece in _split_offices(part)]
    for part in parts:
        name = _AND_OTHERS.sub("", part) if len(parts) > 1 else part
        if fold(name) not in UNDECIDED:
            names[name] = None
    return tuple(names)


def split_outside_brackets(text: str) -> list[str]:
    """The pieces between separators; what stands in (closed) brackets is never cut."""
    closed = _closed_brackets(text)
    pieces: list[str] = []
    begin = depth = 0
    for at, sign in enumerate(text):
        if at in closed:
            depth += 1 if sign in _OPEN else -1
        elif sign in _SEPARATORS and not depth and not (sign == "," and _COMPANY_COMMA.match(text, at + 1)):
            pieces.append(text[begin:at])
            begin = at + 1
    return [*pieces, text[begin:]]


def _closed_brackets(text: str) -> set[int]:
    """Places of the brackets that have a partner; a forgotten one is an ordinary character."""
    closed: set[int] = set()
    waiting: list[int] = []
    for at, sign in enumerate(text):
        if sign in _OPEN:
            waiting.append(at)
        elif sign in _CLOSE and waiting:
            closed |= {waiting.pop(), at}
    return closed


def _last_bracket(text: str) -> int:
    """Where the round bracket opens that closes at the very end; -1 when there is none."""
    if not text or text[-1] not in _ROUND_CLOSE:
        return -1
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        if text[at] in _ROUND_CLOSE:
            depth += 1
        elif text[at] in _ROUND_OPEN:
            depth -= 1
            if not depth:
                return at
    return -1


def _split_offices(part: str) -> list[str]:
    """ "发改局 财政局" is two offices, "建 设 局" is one: cut at blanks only when every piece is an office."""
    joined = one_line(part)
    for text in (part, joined) if not set(part) & set(_OPEN + _CLOSE) else ():
        words = text.split()
        if len(words) > 1 and all(map(_OFFICE.fullmatch, words)):
            return words
    return [joined]
