"""Where files lie: objects by key, each written once and never changed, in a local folder or in S3."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from app.errors import AppError

if TYPE_CHECKING:
    from obstore import OffsetRange
    from obstore.store import ClientConfig, RetryConfig

_PIECE = 256 * 1024
_RETRY: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
"""The library would go on for three minutes, longer than a phone waits for an answer."""


class ObjectMissing(Exception):
    """There is no such object."""


class Objects:
    """One store for all processes and machines of the service. Errors: 503 `unavailable` while it does not answer."""

    def __init__(self, store: ObjectStore, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def open(cls, url: str | None, folder: Path) -> Self:
        """`url` is s3://bucket/prefix (keys and endpoint from AWS_*) or file:///folder; without one, `folder`."""
        if url is not None and not url.startswith("file:"):
            # Named here, or the library forgets what the environment says of it: a store of one's own may have no TLS.
            plain = os.environ.get("AWS_ALLOW_HTTP", "").lower() in {"1", "true"}
            options: ClientConfig = {"timeout": "30s", "allow_http": plain}
            return cls(from_url(url, retry_config=_RETRY, client_options=options), None)
        place = Path(unquote(urlsplit(url).path)) if url is not None else folder
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(LocalStore(place), place.resolve())

    async def put(self, key: str, content: bytes) -> None:
        """Stored for good when this returns: it survives the loss of power."""
        try:
            await obstore.put_async(self._store, key, content, use_multipart=False)
        except (BaseError, FileNotFoundError) as error:  # the latter: there is no such bucket
            raise AppError("unavailable", headers={"Retry-After": "5"}) from error
        if self._folder is not None:
            await asyncio.to_thread(_settle, self._folder, self._folder / key)

    async def get(self, key: str) -> bytes:
        return b"".join([piece async for piece in await self.stream(key)])

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, not included. Errors: ObjectMissing, before the first of them."""
        try:
            part: tuple[int, int] | OffsetRange = {"offset": start} if end is None else (start, end)
            found = await obstore.get_async(self._store, key, options={"range": part})
        except FileNotFoundError as error:
            raise ObjectMissing(key) from error
        except BaseError as error:
            raise AppError("unavailable", headers={"Retry-After": "5"}) from error
        return _pieces(found)

    async def delete(self, key: str) -> None:
        """Gone when this returns; what is not there is gone."""
        try:
            await obstore.delete_async(self._store, key)
        except (BaseError, FileNotFoundError) as error:
            # S3 does not tell whether there was one: there it is the bucket that is not found.
            if self._folder is None or not isinstance(error, FileNotFoundError):
                raise AppError("unavailable", headers={"Retry-After": "5"}) from error
        if self._folder is not None:
            await asyncio.to_thread(_sweep, self._folder / key)


async def _pieces(found: obstore.GetResult) -> AsyncIterator[bytes]:
    async for piece in found.stream(min_chunk_size=_PIECE):
        yield bytes(piece)


def _settle(root: Path, file: Path) -> None:
    """The library renames a finished file into place; only this makes both file and name survive the loss of power."""
    for place in (file, file.parent, root):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(file: Path) -> None:
    """What a process killed in the middle of writing leaves beside the object: the library stages it as `name#1`."""
    for staged in file.parent.glob(f"{file.name}#*"):
        staged.unlink(missing_ok=True)
