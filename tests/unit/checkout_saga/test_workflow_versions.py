"""Checkouts of every definition as they were stored, and what each would do next: that never changes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import Done, Operation
from contracts.checkout import StepCompleted
from contracts.envelope import Fact
from contracts.topics import MESSAGES
from kernel.process.workflow import Step, Workflow, nothing
from kernel.store.upcasting import read_fact
from tests.support.scenario import NOW, given
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    cart_locked,
    effects_of,
    price_confirmed,
    promotions_reserved,
    stock_confirmed,
    stock_reserved,
)
from tests.unit.checkout_saga.gateway import gateway_answered
from tests.unit.checkout_saga.older_form import in_older_form

HISTORIES = Path(__file__).parent / "histories"


FORMS = sorted(it.stem for it in HISTORIES.iterdir())
"""By workflow version; then ``advanced``, the present form, or ``mixed``: begun in the older form."""


ENDING: Mapping[str, tuple[Callable[..., Awaitable[Any]], tuple[Any, ...]]] = {
    step_names.LOCK_CART: (CHECKOUTS.on_reply, (cart_locked(),)),
    step_names.RESERVE_STOCK: (CHECKOUTS.on_reply, (stock_reserved(),)),
    step_names.RESERVE_PROMOTIONS: (CHECKOUTS.on_reply, (promotions_reserved(),)),
    step_names.CONFIRM_PRICE: (CHECKOUTS.on_reply, (price_confirmed(),)),
    step_names.AUTHORIZE: (gateway_answered, (Operation.AUTHORIZE, Done("ref", 2000))),
    step_names.CAPTURE: (gateway_answered, (Operation.CAPTURE, Done("ref", 2000))),
    step_names.CONFIRM_STOCK: (CHECKOUTS.on_reply, (stock_confirmed(),)),
}
"""By step, the use case and its arguments by which the step is done."""


def kept(form: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HISTORIES / f"{form}.jsonl").read_text().splitlines()]


def stored(form: str) -> list[Fact]:
    return [
        read_fact(row["type"], row["schema_version"], json.dumps(row["body"]).encode(), *at, NOW, MESSAGES)
        for version, row in enumerate(kept(form), start=1)
        for at in [(CHECKOUT, version)]
    ]


def decisions(form: str) -> Iterator[tuple[list[Fact], list[Fact]]]:
    """Each point of the history at which the checkout waited, and what was decided next."""
    facts, rows = stored(form), kept(form)
    ends = [at for at, row in enumerate(rows, start=1) if row["next"] is None and at != len(rows) - 1]
    yield from ((facts[:at], facts[at:then]) for at, then in pairwise(ends))


def steps_in(facts: Sequence[Fact]) -> list[tuple[str, str]]:
    """What happened to which step, in order. The data of steps is shortened in the older files."""
    return [(it.TYPE, getattr(it, "step", "")) for it in in_older_form(facts)]


def next_step(checkout: Checkout) -> str | None:
    return next((it.name for it in CHECKOUTS.workflow.next_stage(checkout)), None)


def test_every_workflow_version_has_a_stored_history() -> None:
    """A new one gets a file of its own; the files of the others are never edited."""
    assert {it.partition(".")[0] for it in FORMS} == {
        f"definition_{it}" for it in CHECKOUTS.workflow.versions
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_checkout_of_any_workflow_version_continues_by_that_version(form: str) -> None:
    checkout = Checkout.empty(CHECKOUT)

    for fact, row in zip(stored(form), kept(form), strict=True):
        fact.mutate(checkout)
        assert next_step(checkout) == row["next"], f"after version {fact.originator_version}"

    assert form.startswith(f"definition_{checkout.definition}")
    assert checkout.status == "completed"


@pytest.mark.parametrize("form", FORMS)
def test_from_every_point_of_a_stored_history_the_same_is_decided_as_then(form: str) -> None:
    for past, decided in decisions(form):
        checkout = Checkout.empty(CHECKOUT)
        for fact in past:
            fact.mutate(checkout)
        others = [it for step in checkout.steps if checkout.is_done(step) for it in effects_of(step)]
        ended = next(it.step for it in in_older_form(decided) if isinstance(it, StepCompleted))
        use_case, (first, *arguments) = ENDING[ended]

        story = given(*past, *others).when(use_case, first, *arguments)

        own = [it for it in story.work.facts if it.originator_id == CHECKOUT]
        assert steps_in(own) == steps_in(decided)


def test_a_new_step_changes_nothing_for_checkouts_of_older_versions() -> None:
    older = CHECKOUTS.workflow
    latest = older.versions[older.current]
    step: Step[Checkout] = Step(name="check_fraud", do=nothing, since=older.current + 1)

    newer = Workflow(
        Checkout,
        (*older.steps.values(), step),
        {**older.versions, step.since: (*latest[:2], ("check_fraud",), *latest[2:])},
        deadline_timer=older.deadline_timer,
        expired=older.expired,
    )

    assert newer.current == older.current + 1
    assert {it: newer.steps_of(it) for it in older.versions} == {
        it: older.steps_of(it) for it in older.versions
    }
