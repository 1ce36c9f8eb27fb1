"""The facts that every process has: base classes without a type, for any process manager.

A process manager derives a fact of its own from each, with its own type: ``checkout.advanced`` is an
``Advanced``. Readers that know only these classes can follow any process.
"""

from datetime import datetime
from typing import Any

from contracts.envelope import Fact, Part


class StepDone(Part):
    """``data`` are the results that later steps read, by name."""

    step: str
    data: dict[str, Any] = {}


class StepRefused(Part):
    """The step was refused: it has had no effect and needs no undo."""

    step: str
    code: str
    detail: str
    data: dict[str, Any] = {}


class Advanced(Fact):
    """What one decision did to the steps of a process; the decision is caused by one reply, call or request.

    Its parts happened in this order: ``done``, ``refused``, ``undone``, then ``begun``; within a part in the
    order of the list. So a step in ``begun`` follows the steps in ``done``, which are those of the reply and
    those that the process manager did itself in the same unit of work. The latter are never in ``begun``:
    a step that is done and was not begun began and ended with this fact.
    """

    begun: tuple[str, ...]
    """The intent to run these steps, recorded before anything is sent. A step that is begun again is in its
    next attempt; the first one is number 1."""
    done: tuple[StepDone, ...]
    refused: StepRefused | None = None
    """Then the process is compensated: ``CompensationStarted`` follows in the same unit of work."""
    undone: tuple[str, ...] = ()
    """Steps whose undo is completed: each was in ``undoing`` of ``CompensationStarted``."""


class CompensationStarted(Fact):
    """The process goes back: each step that may have had an effect is undone. ``phase``: where it failed."""

    phase: str
    code: str
    detail: str
    data: dict[str, Any] = {}
    undoing: tuple[str, ...] = ()
    """The intent to undo these steps, latest first, recorded before anything is sent: those that are begun or
    done and have an undo. They are undone at the same time."""


class ActionRequired(Fact):
    """The user must act at ``url`` before the step can continue."""

    step: str
    url: str


class WaitingBegan(Fact):
    """The step, which is under way, waits for what no repetition hastens. It ends with the step, with its
    next attempt, or with a compensation: at the latest at the deadline."""

    waiting_for: str
    step: str
    until: datetime
    status: str
    """The status of the process meanwhile: processing, requires_action or needs_operator."""


class DeadlineMoved(Fact):
    """The process has until ``expires_at`` to reach its pivot. ``why``: what it waits for, or has got."""

    expires_at: datetime
    why: str


class OperatorNeeded(Fact):
    """A step needs an operator's attention; retries continue."""

    step: str
    code: str
    detail: str


class OperatorRetried(Fact):
    """An operator has retried ``steps``: those in progress or being undone."""

    operator: str
    reason: str
    steps: tuple[str, ...]


class OperatorGaveUp(Fact):
    """An operator has started compensation."""

    operator: str
    reason: str


class OperatorResolved(Fact):
    """An operator has recorded the outcome of an outbound call that the called system does not report."""

    operator: str
    reason: str
    step: str
    outcome: str
    reference: str | None = None


ProcessFact = (
    Advanced
    | ActionRequired
    | WaitingBegan
    | DeadlineMoved
    | CompensationStarted
    | OperatorNeeded
    | OperatorRetried
    | OperatorGaveUp
    | OperatorResolved
)
