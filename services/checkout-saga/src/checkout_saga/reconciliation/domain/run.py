"""One run of a reconciliation: an account, a window of time, and what the comparison has come to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, TypedDict, assert_never
from uuid import UUID

from contracts import reconciliation as facts
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID

SHORT, LONG = timedelta(hours=48), timedelta(days=35)
"""How far the runs of a day look back, and the first of them."""


class Counts(NamedTuple):
    """``theirs`` and ``ours``: what was compared; ``open``: differences that were met and wait for an
    operator."""

    theirs: int = 0
    ours: int = 0
    matched: int = 0
    repaired: int = 0
    open: int = 0

    def plus(self, more: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(self, more, strict=True)))


class _Window(TypedDict):
    account_id: UUID
    gateway: str
    since: datetime
    until: datetime


class Reconciliation(Aggregate):
    CREATED_BY = facts.Started.TYPE
    KEPT_IN_MEMORY = False

    def initialise(self) -> None:
        self.account_id, self.gateway = NIL_ID, ""
        self.since = self.until = self.started_at = UTC_MIN
        self.counts = Counts()
        self.completed_at: datetime | None = None
        self.failure: str | None = None

    def start(self, account_id: UUID, gateway: str, since: datetime, until: datetime) -> None:
        self.record(facts.Started(account_id=account_id, gateway=gateway, since=since, until=until))

    def complete(self, counts: Counts, failure: str | None = None) -> None:
        """``failure``: why it ends before its window does. Ignored if it is complete already."""
        if self.completed_at is None:
            self.record(facts.Completed(**self._window, **counts._asdict(), failure=failure))

    @property
    def is_long(self) -> bool:
        """It also asks for disputes that are older than its window: a bank decides after months."""
        return self.until - self.since > SHORT

    @property
    def _window(self) -> _Window:
        return {
            "account_id": self.account_id,
            "gateway": self.gateway,
            "since": self.since,
            "until": self.until,
        }

    def evolve(self, fact: facts.Started | facts.Completed) -> None:
        match fact:
            case facts.Started():
                self.account_id, self.gateway = fact.account_id, fact.gateway
                self.since, self.until, self.started_at = fact.since, fact.until, fact.timestamp
            case facts.Completed():
                self.counts = Counts(fact.theirs, fact.ours, fact.matched, fact.repaired, fact.open)
                self.completed_at, self.failure = fact.timestamp, fact.failure
            case _:
                assert_never(fact)
