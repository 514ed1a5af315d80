"""Phones that are offline most of the day: all for the day in one answer, all that was done in one request."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Request, Response

from app.access import Actor
from app.contract import NOT_MODIFIED
from app.db import to_json
from app.deps import Uow, permitted
from app.domain.merging import is_wrong
from app.gzipped import maybe_gzipped
from app.listing import MEDIA_TYPE, etag, matches
from app.problems import document, from_database
from app.routing import api
from app.schemas.sync import OperationOut, SyncIn, SyncOut
from app.schemas.sync_bootstrap import BootstrapOut
from app.services import sync, sync_bootstrap, sync_operations
from app.services.sync_operations import Operation
from app.services.sync_reach import still_seen
from app.uow import UnitOfWork

router = api("sync")


@router.get("/sync/bootstrap", summary="当日全部数据 Bootstrap", response_model=BootstrapOut, responses=NOT_MODIFIED)
async def get_bootstrap(request: Request, uow: Uow, actor: Annotated[Actor, permitted("sync.read")]) -> Response:
    """All that a phone needs for the day: the projects you take part in with this year's plan and figure, their
    milestones, your reports that were returned (with what to mend) and those of the last weeks, when reports are due,
    the words for every code, the limits, those of photos too. Compressed with `Accept-Encoding: gzip`.

    Keep `changes`: `GET /changes?after=` it tells what happened since. A project you keep that is not in `projects` is
    no longer yours: drop it, and what hangs on it. The ETag is a weak one, of everything but `server_time` and
    `changes`; after a 304 go on with the cursor you have.
    """
    found = await sync_bootstrap.read(uow, request.app.state.cursors, request.app.state.files)
    headers = {"ETag": f"W/{etag(found.tag)}"}
    asked = request.headers.get("if-none-match")
    if asked is not None and matches(asked, found.tag):
        return Response(status_code=304, headers={**headers, "Vary": "Accept-Encoding"})
    return await maybe_gzipped(request, found.body, headers, MEDIA_TYPE)


@router.post("/sync", summary="离线数据同步 Sync", response_model=SyncOut)
async def send_operations(
    request: Request, uow: Uow, body: SyncIn, actor: Annotated[Actor, permitted("sync.write")]
) -> Response:
    """Up to 200 operations done offline, in the order they were done. Each is applied or refused by itself, and the
    answer has one result for each; the whole batch is committed before it is answered. Always 200, unless the
    envelope itself is wrong (422) or the service is busy (503: send the same batch again).

    **Again.** An operation is known by its `id` (UUIDv7, made by the phone). Sent again, alone or in another batch, it
    does nothing and is answered what came of it (`again`). The same id with other content: `operation_id_reused`.
    Outcomes are kept 60 days.

    **Out of order.** An operation that names another in `after` is carried out after it. While that one has not
    arrived it is `held`, up to 7 days, then `expired`. What becomes of it is told when it is sent again, in `earlier`
    of the batches that follow, and by `GET /sync/operations/{id}`. After a refused operation it is refused, too:
    `earlier_operation_failed`. What would wait for itself is refused at once: `operation_in_a_circle`.

    **Conflicts.** A patch names the version the phone last read (`base_version`; left out: that of the operation in
    `after`). What others changed since stands beside it, unless they changed the same field to something else: then
    nothing of the operation is applied, and `problem` (`edit_conflict`) has the `fields`, and what they were (`base`),
    are (`current`, after the edits that came with it) and were to be (`sent`). Decide, and send a new operation with
    the current version. What may not be edited by you, or no longer, is refused instead.

    **Clock.** `device_time` more than 5 minutes off: `clock.wrong`. Nothing is refused for that; whether a report is
    late is decided by the server's time.
    """
    batch = await sync.run(uow, body, from_database)
    shown = await still_seen(uow, [o.operation for o in (*batch.results, *batch.earlier)])
    answer = {
        "results": [_outcome(request, o.operation, shown, again=o.again) for o in batch.results],
        "earlier": [_outcome(request, o.operation, shown, again=o.again) for o in batch.earlier],
        "clock": _clock(uow, batch.skew_seconds),
    }
    return Response(to_json(answer), 200, media_type=MEDIA_TYPE)


@router.get("/sync/operations/{operation_id}", summary="离线操作 Get operation", response_model=OperationOut)
async def get_operation(
    request: Request, uow: Uow, operation_id: UUID, actor: Annotated[Actor, permitted("sync.write")]
) -> Response:
    """One of your own operations: what was sent, and what came of it. 404 for others', and 60 days after it came."""
    operation = await sync_operations.one(uow, operation_id)
    shown = await still_seen(uow, [operation])
    answer = {
        **_outcome(request, operation, shown, again=True),
        "after": operation.after,
        "base_version": operation.base_version,
        "body": orjson.Fragment(operation.body),
        "made_at": operation.made_at,
        "skew_seconds": operation.skew_seconds,
    }
    return Response(to_json(answer), 200, media_type=MEDIA_TYPE)


def _outcome(request: Request, operation: Operation, shown: set[UUID], *, again: bool) -> dict[str, Any]:
    refusal = operation.refusal()
    if operation.status == "conflict" and refusal is not None and operation.id not in shown:
        # What it says of the project as it was is no longer theirs to read.
        refusal.extra = {}
    return {
        "id": operation.id,
        "type": operation.type,
        "resource_id": operation.resource_id,
        "status": operation.status,
        "again": again,
        "version": operation.version,
        "received_at": operation.received_at,
        "settled_at": operation.settled_at,
        "held_until": operation.held_until,
        "problem": None if refusal is None else document(request, refusal),
    }


def _clock(uow: UnitOfWork, skew_seconds: int | None) -> dict[str, Any]:
    wrong = skew_seconds is not None and is_wrong(skew_seconds)
    return {"server_time": uow.now, "skew_seconds": skew_seconds, "wrong": wrong}
