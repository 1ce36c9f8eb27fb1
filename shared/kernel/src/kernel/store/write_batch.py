"""What several saves leave behind together, in the order in which it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Self
from uuid import UUID

from kernel.store.changes import Changes, FiredTimer, KeyClaim, LogRow, StoredResponse, Timer

SINGLE_STATEMENT_LIMIT = 64
"""Rows of the log: so many go with everything else in one statement. Measured up to here."""


@dataclass(slots=True)
class WriteBatch:
    fired_timers: list[tuple[FiredTimer, Timer | None]] = field(default_factory=list)
    """Timers to be struck off or moved if they still are as they were taken."""
    cancelled_timers: list[tuple[UUID, str]] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    log_rows: list[LogRow] = field(default_factory=list)
    released_keys: list[tuple[str, str, str]] = field(default_factory=list)
    claimed_keys: list[KeyClaim] = field(default_factory=list)
    answers: list[StoredResponse] = field(default_factory=list)

    @classmethod
    def of(cls, saves: Sequence[Changes]) -> Self:
        it = cls()
        compared = {
            save.fired_timers: save.timers[key]
            for save in saves
            if save.fired_timers and (key := save.of_taken)
        }
        it.fired_timers = sorted(compared.items(), key=itemgetter(0))
        timers = (one for save in saves for one in save.timers.items() if one[0] != save.of_taken)
        wanted = dict(sorted(timers, key=itemgetter(0)))
        it.cancelled_timers = [key for key, timer in wanted.items() if timer is None]
        it.timers = [timer for timer in wanted.values() if timer is not None]
        it.log_rows = list(chain.from_iterable(save.rows for save in saves))
        it.released_keys = sorted(set().union(*(save.released_keys for save in saves)))
        it.claimed_keys = list(chain.from_iterable(save.claimed_keys.values() for save in saves))
        answers = [save.answer for save in saves if save.answer]
        it.answers = sorted(answers, key=attrgetter("tenant", "route", "key"))
        return it

    @property
    def is_one_statement(self) -> bool:
        """Then it needs no transaction around it."""
        return not self.fired_timers and (self.is_rows_alone or len(self.log_rows) <= SINGLE_STATEMENT_LIMIT)

    @property
    def is_rows_alone(self) -> bool:
        return not (
            self.fired_timers
            or self.cancelled_timers
            or self.timers
            or self.released_keys
            or self.claimed_keys
            or self.answers
        )
