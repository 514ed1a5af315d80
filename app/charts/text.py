"""Text without a font at hand: widths estimated, long texts shortened or broken into lines."""

from __future__ import annotations

import re
import unicodedata

# Whatever XML 1.0 has no way to write.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW = set("ijl.,:;'|!()[]{}/·")
_WIDE = set("mwMW@%")
_NOT_AT_A_LINES_START = set("，。、；：！？）》」』”’%…)]")
_BEFORE_BRACKET = re.compile("[(（]")


def plain(text: str) -> str:
    """One line fit for XML."""
    return " ".join(_NOT_XML.sub("", text).split())


def width(text: str, size: float) -> float:
    """About how wide the text is: Chinese characters are as wide as they are high."""
    return size * sum(map(_em, text))


def _em(sign: str) -> float:
    if unicodedata.combining(sign) or unicodedata.category(sign) in {"Cf", "Mn"}:
        return 0
    if unicodedata.east_asian_width(sign) in "WFA":
        return 1
    if sign in _NARROW:
        return 0.32
    if sign in _WIDE:
        return 0.9
    return 0.68 if sign.isupper() else 0.57


def shorten(text: str, room: float, size: float) -> str:
    """The text, or as much of it as fits with an ellipsis; nothing where not even one character would."""
    text = plain(text)
    if width(text, size) <= room:
        return text
    kept, used = "", size  # the ellipsis
    for sign in text:
        used += size * _em(sign)
        if used > room:
            break
        kept += sign
    kept = kept.rstrip(" ，、；·(（")
    return f"{kept}…" if kept else ""


def lines(text: str, room: float, size: float, most: int) -> list[str]:
    """At most so many lines, the last one shortened; broken anywhere, as Chinese is, but not inside a word."""
    rest, found = plain(text), list[str]()
    while rest and len(found) < most - 1 and width(rest, size) > room:
        cut = _cut(rest, room, size)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, shorten(rest, room, size)] if rest else found


def _cut(text: str, room: float, size: float) -> int:
    """How many characters go on the first line; at least one."""
    used, cut = 0.0, 0
    for cut, sign in enumerate(text):  # noqa: B007  # where the loop stops is what is asked for
        used += size * _em(sign)
        if used > room:
            break
    cut = max(cut, 1)
    bracket = next((m.start() for m in _BEFORE_BRACKET.finditer(text, cut // 2, cut)), 0)
    if bracket and width(text[bracket:], size) <= room:
        return bracket
    back = cut
    while back > 1 and text[back].isascii() and text[back].isalnum() and text[back - 1].isascii():
        back -= 1
    cut = back if back > 1 else cut
    while cut > 1 and text[cut] in _NOT_AT_A_LINES_START:
        cut -= 1
    return cut
