"""The process that reads pictures: a question in, an answer out, as `app.images.model` says.

Memory and processor time are bounded by the system: whatever a file makes a decoder do, only this process dies of it.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
import warnings
from typing import BinaryIO

from app.images.model import Limits, Reading, Refused, answer
from app.images.reading import read

MEMORY = 2 * 1024**3


def bound() -> None:
    """Address space, on systems that keep to it; beyond it Python raises MemoryError."""
    try:
        import resource  # noqa: PLC0415  # not on Windows
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))


def outcome(limits: Limits, content: bytes) -> Reading | Refused:
    try:
        return read(content, limits)
    except Refused as refused:
        return refused
    except MemoryError:
        return Refused("image_too_large")
    except Exception:  # noqa: BLE001  # decoders raise anything at all over a file made to
        traceback.print_exc(limit=-3)
        return Refused("file_damaged")


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    while length := questions.read(4):
        limits = Limits(**json.loads(questions.read(int.from_bytes(length, "big"))))
        content = questions.read(int.from_bytes(questions.read(4), "big"))
        answers.write(answer(outcome(limits, content)))
        answers.flush()


if __name__ == "__main__":
    # Ctrl-C goes to the whole group; the server decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    bound()
    serve(sys.stdin.buffer, sys.stdout.buffer)
