"""What an operator may do with a process that does not go on by itself; each decision is a fact."""

from __future__ import annotations

from contracts.process import OperatorGaveUp
from kernel.process.errors import NotCompensatable, NotResolvable, NotRetriable
from kernel.process.manager import ProcessManager
from kernel.process.process import Process
from kernel.process.state import Reason
from kernel.process.workflow import Call, P
from kernel.unit_of_work import UnitOfWork

DONE = "done"
"""The outcome by which an operator says that a call had its effect; the other one is not_done."""


async def retry(manager: ProcessManager[P], process: P, reason: str, work: UnitOfWork) -> None:
    """Repeat at once what is under way: the current steps, or all running undos. Raises ``NotRetriable``."""
    if why_not := why_not_retry(process):
        raise NotRetriable(why_not, **process.members())
    steps = process.under_way()
    fact = process.FACTS.operator_retried
    process.record(fact(operator=work.context.actor, reason=reason, steps=tuple(steps)))
    await manager.repeat(process, steps, work)


async def give_up(
    manager: ProcessManager[P],
    process: P,
    fact: OperatorGaveUp,
    reason: Reason,
    work: UnitOfWork,
    *,
    past_pivot: bool,
) -> None:
    """Record the decision ``fact`` and compensate, after the pivot only if ``past_pivot``; never while the
    outcome of the pivot is unknown. Raises ``NotCompensatable``."""
    if why_not := why_not_give_up(manager, process, past_pivot=past_pivot):
        raise NotCompensatable(why_not, **process.members())
    process.record(fact)
    await manager.compensate(process, reason, work)


def resolve(
    manager: ProcessManager[P],
    process: P,
    outcome: str,
    reason: str,
    reference: str | None,
    work: UnitOfWork,
) -> str:
    """Record how a stuck call ended, and return its kind: the caller then reports that outcome as if it had
    come from the called system. Raises ``NotResolvable``.

    Only of a stuck call: until then its outcome may still come. Only of an undo or of the pivot: a step
    before the pivot can be compensated instead.
    """
    if why_not := why_not_resolve(manager, process, outcome):
        raise NotResolvable(why_not, **process.members())
    ((step, kind),) = _stuck_calls(manager, process)[:1]
    process.record(
        process.FACTS.operator_resolved(
            operator=work.context.actor, reason=reason, step=step, outcome=outcome, reference=reference
        )
    )
    return kind


def why_not_retry(process: Process) -> str | None:
    """Why ``retry`` would refuse now; None: it would not."""
    if process.under_way() and not process.is_waiting:
        return None
    return "There is nothing to retry: the process has ended, or waits for its user."


def why_not_give_up(manager: ProcessManager[P], process: P, *, past_pivot: bool) -> str | None:
    """Why ``give_up`` would refuse now; None: it would not."""
    pivot = manager.workflow.pivot
    if not process.running:
        return "The process has ended or is being compensated already."
    if pivot in process.steps and not process.is_done(pivot):
        return f"The outcome of {pivot} is not known yet: retry or resolve it first."
    if pivot in process.steps and not past_pivot:
        return f"{pivot} is completed: it is undone only if the request says so."
    return None


def why_not_resolve(manager: ProcessManager[P], process: P, outcome: str) -> str | None:
    """Why ``resolve`` would refuse now; None: it would not."""
    stuck = _stuck_calls(manager, process)
    if not stuck:
        return "No call that could be resolved waits for an operator."
    if process.is_undoing(stuck[0][0]) and outcome != DONE:
        return "An undo can only be resolved as done: it ends when it is."
    return None


def _stuck_calls(manager: ProcessManager[P], process: P) -> list[tuple[str, str]]:
    """The steps whose calls may be resolved, with the kinds of the calls."""
    found = []
    for step in process.under_way():
        action = manager.workflow.action(process, step)
        may_be_resolved = process.is_undoing(step) or step == manager.workflow.pivot
        if step in process.stuck and may_be_resolved and isinstance(action, Call):
            found.append((step, action.kind))
    return found
