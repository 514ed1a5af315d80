from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED, TAGGED
from app.db import to_json
from app.deps import Uow, permitted
from app.resources.schedules import BASELINE, SCHEDULE
from app.routing import api
from app.schemas.month_plans import MonthPlan, MonthPlanQuery
from app.schemas.schedules import (
    AdoptionIn,
    BaselineOut,
    BaselinePage,
    BaselineQuery,
    ProjectVariance,
    ScheduleIn,
    ScheduleOut,
    SchedulePage,
    ScheduleQuery,
)
from app.services import month_plans, schedules, variances
from app.services.project_parts import require_visible

router = api("milestones")


@router.get("/projects/{project_id}/schedules", summary="排期方案列表 List schedules", response_model=SchedulePage)
async def list_schedules(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[ScheduleQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """The schedules computed for the project, the newest first, without their milestones."""
    await require_visible(uow, project_id)
    return await listing.page(request, SCHEDULE, actor, query, fixed={"project": project_id})


@router.post(
    "/projects/{project_id}/schedules",
    summary="倒排工期 Create schedule",
    status_code=201,
    response_model=ScheduleOut,
    responses={**CREATED, 200: {"model": ScheduleOut, "description": "Sent before; nothing changed"}},
)
async def create_schedule(
    uow: Uow, project_id: UUID, body: ScheduleIn, actor: Annotated[Actor, permitted("schedules.write")]
) -> Response:
    """Count back from the deadline: when each milestone must start and finish at the latest, on Chinese working days
    (public holidays off, make-up Saturdays and Sundays worked), what slack it has from today on, which chain is
    critical, and by how many working days the deadline is missed already, if it is.

    What is done counts as done; what is in progress keeps its start; what waits for a permit begins on the workday
    after the permit can be counted on. It is a proposal until it is adopted.

    Errors: 409 `no_milestones`; 422 naming at once every milestone without a duration (`duration_needed`) and the
    milestones of each ring (`cycle`), by id in `faults`; 422 `beyond_calendar` when the dates leave the years 1900 to
    2199.
    """
    row, new = await schedules.create(uow, project_id, body)
    location = f"/api/v1/schedules/{row.id}" if new else None
    return await listing.shown(uow, SCHEDULE, row.id, status=201 if new else 200, location=location)


@router.get("/schedules/{schedule_id}", summary="排期方案 Get schedule", response_model=ScheduleOut, responses=TAGGED)
async def get_schedule(
    request: Request, schedule_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """One schedule with the dates of all milestones, as computed then; `outdated` says whether it still fits."""
    return await listing.one(request, SCHEDULE, actor, schedule_id)


@router.post(
    "/schedules/{schedule_id}/adoption",
    summary="采用排期 Adopt schedule",
    status_code=201,
    response_model=BaselineOut,
    responses={**CREATED, 200: {"model": BaselineOut, "description": "Adopted before in the same words"}},
)
async def adopt_schedule(
    uow: Uow, schedule_id: UUID, body: AdoptionIn, actor: Annotated[Actor, permitted("schedules.write")]
) -> Response:
    """Make the schedule a baseline: its latest dates become the planned dates of all open milestones, and only another
    adoption changes them again.

    A project's first baseline needs nothing more; another one `decision_reference` and `reason` (422). Of several
    adoptions at once one wins. 409 `schedule_outdated`: milestones, their progress or the baseline have changed since
    it was computed. 409 `already_adopted`: it is a baseline already, on another decision.
    """
    row, new = await schedules.adopt(uow, schedule_id, body)
    location = f"/api/v1/baselines/{row.id}" if new else None
    return await listing.shown(uow, BASELINE, row.id, status=201 if new else 200, location=location)


@router.get("/projects/{project_id}/baselines", summary="基线列表 List baselines", response_model=BaselinePage)
async def list_baselines(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[BaselineQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """The project's baselines from the first to the current one, with the decisions behind them."""
    await require_visible(uow, project_id)
    return await listing.page(request, BASELINE, actor, query, fixed={"project": project_id})


@router.get("/baselines/{baseline_id}", summary="基线 Get baseline", response_model=BaselineOut, responses=NOT_MODIFIED)
async def get_baseline(
    request: Request, baseline_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """One baseline. The dates it planned: `GET /schedules/{schedule_id}`."""
    return await listing.one(request, BASELINE, actor, baseline_id)


@router.get("/projects/{project_id}/variance", summary="基线偏差 Get variance", response_model=ProjectVariance)
async def get_variance(uow: Uow, project_id: UUID, actor: Annotated[Actor, permitted("projects.read")]) -> Response:
    """Every milestone against the first and the current baseline, in working days.

    A milestone moved by decision (`rescheduled_days`) is not a milestone late (`late`); each is told by itself. A
    milestone that was deleted since stays, `removed`, with what the baselines had planned of it.
    """
    return Response(to_json(await variances.of_project(uow, project_id)), media_type=listing.MEDIA_TYPE)


@router.get("/projects/{project_id}/month-plan", summary="月度分解 Get month plan", response_model=MonthPlan)
async def get_month_plan(
    uow: Uow,
    project_id: UUID,
    query: Annotated[MonthPlanQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """The year by months: the work of milestones in working days, the milestones due, and the planned investment.

    What is done is the work of the days it was done on, whatever had been planned; the rest is work as planned.
    The investment adds up to the annual plan exactly: by the plan's own monthly split where it has one, else spread
    by the work (largest remainder). `schedule_id` shows it as that schedule would have it, before it is adopted.
    """
    found = await month_plans.of_project(uow, project_id, query.year, query.schedule_id)
    return Response(to_json(found), media_type=listing.MEDIA_TYPE)
