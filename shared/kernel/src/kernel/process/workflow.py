"""A workflow as data: the steps of a process, what each does and undoes, and their order by version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from contracts.envelope import Command, Reply
from kernel.command_routes import PreloadKeys
from kernel.process.process import Process
from kernel.process.state import Reason
from kernel.unit_of_work import UnitOfWork

P = TypeVar("P", bound=Process)
Data = Mapping[str, Any]


class Send(NamedTuple):
    """Send a command to another service. The step ends by its reply, a fact on that service's topic."""

    command: Command
    key: UUID


class Call(NamedTuple):
    """Make an outbound call after the commit. The step ends by its outcome."""

    kind: str
    """The kind of the call's timer, by which ``OutboundCalls`` finds the caller."""
    notify: Send | None = None
    """A command sent together with the call, whose reply is not awaited."""


class Run(NamedTuple):
    """Done by this service in the same unit of work. Returns the data of the step. None: the step has only
    begun, and something that the use case has set off calls ``ProcessManager.complete`` later; it may be run
    again."""

    use_case: Callable[[Any, UnitOfWork], Awaitable[Data | None]]


Action = Send | Call | Run | None
"""None: nothing has to be done for this process."""


def nothing(_: Process) -> Action:
    return None


def run(use_case: Callable[[Any, UnitOfWork], Awaitable[Data | None]]) -> Callable[[Process], Action]:
    """The action of a step that this service does itself, in every state of the process."""
    action = Run(use_case)
    return lambda _: action


class Streams(NamedTuple):
    """The streams that a use case opens."""

    known: PreloadKeys = ()
    new: PreloadKeys = ()
    """Those that probably do not exist: with the cache they are not read, and the commit finds out if they
    do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[P]):
    """One row of a workflow. ``do`` and ``undo`` decide from the state of the process and change nothing: the
    engine may ask them again, to repeat the action."""

    name: str
    do: Callable[[P], Action]
    undo: Callable[[P], Action] = nothing
    completed: type[Reply] | None = None
    refused: type[Reply] | None = None
    """With the fields ``code`` and ``detail``; its other fields are the data of the refusal."""
    undone: type[Reply] | None = None
    withdrawn: type[Reply] | None = None
    """With the fields ``code`` and ``detail``: what the step needs beside its own action is not there any
    more. While the step is under way the process is compensated, and the step is undone like any other."""
    keeps: frozenset[str] | None = None
    """The fields of ``completed`` that are recorded as the step's data; None: all."""
    opens: Callable[[P, str], Streams] | None = None
    """The streams that the step opens once it begins, by process and tenant, for a step that this service
    does itself: those of a batch of replies are read with one query. Asked before the steps ahead of it are
    recorded as completed. None: it begins with a command or a call, and nothing is opened after it."""
    guard: Callable[[P, UnitOfWork], Awaitable[Reason | None]] | None = None
    """Asked before any step of the stage begins; a reason compensates the process instead."""
    since: int = 1
    """The first version of the workflow that has this step."""


Stages = tuple[tuple[str, ...], ...]
"""The steps of a stage begin together; the next stage begins when all of them are completed."""


class Outcome(NamedTuple):
    step: str
    kind: str
    """completed, refused, undone or withdrawn."""
    keeps: set[str] | None = None


