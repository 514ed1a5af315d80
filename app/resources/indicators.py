from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal_column, select

from app.access import Scoping
from app.listing import Resource
from app.models import Indicator
from app.reading import AnySelect


def _select() -> AnySelect:
    i = Indicator
    columns: list[Any] = [
        i.code, i.label_zh, i.label_en, i.unit, i.computation, i.accrual,
        func.trim_scale(i.threshold).label("threshold"), i.series, i.active,
        literal_column("false").label("shipped"), i.region_code, i.version,
    ]  # fmt: skip
    return select(*columns)


INDICATOR = Resource(
    name="indicator",
    label=("指标", "indicator"),
    # The catalogue is a code list: everyone reads it, so that sister counties mean the same by a code.
    permission="dictionaries.read",
    key=Indicator.code,
    scoping=Scoping(region=Indicator.region_code),
    full=_select,
)
