"""What an operator may do with a process that does not go on by itself; each decision is a fact."""

from __future__ import annotations

from contracts.process import OperatorGaveUp
from kernel.process.errors import NotCompensatable, NotResolvable, NotRetriable
from kernel.process.manager import ProcessManager
from kernel.process.state import Reason
from kernel.process.workflow import Call, P
from kernel.unit_of_work import UnitOfWork

DONE = "done"
"""The outcome by which an operator says that a call had its effect; the other one is not_done."""


async def retry(manager: ProcessManager[P], process: P, reason: str, work: UnitOfWork) -> None:
    """Repeat at once what is under way: the current steps, or all running undos. Raises ``NotRetriable``."""
    steps = process.under_way()
    if not steps or process.action_url is not None:
        raise NotRetriable(
            "There is nothing to retry: the process has ended, or waits for its user.", **process.members()
        )
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
    pivot = manager.workflow.pivot
    if not process.running:
        detail = "The process has ended or is being compensated already."
    elif pivot in process.steps and not process.is_done(pivot):
        detail = f"The outcome of {pivot} is not known yet: retry or resolve it first."
    elif pivot in process.steps and not past_pivot:
        detail = f"{pivot} is completed: it is undone only if the request says so."
    else:
        process.record(fact)
        await manager.compensate(process, reason, work)
        return
    raise NotCompensatable(detail, **process.members())


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
    step, kind = _stuck_call(manager, process)
    if process.is_undoing(step) and outcome != DONE:
        raise NotResolvable("An undo can only be resolved as done: it ends when it is.", **process.members())
    process.record(
        process.FACTS.operator_resolved(
            operator=work.context.actor, reason=reason, step=step, outcome=outcome, reference=reference
        )
    )
    return kind


def _stuck_call(manager: ProcessManager[P], process: P) -> tuple[str, str]:
    """The step and the kind of the call."""
    for step in process.under_way():
        action = manager.workflow.action(process, step)
        may_be_resolved = process.is_undoing(step) or step == manager.workflow.pivot
        if step in process.stuck and may_be_resolved and isinstance(action, Call):
            return step, action.kind
    raise NotResolvable("No call that could be resolved waits for an operator.", **process.members())
