"""Refusals that are told later, or again: kept without a language, worded when they are read."""

from __future__ import annotations

from typing import Any

from app.errors import AppError, FieldError


def keep(error: AppError) -> dict[str, Any]:
    """As JSON. Headers are left out: they belong to an answer that is not given."""
    return {
        "code": error.code,
        "params": _kept(error.params),
        "errors": [[fault.pointer, fault.code, _kept(fault.params)] for fault in error.errors],
        "extra": _kept(error.extra),
    }


def kept(problem: dict[str, Any]) -> AppError:
    return AppError(
        problem["code"],
        errors=[FieldError(pointer, code, _read(params)) for pointer, code, params in problem["errors"]],
        extra=_read(problem["extra"]),
        **_read(problem["params"]),
    )


def _kept(value: Any) -> Any:
    """JSON has no pairs: a wording in two languages becomes an object of its own."""
    if isinstance(value, tuple) and len(value) == 2:
        return {"$zh": value[0], "$en": value[1]}
    if isinstance(value, (list, tuple)):
        return [_kept(item) for item in value]
    return {name: _kept(item) for name, item in value.items()} if isinstance(value, dict) else value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(item) for item in value]
    if isinstance(value, dict):
        if value.keys() == {"$zh", "$en"}:
            return value["$zh"], value["$en"]
        return {name: _read(item) for name, item in value.items()}
    return value
