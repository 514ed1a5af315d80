"""The command line as an operator uses it, and the server it starts."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.settings import Settings
from scripts.live_server import live_server
from tests.world import COUNTY_B, World

LEDGER = Path(__file__).parent / "data" / "ledgers" / "county-b-2016-02.xlsx"


def _diaodu(settings: Settings, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env=os.environ
        | {"DIAODU_DATABASE_URL": settings.database_url or "", "DIAODU_VAR_DIR": str(settings.var_dir)}
        | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "command", ["serve", "migrate", "create-admin", "import-ledger", "import-regions", "new-key", "openapi"]
)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


async def test_import_ledger_says_what_it_did(world: World, settings: Settings) -> None:
    words = ("import-ledger", str(LEDGER), "--region", COUNTY_B, "--create-missing")
    first = _diaodu(settings, *words)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["counts"] == {"created": 249, "changed": 0, "unchanged": 0, "rejected": 0}
    again = _diaodu(settings, *words)
    assert json.loads(again.stdout)["counts"] == {"created": 0, "changed": 0, "unchanged": 249, "rejected": 0}


async def test_clear_errors_and_exit_codes(world: World, settings: Settings, tmp_path: Path) -> None:
    no_ledger = tmp_path / "a.xlsx"
    no_ledger.write_bytes(b"nothing")
    result = _diaodu(settings, "import-ledger", str(no_ledger), "--region", COUNTY_B)
    assert (result.returncode, result.stderr.splitlines()[-1][:8]) == (1, "diaodu: ")
    assert "Traceback" not in result.stderr
    assert _diaodu(settings, "import-ledger", str(no_ledger), "--region", "998877").returncode == 1
    assert _diaodu(settings, "import-ledger", str(tmp_path / "b.xlsx"), "--region", COUNTY_B).returncode == 2
    assert _diaodu(settings, "serve", "--port", "99999").returncode == 1
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        busy = _diaodu(settings, "serve", "--port", str(port))
    assert (busy.returncode, busy.stderr) == (1, f"diaodu: cannot listen on 127.0.0.1:{port}: Address already in use\n")
    unreachable = {"DIAODU_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    down = _diaodu(settings, "migrate", **unreachable)
    assert (down.returncode, "Traceback" in down.stderr) == (1, False)
    for misspelt in ("nonsense", "mysql://u:geheim@h/x", "postgresql://u:geheim@h:port/x"):
        refused = _diaodu(settings, "migrate", DIAODU_DATABASE_URL=misspelt)
        assert (refused.returncode, refused.stderr[:21]) == (1, "diaodu: database_url:")
        assert "geheim" not in refused.stderr


async def test_an_administrator_is_made_and_signs_in(world: World, settings: Settings) -> None:
    words = ("create-admin", "root.b", "--region", COUNTY_B)
    result = _diaodu(settings, *words)
    assert result.returncode == 0, result.stderr
    password = result.stdout.strip().rpartition("password: ")[2]
    answer = await world.http.post(
        "/api/v1/auth/token", data={"grant_type": "password", "username": "root.b", "password": password}
    )
    assert answer.status_code == 200, answer.text
    refused = {
        words: "username is the name of another account",
        ("create-admin", "ROOT.B", "--region", COUNTY_B): "username is the name of another account",
        ("create-admin", "王", "--region", COUNTY_B): "username has a wrong value: 2 to 64 of a-z 0-9 . _ -",
        ("create-admin", "root.c", "--region", COUNTY_B, "--role", "dispatcher"):
            "--role has a wrong value: one of the three administrators",
    }  # fmt: skip
    for wrong, told in refused.items():
        result = _diaodu(settings, *wrong)
        assert (result.returncode, result.stderr) == (1, f"diaodu: {told}\n")


async def test_production_refuses_demo_accounts_and_borrowed_keys(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    production = {"DIAODU_ENV": "production"}
    assert "DIAODU_KEYS_DIR" in _diaodu(settings, "serve", **production).stderr
    empty = production | {"DIAODU_KEYS_DIR": str(tmp_path / "keys")}
    refused = _diaodu(settings, "serve", "--port", "0", **empty)
    assert (refused.returncode, "no signing key" in refused.stderr) == (1, True)
    assert len(refused.stderr.splitlines()) == 1
    assert _diaodu(settings, "new-key", **empty).returncode == 0
    demo = _diaodu(settings, "serve", "--demo", "--port", "0", **empty)
    assert (demo.returncode, "not for production" in demo.stderr) == (1, True)
    viewer = await world.user("viewer")
    await world.pool.execute("UPDATE users SET demo = true WHERE id = $1", viewer.user_id)
    refused = _diaodu(settings, "serve", "--port", "0", **empty)
    assert (refused.returncode, "demo accounts" in refused.stderr) == (1, True)
    assert len(refused.stderr.splitlines()) == 1


def test_a_fresh_demo_serves_its_facts_and_stops_when_told(tmp_path: Path) -> None:
    with live_server() as server:
        accounts = server.log.parent / "var" / "demo-accounts.json"
        assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
        roles = {"dispatcher", "dispatcher_a", "dispatcher_b", "dispatcher_c", "leader", "department", "reporter",
                 "rater", "viewer", "system_admin", "security_admin", "auditor"}  # fmt: skip
        assert set(server.accounts) == roles
        assert len({account["password"] for account in server.accounts.values()}) == len(roles)
        headers = {"Authorization": f"Bearer {server.token('dispatcher')}"}
        overview = httpx.get(
            f"{server.url}/api/v1/statistics/overview?region=990102&as_of=2016-02-29", headers=headers
        ).json()
        assert (overview["total"]["count"], overview["total"]["total_investment"]) == (249, 3809600)
        reported = {"Authorization": f"Bearer {server.token('reporter')}"}
        assert len(httpx.get(f"{server.url}/api/v1/projects", headers=reported).json()["items"]) == 5
        own = {"Authorization": f"Bearer {server.token('department')}"}
        assert httpx.get(f"{server.url}/api/v1/projects?count=true", headers=own).json()["total"] == 46
        # The README's own example: what the demo adds of its own is not undone by its ledger.
        again = httpx.post(
            f"{server.url}/api/v1/imports",
            headers=headers, data={"region": COUNTY_B}, files={"file": (LEDGER.name, LEDGER.read_bytes())}, timeout=30,
        )  # fmt: skip
        assert again.json()["counts"] == {"created": 0, "changed": 0, "unchanged": 249, "rejected": 0}
        calendar = httpx.get(server.url + server.accounts["leader"]["calendar"]).text
        assert "BEGIN:VEVENT" in calendar
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert not (server.log.parent / "var" / "postgres" / "postmaster.pid").exists()
