"""The facts of single steps in streams from before ``checkout.advanced``, in their present form."""

from __future__ import annotations

from typing import assert_never

from contracts import checkout as facts
from contracts.process import Advanced, StepDone, StepRefused

Replaced = facts.StepStarted | facts.StepCompleted | facts.StepFailed | facts.StepCompensated
"""The facts of which one ``Advanced`` is recorded today."""


def as_advanced(fact: Replaced) -> Advanced:
    """The same in the present form, at the same time."""
    match fact:
        case facts.StepStarted(step=step):
            advanced = Advanced(begun=(step,), done=())
        case facts.StepCompleted(step=step, data=data):
            advanced = Advanced(begun=(), done=(StepDone(step=step, data=data),))
        case facts.StepFailed(step=step, code=code, detail=detail, data=data):
            refused = StepRefused(step=step, code=code, detail=detail, data=data)
            advanced = Advanced(begun=(), done=(), refused=refused)
        case facts.StepCompensated(step=step):
            advanced = Advanced(begun=(), done=(), undone=(step,))
        case _:
            assert_never(fact)
    return advanced.model_copy(update={"timestamp": fact.timestamp})
