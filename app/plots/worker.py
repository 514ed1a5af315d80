"""The process that draws, alone with the drawing library: a line of JSON in, a length and the picture out.

It ends when its input ends, which is when the server does, however that comes about.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from app.ledgers.text import clean
from app.plots import bars, funnel, grid, lines, moves, poster

DRAW: Mapping[str, Callable[[dict[str, Any]], bytes]] = {
    "funnel": funnel.draw,
    "rates": bars.rates,
    "bars": bars.bars,
    "lines": lines.draw,
    "poster": poster.draw,
    "moves": moves.draw,
    "grid": grid.draw,
}


def draw(line: bytes) -> bytes:
    chart = tidy(json.loads(line))
    return DRAW[chart["kind"]](chart)


def tidy(value: Any) -> Any:
    """Texts on one line and without what XML does not take."""
    if isinstance(value, str):
        return " ".join(clean(value).split())
    if isinstance(value, list):
        return [tidy(each) for each in value]
    return {name: tidy(each) for name, each in value.items()} if isinstance(value, dict) else value


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    for line in requests:
        try:
            picture = draw(line)
        except Exception:  # noqa: BLE001  # one picture that fails must not take the others with it
            traceback.print_exc()
            picture = b""
        answers.write(len(picture).to_bytes(4, "big") + picture)
        answers.flush()


if __name__ == "__main__":
    # Ctrl-C goes to the whole group; the server decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer)
