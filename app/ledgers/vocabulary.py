"""The words of stages, sectors and annual-plan categories: what ledgers write, what we write back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.ledgers.text import fold

STAGE_LABELS: dict[str, str] = {
    "reserve": "储备",
    "negotiating": "洽谈",
    "signed": "签约",
    "landed": "落地",
    "started": "开工",
    "completed": "竣工",
    "in_production": "投产",
    "at_capacity": "达产",
    "terminated": "终止",
}
_STAGE_WORDS = {label: code for code, label in STAGE_LABELS.items()} | {
    "谋划": "reserve",
    "在谈": "negotiating",
    "已签约": "signed",
    "在建": "started",
    "完工": "completed",
    "建成": "completed",
    "投用": "in_production",
    "投产投用": "in_production",
}
_STAGE_WORD = "|".join(sorted(_STAGE_WORDS, key=len, reverse=True))
_STAGE_ALONE = re.compile(rf"已?({_STAGE_WORD})(阶段|期|类)?")
_STAGE_SHEET = re.compile(
    rf"(?:全[县市区州])?(?:重点)?已?({_STAGE_WORD})(?:类|阶段)?(?:项目库?)?(?:[一-龥]*表|台账)?[0-9()]*"
)
_STAGE_IN_TITLE = re.compile(rf"(?<![新拟未待前续划])({_STAGE_WORD})(?:类|阶段)?项目")

SECTOR_LABELS: dict[str, str] = {
    "industry": "工业",
    "urban": "城建",
    "transport": "交通",
    "agriculture": "农林水利",
    "social": "社会事业",
    "service": "商贸服务",
    "energy": "能源",
    "ecology": "生态环保",
    "other": "其他",
}
_SECTOR_WORDS: dict[str, str] = {
    word: code
    for code, words in {
        "industry": "工业 制造 工贸 industry",
        "urban": "城建 城镇 城市 市政 基础设施 房地产 住建 棚户区 urban",
        "transport": "交通 公路 铁路 农村公路 交通基础设施 transport",
        "agriculture": "农业 农林 水利 林业 畜牧 农村 农口 水务 agriculture",
        "social": "社会 民生 教育 卫生 文教 文化 医疗 体育 科教 social",
        "service": "商贸 商务 服务 旅游 物流 三产 第三产业 文化旅游 文旅 生态旅游 商业 service",
        "energy": "能源 电力 煤炭 energy",
        "ecology": "生态 环保 环境 节能 ecology",
        "other": "其他 其它 other",
    }.items()
    for word in words.split()
}
_SECTOR_WORD = re.compile("|".join(sorted(_SECTOR_WORDS, key=len, reverse=True)))

CATEGORY_LABELS: dict[str, str] = {"continued": "续建", "new_start": "新建", "preliminary": "前期"}
_CATEGORY_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("continued", re.compile("续建|结转|continued")),
    ("new_start", re.compile("新建|新开|新增|拟开工|计划开工|new_start")),
    ("preliminary", re.compile("前期|预备|谋划|preliminary")),
)
_KIND_OF_WORK = re.compile("(改?扩建|改建|技改|技术改造|迁建|搬迁|恢复|单纯购置|重建|装修|改造|[、/和及])+")
"""建设性质 in the sense of statistics: true, but not what the annual plan calls a category."""


def stage_of(text: str) -> str | None:
    """The stage a cell names: 洽谈, 已开工, 竣工阶段, or the code itself."""
    folded = fold(text)
    if folded in STAGE_LABELS:
        return folded
    match = _STAGE_ALONE.fullmatch(folded)
    return _STAGE_WORDS[match[1]] if match else None


def stage_of_sheet(name: str, title: str | None) -> str | None:
    """The stage all rows of a sheet are in, when its name ("洽谈项目") or title ("…开工项目…") names just one."""
    match = _STAGE_SHEET.fullmatch(fold(name))
    if match:
        return _STAGE_WORDS[match[1]]
    found = {_STAGE_WORDS[word] for word in _STAGE_IN_TITLE.findall(fold(title or ""))}
    return found.pop() if len(found) == 1 else None


def sector_of(text: str, sectors: Mapping[str, str] | None = None) -> str | None:
    """The sector a label means: one of `sectors` (code to label) by name, else by the first word that is known."""
    folded = fold(text).removesuffix("项目").removesuffix("类")
    for code, label in (*(sectors or {}).items(), *SECTOR_LABELS.items()):
        if folded in {fold(label).removesuffix("项目").removesuffix("类"), code}:
            return code
    match = _SECTOR_WORD.search(folded)
    return _SECTOR_WORDS[match[0]] if match else None


def is_sector_label(text: str, sectors: Mapping[str, str] | None = None) -> bool:
    """Whether the text is nothing but sector words: 农林水利, 商贸旅游, 社会事业."""
    if fold(text) in {fold(label) for label in (sectors or {}).values()}:
        return True
    rest = _SECTOR_WORD.sub("", fold(text))
    return rest != fold(text) and rest in {"", "业", "事业", "建设", "类"}


def category_of(text: str) -> str | None:
    """continued, new_start or preliminary; None when the text names none or more than one."""
    folded = fold(text)
    found = [code for code, words in _CATEGORY_WORDS if words.search(folded)]
    return found[0] if len(found) == 1 else None


def is_kind_of_work(text: str) -> bool:
    return _KIND_OF_WORK.fullmatch(fold(text)) is not None
