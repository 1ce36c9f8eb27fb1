"""The answers of the routes of model runs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
from pydantic import BaseModel


class ModelRun(BaseModel):
    run_id: UUID
    model: Literal["customer_value", "customer_segments", "forecasts"]
    version: int
    currency: str
    night: date | None
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    state: Literal["queued", "running", "done", "too_few", "failed"]
    reason: str | None
    trained_from: date | None
    trained_to: date | None
    rows: int | None
    parameters: dict[str, Any] | None
    log_likelihood: float | None
    errors: dict[str, Any] | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> ModelRun:
        return cls(**{name: row[name] for name in cls.model_fields})


class ModelRuns(BaseModel):
    runs: list[ModelRun]
