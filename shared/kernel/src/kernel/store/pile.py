"""What several saves leave behind together, in the order in which it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Self
from uuid import UUID

from kernel.store.save import Claim, LogRow, Save, StoredAnswer, Taken, Timer

FEW = 64
"""Rows of the log: so many go with everything else in one statement. Measured up to here."""


@dataclass(slots=True)
class Pile:
    taken: list[tuple[Taken, Timer | None]] = field(default_factory=list)
    """Timers to be struck off or moved if they still are as they were taken."""
    gone: list[tuple[UUID, str]] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    rows: list[LogRow] = field(default_factory=list)
    freed: list[tuple[str, str, str]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    answers: list[StoredAnswer] = field(default_factory=list)

    @classmethod
    def of(cls, saves: Sequence[Save]) -> Self:
        it = cls()
        compared = {save.taken: save.timers[key] for save in saves if save.taken and (key := save.of_taken)}
        it.taken = sorted(compared.items(), key=itemgetter(0))
        timers = (one for save in saves for one in save.timers.items() if one[0] != save.of_taken)
        wanted = dict(sorted(timers, key=itemgetter(0)))
        it.gone = [key for key, timer in wanted.items() if timer is None]
        it.timers = [timer for timer in wanted.values() if timer is not None]
        it.rows = list(chain.from_iterable(save.rows for save in saves))
        it.freed = sorted(set().union(*(save.given_up for save in saves)))
        it.claims = list(chain.from_iterable(save.claims.values() for save in saves))
        answers = [save.answer for save in saves if save.answer]
        it.answers = sorted(answers, key=attrgetter("tenant", "route", "key"))
        return it

    @property
    def is_one_statement(self) -> bool:
        """Then it needs no transaction around it."""
        return not self.taken and (self.is_rows_alone or len(self.rows) <= FEW)

    @property
    def is_rows_alone(self) -> bool:
        return not (self.taken or self.gone or self.timers or self.freed or self.claims or self.answers)
