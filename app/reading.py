"""SQLAlchemy writes a read's SQL once per shape; PostgreSQL builds the JSON; asyncpg carries it.

A *shape* is everything that changes the SQL text (which filters, which sort, how the actor's scope looks);
the values travel as named parameters. So the cost of building and compiling a statement is paid once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Dialect, Select, SQLColumnExpression, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

AnySelect: TypeAlias = Select[*tuple[Any, ...]]
AnyColumn: TypeAlias = SQLColumnExpression[Any]

_DIALECT: Dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]  # the dialect's own constructor has no types
_CACHE: OrderedDict[Hashable, Prepared] = OrderedDict()
_CACHE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Prepared:
    """SQL text with $1…$n and the parameter names in that order; `constants` are values in the statement itself."""

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        return [values[name] if name in values else self.constants[name] for name in self.names]


def compile_statement(statement: AnySelect) -> Prepared:
    compiled: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return Prepared(compiled.string, tuple(compiled.positiontup or ()), dict(compiled.params))


def plain_sql(part: Any) -> str:
    """A statement or expression as text, its few constants within, for a statement put together by hand."""
    return str(part.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))


def prepared(shape: Hashable, build: Callable[[], AnySelect]) -> Prepared:
    """The compiled statement of this shape, from cache or built now."""
    found = _CACHE.get(shape)
    if found is None:
        found = compile_statement(build())
        _CACHE[shape] = found
        if len(_CACHE) > _CACHE_SIZE:
            _CACHE.popitem(last=False)
    else:
        _CACHE.move_to_end(shape)
    return found


def row_as_json(statement: AnySelect, *beside: str) -> AnySelect:
    """Each row of `statement` as one JSON text `j`; columns named in `beside` stand next to it, not in it."""
    inner = statement.subquery("r")
    members = select(*[c for c in inner.c if c.key not in beside]).correlate(inner).subquery("o")
    as_json = select(func.row_to_json(literal_column("o"))).select_from(members).scalar_subquery()
    return select(cast(as_json, Text).label("j"), *[inner.c[name] for name in beside]).select_from(inner)
