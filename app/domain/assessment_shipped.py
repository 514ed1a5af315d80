"""Two schemes that ship with the program, written from published practice; a county makes its own versions of them.

What the publications say is the points; how they are put into items is ours where the description says so. What a
shipped scheme says never changes, as runs refer to it: what is known better makes its next version.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.assessment_schemes import Scheme

_UNDER_WAY = ["started", "completed", "in_production", "at_capacity"]
_YANAN: dict[str, Any] = {
    "joint": "full",
    "outcomes": {"first": 1, "last": 1, "running": 2},
    "items": [
        {
            "code": "nature",
            "name": "项目性质",
            "function": "cases",
            "cases": [
                {"name": "新开工", "where": {"category": ["new_start"], "stage": _UNDER_WAY}, "points": 5},
                {"name": "续建", "where": {"category": ["continued"]}, "points": 2},
            ],
        },
        {
            "code": "scale",
            "name": "年度计划投资规模",
            "function": "bands",
            "fact": "annual_plan",
            "over": "each",
            "bands": [
                {"at_least": 100000, "points": 20},
                {"at_least": 50000, "points": 10},
                {"at_least": 10000, "points": 6},
            ],
            "below": 3,
        },
        {
            "code": "field",
            "name": "项目类别",
            "function": "cases",
            "cases": [
                {"name": "产业项目", "where": {"sector": ["industry"]}, "points": 15},
                {
                    "name": "民生项目",
                    "where": {"sector": ["social", "service", "agriculture", "ecology", "other"]},
                    "points": 8,
                },
                {"name": "基础设施项目", "where": {"sector": ["transport", "urban", "energy"]}, "points": 6},
            ],
        },
        {
            "code": "progress",
            "name": "投资进度",
            "function": "share",
            "numerator": "completed",
            "denominator": "planned",
            "over": "each",
            "points": 60,
        },
        {
            "code": "provincial",
            "name": "列入省级考核",
            "function": "count",
            "where": {"entered": ["provincial_assessment"]},
            "points": 20,
        },
        {
            "code": "production",
            "name": "投产或运营",
            "function": "cases",
            "cases": [
                {"name": "投产", "where": {"moved_into": ["in_production"]}, "points": 20},
                {"name": "投入运营", "where": {"entered": ["operation"]}, "points": 10},
            ],
        },
        {
            "code": "large_month",
            "name": "单月完成投资超10亿元",
            "function": "months",
            "more_than": 100000,
            "points": 30,
        },
        {
            "code": "collective_start",
            "name": "承办集中开工活动",
            "function": "entered",
            "kinds": ["collective_start"],
            "points": 30,
            "entries_at_most": 4,
        },
        {"code": "criticism", "name": "通报批评", "function": "entered", "kinds": ["criticism"], "points": -10},
    ],
}
_NINGXIANG: dict[str, Any] = {
    "joint": "full",
    "at_least": 0,
    "outcomes": {"first": 1, "last": 1, "running": 2},
    "items": [
        {
            "code": "completion",
            "name": "投资完成率",
            "function": "share",
            "numerator": "completed",
            "denominator": "planned",
            "over": "total",
            "percent_at_most": 100,
            "points": 50,
        },
        {
            "code": "starts",
            "name": "新开工率",
            "function": "share",
            "where": {"category": ["new_start"]},
            "counted": {"stage": _UNDER_WAY},
            "points": 20,
        },
        {"code": "lights", "name": "绿灯率", "function": "share", "counted": {"light": ["green"]}, "points": 20},
        {
            "code": "environment",
            "name": "软环境评议得分",
            "function": "figure",
            "fact": "rating_score",
            "per": 100,
            "points": 10,
        },
        {
            "code": "bonus",
            "name": "表彰加分",
            "function": "entered",
            "kinds": ["commendation", "bonus_points"],
            "using": "value",
            "points": 1,
            "at_most": 10,
        },
        {
            "code": "criticism",
            "name": "通报批评扣分",
            "function": "entered",
            "kinds": ["criticism"],
            "points": -2,
            "at_least": -10,
        },
    ],
}

_NINGXIANG_2: dict[str, Any] = {
    **_NINGXIANG,
    "items": [
        *_NINGXIANG["items"],
        {
            "code": "late_reports",
            "name": "周报迟报扣分",
            "function": "reports",
            "states": ["late"],
            "points": -0.5,
            "at_least": -5,
        },
        {
            "code": "missing_reports",
            "name": "周报漏报扣分",
            "function": "reports",
            "states": ["missing"],
            "points": -1,
            "at_least": -5,
        },
    ],
}
_NINGXIANG_LABELS = ("宁乡：分组考核，奖首惩末", "Ningxiang: in three groups, first rewarded, last losing awards")
_NINGXIANG_TEXT = (
    "按园区、乡镇、部门三组分别排名：各组第一名奖励，末名取消评优资格，连续两年末名的建议组织处理。卷面为本系统拟的最小项目："
    "完成率50分（至多100%）、新开工率20分、绿灯率20分、软环境评议得分10分，表彰加分至多10分（填报分值），通报批评每次扣2分、"
    "至多扣10分。"
)

SHIPPED: tuple[Scheme, ...] = (
    Scheme(
        UUID("0199c1a0-7c00-7000-8000-0000000f1001"),
        "yanan_2017",
        1,
        "延安2017：重点项目逐项计分",
        "Yan'an 2017: points project by project",
        "逐个项目计分后相加。新开工5分、续建2分；年度计划10亿元以上20分、5至10亿元10分、1至5亿元6分、1亿元以下3分；产业15分、"
        "民生8分、基础设施6分；60分×完成投资÷计划投资；列入省级考核20分；投产20分或运营10分；单月完成投资超过10亿元30分；"
        "承办集中开工每次30分，一年至多4次；通报批评扣分。以下为本系统的约定：行业与类别的对应见 field 项（社会事业、"
        "商贸、农业、生态、其他归民生，交通、城建、能源归基础设施）；单月按对象名下全部项目合计；每次通报批评扣10分；首末位的后果同宁乡。",
        _YANAN,
    ),
    Scheme(
        UUID("0199c1a0-7c00-7000-8000-0000000f1002"),
        "ningxiang",
        1,
        *_NINGXIANG_LABELS,
        _NINGXIANG_TEXT,
        _NINGXIANG,
    ),
    Scheme(
        UUID("0199c1a0-7c00-7000-8000-0000000f1003"),
        "ningxiang",
        2,
        *_NINGXIANG_LABELS,
        f"{_NINGXIANG_TEXT}第2版另计项目周报：迟报每次扣0.5分、漏报每次扣1分，各至多扣5分。",
        _NINGXIANG_2,
    ),
)
"""Each version beside the later ones, for runs that went by it."""
YANAN, _, NINGXIANG = SHIPPED
"""The newest of each."""
