"""Files only this account may read, made so that several processes starting at once agree on one of them."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SECRET_BYTES = 32
_LOCK_NAME = ".lock"


def ensure_private_directory(directory: Path) -> None:
    """Create `directory` (mode 0700) with its parents; an existing one is left as the operator set it up."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)


def write_new(path: Path, data: bytes) -> None:
    """Create `path` (mode 0600) with all of `data` or not at all; FileExistsError when it is already there.

    A reader never sees half a file and a crash leaves none: the content is on disk before the name appears.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def load_or_create_secret(path: Path) -> bytes:
    """The 32-byte secret kept in `path`, made at the first call ever; ValueError when the file holds less.

    Processes that start together get the same secret: only one can create the file, the others read it.
    """
    ensure_private_directory(path.parent)
    with suppress(FileExistsError):
        if not path.exists():
            write_new(path, secrets.token_bytes(_SECRET_BYTES))
    secret = path.read_bytes()
    if len(secret) < _SECRET_BYTES:
        raise ValueError(f"{path.name}: a secret needs at least {_SECRET_BYTES} bytes")
    return secret


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Hold `directory` against other processes and threads; the system frees it when the holder dies."""
    descriptor = os.open(directory / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