class Workflow(Generic[P]):
    def __init__(
        self,
        kind: type[P],
        steps: tuple[Step[P], ...],
        versions: Mapping[int, Stages],
        *,
        deadline_timer: str,
        expired: Reason,
        pivot: str | None = None,
        at_compensation: Callable[[P, UnitOfWork], None] | None = None,
        at_end: Callable[[P, UnitOfWork], None] | None = None,
    ) -> None:
        """``versions``: a process keeps the version that it started with, so each is written out and never
        changed; new processes follow the latest. ``deadline_timer``: the kind of the timer at which a process
        whose ``pivot`` has not begun is compensated, for the reason ``expired``. From the pivot on a process
        goes only forward, unless a step is refused or an operator decides otherwise. ``at_compensation``
        releases what a process holds while it goes forward, ``at_end`` what it holds while it is open.

        Raises ``ValueError`` if a version has a step without a row or twice, if a row is not in its first
        version, or if two rows name one reply.
        """
        self.kind = kind
        self.steps: Mapping[str, Step[P]] = {it.name: it for it in steps}
        self.versions = versions
        self.current = max(versions)
        self.deadline_timer = deadline_timer
        self.expired = expired
        self.pivot = pivot
        self.at_compensation = at_compensation
        self.at_end = at_end
        self._steps_of = {
            version: [step for stage in stages for step in stage] for version, stages in versions.items()
        }
        self._check_versions()
        self.outcomes = self._outcomes()
        """What each reply says of which step, by the reply's type: no other step may end by it."""

    def steps_of(self, version: int) -> list[str]:
        """The steps of this version, in the order in which they begin."""
        return self._steps_of[version]

    def next_stage(self, process: P) -> list[Step[P]]:
        """The steps to begin now; none while a stage is under way, at the end, and once it goes back."""
        if not process.running:
            return []
        for stage in self.versions[process.definition]:
            if fresh := [self.steps[it] for it in stage if it not in process.steps]:
                return fresh
            if not all(process.is_done(it) for it in stage):
                break
        return []

    def steps_ahead(self, process: P, completed: Collection[str]) -> Iterator[Step[P]]:
        """The steps that begin once ``completed`` are completed as well, up to a stage that opens nothing."""
        for stage in self.versions[process.definition] if process.running else ():
            fresh = [self.steps[it] for it in stage if it not in process.steps]
            if fresh and not any(it.opens for it in fresh):
                return
            yield from fresh
            begun = (it for it in stage if it in process.steps)
            if not all(process.is_done(it) or it in completed for it in begun):
                return

    def is_complete(self, process: P) -> bool:
        """Every step is completed, and this has not been recorded yet."""
        return process.running and all(process.is_done(it) for it in self.steps_of(process.definition))

    def is_expired(self, process: P, now: datetime) -> bool:
        """Past the deadline before the pivot. A pivot that began in time is carried through."""
        if not process.running or self.pivot in process.steps:
            return False
        return process.deadline is not None and now >= process.deadline

    def reason_of_expiry(self, process: P) -> Reason:
        return process.why_expired() or self.expired

    def to_undo(self, process: P) -> list[str]:
        """The steps that may have had an effect and have an undo, latest first."""
        return [
            it
            for it in reversed(self.steps_of(process.definition))
            if it in process.steps
            and process.steps[it].may_have_had_effect
            and self.steps[it].undo(process) is not None
        ]

    def action(self, process: P, step: str) -> Action:
        """What the step does now: its action, or its undo while that is under way."""
        row = self.steps[step]
        return row.undo(process) if process.is_undoing(step) else row.do(process)

    def awaits_reply(self, process: P) -> bool:
        """Whether a step or an undo waits for another service's reply."""
        return any(isinstance(self.action(process, it), Send) for it in process.under_way())

    def step_of_call(self, process: P, kind: str) -> str | None:
        """The step that waits for the outcome of such a call; None: no outcome counts any more."""
        for step in [] if process.is_waiting else process.under_way():
            action = self.action(process, step)
            if isinstance(action, Call) and action.kind == kind:
                return step
        return None

    def _outcomes(self) -> Mapping[str, Outcome]:
        found: dict[str, Outcome] = {}
        for it in self.steps.values():
            replies = {
                "completed": it.completed,
                "refused": it.refused,
                "undone": it.undone,
                "withdrawn": it.withdrawn,
            }
            for kind, reply in replies.items():
                if reply is None:
                    continue
                if reply.TYPE in found:
                    raise ValueError(f"{reply.TYPE} stands twice in the workflow")
                keeps = set(it.keeps) if it.keeps and kind == "completed" else None
                found[reply.TYPE] = Outcome(it.name, kind, keeps)
        return found

    def _check_versions(self) -> None:
        first: dict[str, int] = {}
        for version, steps in sorted(self._steps_of.items()):
            if len(steps) != len(set(steps)):
                raise ValueError(f"a step stands twice in version {version} of a workflow")
            for step in steps:
                first.setdefault(step, version)
        if first != {it.name: it.since for it in self.steps.values()}:
            raise ValueError(f"the rows and the versions of a workflow differ: {first}")
