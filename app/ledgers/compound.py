"""OLE compound files ([MS-CFB]), the container of .xls: reading streams, and writing a clean file around one.

The spreadsheet reader trusts sizes and chains in such a file (a looping chain never ends, a lying length asks for
gigabytes). So it never sees the uploaded container: the stream is taken out here and put into a new one.
"""

from __future__ import annotations

import struct
from array import array

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_END_OF_CHAIN = 0xFFFFFFFE
_FREE = 0xFFFFFFFF
_FAT_SECTOR = 0xFFFFFFFD
_MINI_CUTOFF = 4096


class DamagedError(Exception):
    """The bytes do not form a readable container or stream."""


class CompoundFile:
    """Streams by name. Everything is bounded by the size of `data`; DamagedError for bad chains."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512 or not data.startswith(SIGNATURE):
            raise DamagedError("header")
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise DamagedError("sector size")
        self._data = data
        self._size = 1 << shift
        self._count = -(-len(data) // self._size)
        self._fat = self._read_fat()
        directory = self._chain(struct.unpack_from("<I", data, 48)[0])
        self._entries = [directory[at : at + 128] for at in range(0, len(directory) - 127, 128)]
        if not self._entries:
            raise DamagedError("directory")
        self._mini_fat: array[int] | None = None
        self._mini = b""

    @property
    def names(self) -> set[str]:
        return {_name(entry) for entry in self._entries if entry[66] == 2}

    def read(self, name: str) -> bytes:
        """The stream of that name; KeyError when there is none."""
        for entry in self._entries:
            if entry[66] == 2 and _name(entry) == name:
                start, size = struct.unpack_from("<II", entry, 116)
                return (self._read_mini(start) if size < _MINI_CUTOFF else self._chain(start))[:size]
        raise KeyError(name)

    def _sector(self, number: int) -> bytes:
        if number >= self._count:
            raise DamagedError("sector beyond the end")
        at = (number + 1) * self._size
        return self._data[at : at + self._size].ljust(self._size, b"\0")

    def _chain(self, start: int) -> bytes:
        parts: list[bytes] = []
        while start < _FAT_SECTOR - 1:
            if len(parts) > self._count or start >= len(self._fat):
                raise DamagedError("chain")
            parts.append(self._sector(start))
            start = self._fat[start]
        return b"".join(parts)

    def _read_fat(self) -> array[int]:
        numbers = list(struct.unpack_from("<109I", self._data, 76))
        more = struct.unpack_from("<I", self._data, 68)[0]
        for _ in range(self._count):
            if more >= _FAT_SECTOR - 1:
                break
            entries = _words(self._sector(more))
            numbers.extend(entries[:-1])
            more = entries[-1]
        used = [number for number in numbers if number < _FAT_SECTOR - 1]
        if len(used) > self._count:
            raise DamagedError("allocation table")
        return _words(b"".join(self._sector(number) for number in used))

    def _read_mini(self, start: int) -> bytes:
        if self._mini_fat is None:
            self._mini_fat = _words(self._chain(struct.unpack_from("<I", self._data, 60)[0]))
            self._mini = self._chain(struct.unpack_from("<I", self._entries[0], 116)[0])
        parts: list[bytes] = []
        while start < _FAT_SECTOR - 1:
            if start >= len(self._mini_fat) or len(parts) > len(self._mini_fat):
                raise DamagedError("small chain")
            parts.append(self._mini[start * 64 : start * 64 + 64])
            start = self._mini_fat[start]
        return b"".join(parts)


def _words(data: bytes) -> array[int]:
    return array("I", struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _name(entry: bytes) -> str:
    return entry[:64].decode("utf-16-le", "replace").split("\0", 1)[0]


def wrap(stream: bytes, name: str = "Workbook") -> bytes:
    """A minimal compound file (version 4, sectors of 4096) that holds just this stream."""
    size = 4096
    stream = stream.ljust(_MINI_CUTOFF, b"\0")
    sectors = -(-len(stream) // size)
    tables = 1
    while tables * 1024 < 1 + sectors + tables:
        tables += 1
    if tables > 109:
        raise DamagedError("too long")
    fat = [_END_OF_CHAIN, *range(2, sectors + 1), _END_OF_CHAIN, *[_FAT_SECTOR] * tables]
    fat += [_FREE] * (tables * 1024 - len(fat))
    places = [1 + sectors + index for index in range(tables)] + [_FREE] * (109 - tables)
    header = SIGNATURE + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 4, 0xFFFE, 12, 6, 1, tables, 0, 0, _MINI_CUTOFF,
                          _END_OF_CHAIN, 0, _END_OF_CHAIN, 0, places[0])  # fmt: skip
    header += struct.pack("<108I", *places[1:])
    directory = _entry("Root Entry", 5, 1, 0, 0) + _entry(name, 2, _FREE, 1, len(stream))
    return b"".join((
        header.ljust(size, b"\0"),
        directory.ljust(size, b"\0"),
        stream.ljust(sectors * size, b"\0"),
        struct.pack(f"<{len(fat)}I", *fat),
    ))  # fmt: skip


def _entry(name: str, kind: int, child: int, start: int, length: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII36xIQ", encoded, len(encoded), kind, 1, _FREE, _FREE, child, start, length
    )  # fmt: skip
