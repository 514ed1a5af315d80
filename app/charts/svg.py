"""A small SVG writer: shapes and texts with what belongs to them as a tooltip; escaped by the XML library itself.

Only presentation attributes: no style sheet, no script, nothing from outside, so that the strictest Content Security
Policy lets it through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from app.charts.text import plain, shorten

FONTS = '"Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", SimHei, sans-serif'
Anchor = Literal["start", "middle", "end"]
Value = str | float | int

# What a text's middle is above its baseline, in its size: attributes for that are not understood everywhere.
_MIDDLE = 0.36


class Drawing:
    """Shapes in the order they are drawn; later ones lie on top."""

    def __init__(self, width: float, height: float, *, title: str, language: str) -> None:
        """Of a shape but of no size: it fills the screen, the page or the frame it is shown in."""
        self._root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {_number(width)} {_number(height)}",
                "font-family": FONTS,
                "role": "img",
                "xml:lang": language,
            },
        )
        SubElement(self._root, "title").text = plain(title)
        self._into = self._root
        self.rect(0, 0, width, height, fill="#ffffff")

    def group(self, tip: str = "") -> Drawing:
        """A drawing inside this one; `tip` shows over all of it."""
        inner = object.__new__(Drawing)
        inner._root = self._root
        inner._into = SubElement(self._into, "g")
        if tip:
            # Line breaks show in tooltips.
            SubElement(inner._into, "title").text = "\n".join(map(plain, tip.split("\n")))
        return inner

    def rect(self, x: float, y: float, width: float, height: float, *, radius: float = 0, **look: Value) -> None:
        rounded: dict[str, Value] = {"rx": radius} if radius else {}
        self._add("rect", {"x": x, "y": y, "width": max(width, 0), "height": max(height, 0), **rounded, **look})

    def line(self, x1: float, y1: float, x2: float, y2: float, **look: Value) -> None:
        self._add("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, **look})

    def circle(self, x: float, y: float, radius: float, **look: Value) -> None:
        self._add("circle", {"cx": x, "cy": y, "r": radius, **look})

    def polygon(self, points: Sequence[tuple[float, float]], **look: Value) -> None:
        self._add("polygon", {"points": _points(points), **look})

    def path(self, points: Sequence[tuple[float, float]], **look: Value) -> None:
        """Straight lines from point to point, open."""
        self._add("polyline", {"points": _points(points), "fill": "none", **look})

    def text(
        self, x: float, y: float, text: str, size: float, *, anchor: Anchor = "start", room: float = 0,
        bold: bool = False, **look: Value,
    ) -> None:  # fmt: skip
        """One line whose middle is at height `y`; with `room`, shortened to fit and then told in full as a tooltip."""
        text = plain(text)
        shown = shorten(text, room, size) if room else text
        if not shown:
            return
        start: dict[str, Value] = {} if anchor == "start" else {"text-anchor": anchor}
        if bold:
            look["font_weight"] = "bold"
        made = self._add("text", {"x": x, "y": y + _MIDDLE * size, "font-size": size, **start, **look})
        if shown != text:
            SubElement(made, "title").text = text
        # After the tooltip, which must come first.
        if len(made):
            made[0].tail = shown
        else:
            made.text = shown

    def to_bytes(self) -> bytes:
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + bytes(tostring(self._root, "utf-8"))

    def _add(self, tag: str, attributes: dict[str, Value]) -> Element:
        named = {
            name.replace("_", "-"): _number(value) if isinstance(value, int | float) else value
            for name, value in attributes.items()
        }
        return SubElement(self._into, tag, named)


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
