"""Writing courses of light: by columns and not row by row, because thousands of periods tell the same few things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Boolean, Date, Integer, Table, Text, Uuid, any_, bindparam, delete, literal, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.db import to_json
from app.domain.light_course import Period, Told
from app.models import LightPeriod
from app.uow import UnitOfWork


class _Told(NamedTuple):
    """What a period tells, as it is stored."""

    light: str | None
    computed: str | None
    reason: str | None = None
    rule_set_id: UUID | None = None
    rule_set_code: str | None = None
    rule_set_version: int | None = None
    override_id: UUID | None = None
    parts: tuple[tuple[str, ...], ...] = ()


_DARK = _Told(None, None)
_P = cast("Table", LightPeriod.__table__)
_COLUMNS = ", ".join(_Told._fields)
_INSERT = text(f"""
INSERT INTO light_periods (project_id, from_day, until_day, turned, {_COLUMNS})
SELECT p.project_id, p.from_day, p.until_day, p.turned, {_COLUMNS}
  FROM unnest(:projects, :from_days, :until_days, :turned, :nths) AS p(project_id, from_day, until_day, turned, nth)
  JOIN json_to_recordset(CAST(:told AS json))
       AS t(nth int, light text, computed text, reason text, rule_set_id uuid, rule_set_code text,
            rule_set_version int, override_id uuid, parts jsonb) ON t.nth = p.nth
""").bindparams(  # noqa: S608  # names of columns
    bindparam("projects", type_=ARRAY(Uuid)),
    bindparam("from_days", type_=ARRAY(Date)),
    bindparam("until_days", type_=ARRAY(Date)),
    bindparam("turned", type_=ARRAY(Boolean)),
    bindparam("nths", type_=ARRAY(Integer)),
    bindparam("told", type_=Text),
)
_LENGTHEN = text("""
UPDATE light_periods p SET until_day = l.until_day
  FROM unnest(:projects, :from_days, :until_days) AS l(project_id, from_day, until_day)
 WHERE p.project_id = l.project_id AND p.from_day = l.from_day
""").bindparams(
    bindparam("projects", type_=ARRAY(Uuid)),
    bindparam("from_days", type_=ARRAY(Date)),
    bindparam("until_days", type_=ARRAY(Date)),
)


async def replace(uow: UnitOfWork, courses: Mapping[UUID, Sequence[Period]], start: date) -> None:
    """From `start` on these periods; one that goes on as it was before stays one."""
    before = await _cut(uow, list(courses), start)
    rows: list[tuple[UUID, date, date, bool, int]] = []
    longer: list[tuple[UUID, date, date]] = []
    numbers: dict[_Told, int] = {}
    for project, periods in courses.items():
        begun, last = before.get(project, (None, _DARK))
        for from_day, until_day, said in periods:
            told = _told(said)
            if begun is not None and told == last:
                longer.append((project, begun, until_day))
            else:
                turned = told.light != last.light or told.computed != last.computed
                rows.append((project, from_day, until_day, turned, numbers.setdefault(told, len(numbers))))
            # Of what follows nothing goes on: within a course no period tells the same as the one before.
            begun, last = None, told
    if longer:
        await uow.session.execute(_LENGTHEN, _columns(("projects", "from_days", "until_days"), longer))
    if rows:
        told_json = to_json([{"nth": nth, **told._asdict()} for told, nth in numbers.items()]).decode()
        columns = _columns(("projects", "from_days", "until_days", "turned", "nths"), rows)
        await uow.session.execute(_INSERT, {**columns, "told": told_json})


async def _cut(uow: UnitOfWork, ids: list[UUID], start: date) -> dict[UUID, tuple[date, _Told]]:
    """End at `start` what was stored; the periods that were going on then, each with its first day."""
    of_these = _P.c.project_id == any_(literal(ids, ARRAY(Uuid)))
    await uow.session.execute(delete(_P).where(of_these, _P.c.from_day >= start))
    ended = await uow.session.execute(
        update(_P).where(of_these, _P.c.until_day > start).values(until_day=start)
        .returning(_P.c.project_id, _P.c.from_day, *[_P.c[name] for name in _Told._fields])
    )  # fmt: skip
    return {
        project: (from_day, _Told._make([*told, tuple([tuple(part) for part in parts])]))
        for project, from_day, *told, parts in ended
    }


def _told(said: Told) -> _Told:
    rules = said.rule_set
    if rules is None:
        return _Told(said.light, said.computed, said.reason, None, None, None, said.override_id, said.parts)
    return _Told(
        said.light, said.computed, said.reason, rules.id, rules.code, rules.version, said.override_id, said.parts
    )


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
