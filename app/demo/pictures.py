"""Pictures of building sites, drawn: a demo carries no photos of real places, and no files but its ledgers."""

from __future__ import annotations

import io
import random
from datetime import datetime

from PIL import ExifTags, Image, ImageDraw, ImageFilter

_WIDTH, _HEIGHT = 960, 720
Point = tuple[float, float]
"""Longitude, latitude."""


def site(seed: int, taken_at: datetime, point: Point | None) -> bytes:
    """A JPEG as a phone saves it, always the same of one seed; without a point it does not say where it was taken."""
    draw = random.Random(seed)  # noqa: S311  # nothing is secret about it
    image = Image.new("RGB", (_WIDTH, _HEIGHT))
    canvas = ImageDraw.Draw(image)
    horizon = draw.randint(300, 480)
    for y in range(horizon):
        canvas.line((0, y, _WIDTH, y), (150 + 80 * y // horizon, 180 + 50 * y // horizon, 225))
    _hills(canvas, draw, horizon)
    canvas.rectangle((0, horizon, _WIDTH, _HEIGHT), (150, 120 + draw.randint(0, 30), 80))
    for x in sorted(draw.sample(range(-60, _WIDTH - 160, 40), 4)):
        _building(canvas, draw, x, horizon + draw.randint(10, 160))
    _crane(canvas, draw.randint(80, _WIDTH - 80), horizon + 40, draw.choice((-1, 1)))
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(1)).save(out, "JPEG", quality=80, exif=_exif(taken_at, point))
    return out.getvalue()


def _hills(canvas: ImageDraw.ImageDraw, draw: random.Random, horizon: int) -> None:
    tops = [(x, horizon - draw.randint(10, 220)) for x in range(0, _WIDTH + 160, 160)]
    canvas.polygon([(0, horizon), *tops, (_WIDTH, horizon)], (60 + draw.randint(0, 60), 110, 80))


def _building(canvas: ImageDraw.ImageDraw, draw: random.Random, x: int, foot: int) -> None:
    """Floors as far as they are up, their openings, and what the next one begins with."""
    width, storeys, grey = draw.randint(110, 260), draw.randint(2, 7), draw.randint(90, 210)
    for storey in range(storeys):
        top = foot - 46 * (storey + 1)
        canvas.rectangle((x, top, x + width, top + 44), (grey, grey, grey - 15), (70, 70, 70))
        for opening in range(x + 12, x + width - 24, 36):
            canvas.rectangle((opening, top + 10, opening + 20, top + 34), (40, 45, 55))
    for post in range(x, x + width, 22):
        canvas.line((post, foot - 46 * storeys, post, foot - 46 * storeys - 20), (120, 70, 40), 3)


def _crane(canvas: ImageDraw.ImageDraw, x: int, foot: int, to: int) -> None:
    top, yellow = foot - 270, (225, 170, 30)
    canvas.line((x, foot, x, top), yellow, 9)
    canvas.line((x - 70 * to, top, x + 300 * to, top), yellow, 7)
    canvas.line((x, top - 50, x + 280 * to, top), yellow, 2)
    canvas.line((x + 220 * to, top, x + 220 * to, top + 150), (60, 60, 60), 2)


def _exif(taken_at: datetime, point: Point | None) -> Image.Exif:
    tags = Image.Exif()
    camera = tags.get_ifd(ExifTags.IFD.Exif)
    camera[ExifTags.Base.DateTimeOriginal] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    camera[ExifTags.Base.OffsetTimeOriginal] = taken_at.strftime("%z")[:3] + ":" + taken_at.strftime("%z")[3:]
    if point is not None:
        east, north = map(_degrees, point)
        tags.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: north, 3: "E", 4: east})
    return tags


def _degrees(value: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(round(value * 3600, 2), 60)
    return (minutes // 60, minutes % 60, seconds)
