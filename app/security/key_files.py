"""Signing keys on disk: one private key per file, the file name telling when it was made.

`20261123T210618Z-4f1c2a9b.pem` is made at that second (UTC). Files with other endings and hidden files are not keys.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from app.security import es256
from app.security.es256 import Es256Key
from app.security.private_files import ensure_private_directory, exclusive, write_new

Fingerprint: TypeAlias = tuple[tuple[str, int, int, int], ...]
"""Name, inode, change time and size of every key file: differs as soon as any of them is added, replaced or removed."""

_NAME = re.compile(r"([0-9]{8}T[0-9]{6}Z)-[A-Za-z0-9_-]+\.pem")
_STAMP = "%Y%m%dT%H%M%SZ"
_MAX_BYTES = 16_384


class SigningKeyError(Exception):
    """A key file or directory cannot be used; the message names the file and the reason, never its content."""


class NoSigningKey(SigningKeyError):
    """The directory holds no key at all."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """`made`: from the name. `present_since`: not before the file came to lie in this directory (its change time)."""

    path: Path
    made: datetime
    present_since: datetime
    key: Es256Key


def key_paths(directory: Path) -> list[Path]:
    """Key files of `directory`, oldest first by name; empty when the directory is missing."""
    try:
        names = [path for path in directory.iterdir() if path.suffix == ".pem" and not path.name.startswith(".")]
    except FileNotFoundError:
        return []
    return sorted(names, key=lambda path: path.name)


def fingerprint(directory: Path) -> Fingerprint:
    """A directory's time stamp alone would miss two changes within one clock tick, so every file is looked at."""
    seen = []
    for path in key_paths(directory):
        try:
            stat = path.stat()
        except FileNotFoundError:  # retired by another process since the listing
            continue
        seen.append((path.name, stat.st_ino, stat.st_ctime_ns, stat.st_size))
    return tuple(seen)


def read_key_file(path: Path) -> KeyFile:
    """SigningKeyError when the file cannot be used; FileNotFoundError when it has gone since it was listed."""
    made = _stamp_of(path)
    try:
        changed = path.stat().st_ctime
        with path.open("rb") as file:
            key = es256.parse_pem(file.read(_MAX_BYTES))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SigningKeyError(f"{path.name}: {error.strerror}") from None
    except ValueError as error:
        raise SigningKeyError(f"{path.name}: {error}") from None
    return KeyFile(path, made, max(made, datetime.fromtimestamp(changed, UTC)), key)


def create_key_file(directory: Path, *, now: datetime) -> Path:
    """Add a key whose name sorts after all others; safe between processes."""
    ensure_private_directory(directory)
    with exclusive(directory):
        return _create(directory, now)


def create_first_key_file(directory: Path, *, now: datetime) -> None:
    """Add a key only where there is none: of several processes doing so at once, one makes it."""
    if key_paths(directory):  # before the lock, which a directory mounted read-only does not allow
        return
    ensure_private_directory(directory)
    with exclusive(directory):
        if not key_paths(directory):
            _create(directory, now)


def _create(directory: Path, now: datetime) -> Path:
    stamp = now.astimezone(UTC).replace(microsecond=0)
    existing = key_paths(directory)
    if existing:
        # A clock set back, or two keys in one second, must not leave the older key signing.
        stamp = max(stamp, _stamp_of(existing[-1]) + timedelta(seconds=1))
    path = directory / f"{stamp.strftime(_STAMP)}-{secrets.token_hex(4)}.pem"
    write_new(path, es256.generate_pem())
    return path


def _stamp_of(path: Path) -> datetime:
    match = _NAME.fullmatch(path.name)
    try:
        return datetime.strptime(match[1] if match else "", _STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise SigningKeyError(f"{path.name}: a key file is named like 20261123T210618Z-4f1c2a9b.pem") from None
