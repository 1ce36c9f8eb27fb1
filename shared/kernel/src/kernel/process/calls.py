"""The outcomes of a process's outbound calls: each counts once, and an unknown one is never a failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, assert_never

from kernel.process.manager import ProcessManager
from kernel.process.state import Reason
from kernel.process.workflow import P
from kernel.scheduling.retries import MAX_PAUSE, TRIES_BEFORE_OPERATOR, pause_after
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Done:
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    reason: Reason
    had_effect: bool = False
    """The step may have had an effect nevertheless, so it is undone like any other."""


@dataclass(frozen=True, slots=True)
class ActionNeeded:
    """The user has to act at ``url`` before the step can go on."""

    url: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, or an invalid one: the call may have had its effect or not."""

    reason: Reason
    after: float | None = None
    """In how many seconds it is repeated; None: after the usual pause."""


CallOutcome = Done | Refused | ActionNeeded | Unknown


async def on_outcome(
    manager: ProcessManager[P], process: P, kind: str, outcome: CallOutcome, tries: int, work: UnitOfWork
) -> None:
    """Record the outcome of a call of this kind and all that follows from it. ``tries`` counts those before.

    An outcome is ignored if its step does not wait for it any more: another worker, an operator or a
    cancellation was first.
    """
    step = manager.workflow.step_of_call(process, kind)
    if step is None or not isinstance(outcome, Unknown):
        work.cancel_timer(kind, process.id)
    if step is None:
        return
    match outcome:
        case Unknown(reason, after):
            if tries + 1 >= TRIES_BEFORE_OPERATOR:
                process.need_operator(step, reason.code, reason.detail)
            due_at, again = work.now + pause_after(tries, after), {"tries": tries + 1}
            work.set_timer(kind, process.id, due_at, again, target=process.call_target)
        case Done(data):
            if process.is_undoing(step):
                manager.complete_undo(process, step, work)
            else:
                await manager.complete(process, step, data, work)
        case Refused(reason) if process.is_undoing(step):
            process.need_operator(step, reason.code, reason.detail)
            again = {"tries": 1}
            work.set_timer(kind, process.id, work.now + MAX_PAUSE, again, target=process.call_target)
        case Refused(reason, had_effect):
            if not had_effect:
                process.refuse(step, reason)
            await manager.compensate(process, reason, work)
        case ActionNeeded(url):
            process.require_action(step, url)
        case _:
            assert_never(outcome)
