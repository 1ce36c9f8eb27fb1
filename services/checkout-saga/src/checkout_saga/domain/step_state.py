"""What became of a checkout's steps, and why it was given up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class StepState:
    """What became of one step."""

    status: str
    started_at: datetime
    finished_at: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)
    compensation: str | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    phase: str
    detail: str
    data: dict[str, Any]
