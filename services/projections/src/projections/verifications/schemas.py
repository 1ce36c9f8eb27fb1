"""What `feira verify` reports of a run: counts and verdicts, without rows of any tenant."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from kernel.http.requests import Body, Id, Int64, ShortText

Verdict: TypeAlias = Literal["holds", "violated", "unavailable", "not_judged"]
"""unavailable: the check could not be made. not_judged: it does not apply, such as one that compares with a
ledger that cannot be read."""
Count = Annotated[Int64, Field(ge=0)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
Counts = Annotated[dict[Name, Count], Field(max_length=50)]


class CheckReport(Body):
    check: Annotated[str, Field(pattern=r"^[A-Z][0-9]{1,2}$")]
    rule: ShortText
    verdict: Verdict
    compared: Count
    violations: Count


class VerificationReport(Body):
    """``verification_id``: made by the reporter, so that a repeated report is stored once."""

    verification_id: Id
    seconds: Annotated[float, Field(ge=0, le=10**6)]
    checks: Annotated[list[CheckReport], Field(min_length=1, max_length=100)]
    compared: Counts
    in_flight: Counts

    @property
    def holds(self) -> bool:
        return all(it.verdict in {"holds", "not_judged"} for it in self.checks)

    @property
    def is_complete(self) -> bool:
        return all(it.verdict != "unavailable" for it in self.checks)


class CheckView(BaseModel):
    check: str
    rule: str
    verdict: Verdict
    compared: int
    violations: int


class Verification(BaseModel):
    verification_id: UUID
    reported_at: datetime
    reported_by: str
    holds: bool
    is_complete: bool
    seconds: float
    checks: list[CheckView]
    compared: dict[str, int]
    in_flight: dict[str, int]
