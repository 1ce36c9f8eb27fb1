"""Repeated, late and lost replies and outcomes, deadlines and retries at any moment: every step begins once,
and every step that may have had an effect is undone once."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import Command, Reply
from kernel.domain import Refused
from kernel.process import calls
from kernel.process.state import Reason
from tests.support.in_memory_unit_of_work import InMemoryUnitOfWork, World
from tests.support.scenario import CONTEXT, NOW
from tests.unit.kernel.process import messages
from tests.unit.kernel.process.test_operators import give_up, give_up_after_the_pivot, retry
from tests.unit.kernel.process.trip import (
    DEADLINE,
    REFUND,
    TIMER,
    TRIP,
    TRIPS,
    WORKFLOW,
    Trip,
    outcome,
    reply,
    start,
    started,
)

Event = Callable[[], None]
ENDS = {"trip.completed", "trip.failed"}
HELD, REFUSED, UNDONE = "held", "refused", "undone"
NO = {"code": "NO", "detail": "no"}


class Play:
    """One trip, the services and the bank that it needs, and all events that may happen next."""

    def __init__(self, trip: messages.Started, refuses: frozenset[str]) -> None:
        self.world = World(messages=messages.MESSAGES)
        self.now = NOW
        self.refuses = refuses
        self.commands: deque[Command] = deque()
        """All under one record key, so that they are handled in order."""
        self.served: list[Command] = []
        self.replies: list[Reply] = []
        self.heard: list[Reply] = []
        self.timers: dict[str, int] = {}
        """Kind to the tries so far."""
        self.outcomes: list[tuple[str, calls.CallOutcome, int]] = []
        """Of calls that were made, and not recorded yet."""
        self.effects: dict[str, str] = {}
        """Step to held, refused or undone, as its service knows it."""
        self.do(start, trip)

    def do(self, use_case: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        work = InMemoryUnitOfWork(self.world, CONTEXT, self.now)
        try:
            asyncio.run(self._stored(use_case, work, *arguments))
        except Refused:
            return
        self.commands += [it.command for it in work.sent]
        for (_, kind), timer in work.timers.items():
            self.timers.pop(kind, None)
            if timer is not None:
                self.timers[kind] = timer.payload.get("tries", 0)

    async def _stored(
        self, use_case: Callable[..., Awaitable[Any]], work: InMemoryUnitOfWork, first: Any, *others: Any
    ) -> None:
        await use_case(first, work, *others)
        trip = await work.open(Trip, TRIP)
        work.commit()
        check_is_one_decision([it.TYPE for it in work.facts])
        assert memory_of(trip) == memory_of(self.trip), "what is stored says less than what was decided"

    @property
    def facts(self) -> list[Any]:
        return self.world.past[TRIP]

    @property
    def trip(self) -> Trip:
        trip = Trip.empty(TRIP)
        for fact in self.facts:
            fact.mutate(trip)
        return trip

    def orderly(self) -> Iterator[Event]:
        if self.commands:
            yield self.serve
        yield from (partial(self.hear, at) for at in range(len(self.replies)))
        yield from (partial(self.record, at) for at in range(len(self.outcomes)))
        yield from (partial(self.call, kind) for kind in self.timers if kind != TIMER)

    def disorderly(self) -> Iterator[Event]:
        yield from (partial(self.do, TRIPS.on_reply, it) for it in self.heard[-3:])
        yield from (partial(self.handle, it) for it in self.served[-3:])
        for kind in self.timers.keys() - {TIMER}:
            yield partial(self.call, kind, answered=False)
            yield partial(self.call, kind, made=False)
        yield from (partial(self.do, act, TRIP) for act in (retry, give_up, give_up_after_the_pivot))
        yield self.let_time_pass
        if TIMER in self.timers:
            yield self.expire

    def serve(self) -> None:
        command = self.commands.popleft()
        self.served.append(command)
        self.handle(command)

    def handle(self, command: Command) -> None:
        """A service handles a command, perhaps once more."""
        match command:
            case messages.BookHotel() if self.hold("hotel"):
                self.replies.append(reply(messages.HotelBooked, room=7))
            case messages.BookHotel():
                self.replies.append(reply(messages.HotelRefused, **NO))
            case messages.BookSeat() if self.hold("seat"):
                self.replies.append(reply(messages.SeatBooked))
            case messages.BookSeat():
                self.replies.append(reply(messages.SeatRefused, **NO))
            case messages.CancelHotel():
                self.undo("hotel")
                self.replies.append(reply(messages.HotelCancelled))
            case messages.CancelSeat():
                self.undo("seat")
                self.replies.append(reply(messages.SeatCancelled))
            case messages.OrderMeals():
                self.replies.append(reply(messages.MealsOrdered))
            case messages.SendPapers() if self.hold("papers"):
                self.replies.append(reply(messages.PapersSent))
            case messages.SendPapers():
                self.replies.append(reply(messages.PapersRefused, **NO))

    def hold(self, step: str) -> bool:
        """Decided once; what was undone before it came is refused."""
        self.effects.setdefault(step, REFUSED if step in self.refuses else HELD)
        return self.effects[step] == HELD

    def undo(self, step: str) -> None:
        if self.effects.get(step) != REFUSED:
            self.effects[step] = UNDONE

    def hear(self, at: int) -> None:
        self.heard.append(self.replies.pop(at))
        self.do(TRIPS.on_reply, self.heard[-1])

    def call(self, kind: str, *, made: bool = True, answered: bool = True) -> None:
        """The bank knows a call by its key: it pays once, and pays back once."""
        result: calls.CallOutcome = calls.Unknown(Reason("UNKNOWN", "silence"))
        if made and kind == REFUND:
            self.undo("pay")
            result = calls.Done() if answered else result
        elif made:
            is_paid = self.hold("pay")
            result = (calls.Done() if is_paid else calls.Refused(Reason("NO", "no"))) if answered else result
        self.outcomes.append((kind, result, self.timers[kind]))

    def record(self, at: int) -> None:
        kind, result, tries = self.outcomes.pop(at)
        self.do(outcome, kind, result, tries)

    def let_time_pass(self) -> None:
        self.now = max(self.now, DEADLINE)

    def expire(self) -> None:
        self.let_time_pass()
        del self.timers[TIMER]
        self.do(TRIPS.on_deadline, TRIP)

    def settle(self) -> None:
        """Nothing is lost any more."""
        for _ in range(200):
            if event := next(self.orderly(), None):
                event()
            else:
                return
        raise AssertionError("it never comes to rest")


def memory_of(trip: Trip) -> dict[str, Any]:
    """The steps also in their order."""
    own = {name: it for name, it in vars(trip).items() if not name.startswith("_")}
    return own | {"order": list(trip.steps)}


def check_is_one_decision(types: list[str]) -> None:
    """One fact says what happened to steps; a second one only that undos done here followed at once."""
    advances = [at for at, it in enumerate(types) if it == "trip.advanced"]
    assert len(advances) <= 2
    if len(advances) == 2:
        assert "trip.compensation_started" in types[advances[0] : advances[1]]


def check_always(play: Play) -> None:
    begun = Counter(step for it in play.facts if it.TYPE == "trip.advanced" for step in it.begun)
    assert set(begun.values()) <= {1}, "a step has begun twice"
    undone = Counter(step for it in play.facts if it.TYPE == "trip.advanced" for step in it.undone)
    assert set(undone.values()) <= {1}, "a step was undone twice"
    ends = [at for at, it in enumerate(play.facts) if it.TYPE in ENDS]
    assert ends in ([], [len(play.facts) - 1])
    pivots = [it.timestamp for it in play.facts if it.TYPE == "trip.advanced" and "pay" in it.begun]
    assert all(it < DEADLINE for it in pivots)
    if play.trip.status == "failed":
        check_is_undone(play)


def check_is_undone(play: Play) -> None:
    trip = play.trip
    assert not {step for step, it in play.effects.items() if it == HELD} - {"papers"}
    with_undo = {it.name for it in WORKFLOW.steps.values() if it.name in trip.steps and it.undo(trip)}
    may_have_had_effect = {name for name, it in trip.steps.items() if it.status != "failed"}
    undone = [step for it in play.facts if it.TYPE == "trip.advanced" for step in it.undone]
    assert sorted(undone) == sorted(with_undo & may_have_had_effect)


def check_at_the_end(play: Play) -> None:
    assert play.trip.ended
    assert TIMER not in play.timers
    if play.trip.status == "completed":
        assert set(play.effects.values()) == {HELD}
        assert not [it for it in play.facts if it.TYPE == "trip.compensation_started"]


@settings(max_examples=300, deadline=None)
@given(
    fields=st.fixed_dictionaries(
        {"definition": st.sampled_from([1, 2]), "meals": st.booleans(), "price": st.sampled_from([0, 100])}
    ),
    refuses=st.frozensets(st.sampled_from(["hotel", "seat", "pay", "papers"]), max_size=2),
    head_start=st.integers(0, 12),
    choices=st.lists(st.integers(0, 1_000), max_size=25),
)
def test_any_interleaving_ends_with_everything_done_or_everything_undone(
    fields: dict[str, Any], refuses: frozenset[str], head_start: int, choices: list[int]
) -> None:
    play = Play(started(**fields), refuses)
    for choice in [1] * head_start + choices:
        events = list(play.orderly()) if choice % 3 else []
        events = events or list(play.disorderly())
        if events:
            events[choice // 3 % len(events)]()
        check_always(play)
    play.settle()
    check_always(play)
    check_at_the_end(play)
