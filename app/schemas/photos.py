from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, Field

from app.domain.photos import PhotoRefusal, PhotoState
from app.schemas.base import Out, Stamped


class PhotoOwner(Out):
    id: UUID
    name: str | None


class PhotoOut(Stamped):
    id: UUID = Field(description="Chosen by the phone; the report names the photo by it")
    state: PhotoState = Field(
        description="`uploading`: bytes are missing; `processing`: all there, not read yet; `ready`; `rejected`"
    )
    filename: str = Field(examples=["施工现场.jpg"])
    media_type: str | None = Field(description="Of the file as sent, by its content", examples=["image/heic"])
    size: int = Field(description="Bytes of the file as sent", ge=1)
    sha256: str | None = Field(description="Of the file as sent, hex")
    sha256_announced: str | None = Field(description="What the report said of the file")
    sha256_matches: bool | None = Field(description="Whether that is so; null while one of the two is not known")
    dhash: str | None = Field(
        description="64-bit difference hash, hex: pictures that look alike differ in few bits",
        examples=["0f1e3c7870e0c183"],
    )
    width: int | None = Field(description="Pixels of the file as sent, upright")
    height: int | None
    taken_at: AwareDatetime | None = Field(description="By the file (EXIF); a time without an offset is China's")
    longitude: float | None = Field(description="WGS-84 degrees, by the file (EXIF)")
    latitude: float | None
    refusal: PhotoRefusal | None = Field(description="Why it was rejected")
    report_id: UUID | None = Field(description="The report that names it")
    project_id: UUID | None
    owner: PhotoOwner | None = Field(description="Who sent it")
