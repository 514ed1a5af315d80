"""One statistics answer in four forms: JSON, CSV, an Excel workbook, a picture; and which of them was asked for.

By extension (`/statistics/projects.csv`), else by Accept; JSON when neither names a form there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Extension = Literal["csv", "xlsx", "svg"]
Form = Literal["json", "csv", "xlsx", "svg"]
EXTENSIONS: tuple[Extension, ...] = get_args(Extension)
MEDIA_TYPES: dict[Form, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
}
VARY = "Authorization, X-API-Key, Accept, Accept-Language"
_LONGEST = 1000


def split(path: str) -> tuple[str, str]:
    """(path without extension, extension or ""): only of a form there is."""
    stem, dot, extension = path.rpartition(".")
    return (stem, extension) if dot and extension in EXTENSIONS else (path, "")


def wanted(extension: str, accept: str) -> Form:
    for known in EXTENSIONS:
        if extension == known:
            return known
    if not accept or accept == "*/*":
        return "json"
    weights = _weights(accept[:_LONGEST])
    best: Form = max(MEDIA_TYPES, key=lambda form: _weight(weights, MEDIA_TYPES[form]))
    return best


def _weights(accept: str) -> Mapping[str, float]:
    weights = {}
    for entry in accept.lower().split(","):
        media, *parameters = [part.strip() for part in entry.split(";")]
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            weights[media] = min(max(float(weight), 0.0), 1.0)
        except ValueError:
            weights[media] = 0.0
    return weights


def _weight(weights: Mapping[str, float], media: str) -> float:
    """By the most specific range that names it (RFC 9110 12.5.1)."""
    for name in (media, media.partition("/")[0] + "/*", "*/*"):
        if name in weights:
            return weights[name]
    return 0.0


def prefers_english(accept_language: str) -> bool:
    """Chinese unless the client prefers English: the first language it names decides."""
    return accept_language.split(",", maxsplit=1)[0].strip().lower().startswith("en")
