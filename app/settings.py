"""All settings, from the environment (`DIAODU_*`). Only main, cli and migrations read them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app import tus

_ORIGIN = re.compile(r"\*|https?://[^/?#\s@]+")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DIAODU_", extra="ignore", hide_input_in_errors=True)

    env: Literal["development", "production"] = "development"
    database_url: str | None = None
    """postgresql://user:password@host/database; without it the service runs its own PostgreSQL."""
    var_dir: Path = Path("var")
    keys_dir: Path | None = None
    """Signing keys and the cursor secret; shared by all replicas. Default: `keys` under var_dir."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = "http://127.0.0.1:8000"
    """Issuer of tokens."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may call from a browser, comma-separated, e.g. https://screen.example.cn; "*": any."""
    pool_size: int = Field(default=8, ge=1, le=100)
    statement_timeout_ms: int = 5000
    import_timeout_ms: int = 120_000
    access_token_minutes: int = 15
    refresh_token_days: int = 30
    argon2_memory_kib: int = 19456
    argon2_time_cost: int = 2
    rate_limit_per_minute: int = 6000
    """Per signed-in user."""
    anonymous_rate_limit_per_minute: int = 600
    """Per address, for requests without credentials."""
    idempotency_days: int = 14
    figures_seconds: float = Field(default=5, ge=0)
    """How often sums of provinces and prefectures are made beforehand; 0: only when they are asked for."""
    flags_seconds: float = Field(default=0.5, ge=0)
    """How often flags of reports just handed in are worked out; 0: only when they are asked for."""
    object_store: str | None = Field(default=None, pattern=r"^(s3://[^/]+|file:///)")
    """s3://bucket/prefix (keys, region and endpoint from AWS_*) or file:///folder; default: `objects` under var_dir."""
    upload_max_bytes: int = Field(default=32 * 1024**2, gt=0, le=tus.MOST)
    upload_bytes_per_day: int = 1024**3
    """Per account; and in all:"""
    upload_bytes_in_all: int = 50 * 1024**3
    upload_days: int = Field(default=7, gt=0)
    """An upload nothing comes for is kept this long; a photo no report names, `photo_orphan_days`."""
    photo_orphan_days: int = Field(default=30, gt=0)
    photo_max_pixels: int = Field(default=64_000_000, gt=0)
    log_level: str = "INFO"

    @property
    def keys(self) -> Path:
        return self.keys_dir or self.var_dir / "keys"

    @property
    def demo_accounts_file(self) -> Path:
        return self.var_dir / "demo-accounts.json"

    @field_validator("database_url")
    @classmethod
    def of_postgresql(cls, given: str | None) -> str | None:
        # Its password must not stand in the message.
        try:
            named = make_url(given).drivername if given else "postgresql"
        except (ArgumentError, ValueError):
            named = ""
        if named not in {"postgres", "postgresql", "postgresql+asyncpg"}:
            raise ValueError("write postgresql://user:password@host:port/database, special characters %-encoded")
        return given

    @field_validator("cors_origins", mode="before")
    @classmethod
    def origins(cls, given: Any) -> Any:
        found = [origin.strip() for origin in given.split(",")] if isinstance(given, str) else list(given)
        for origin in filter(None, found):
            if _ORIGIN.fullmatch(origin) is None:
                raise ValueError(f"{origin} is no origin; write scheme and host, e.g. https://screen.example.cn, or *")
        return tuple(filter(None, found))

    @model_validator(mode="after")
    def production_names_its_own(self) -> Self:
        if self.env == "production" and self.keys_dir is None:
            raise ValueError("production needs DIAODU_KEYS_DIR: its own signing keys, made with `diaodu new-key`")
        return self
