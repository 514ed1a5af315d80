"""Pydantic's validation errors in the API's own words; what was sent is never echoed back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from fastapi import Request
from pydantic import BaseModel

from app.errors import FieldError

_TYPES: dict[str, tuple[str, str, str]] = {
    # pydantic type prefix: our code, expectation in Chinese and English
    "string_type": ("wrong_type", "应为文本", "text"),
    "string_unicode": ("invalid_text", "", ""),
    "invalid_text": ("invalid_text", "", ""),
    "bool": ("wrong_type", "应为 true 或 false", "true or false"),
    "int": ("wrong_type", "应为整数", "a whole number"),
    "float": ("wrong_type", "应为数字", "a number"),
    "decimal_max_places": ("out_of_range", "小数最多 {decimal_places} 位", "at most {decimal_places} decimals"),
    "decimal_max_digits": ("out_of_range", "最多 {max_digits} 位数字", "at most {max_digits} digits"),
    "decimal_whole_digits": (
        "out_of_range",
        "整数最多 {whole_digits} 位",
        "at most {whole_digits} digits before the point",
    ),
    "decimal": ("wrong_type", "应为数字", "a number"),
    "finite_number": ("wrong_type", "应为有限的数字", "a finite number"),
    "uuid": ("wrong_type", "应为 UUIDv7", "a UUIDv7"),
    "date": ("wrong_type", "应为日期 YYYY-MM-DD", "a date YYYY-MM-DD"),
    "not_a_monday": ("invalid_value", "应为星期一", "a Monday"),
    "repeated": ("repeated", "", ""),
    "time_range": ("out_of_range", "时间须在 1970 至 2199 年之间", "a time between 1970 and 2199"),
    "date_range": ("out_of_range", "应在 1900 年至 2199 年之间", "from 1900 to 2199"),
    "timezone": ("wrong_type", "时间须带时区", "a time with its offset"),
    "list": ("wrong_type", "应为数组", "an array"),
    "dict": ("wrong_type", "应为对象", "an object"),
    "model": ("wrong_type", "应为对象", "an object"),
    "string_too_short": ("too_short", "至少 {min_length} 个字符", "at least {min_length} characters"),
    "string_too_long": ("too_long", "最多 {max_length} 个字符", "at most {max_length} characters"),
    "too_short": ("too_short", "至少 {min_length} 项", "at least {min_length} items"),
    "too_long": ("too_long", "最多 {max_length} 项", "at most {max_length} items"),
    "greater_than_equal": ("out_of_range", "不小于 {ge}", "at least {ge}"),
    "greater_than": ("out_of_range", "大于 {gt}", "more than {gt}"),
    "less_than_equal": ("out_of_range", "不大于 {le}", "at most {le}"),
    "less_than": ("out_of_range", "小于 {lt}", "less than {lt}"),
    "literal_error": ("invalid_value", "可用 {expected}", "one of {expected}"),
    "enum": ("invalid_value", "可用 {expected}", "one of {expected}"),
    "union_tag_not_found": ("missing", "", ""),
    "union_tag_invalid": ("invalid_value", "可用 {expected_tags}", "one of {expected_tags}"),
    "string_pattern_mismatch": ("invalid_value", "格式 {pattern}", "of the form {pattern}"),
}


def field_errors(request: Request, errors: Sequence[Any], body: Any = None) -> list[FieldError]:
    return [_translate({**e, "loc": _places(e["loc"], body)}, lambda loc: _known(request, loc)) for e in errors]


def model_errors(model: type[BaseModel], errors: Sequence[Any]) -> list[FieldError]:
    """Of a body that was held against its model without a request of its own."""

    def known(loc: Sequence[Any]) -> list[str]:
        return sorted(model.model_fields) if len(loc) == 2 else []

    translated = [_translate({**e, "loc": ("body", *e["loc"])}, known) for e in errors]
    return [FieldError(_writable(fault.pointer), fault.code, fault.params) for fault in translated]


_LONGEST_POINTER = 500


def _writable(pointer: str) -> str:
    """A name the client made up may be no text at all."""
    return pointer[:_LONGEST_POINTER].encode("utf-8", "replace").decode().replace("\0", "?")


def _places(loc: Sequence[Any], body: Any) -> tuple[Any, ...]:
    """Without the tags Pydantic puts in for the kind of a union's member: they are no place in what was sent."""
    where, *rest = loc
    if where != "body":
        return tuple(loc)
    kept, node = [where], body
    for n, step in enumerate(rest):
        if isinstance(node, dict) and step not in node and n < len(rest) - 1:
            continue
        kept.append(step)
        known = isinstance(node, dict) or (isinstance(node, list) and isinstance(step, int) and step < len(node))
        node = (node.get(step) if isinstance(node, dict) else node[step]) if known else None
    return tuple(kept)


_LISTS = frozenset({"expected", "expected_tags"})
"""What Pydantic lists in English: 'a', 'b' or 'c'."""


def _translate(error: dict[str, Any], known_at: Callable[[Sequence[Any]], list[str]]) -> FieldError:
    kind: str = error["type"]
    context = {k: v for k, v in error.get("ctx", {}).items() if isinstance(v, (str, int, float, Decimal))}
    pointer = _pointer(error["loc"])
    if kind == "missing":
        return FieldError(pointer, "missing", {})
    if kind == "extra_forbidden":
        in_body = error["loc"][0] == "body"
        known = ", ".join(known_at(error["loc"]))
        return FieldError(pointer, "unknown_field" if in_body else "unknown_parameter", {"known": known})
    for prefix in sorted(_TYPES, key=len, reverse=True):
        if kind.startswith(prefix):
            code, zh, en = _TYPES[prefix]
            listed = {
                k: v.replace(" or ", "、").replace(", ", "、") if k in _LISTS and isinstance(v, str) else v
                for k, v in context.items()
            }
            return FieldError(pointer, code, {"expected": (zh.format_map(_Any(listed)), en.format_map(_Any(context)))})
    message = str(error.get("msg", ""))
    return FieldError(pointer, "invalid_value", {"expected": (message, message)})


class _Any(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def _pointer(loc: Sequence[Any]) -> str:
    where, *rest = loc
    if where == "body":
        return "/" + "/".join(str(p) for p in rest) if rest else ""
    return str(rest[0]) if rest else str(where)


def _known(request: Request, loc: Sequence[Any]) -> list[str]:
    """The names that would have been accepted where an unknown one stood."""
    route = request.scope.get("route")
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return []
    params = dependant.body_params if loc[0] == "body" else dependant.query_params
    for param in params:
        model = getattr(param.field_info, "annotation", None)
        if isinstance(model, type) and issubclass(model, BaseModel):
            return sorted(f.alias or name for name, f in model.model_fields.items())
    return []
