"""The aggregate of every process manager: the state of its steps and of their compensation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, assert_never

from contracts import process as facts
from contracts.envelope import Fact
from contracts.process import StepDone, StepRefused
from kernel.domain import Aggregate
from kernel.process.state import Failure, Reason, StepState, Waiting


class FactTypes(NamedTuple):
    """The facts that the engine records or counts, as one process manager has derived them."""

    started: type[Fact]
    advanced: type[facts.Advanced]
    compensation_started: type[facts.CompensationStarted]
    action_required: type[facts.ActionRequired]
    operator_needed: type[facts.OperatorNeeded]
    operator_retried: type[facts.OperatorRetried]
    operator_resolved: type[facts.OperatorResolved]
    waiting_began: type[facts.WaitingBegan]
    deadline_moved: type[facts.DeadlineMoved]
    completed: type[Fact]
    failed: type[Fact]


class Process(Aggregate):
    """Steps are known by name only; ``Workflow`` has their order and what they do."""

    FACTS: ClassVar[FactTypes]

    def initialise(self) -> None:
        self.status = "none"
        """processing, requires_action, compensating, needs_operator, completed or failed."""
        self.phase = ""
        """The first step under way; if there is none, the last one that ended."""
        self.definition = 1
        """The version of the workflow that the process follows to its end."""
        self.deadline: datetime | None = None
        self.steps: dict[str, StepState] = {}
        """Those that have begun."""
        self.failure: Failure | None = None
        self.action_url: str | None = None
        self.waiting: Waiting | None = None
        """What a step waits for that this process cannot ask for again."""
        self.stuck: set[str] = set()
        """Steps that need an operator."""

    @abstractmethod
    def completed(self) -> Fact:
        """The fact that ends the process after its last step."""

    @abstractmethod
    def failed(self, failure: Failure) -> Fact:
        """The fact that ends the process after its last undo."""

    def keep(self, step: str, data: Mapping[str, Any]) -> None:
        """Keep what later steps need of a step's results. Part of ``evolve``: never refuses."""

    def note_begun(self, step: str) -> None:
        """A step has begun, or begun again. Part of ``evolve``: never refuses."""

    def why_expired(self) -> Reason | None:
        """Why the process is compensated at its deadline; None: the workflow's own reason."""
        return None

    def members(self) -> Mapping[str, Any]:
        """Members of refusals that tell callers the state of the process."""
        return {}

    @property
    def call_target(self) -> str:
        """The system to which the outbound calls go; each has its own share of a tenant's calls."""
        return ""

    @property
    def running(self) -> bool:
        """Started, and neither completed, failed nor being compensated."""
        return self.exists and self.failure is None and self.status != "completed"

    @property
    def ended(self) -> bool:
        return self.status in {"completed", "failed"}

    @property
    def is_waiting(self) -> bool:
        """No outcome of a call counts until what it waits for has come."""
        return self.action_url is not None or self.waiting is not None

    def is_done(self, step: str) -> bool:
        return step in self.steps and self.steps[step].status == "completed"

    def awaits(self, step: str) -> bool:
        """Whether the step has begun and its outcome still counts."""
        return self.running and step in self.steps and self.steps[step].status == "started"

    def is_undoing(self, step: str) -> bool:
        return step in self.steps and self.steps[step].compensation == "started"

    def attempt(self, step: str) -> int:
        """How often the step has begun; 0: not yet."""
        return self.steps[step].attempt if step in self.steps else 0

    def under_way(self) -> list[str]:
        """The steps whose outcome, or the outcome of whose undo, is not known yet."""
        pending = "started" if self.running else None
        return [
            step for step, it in self.steps.items() if it.status == pending or it.compensation == "started"
        ]

    def begin(self, steps: Sequence[str]) -> None:
        self._advance(begun=tuple(steps))

    def complete(self, step: str, data: Mapping[str, Any]) -> None:
        self._advance(done=(StepDone(step=step, data=dict(data)),))

    def refuse(self, step: str, reason: Reason) -> None:
        """The step has had no effect and is not undone."""
        self._advance(
            refused=StepRefused(step=step, code=reason.code, detail=reason.detail, data=reason.data)
        )

    def complete_undos(self, steps: Sequence[str]) -> None:
        self._advance(undone=tuple(steps))

    def start_compensation(self, reason: Reason, undoing: Sequence[str]) -> None:
        self.record(
            self.FACTS.compensation_started(
                phase=self.phase,
                code=reason.code,
                detail=reason.detail,
                data=reason.data,
                undoing=tuple(undoing),
            )
        )

    def require_action(self, step: str, url: str) -> None:
        self.record(self.FACTS.action_required(step=step, url=url))

    def wait(self, waiting_for: str, step: str, until: datetime, status: str) -> None:
        """``step`` is under way."""
        self.record(self.FACTS.waiting_began(waiting_for=waiting_for, step=step, until=until, status=status))

    def move_deadline(self, expires_at: datetime, why: str) -> None:
        """Use ``ProcessManager.move_deadline``, which moves the timer as well."""
        if expires_at != self.deadline:
            self.record(self.FACTS.deadline_moved(expires_at=expires_at, why=why))

    def need_operator(self, step: str, code: str, detail: str) -> None:
        if step not in self.stuck:
            self.record(self.FACTS.operator_needed(step=step, code=code, detail=detail))

    def _advance(
        self,
        begun: tuple[str, ...] = (),
        done: tuple[StepDone, ...] = (),
        refused: StepRefused | None = None,
        undone: tuple[str, ...] = (),
    ) -> None:
        """Record what a decision did to steps, in one fact for the whole decision: as long as the last fact
        of this unit of work holds only ``done``, it is replaced by one that holds the new part as well."""
        fact = self.FACTS.advanced(begun=begun, done=done, refused=refused, undone=undone)
        last = self.pending_events[-1] if self.pending_events else None
        if not isinstance(last, facts.Advanced) or last.begun or last.refused or last.undone:
            self.record(fact)
            return
        parts = {"begun": begun, "done": (*last.done, *done), "refused": refused, "undone": undone}
        self.pending_events[-1] = last.model_copy(update=parts)
        self._advanced(fact, last.timestamp)

    def evolve_steps(self, fact: facts.ProcessFact) -> None:
        """The part of ``evolve`` that all processes have in common."""
        match fact:
            case facts.Advanced():
                self._advanced(fact, fact.timestamp)
            case facts.ActionRequired(step=step, url=url):
                self.stuck.discard(step)
                self.status, self.action_url = "requires_action", url
            case facts.WaitingBegan(waiting_for=kind, step=step, until=until):
                self.stuck.discard(step)
                self.waiting = Waiting(kind, step, fact.timestamp, until)
                self.status = fact.status
            case facts.DeadlineMoved(expires_at=expires_at):
                self.deadline = expires_at
            case facts.CompensationStarted(code=code, detail=detail, data=data, phase=phase):
                self.stuck.clear()
                self.status, self.action_url, self.waiting = "compensating", None, None
                self.failure = Failure(code, detail, data, phase)
                for step in fact.undoing:
                    self.steps[step].compensation = "started"
            case facts.OperatorNeeded(step=step):
                self.stuck.add(step)
                self.status = "needs_operator"
            case facts.OperatorRetried() | facts.OperatorGaveUp() | facts.OperatorResolved():
                pass  # a record of the decision; its effects are facts of their own
            case _:
                assert_never(fact)

    def _advanced(self, fact: facts.Advanced, at: datetime) -> None:
        """The parts follow one another as ``Advanced`` says."""
        for it in fact.done:
            self.stuck.discard(it.step)
            self._end_step(it.step, "completed", at, it.data)
            self.keep(it.step, it.data)
        if fact.refused:
            self._end_step(fact.refused.step, "failed", at, fact.refused.data)
        for step in fact.undone:
            self.steps[step].compensation = "completed"
            self.stuck.discard(step)
            self.status = "needs_operator" if self.stuck else "compensating"
        for step in fact.begun:
            self.steps[step] = StepState("started", at, attempt=self.attempt(step) + 1)
            self.note_begun(step)
        if fact.done or fact.begun:
            self.status, self.action_url, self.waiting = "processing", None, None
            self.phase = self._first_under_way() or fact.done[-1].step
        if fact.refused:
            self.phase = fact.refused.step

    def _end_step(self, step: str, status: str, at: datetime, data: dict[str, Any]) -> None:
        state = self.steps.setdefault(step, StepState(status, at))
        state.status, state.finished_at, state.data = status, at, data

    def _first_under_way(self) -> str | None:
        return next((name for name, state in self.steps.items() if state.status == "started"), None)
