"""Ledger imports as the command line does them: preview and application of a whole file, time and memory."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import asyncpg

from app import embedded
from app.db import Database
from app.ledgers.export import write_projects
from app.ledgers.projects import parse_projects
from app.ledgers.workbook import read_workbook
from app.migrate import migrate

LEDGER = Path(__file__).parents[2] / "app" / "demo" / "county-b-2016-02.xlsx"
ROWS = 10_000
_CHILD = (
    "import resource, runpy, sys; sys.argv = ['diaodu', *sys.argv[1:]]\n"
    "try: runpy.run_module('app.cli', run_name='__main__')\n"
    "finally: print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)"
)


def enlarge(rows: int) -> bytes:
    """The county's ledger repeated under new names until it has that many rows."""
    ledger = parse_projects(read_workbook(LEDGER.read_bytes()), None, None)
    values = [row.values for row in ledger.rows]
    many = [
        replace(v, name=f"{v.name}第{n}期", total_investment=(v.total_investment or Decimal(0)) + n)
        for n in range(rows // len(values) + 1)
        for v in values
    ]
    return write_projects(many[:rows], title="重点项目", year=2016, as_of=ledger.as_of)


async def _empty(server: embedded.Embedded, name: str) -> str:
    connection = await asyncpg.connect(server.url("postgres"))
    await connection.execute(f"DROP DATABASE IF EXISTS {name}")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    db = await Database.open(server.url(name))
    await migrate(db.engine)
    await db.pool.execute("INSERT INTO regions (code, name, kind) VALUES ('990102', '乙县', 'county')")
    await db.close()
    return server.url(name)


def _import(url: str, var: Path, file: Path) -> tuple[float, int]:
    """Seconds of preview and application, and MiB at the process's peak."""
    environment = os.environ | {"DIAODU_DATABASE_URL": url, "DIAODU_VAR_DIR": str(var)}
    words = ["import-ledger", str(file), "--region", "990102", "--create-missing"]
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, *words], env=environment, capture_output=True, text=True, check=True
    )
    seconds = re.search(rf"{re.escape(file.name)}: ([0-9.]+) s", child.stderr)
    assert seconds is not None, child.stderr
    return float(seconds[1]), int(child.stderr.rpartition("peak ")[2])


def run(server: embedded.Embedded, var: Path) -> None:
    large = var / "large.xlsx"
    large.write_bytes(enlarge(ROWS))
    print("importing a ledger (preview and application)")
    for name, file, goal in (("249 rows", LEDGER, 2), (f"{ROWS} rows", large, 30)):
        url = asyncio.run(_empty(server, "bench_import"))
        for what in ("first time", "again, unchanged"):
            seconds, peak = _import(url, var, file)
            print(f"  {name}, {what:<18} {seconds:6.1f} s   peak {peak} MiB (goal < {goal} s)", flush=True)
