"""The state of a checkout's steps, and why the checkout failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class StepState:
    """``status``: started, completed or failed. ``compensation``: None, started or completed."""

    status: str
    started_at: datetime
    finished_at: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)
    compensation: str | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Failure:
    """``phase`` is the step at which it failed; ``data`` is the data of the refusal."""

    code: str
    phase: str
    detail: str
    data: dict[str, Any]
