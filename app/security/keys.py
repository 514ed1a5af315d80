"""The key set of one process: the newest key signs, all verify, and files added or removed are noticed while running.

Rotation is dropping in a file (`SigningKeys.generate`), retirement is removing one (`retire`); every process that
shares the directory follows within `POLL_SECONDS`.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Self

from app.security.es256 import Es256Key
from app.security.key_files import (
    Fingerprint,
    KeyFile,
    NoSigningKey,
    SigningKeyError,
    create_first_key_file,
    create_key_file,
    fingerprint,
    key_paths,
    read_key_file,
)
from app.security.private_files import exclusive

POLL_SECONDS = 1.0
MAX_TOKEN_LIFETIME = timedelta(hours=1)
"""No token is issued or accepted with a longer life, so a key is of no use this long after another took over."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Loaded:
    fingerprint: Fingerprint
    files: tuple[KeyFile, ...]
    generation: int

    def by_kid(self) -> dict[str, Es256Key]:
        return {file.key.thumbprint: file.key for file in reversed(self.files)}


class SigningKeys:
    """ES256 keys of one directory. Make it with `load` or `load_or_generate`; safe to share between threads."""

    def __init__(self, directory: Path, loaded: _Loaded) -> None:
        self._directory = directory
        self._lock = Lock()
        self._next_poll = 0.0
        self._use(loaded)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Keys of `directory`; NoSigningKey when there is none, SigningKeyError when any file is not a P-256 key."""
        seen = fingerprint(directory)
        files = _read_all(directory, strict=True)
        if not files:
            raise NoSigningKey(f"{directory}: no signing key here")
        return cls(directory, _Loaded(seen, files, 0))

    @classmethod
    def load_or_generate(cls, directory: Path, *, now: datetime) -> Self:
        """Like `load`, after making the first key where there is none. Processes starting together share that one."""
        create_first_key_file(directory, now=now)
        return cls.load(directory)

    @staticmethod
    def generate(directory: Path, *, now: datetime) -> Path:
        """Add a key file (mode 0600, directory 0700); its path. It signs as soon as a process loads or reloads."""
        return create_key_file(directory, now=now)

    @property
    def current(self) -> Es256Key:
        """The key that signs: the newest by file name."""
        return self._loaded.files[-1].key

    @property
    def generation(self) -> int:
        """Grows with every reload, so that whoever remembers verdicts knows when to forget them."""
        return self._loaded.generation

    def find(self, kid: str) -> Es256Key | None:
        return self._by_kid.get(kid)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Public JSON Web Key Set (RFC 7517), newest key first."""
        return {"keys": [dict(key.public_jwk) for key in self._by_kid.values()]}

    def poll(self, monotonic: float) -> bool:
        """`reload_if_changed`, at most once in `POLL_SECONDS`; `monotonic` in seconds, as time.monotonic() gives."""
        if monotonic < self._next_poll:
            return False
        self._next_poll = monotonic + POLL_SECONDS
        return self.reload_if_changed()

    def reload_if_changed(self) -> bool:
        """Reread the directory when a key file was added, replaced or removed; True when the keys were renewed.

        A running server outlives operators' mistakes: unusable files are logged and passed over, and when no usable
        key is left the ones in memory stay.
        """
        with self._lock:
            try:
                seen = fingerprint(self._directory)
                if seen == self._loaded.fingerprint:
                    return False
                files = _read_all(self._directory, strict=False)
            except OSError as error:
                _logger.warning("signing keys cannot be reread: %s", error)
                return False
            if not files:
                _logger.warning("no usable signing key left in %s; keeping those in memory", self._directory)
                files = self._loaded.files
            self._use(_Loaded(seen, files, self._loaded.generation + 1))
            return True

    def retire(self, *, now: datetime, max_age: timedelta = MAX_TOKEN_LIFETIME * 2) -> list[str]:
        """Delete the files of keys no token of which can live any more; the kids that went.

        A key's last token is signed when its successor takes over, at the latest `POLL_SECONDS` after that one's file
        appeared; `max_age` (longer than any token lives) after that the key goes. The signing key never does.
        """
        with exclusive(self._directory):
            self.reload_if_changed()
            retired = []
            files = self._loaded.files
            for file, successor in pairwise(files):
                if now.astimezone(UTC) > successor.present_since + max_age:
                    file.path.unlink(missing_ok=True)
                    retired.append(file.key.thumbprint)
        self.reload_if_changed()
        return retired

    def _use(self, loaded: _Loaded) -> None:
        # In this order: whoever reads the new generation finds the new keys, never the old ones.
        self._by_kid = loaded.by_kid()
        self._loaded = loaded


def _read_all(directory: Path, *, strict: bool) -> tuple[KeyFile, ...]:
    """Keys of `directory`, oldest first; an unusable file is an error when `strict`, else logged and passed over."""
    files = []
    for path in key_paths(directory):
        try:
            files.append(read_key_file(path))
        except FileNotFoundError:  # retired by another process since the listing
            continue
        except SigningKeyError as error:
            if strict:
                raise
            _logger.warning("signing key passed over: %s", error)
    return tuple(files)
