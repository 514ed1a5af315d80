from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import Db, IfMatch, Uow, permitted
from app.problems import wants_english
from app.resources.targets import TARGET, TARGET_ACTUAL
from app.routing import api
from app.schemas.targets import (
    TargetActualIn,
    TargetActualOut,
    TargetActualPage,
    TargetActualQuery,
    TargetIn,
    TargetOut,
    TargetPage,
    TargetPatch,
    TargetQuery,
    TargetStatistics,
    TargetStatisticsQuery,
)
from app.services import target_figures, target_tellings, targets
from app.statistics_forms import Telling, figures, told

router = api("targets")


# What projects and the statistics bureau say of a target may lie outside the region it is of.
TARGETS = Telling("/statistics/targets", target_tellings.targets, target_tellings.targets_chart, reads="all")


@figures(router, TARGETS, summary="目标进度 Targets and what was reached", response_model=TargetStatistics)
async def target_statistics(
    request: Request,
    db: Db,
    uow: Uow,
    query: Annotated[TargetStatisticsQuery, Query()],
    actor: Annotated[Actor, permitted("targets.read")],
) -> Response:
    """Every target of a year that you see, against what was reached of it on `as_of` and against time progress.

    The actual is computed from projects, enrolments, moves and figures as they were on that day (a department's from
    the projects it then answers for), or entered for the target (`POST /targets/{target_id}/actuals`), or else the
    figure the statistics bureau had published of the region by then. `actual_source` says which; what of a project has
    no history (sector, size, key-project years) is as now. With `by=quarter` there are four rows a target: cumulative
    target and actual at each quarter's end, 一季度开门红 first. Targets set after `as_of` are not there yet.
    """
    english = wants_english(request)
    found = await target_figures.statistics(db, actor, query, uow.today, english=english)
    return await told(request, TARGETS, found)


@router.get("/targets", summary="目标列表 List targets", response_model=TargetPage)
async def list_targets(
    request: Request, query: Annotated[TargetQuery, Query()], actor: Annotated[Actor, permitted("targets.read")]
) -> Response:
    """Targets of the regions you see, and of your department. How they stand: `GET /statistics/targets`."""
    return await listing.page(request, TARGET, actor, query)


@router.post(
    "/targets",
    summary="新增目标 Create target",
    status_code=201,
    response_model=TargetOut,
    responses={**CREATED, 200: {"model": TargetOut, "description": "Made before under this id; nothing changed"}},
)
async def create_target(uow: Uow, body: TargetIn, actor: Annotated[Actor, permitted("targets.write")]) -> Response:
    """What a region, or a department of it, is to reach in a year. One a year and indicator: else 409 `duplicate`.

    Errors: 422 `unknown_code` for the indicator, `less_than_before` and `last_quarter_differs` for quarters that do not
    grow to the year's value, `outside_region` when the department is of another region.
    """
    row, new = await targets.create(uow, body)
    location = f"/api/v1/targets/{row.id}" if new else None
    return await listing.shown(uow, TARGET, row.id, status=201 if new else 200, location=location)


@router.get("/targets/{target_id}", summary="目标 Get target", response_model=TargetOut, responses=TAGGED)
async def get_target(request: Request, target_id: UUID, actor: Annotated[Actor, permitted("targets.read")]) -> Response:
    """One target with every value it had."""
    return await listing.one(request, TARGET, actor, target_id)


@router.patch("/targets/{target_id}", summary="调整目标 Adjust target", response_model=TargetOut)
async def update_target(
    uow: Uow,
    target_id: UUID,
    body: TargetPatch,
    actor: Annotated[Actor, permitted("targets.write")],
    if_match: IfMatch = None,
) -> Response:
    """A new value holds from `valid_from` on and needs a `reason`; `as_of` before that day still shows the old one.

    Errors: 422 `reason_required`; `dates_out_of_order` for a day before the value in force began.
    """
    await targets.change(uow, target_id, body, if_match)
    return await listing.shown(uow, TARGET, target_id)


@router.delete("/targets/{target_id}", summary="删除目标 Delete target", status_code=204)
async def delete_target(
    uow: Uow, target_id: UUID, actor: Annotated[Actor, permitted("targets.write")], if_match: IfMatch = None
) -> Response:
    """Only for what was entered by mistake. A letter of responsibility counts by it: 409 `still_referenced`."""
    await targets.remove(uow, target_id, if_match)
    return Response(status_code=204)


@router.get("/targets/{target_id}/actuals", summary="完成数列表 List target actuals", response_model=TargetActualPage)
async def list_target_actuals(
    request: Request,
    uow: Uow,
    target_id: UUID,
    query: Annotated[TargetActualQuery, Query()],
    actor: Annotated[Actor, permitted("targets.read")],
) -> Response:
    """All that was ever entered, corrected entries included. Of those for one day the last recorded is in force."""
    await targets.require_seen(uow, target_id)
    return await listing.page(request, TARGET_ACTUAL, actor, query, fixed={"target": target_id})


@router.post(
    "/targets/{target_id}/actuals",
    summary="填报完成数 Create target actual",
    status_code=201,
    response_model=TargetActualOut,
    responses={**CREATED, 200: {"model": TargetActualOut, "description": "In force already; nothing changed"}},
)
async def create_target_actual(
    uow: Uow, target_id: UUID, body: TargetActualIn, actor: Annotated[Actor, permitted("targets.write")]
) -> Response:
    """What was reached up to a day, where no project here tells. Nothing is overwritten: a second one corrects.

    It counts where the target's `actual_from` is `entered`. Errors: 422 `in_the_future`, `dates_out_of_order`.
    """
    identity, new = await targets.enter_actual(uow, target_id, body)
    location = f"/api/v1/target-actuals/{identity}" if new else None
    return await listing.shown(uow, TARGET_ACTUAL, identity, status=201 if new else 200, location=location)


@router.get(
    "/target-actuals/{target_actual_id}",
    summary="完成数 Get target actual",
    response_model=TargetActualOut,
    responses=TAGGED,
)
async def get_target_actual(
    request: Request, target_actual_id: UUID, actor: Annotated[Actor, permitted("targets.read")]
) -> Response:
    """One entry; it never changes."""
    return await listing.one(request, TARGET_ACTUAL, actor, target_actual_id)
