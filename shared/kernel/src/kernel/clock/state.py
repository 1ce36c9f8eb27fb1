"""What the clocks of a stack say at one moment, and what follows: what is still under way, and the next step.

No input or output here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

STEPS = 100
"""Steps in which the timers that are set when a move begins are fired; in how many more those that these set
in turn are fired depends on them."""

MAX_GROUP = 1_000
"""Timers of the largest step."""

Ends = Mapping[tuple[str, int], int]
"""Topic and partition -> the offset of its next record."""


class Question(NamedTuple):
    """What a service is asked about its clock."""

    known: int
    """The largest number of due times to report."""
    reached: datetime
    """The time up to which timers count as due; at most the clock's."""
    until: datetime
    """The time up to which timers count as upcoming."""


class ClockState(BaseModel):
    """The state of one service's database, as the SQL function ``clock_state`` reports it."""

    model_config = ConfigDict(frozen=True)

    now: datetime
    shift: int
    """Microseconds by which the clock is ahead of the machine's."""
    is_empty: bool
    """Whether nothing is recorded yet."""
    due: int
    """Timers that were due at the time that was reached by the last step, and are not stuck."""
    overtaking: int
    """Timers that have come due since, because the clock goes on by itself."""
    in_progress: int
    """Timers that are leased, or tried again after a failure."""
    upcoming: int
    """Timers that come due up to the time that was asked about."""
    due_times: tuple[datetime, ...]
    """The due times of the first of them, in order."""
    publishes: bool
    """Whether a relay copies the log of this service. What reads and never publishes causes nothing further:
    a step need not wait for it."""
    recorded: int
    """The position of the last entry of the log."""
    published: int
    """The position up to which the relay has copied the log."""
    places: tuple[tuple[str, str, int, int], ...]
    """Consumer group, topic, partition and the offset that the group reads next."""


@dataclass(frozen=True)
class Survey:
    """The states of all services, and the ends of the topics, which were read after them."""

    states: Mapping[str, ClockState]
    ends: Ends

    @property
    def furthest(self) -> int:
        """The largest shift of a clock, in microseconds."""
        return max(it.shift for it in self.states.values())

    @property
    def is_level(self) -> bool:
        """Whether all clocks have the same shift."""
        return len({it.shift for it in self.states.values()}) == 1

    @property
    def is_empty(self) -> bool:
        return all(it.is_empty for it in self.states.values())

    @property
    def upcoming(self) -> int:
        return sum(it.upcoming for it in self.states.values())

    @property
    def is_overtaken(self) -> bool:
        """Whether timers come due faster than those of a step are fired. Without a move nothing would wait
        for the earlier ones either."""
        return any(it.overtaking for it in self.states.values())

    def due_work(self) -> list[str]:
        """What is due or in progress, as phrases for people."""
        return list(self._due_work())

    def unread(self, *, everywhere: bool) -> list[str]:
        """What is recorded and not yet published or read, as phrases; ``everywhere``: also what is read by
        services that publish nothing."""
        return list(self._unread(everywhere=everywhere))

    def marks(self, *, everywhere: bool) -> object:
        """Equal in two surveys with nothing under way: then nothing has happened between them."""
        waited_for = (it for it in self.states.values() if everywhere or it.publishes)
        return [(it.recorded, it.published, it.places, it.due_times) for it in waited_for]

    def next_due(self, group: int) -> datetime | None:
        """The due time of the timer with this number, counted over all services from 1; or that of the last
        one before the target, or None if there is none."""
        times = sorted(time for it in self.states.values() for time in it.due_times)
        return times[min(group, len(times)) - 1] if times else None

    def _due_work(self) -> Iterator[str]:
        for name, state in self.states.items():
            if state.due:
                yield f"{name}: {state.due} timers are due"
            if state.in_progress:
                yield f"{name}: {state.in_progress} timers or calls are in progress"

    def _unread(self, *, everywhere: bool) -> Iterator[str]:
        for name, state in self.states.items():
            if state.publishes and state.recorded > state.published:
                yield f"{name}: {state.recorded - state.published} entries of the log are not published"
            if everywhere or state.publishes:
                behind = (self.ends.get((topic, part), 0) - at for _, topic, part, at in state.places)
                if records := sum(max(0, it) for it in behind):
                    yield f"{name}: {records} records are not read"


def group_of(upcoming: int) -> int:
    """How many timers a step of the clock makes due: one, unless there are so many that this would take more
    than ``STEPS`` steps."""
    return min(MAX_GROUP, max(1, ceil(upcoming / STEPS)))


def shift_at(moment: datetime, state: ClockState) -> int:
    """The shift with which the clock now shows ``moment``, in microseconds."""
    return state.shift + (moment - state.now) // timedelta(microseconds=1)
