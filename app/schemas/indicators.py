from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic.functional_validators import BeforeValidator

from app.domain.indicators import Accrual, Computation
from app.schemas.base import Amount, AmountIn, Code, In, Name, Out, Query, RegionCode, fold_width

FigureIn = Annotated[
    Decimal,
    Field(max_digits=18, decimal_places=4, allow_inf_nan=False, description="In the indicator's unit"),
]
Figure = Annotated[Decimal, WithJsonSchema({"type": "number", "description": "In the indicator's unit"})]
Points = Annotated[float, Field(description="Percent or percentage points, two decimals, half up", examples=[9.41])]
NewIndicator = Annotated[
    str,
    BeforeValidator(fold_width),
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,63}$"),
    Field(description="Small letters, digits and _; the same for all counties", examples=["tea_output"]),
]


class IndicatorIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "starts_over_50000",
                    "region_code": "990102",
                    "label_zh": "5亿元以上新开工项目数",
                    "label_en": "Projects over 500 million started",
                    "unit": "count",
                    "computation": "starts",
                    "threshold": 50000,
                }
            ]
        }
    )

    code: NewIndicator
    region_code: RegionCode = Field(description="Who keeps it; every region may use it", examples=["990102"])
    label_zh: Name = Field(examples=["茶叶产量"])
    label_en: Name = Field(examples=["Tea output"])
    unit: Code = Field(description="Code of the dictionary `indicator_unit`", examples=["tonne"])
    computation: Computation = Field("entered", description="How the actual comes about")
    accrual: Accrual = Field("cumulative", description="cumulative: adds up over the year; level: compared as it is")
    threshold: AmountIn | None = Field(None, description="Only projects of at least this total investment, 万元")
    series: Code | None = Field(None, description="With `series_growth`: the indicator whose growth rate it is")


class IndicatorPatch(In):
    """Its meaning stays: what was measured by it would change after the fact."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label_zh": "茶叶总产量", "active": True}]})

    label_zh: Name | None = None
    label_en: Name | None = None
    active: bool | None = Field(None, description="false: no longer to be chosen; what uses it goes on")


class IndicatorOut(Out):
    code: str = Field(examples=["key_projects"])
    label_zh: str
    label_en: str
    unit: str = Field(description="Code of the dictionary `indicator_unit`")
    computation: Computation
    accrual: Accrual
    threshold: Amount | None
    series: str | None
    active: bool
    shipped: bool = Field(description="Comes with the product and cannot be changed")
    region_code: str | None = Field(description="Who keeps it; null for those that ship")
    version: int


class IndicatorList(Out):
    items: list[IndicatorOut]


class IndicatorQuery(Query):
    active: bool | None = None
    computation: list[Computation] | None = Field(None, max_length=20)
