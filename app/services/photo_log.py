"""Writes to photos in the change log: read by whoever sees the project of the report, before that by nobody else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.models import Photo, Project, Report, ReportPhoto
from app.uow import UnitOfWork


async def note(uow: UnitOfWork, action: str, photo: Photo, diff: dict[str, Any] | None = None) -> None:
    project = (
        await uow.session.execute(
            select(Project.id, Project.region_code)
            .join(Report, Report.project_id == Project.id)
            .join(ReportPhoto, ReportPhoto.report_id == Report.id)
            .where(ReportPhoto.id == photo.id)
        )
    ).one_or_none()
    uow.record(
        action,
        photo,
        region_code=project.region_code if project else None,
        project_id=project.id if project else None,
        user_ids=[photo.owner_id],
        diff=diff or {},
    )
