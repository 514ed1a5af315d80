"""All settings, from the environment (`DIAODU_*`). Only main, cli and migrations read them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app import tus


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DIAODU_", extra="ignore")

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

    @model_validator(mode="after")
    def production_names_its_own(self) -> Self:
        if self.env == "production" and self.keys_dir is None:
            raise ValueError("production needs DIAODU_KEYS_DIR: its own signing keys, made with `diaodu new-key`")
        return self
