"""Paper, ink and lettering of all pictures. Coordinates are pixels from the top left.

Text stays text in the SVG and is set by whatever Chinese font the reader has; none may be installed here. So nothing is
measured: room is left by counting characters.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Sequence
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

FONTS = [
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB",
    "WenQuanYi Micro Hei", "SimHei", "SimSun", "sans-serif",
]  # fmt: skip
_FAMILY = ", ".join(name if name == "sans-serif" else f"'{name}'" for name in FONTS)
INK, GREY, RULE, LIGHT = "#1a1a1a", "#595959", "#bfbfbf", "#dfe6ee"
BLUE, ORANGE = "#1f4e79", "#f6c9a0"
MARGIN = 40
Align = Literal["left", "center", "right"]

FILLS: tuple[dict[str, Any], ...] = (
    {"facecolor": BLUE, "edgecolor": BLUE},
    {"facecolor": "white", "edgecolor": BLUE, "hatch": "////"},
    {"facecolor": LIGHT, "edgecolor": BLUE, "hatch": "---"},
    {"facecolor": "white", "edgecolor": BLUE},
)
"""Told apart without colour: full, striped, ruled, empty."""
BEHIND: dict[str, Any] = {"facecolor": ORANGE, "edgecolor": "#8a3b00", "hatch": "////"}

mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "diaodu",
        "font.family": "DejaVu Sans",
        "hatch.linewidth": 1.2,
        "axes.unicode_minus": False,
        "text.parse_math": False,
    }
)
logging.getLogger("matplotlib.font_manager").setLevel(logging.CRITICAL)


class Canvas:
    def __init__(self, width: float, height: float) -> None:
        self.width, self.height, self.title = width, height, ""
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor="white")
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(height, 0)
        self.axes.set_axis_off()

    def text(
        self, x: float, y: float, text: str, size: float = 18, *, align: Align = "left", bold: bool = False,
        color: str = INK,
    ) -> None:  # fmt: skip
        """`y` is where the middle of a Chinese character stands."""
        self.axes.text(
            x, y + size * 0.36, text, fontsize=size, ha=align, va="baseline", color=color,
            fontweight="bold" if bold else "normal",
        )  # fmt: skip

    def bar(self, x: float, y: float, width: float, height: float, fill: dict[str, Any]) -> None:
        """`y` is the upper edge."""
        self.axes.add_patch(Rectangle((x, y), width, height, linewidth=1.2, zorder=2, **fill))

    def shape(self, points: Sequence[tuple[float, float]], fill: dict[str, Any]) -> None:
        self.axes.add_patch(Polygon(list(points), closed=True, linewidth=1, zorder=1, **fill))

    def line(self, points: Sequence[tuple[float, float]], *, width: float = 1, color: str = RULE, **look: Any) -> None:
        """Thin ones lie under bars, others over them."""
        xs, ys = zip(*points, strict=True)
        self.axes.add_line(Line2D(xs, ys, linewidth=width, color=color, zorder=1.5 if width < 1 else 3, **look))

    def head(self, title: str, note: str) -> float:
        """Title and note; where the picture itself may begin."""
        self.title = title
        self.text(MARGIN, 44, shortened(title, self.width - 2 * MARGIN, 30), 30, bold=True)
        self.text(MARGIN, 84, note, 17, color=GREY)
        self.line([(MARGIN, 108), (self.width - MARGIN, 108)], width=1.5, color=INK)
        return 128

    def svg(self) -> bytes:
        out = io.BytesIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            self.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return self._finished(out.getvalue().decode()).encode()

    def _finished(self, svg: str) -> str:
        """One font list for all text, named where it is inherited from; a title for who cannot see; nothing spare."""
        svg = re.sub(r"<!DOCTYPE[^>]*>\n| *<metadata>.*?</metadata>\n", "", svg, flags=re.DOTALL)
        svg = re.sub(r" ?font-family: [^;]*;", "", svg)
        svg = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", svg)
        root = (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1"'
            f' width="{self.width:.0f}" height="{self.height:.0f}" viewBox="0 0 {self.width:.0f} {self.height:.0f}"'
            f' role="img" font-family={quoteattr(_FAMILY)}>\n<title>{escape(self.title)}</title>'
        )
        return re.sub(r"<svg [^>]*>", lambda _: root, svg, count=1)


def em(text: str, size: float) -> float:
    """About how wide a text will be: Chinese characters are square, others a little over half of that or a third."""
    return sum(1.0 if ord(c) > 0x2E7F or c in "·—…“”" else 0.35 if c in " .,:;'!|()/-" else 0.6 for c in text) * size


def widest(texts: Sequence[str], size: float, at_most: float) -> float:
    return min(max((em(text, size) for text in texts), default=0), at_most)


def shortened(text: str, room: float, size: float) -> str:
    """As much as fits, with … for the rest."""
    if em(text, size) <= room:
        return text
    kept = text
    while kept and em(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…"
