"""The guide for makers of phone apps: its lines run against a live server and print what the page says they print."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.live_server import LiveServer, live_server

DOCS = Path(__file__).parent.parent / "docs"
_STEP = re.compile(r"^```bash\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
_BETWEEN = "-- next step --"


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with live_server() as server:
        yield server


def steps(page: str) -> list[tuple[str, str]]:
    """The commands and what they print."""
    return _STEP.findall((DOCS / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", ["offline.md", "offline.zh.md"])
def test_every_line_prints_what_the_page_says(server: LiveServer, page: str, tmp_path: Path) -> None:
    accounts = server.log.parent / "var" / "demo-accounts.json"
    script = f"\necho '{_BETWEEN}'\n".join(commands for commands, _ in steps(page))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "BASE": server.url, "ACCOUNTS": str(accounts), "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    printed = [part.removeprefix("\n") for part in done.stdout.split(f"{_BETWEEN}")]
    assert printed == [expected for _, expected in steps(page)], done.stderr
    assert (done.returncode, done.stderr) == (0, "")


def test_both_languages_show_the_same_lines() -> None:
    assert steps("offline.md") == steps("offline.zh.md")
    assert len(steps("offline.md")) >= 10
