"""Answers made smaller for those who can read them so; for the few routes whose answers are big."""

from __future__ import annotations

import asyncio
import gzip

from fastapi import Request, Response

_WORTH_IT = 1000
_LEVEL = 6


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding asks for it (RFC 9110 12.5.3); without one nothing is changed."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = [piece.strip() for piece in part.split(";")]
        weights[name] = _weight(parameters)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


async def maybe_gzipped(request: Request, body: bytes, headers: dict[str, str], media_type: str) -> Response:
    """200 with the body, compressed when the client takes that; its ETag must be a weak one."""
    headers = {**headers, "Vary": "Accept-Encoding"}
    if len(body) >= _WORTH_IT and accepts_gzip(request.headers.get("accept-encoding", "")):
        # In a thread, where it leaves the others alone; without a time in it, so that it is the same again.
        body = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, 200, headers, media_type)
