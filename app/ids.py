"""UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits; sorts by time."""

from __future__ import annotations

import os
import uuid
from datetime import datetime


class Uuid7Sequence:
    """Ids that grow strictly in the order they are asked for: a ledger's rows keep their order.

    The counter sits in the 12 bits after the time and overflows into it (RFC 9562, method 1 with a carry).
    """

    def __init__(self, now: datetime) -> None:
        self._tick = int(now.timestamp() * 1000) << 12

    def next(self) -> uuid.UUID:
        self._tick += 1
        high, low = self._tick >> 12, self._tick & 0xFFF
        tail = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1
        return uuid.UUID(int=high << 80 | 7 << 76 | low << 64 | 0b10 << 62 | tail)
