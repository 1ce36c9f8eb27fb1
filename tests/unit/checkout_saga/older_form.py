"""Streams of checkouts as they were stored before ``checkout.advanced``: one fact for each step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from contracts import checkout
from contracts.envelope import Fact


def in_older_form(stream: Iterable[Fact]) -> list[Fact]:
    """The same stream with a fact for each step that began, ended, or began to be undone."""
    facts = [older for fact in stream for older in _older(fact)]
    return [it.model_copy(update={"originator_version": at}) for at, it in enumerate(facts, start=1)]


def _older(fact: Fact) -> Iterator[Fact]:
    at: dict[str, Any] = {"originator_id": fact.originator_id, "timestamp": fact.timestamp}
    match fact:
        case checkout.Advanced():
            for it in fact.done:
                yield checkout.StepCompleted(**at, step=it.step, data=it.data)
            if no := fact.refused:
                yield checkout.StepFailed(**at, step=no.step, code=no.code, detail=no.detail, data=no.data)
            for step in fact.undone:
                yield checkout.StepCompensated(**at, step=step)
            for step in fact.begun:
                yield checkout.StepStarted(**at, step=step)
        case checkout.CompensationStarted():
            yield fact.model_copy(update={"undoing": ()})
            for step in fact.undoing:
                yield checkout.StepCompensationStarted(**at, step=step)
        case _:
            yield fact
