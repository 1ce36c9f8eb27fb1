"""The state of one step of a process, and why a process is compensated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple


@dataclass(slots=True)
class StepState:
    """``status``: started, completed or failed. ``compensation``: None, started or completed."""

    status: str
    started_at: datetime
    finished_at: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)
    """The results that later steps read, or the data of the refusal."""
    compensation: str | None = None
    attempt: int = 1

    @property
    def may_have_had_effect(self) -> bool:
        return self.status != "failed"


class Waiting(NamedTuple):
    """What a step waits for, since when, and until when at the latest."""

    kind: str
    step: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a process is compensated: a code for programs, a text for people, and data of the code's own."""

    code: str
    detail: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure(Reason):
    """The reason together with ``phase``, the step at which the process failed."""

    phase: str = ""
