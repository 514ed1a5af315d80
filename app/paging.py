"""From page to page: reading the client's cursor, and telling where the next page is."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request, Response

from app.errors import AppError, FieldError
from app.security.cursors import CursorSigner, CursorValue, InvalidCursor


def read_cursor(signer: CursorSigner, cursor: str, purpose: str) -> tuple[CursorValue, CursorValue]:
    """Sort key and id of the last row of the page before; 422 unless the cursor was made for this very list."""
    try:
        key, identity = signer.decode(cursor, purpose)
    except (InvalidCursor, ValueError):
        raise AppError("invalid_content", errors=[FieldError("cursor", "invalid_cursor", {})]) from None
    return key, identity


def page_of(request: Request, items: list[str], next_cursor: str | None, total: int | None) -> Response:
    """`{"items", "next_cursor"}` of ready-made JSON, `total` where it was counted, and `Link: rel="next"`."""
    cursor_json = f'"{next_cursor}"' if next_cursor else "null"
    counted = "" if total is None else f',"total":{total}'
    body = f'{{"items":[{",".join(items)}],"next_cursor":{cursor_json}{counted}}}'
    headers = {}
    if next_cursor:
        parameters = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
        target = f"{request.url.path}?{urlencode([*parameters, ('cursor', next_cursor)])}"
        headers["Link"] = f'<{target}>; rel="next"'
    return Response(body, 200, headers, "application/json")
