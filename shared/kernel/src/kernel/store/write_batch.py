"""Write batch: what several units of work store together, in the order in which it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Self
from uuid import UUID

from kernel.numbering import Draw
from kernel.store.changes import Changes, KeyClaim, LeasedTimer, LogRow, Statement, StoredResponse, Timer

SINGLE_STATEMENT_LIMIT = 64
"""Rows of the log: up to so many are stored by one statement together with everything else. Measured up to
here."""


@dataclass(slots=True)
class WriteBatch:
    leased_timers: list[tuple[LeasedTimer, Timer | None]] = field(default_factory=list)
    """Timers to be deleted (None) or moved if they still are as they were leased."""
    cancelled_timers: list[tuple[UUID, str]] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    log_rows: list[LogRow] = field(default_factory=list)
    released_keys: list[tuple[str, str, str]] = field(default_factory=list)
    claimed_keys: list[KeyClaim] = field(default_factory=list)
    responses: list[StoredResponse] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)

    @classmethod
    def of(cls, units: Sequence[Changes]) -> Self:
        batch = cls()
        compared = {
            changes.leased_timer: changes.timers[key]
            for changes in units
            if changes.leased_timer and (key := changes.compared_timer)
        }
        batch.leased_timers = sorted(compared.items(), key=itemgetter(0))
        timers: dict[tuple[UUID, str], Timer | None] = {}
        for changes in units:
            compared_key = changes.compared_timer
            timers |= {key: timer for key, timer in changes.timers.items() if key != compared_key}
        in_key_order = sorted(timers.items(), key=itemgetter(0))
        batch.cancelled_timers = [key for key, timer in in_key_order if timer is None]
        batch.timers = [timer for _, timer in in_key_order if timer is not None]
        batch.log_rows = list(chain.from_iterable(changes.rows for changes in units))
        batch.released_keys = sorted(set().union(*(changes.released_keys for changes in units)))
        batch.claimed_keys = list(chain.from_iterable(changes.claimed_keys.values() for changes in units))
        responses = [changes.response for changes in units if changes.response]
        batch.responses = sorted(responses, key=attrgetter("tenant", "route", "key"))
        batch.statements = list(chain.from_iterable(changes.statements for changes in units))
        batch.draws = list(chain.from_iterable(changes.draws for changes in units))
        return batch

    @property
    def is_one_statement(self) -> bool:
        """Whether one statement can store the batch, without a transaction around it."""
        apart = self.leased_timers or self.statements or self.draws
        return not apart and (self.is_rows_alone or len(self.log_rows) <= SINGLE_STATEMENT_LIMIT)

    @property
    def is_rows_alone(self) -> bool:
        return not (
            self.leased_timers
            or self.cancelled_timers
            or self.timers
            or self.released_keys
            or self.claimed_keys
            or self.responses
            or self.draws
        )
