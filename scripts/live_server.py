"""A demo server of this code on a free port with a database of its own, for the checks that need one alive."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 120.0
STOP_SECONDS = 30.0


@dataclass(slots=True)
class LiveServer:
    """`url` has no trailing slash. `accounts`: role → {"username", "password"}, as in var/demo-accounts.json; the
    leader's with `calendar` besides, the path of a calendar feed."""

    url: str
    accounts: dict[str, dict[str, str]]
    process: subprocess.Popen[bytes]
    log: Path
    start: Callable[[], subprocess.Popen[bytes]]

    def token(self, account: str) -> str:
        """A fresh access token of one of the demo accounts (it lives 15 minutes)."""
        known = self.accounts[account]
        credentials = {"grant_type": "password", "username": known["username"], "password": known["password"]}
        answer = httpx.post(f"{self.url}/api/v1/auth/token", data=credentials, timeout=30)
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token

    def kill_and_start(self) -> None:
        """As after a loss of power: same data, same address, nothing kept in memory."""
        self.process.kill()
        self.process.wait()
        self.process = self.start()
        _wait_until_ready(self.url, self.process)


@contextmanager
def live_server(*, workers: int = 1, extra_environment: dict[str, str] | None = None) -> Iterator[LiveServer]:
    """Start `diaodu serve --demo`, wait until it is ready, and stop it (and its database) on the way out.

    Its data live in a temporary directory, never in the database that DIAODU_DATABASE_URL may name. When the body
    or the start fails, the end of the server's log is printed.
    """
    with tempfile.TemporaryDirectory(prefix="diaodu-", ignore_cleanup_errors=True) as folder:
        var, log = Path(folder) / "var", Path(folder) / "server.log"
        port = free_port()
        command = [sys.executable, "-m", "app.cli", "serve", "--demo", "--host", "127.0.0.1", "--port", str(port)]

        def start() -> subprocess.Popen[bytes]:
            with log.open("ab") as output:
                return subprocess.Popen(
                    [*command, "--workers", str(workers)],
                    env=_environment(var, extra_environment or {}),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )

        server = LiveServer(f"http://127.0.0.1:{port}", {}, start(), log, start)
        try:
            _wait_until_ready(server.url, server.process)
            server.accounts |= json.loads((var / "demo-accounts.json").read_text(encoding="utf-8"))
            yield server
        except BaseException:
            print("the end of the server's log:", log.read_text(errors="replace")[-6000:], sep="\n", file=sys.stderr)
            raise
        finally:
            try:
                _stop(server.process)
            finally:
                _stop_database(var)


def _environment(var: Path, extra: dict[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DIAODU_", "OTEL_"))}
    return inherited | {"DIAODU_VAR_DIR": str(var)} | extra


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode} before it was ready")
        try:
            if httpx.get(f"{url}/readyz", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"the server was not ready within {START_SECONDS:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise RuntimeError(f"the server did not stop within {STOP_SECONDS:.0f} s of SIGTERM") from None


def _stop_database(var: Path) -> None:
    """A server that was killed leaves its PostgreSQL running; one that stopped by itself has removed the file."""
    try:
        first_line = (var / "postgres" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0]
        os.kill(int(first_line), signal.SIGQUIT)
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return
