"""The kinds of permits (手续种类) and the rules that ship with the product; a county says where it differs.

Limits are working days of the authority. Sources: 行政许可法 art. 42 (20 working days) where no special rule is
shorter or longer; 建筑法 art. 8 (construction permit: 7); 环境影响评价法 art. 22 (environmental report form: 30);
the water conservation plan has 10 in the ministry's own rules. Mandatory before work starts: 建筑法 art. 7,
城乡规划法 art. 38 and 40, 环境保护法 art. 61, 企业投资项目核准和备案管理条例. The others bind only
projects of a certain size or place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

DEFAULT_LIMIT_DAYS = 20
"""Of a kind that a county added without saying: 行政许可法 art. 42."""


ENTRY_REQUIRED = True
"""A mandatory permit that nobody entered is missing like one that is not issued, unless a region says otherwise."""


class Kind(NamedTuple):
    code: str
    label_zh: str
    label_en: str
    time_limit_days: int
    mandatory: bool


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("project_approval", "立项（审批、核准、备案）", "Project approval", 20, True),
        Kind("site_opinion", "用地预审与选址意见书", "Site opinion and land pre-examination", 20, False),
        Kind("land_use_planning_permit", "建设用地规划许可证", "Land use planning permit", 20, True),
        Kind("land_approval", "用地批复与土地证", "Land approval and title", 20, False),
        Kind("construction_planning_permit", "建设工程规划许可证", "Construction planning permit", 20, True),
        Kind("environmental_assessment", "环境影响评价批复", "Environmental assessment", 30, True),
        Kind("energy_review", "节能审查（能评）", "Energy conservation review", 20, False),
        Kind("water_conservation_plan", "水土保持方案批复（水保）", "Soil and water conservation plan", 10, False),
        Kind("construction_permit", "施工许可证", "Construction permit", 7, True),
        Kind("other", "其他手续", "Other permit", DEFAULT_LIMIT_DAYS, False),
    )
}

MANDATORY_KINDS = tuple(code for code, kind in KINDS.items() if kind.mandatory)


class Said(NamedTuple):
    """What a region says of a kind; None: as the region above it."""

    region_code: str
    time_limit_days: int | None
    mandatory: bool | None
    entry_required: bool | None = None


class InForce(NamedTuple):
    """What holds of a kind in a region, and which region said so; "" for the rules that ship with the product."""

    time_limit_days: int
    mandatory: bool
    entry_required: bool
    time_limit_from: str
    mandatory_from: str
    entry_required_from: str

    @property
    def bars_unentered(self) -> bool:
        """Whether a project that has no permit of the kind on record may not start."""
        return self.mandatory and self.entry_required


def in_force(kind: str, region_code: str, said: Iterable[Said]) -> InForce:
    """The nearest region that speaks of it decides, each thing for itself."""
    shipped = KINDS.get(kind)
    limit, mandatory = (shipped.time_limit_days, shipped.mandatory) if shipped else (DEFAULT_LIMIT_DAYS, False)
    required = ENTRY_REQUIRED
    limit_from = mandatory_from = required_from = ""
    for rule in sorted(said, key=lambda rule: len(rule.region_code)):
        if not region_code.startswith(rule.region_code):
            continue
        if rule.time_limit_days is not None:
            limit, limit_from = rule.time_limit_days, rule.region_code
        if rule.mandatory is not None:
            mandatory, mandatory_from = rule.mandatory, rule.region_code
        if rule.entry_required is not None:
            required, required_from = rule.entry_required, rule.region_code
    return InForce(limit, mandatory, required, limit_from, mandatory_from, required_from)
