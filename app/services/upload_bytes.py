"""Bytes of an upload: taken as they come, in pieces that are in the store before they count.

There is no lock a lost connection could hold: a piece counts only if it begins where the upload stands, so of two
requests that write to one upload the first goes on and the other is told (409) where it stands now.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import insert, update

from app.errors import AppError
from app.models import Photo, Upload, UploadPiece
from app.schemas.uploads import ALGORITHMS, Checksum
from app.services import stored_objects
from app.services.files import Files
from app.services.uploads import Progress
from app.uow import UnitOfWork

PIECE = 512 * 1024
"""At most this much of an upload is lost when the service is killed."""


class Interrupted(Exception):
    """The bytes stopped coming before their end."""


async def append(
    request: UnitOfWork,
    files: Files,
    upload: Progress,
    offset: int,
    body: AsyncIterator[bytes],
    *,
    declared: int | None = None,
    checksum: Checksum | None = None,
) -> Progress:
    """Take the bytes of `body` from `offset` on; `declared` is how many there are to be. Returns where it stands then.

    What came before an interruption is kept, unless a checksum was announced: then all of it counts or nothing.
    Errors: 409 `upload_offset_conflict`, 413 `upload_overrun`, 460 `checksum_mismatch`; Interrupted.
    """
    if offset != upload.received:
        raise _conflict(upload.received)
    if declared is not None and offset + declared > upload.length:
        raise _overrun(upload)
    taker = _Taker(request, files, upload, checksum)
    try:
        async for chunk in body:
            await taker.take(chunk)
    except Interrupted:
        if checksum is None:
            await taker.flush()
        else:
            await taker.discard()
        raise
    except BaseException:
        await taker.discard()
        raise
    await taker.finish()
    return taker.progress()


class _Taker:
    """Gathers chunks into pieces and puts them into the store; counts each at once, or all at the end."""

    def __init__(self, request: UnitOfWork, files: Files, upload: Progress, checksum: Checksum | None) -> None:
        self.request = request
        self.files = files
        self.upload = upload
        self.checksum = checksum
        self.digest = ALGORITHMS[checksum.algorithm]() if checksum is not None else None
        self.buffer = bytearray()
        self.counted = upload.received
        self.waiting: list[tuple[str, int]] = []
        """Key and size of pieces in the store that do not count yet."""

    async def take(self, chunk: bytes) -> None:
        at = self.counted + sum(size for _, size in self.waiting) + len(self.buffer)
        if at + len(chunk) > self.upload.length:
            raise _overrun(self.upload)
        if self.digest is not None:
            self.digest.update(chunk)
        self.buffer += chunk
        while len(self.buffer) >= PIECE:
            await self._store(bytes(self.buffer[:PIECE]))
            del self.buffer[:PIECE]

    async def finish(self) -> None:
        if self.checksum is not None and self.digest is not None and self.digest.digest() != self.checksum.digest:
            await self.discard()
            raise AppError("checksum_mismatch")
        self.digest = None
        await self.flush()

    async def flush(self) -> None:
        """What is left, too, and all that waited counts."""
        if self.buffer:
            rest, self.buffer = bytes(self.buffer), bytearray()
            await self._store(rest)
        if self.waiting:
            await self._count()

    async def discard(self) -> None:
        """What does not count goes."""
        keys, self.waiting = [key for key, _ in self.waiting], []
        await stored_objects.discard(self.files, keys)

    def progress(self) -> Progress:
        done = self.counted == self.upload.length
        state = "processing" if done and self.upload.state == "uploading" else self.upload.state
        expires_at = self.files.clock() + self.files.limits.unfinished
        u = self.upload
        return Progress(u.id, u.length, self.counted, u.metadata, u.generation, expires_at, state)

    async def _store(self, piece: bytes) -> None:
        self.waiting.append((await stored_objects.write(self.files, piece), len(piece)))
        if self.digest is None:
            await self._count()

    async def _count(self) -> None:
        try:
            await self._count_waiting()
        except BaseException:
            await self.discard()
            raise

    async def _count_waiting(self) -> None:
        """In one transaction: the upload stands where these pieces begin, and then where they end."""
        size = sum(size for _, size in self.waiting)
        async with self.files.transaction(self.request) as uow:
            moved = await uow.session.scalar(
                update(Upload)
                .where(
                    Upload.id == self.upload.id,
                    Upload.generation == self.upload.generation,
                    Upload.received == self.counted,
                )
                .values(received=self.counted + size, expires_at=uow.now + self.files.limits.unfinished)
                .returning(Upload.received)
                .execution_options(synchronize_session=False)
            )
            if moved is None:
                raise _conflict(await _stands_at(uow, self.upload.id))
            await stored_objects.keep(uow, [key for key, _ in self.waiting])
            start, rows = self.counted, []
            for key, length in self.waiting:
                rows.append({"upload_id": self.upload.id, "start": start, "size": length, "key": key})
                start += length
            await uow.session.execute(insert(UploadPiece), rows)
            if moved == self.upload.length:
                await _complete(uow, self.upload.id)
        self.counted, self.waiting = start, []


async def _stands_at(uow: UnitOfWork, upload_id: UUID) -> int | None:
    upload = await uow.session.get(Upload, upload_id)
    return None if upload is None else upload.received


async def _complete(uow: UnitOfWork, photo_id: UUID) -> None:
    await uow.session.execute(
        update(Photo)
        .where(Photo.id == photo_id, Photo.state == "uploading")
        .values(state="processing", version=Photo.version + 1, updated_at=uow.now)
        .execution_options(synchronize_session=False)
    )


def _conflict(stands_at: int | None) -> AppError:
    """Nothing stands anywhere any more when the upload was ended meanwhile."""
    if stands_at is None:
        return AppError("upload_offset_conflict", offset="-")
    headers = {"Upload-Offset": str(stands_at)}
    return AppError("upload_offset_conflict", offset=stands_at, headers=headers, extra={"offset": stands_at})


def _overrun(upload: Progress) -> AppError:
    return AppError("upload_overrun", length=upload.length, extra={"length": upload.length})
