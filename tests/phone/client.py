"""The reference client: what an app has to do, and no more, to lose nothing and double nothing.

Offline: everything done becomes an operation with an id of its own in the queue. Online: the queue is sent until each
operation is settled; the copy follows by the change feed; photos are sent from where they broke off. Any call may end
in `httpx.TransportError`; it is then simply made again, later.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx

from tests.phone.store import Queued, Store

MOST = 200
CHUNK = 2000
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


class Phone:
    def __init__(
        self, http: httpx.AsyncClient, path: Path, clock: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self.http, self.path, self.clock, self.new_id = http, path, clock, new_id
        self.store = Store(path)
        self.skew: int | None = None
        """How far the server found this phone's clock ahead, in seconds."""

    def restart(self) -> None:
        self.store.close()
        self.store = Store(self.path)

    # Offline

    def report(self, project_id: str, said: dict[str, Any], report_id: str | None = None) -> str:
        report_id = report_id or self.new_id()
        self._do("report.put", report_id, {"project_id": project_id, **said})
        return report_id

    def edit(self, report_id: str, changes: dict[str, Any]) -> None:
        """Builds on what was done to it here last; when that is all in the copy, on the copy."""
        done = self.store.of(report_id)
        copy = self.store.copies().get(report_id)
        if done:
            self._do("report.patch", report_id, changes, after=done[-1].id)
        elif copy is not None:
            self._do("report.patch", report_id, changes, base_version=copy["version"])

    def photograph(self, content: bytes) -> str:
        photo_id = self.new_id()
        self.store.keep_photo(photo_id, content)
        return photo_id

    def editable(self) -> list[str]:
        """Reports it knows of, made here or read."""
        return sorted({*self.store.copies(), *(each.resource_id for each in self.store.unsettled())})

    def _do(self, kind: str, resource_id: str, body: dict[str, Any], **fields: Any) -> None:
        made_at = self.clock().isoformat()
        operation = {"id": self.new_id(), "type": kind, "resource_id": resource_id, "body": body, "made_at": made_at}
        self.store.enqueue({**operation, **fields})

    # Online

    async def start_day(self) -> None:
        """All for the day; the cursor is kept with it, so that nothing after it is missed."""
        found = (await self._ask("GET", "/sync/bootstrap")).json()
        for report in (*found["returned"], *found["reports"]):
            self.store.mark_stale(report["id"])
        self.store.keep("projects", [project["id"] for project in found["projects"]])
        self.store.keep("cursor", found["changes"])

    async def send(self, most: int = MOST, dice: Random | None = None) -> None:
        """The oldest unsettled operations; with `dice` some of them, in any order, as a bad app might."""
        queue = self.store.unsettled()
        chosen = queue[:most] if dice is None else dice.sample(queue, min(len(queue), most))
        if chosen:
            await self._send(chosen)

    async def _send(self, chosen: list[Queued]) -> None:
        body = {"device_time": self.clock().isoformat(), "operations": [each.sent for each in chosen]}
        answer = await self._ask("POST", "/sync", json=body)
        found = answer.json()
        assert [result["id"] for result in found["results"]] == [each.id for each in chosen]
        self.skew = found["clock"]["skew_seconds"]
        for result in (*found["results"], *found["earlier"]):
            self._settle(result)

    def _settle(self, result: dict[str, Any]) -> None:
        if result["status"] == "held" or not self.store.waits(result["id"]):
            return  # `earlier` also tells of operations of another phone of the account
        if result["problem"] is not None:
            self.store.tell(result["id"], result["status"], result["problem"])
        self.store.mark_stale(result["resource_id"])
        self.store.settle(result["id"])

    async def catch_up(self) -> None:
        """What happened since, to the end of the feed; then the reports it spoke of, read anew."""
        if self.store.kept("cursor") is None:
            await self.start_day()
        more = True
        while more:
            query = {"after": self.store.kept("cursor"), "limit": "100", "resource": "report"}
            page = (await self._ask("GET", "/changes", params=query)).json()
            for change in page["items"]:
                self.store.mark_stale(change["id"])
            self.store.keep("cursor", page["next"])
            more = page["more"]
        for report_id in self.store.stale():
            answer = await self._ask("GET", f"/reports/{report_id}", allowed=(200, 404))
            if answer.status_code == 200:
                self.store.refresh(report_id, answer.json())

    async def send_photos(self) -> None:
        for photo_id, content in self.store.photos():
            told = f"photo_id {base64.b64encode(photo_id.encode()).decode()}"
            headers = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": told}
            begun = await self._ask("POST", "/uploads", headers=headers, allowed=(201,))
            offset = int(begun.headers["upload-offset"])
            while offset < len(content):
                offset = await self._append(photo_id, content, offset)
            self.store.photo_arrived(photo_id)

    async def _append(self, photo_id: str, content: bytes, offset: int) -> int:
        headers = {**BYTES, "Upload-Offset": str(offset)}
        piece = content[offset : offset + CHUNK]
        path = f"/uploads/{photo_id}"
        answer = await self._ask("PATCH", path, headers=headers, content=piece, allowed=(204, 409))
        if answer.status_code == 409:  # what was thought lost had come
            answer = await self._ask("HEAD", path, headers=TUS)
        return int(answer.headers["upload-offset"])

    async def _ask(self, method: str, path: str, *, allowed: tuple[int, ...] = (200,), **kw: Any) -> httpx.Response:
        answer = await self.http.request(method, f"/api/v1{path}", **kw)
        if answer.status_code == 503:
            raise httpx.ReadError("busy: to be sent again")
        assert answer.status_code in allowed, f"{method} {path} → {answer.status_code} {answer.text}"
        return answer
