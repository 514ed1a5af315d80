"""What can go wrong, named. No HTTP here: `problems` turns these into RFC 9457 documents.

Every code stands in `messages.CATALOGUE` with its status, Chinese and English wording.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PASSING = frozenset({"unavailable", "took_too_long"})
"""Nothing is wrong with what was asked; later it may work."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one place of the request; `pointer` is a JSON pointer or a parameter's name."""

    pointer: str
    code: str
    params: dict[str, Any]


class AppError(Exception):
    """A refusal with a stable `code`; `params` fill its wording and stay visible to the client."""

    def __init__(
        self,
        code: str,
        *,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
        extra: dict[str, Any] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
        self.errors = errors or []
        self.headers = headers or {}
        self.extra = extra or {}
        """Members added to the problem document as they are, e.g. `current` and `fields` of a 412."""


def invalid(pointer: str, code: str, **params: Any) -> AppError:
    """One wrong field, as a 422."""
    return AppError("invalid_content", errors=[FieldError(pointer, code, params)])


def unknown_code(pointer: str, value: str, known: Iterable[str]) -> FieldError:
    """A code that is none of the `known` ones, which are named."""
    codes = list(known)
    told = (f"；可用：{'、'.join(codes)}", f"; known: {', '.join(codes)}") if codes else ("", "")
    return FieldError(pointer, "unknown_code", {"value": value, "known": told})


def not_found(resource: tuple[str, str]) -> AppError:
    """Not there, or not yours to see: the two must look the same. `resource` is its name, (Chinese, English)."""
    return AppError("not_found", resource=resource)
