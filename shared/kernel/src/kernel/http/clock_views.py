"""Requests about the clock of a stack, and what they return."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from kernel.clock.move import Move
from kernel.clock.state import Survey
from kernel.http.requests import Body, Instant

TEN_YEARS = 10 * 366 * 86_400
"""Seconds."""
MICROSECONDS = 1_000_000


class ClockMove(Body):
    """Exactly one of ``advance_seconds``, ``to`` and ``reset``."""

    advance_seconds: Annotated[int, Field(ge=1, le=TEN_YEARS)] | None = None
    to: Instant | None = None
    reset: Literal[True] | None = None
    wait: bool = True

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if sum(it is not None for it in (self.advance_seconds, self.to, self.reset)) != 1:
            raise ValueError("Exactly one of advance_seconds, to and reset is required.")
        return self


class ClockView(BaseModel):
    now: datetime
    shift_seconds: float
    state: Literal["still", "moving", "resetting"]
    reaches: datetime | None
    next_due_at: datetime | None
    under_way: list[str]

    @classmethod
    def of(cls, move: Move, survey: Survey) -> Self:
        return cls(
            now=move.now,
            shift_seconds=survey.furthest / MICROSECONDS,
            state=move.state,
            reaches=move.reaches,
            next_due_at=survey.next_due(1),
            under_way=[*survey.due_work(), *survey.unread(everywhere=True)],
        )


class ServiceClockMove(Body):
    """The new shift of one service's clock, or its reset. In two numbers: as one, a shift of some days could
    be taken for a card number."""

    seconds: Annotated[int, Field(ge=0)] = 0
    microseconds: Annotated[int, Field(ge=0, lt=MICROSECONDS)] = 0
    reset: bool = False

    @property
    def shift(self) -> int:
        return self.seconds * MICROSECONDS + self.microseconds


class ServiceClockDone(BaseModel):
    done: bool
