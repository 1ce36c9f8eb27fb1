"""Checkouts of every definition as they were stored, and what each would do next: that never changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts.topics import MESSAGES
from kernel.process.workflow import Step, Workflow, nothing
from kernel.store.upcasting import read_fact
from tests.support.scenario import NOW
from tests.unit.checkout_saga.examples import CHECKOUT

HISTORIES = Path(__file__).parent / "histories"


FORMS = sorted(it.stem for it in HISTORIES.iterdir())
"""By workflow version; then ``advanced``, the present form, or ``mixed``: begun in the older form."""


def kept(form: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HISTORIES / f"{form}.jsonl").read_text().splitlines()]


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

    for version, row in enumerate(kept(form), start=1):
        body = json.dumps(row["body"]).encode()
        read_fact(row["type"], row["schema_version"], body, CHECKOUT, version, NOW, MESSAGES).mutate(checkout)
        assert next_step(checkout) == row["next"], f"after version {version}"

    assert form.startswith(f"definition_{checkout.definition}")
    assert checkout.status == "completed"


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
