"""What a phone keeps through restarts: the operations it has not seen settled, its photos, its copy of the reports.

One SQLite file; every call is a transaction of its own, so that a phone that stops anywhere finds all it had done.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

_TABLES = """
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS operations (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, resource_id TEXT NOT NULL, sent TEXT NOT NULL,
  settled INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS operations_of ON operations (resource_id);
CREATE TABLE IF NOT EXISTS reports (id TEXT PRIMARY KEY, copy TEXT, stale INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS photos (id TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS told (id TEXT PRIMARY KEY, status TEXT NOT NULL, problem TEXT NOT NULL);
"""


class Queued(NamedTuple):
    id: str
    resource_id: str
    sent: dict[str, Any]
    settled: bool


class Store:
    def __init__(self, path: Path) -> None:
        # Rules run in a thread of their own, requests in the loop's: never both at once.
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A file of its own test; a real phone would leave this at FULL.
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(_TABLES)

    def close(self) -> None:
        self.db.close()

    # The cursor of the change feed, the projects of the day
    def keep(self, name: str, value: Any) -> None:
        self.db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, json.dumps(value)))

    def kept(self, name: str) -> Any:
        row = self.db.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    # The queue, in the order things were done
    def enqueue(self, operation: dict[str, Any]) -> None:
        values = (operation["id"], operation["resource_id"], json.dumps(operation))
        self.db.execute("INSERT INTO operations (id, resource_id, sent) VALUES (?, ?, ?)", values)

    def unsettled(self) -> list[Queued]:
        return self._queue("settled = 0")

    def of(self, resource_id: str) -> list[Queued]:
        return self._queue("resource_id = ?", resource_id)

    def waits(self, operation_id: str) -> bool:
        return bool(self._queue("settled = 0 AND id = ?", operation_id))

    def settle(self, operation_id: str) -> None:
        """It stays as what later edits build on, until the report was read again."""
        self.db.execute("UPDATE operations SET settled = 1 WHERE id = ?", (operation_id,))

    def _queue(self, condition: str, *values: Any) -> list[Queued]:
        statement = f"SELECT id, resource_id, sent, settled FROM operations WHERE {condition} ORDER BY number"
        rows = self.db.execute(statement, values)
        return [Queued(row[0], row[1], json.loads(row[2]), bool(row[3])) for row in rows]

    # The copy of the reports
    def mark_stale(self, report_id: str) -> None:
        self.db.execute("INSERT INTO reports VALUES (?, NULL, 1) ON CONFLICT DO UPDATE SET stale = 1", (report_id,))

    def refresh(self, report_id: str, copy: dict[str, Any]) -> None:
        """As it is now; whatever was done to it and is settled is in there."""
        with self.db:
            self.db.execute("BEGIN")
            self.db.execute("INSERT OR REPLACE INTO reports VALUES (?, ?, 0)", (report_id, json.dumps(copy)))
            waiting = "SELECT 1 FROM operations WHERE resource_id = ? AND settled = 0"
            if self.db.execute(waiting, (report_id,)).fetchone() is None:
                self.db.execute("DELETE FROM operations WHERE resource_id = ?", (report_id,))

    def stale(self) -> list[str]:
        return [row[0] for row in self.db.execute("SELECT id FROM reports WHERE stale ORDER BY id")]

    def copies(self) -> dict[str, dict[str, Any]]:
        rows = self.db.execute("SELECT id, copy FROM reports WHERE copy IS NOT NULL ORDER BY id")
        return {row[0]: json.loads(row[1]) for row in rows}

    # What the user was told was not taken
    def tell(self, operation_id: str, status: str, problem: dict[str, Any]) -> None:
        self.db.execute("INSERT OR IGNORE INTO told VALUES (?, ?, ?)", (operation_id, status, json.dumps(problem)))

    def told(self) -> dict[str, str]:
        return dict(self.db.execute("SELECT id, status FROM told ORDER BY id"))

    # Photos whose last byte has not been acknowledged
    def keep_photo(self, photo_id: str, content: bytes) -> None:
        self.db.execute("INSERT INTO photos VALUES (?, ?)", (photo_id, content))

    def photos(self) -> list[tuple[str, bytes]]:
        return list(self.db.execute("SELECT id, content FROM photos ORDER BY id"))

    def photo_arrived(self, photo_id: str) -> None:
        self.db.execute("DELETE FROM photos WHERE id = ?", (photo_id,))
