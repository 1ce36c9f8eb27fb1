"""Checkouts of every definition as they were stored, and what each would do next: that never changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.workflow import CURRENT, DEFINITIONS
from contracts.topics import MESSAGES
from kernel.store.upcasting import read_fact
from tests.support.scenario import NOW
from tests.unit.checkout_saga.examples import CHECKOUT

HISTORIES = Path(__file__).parent / "histories"


def kept(definition: int) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in (HISTORIES / f"definition_{definition}.jsonl").read_text().splitlines()
    ]


def test_every_workflow_version_has_a_stored_history() -> None:
    """A new one gets a file of its own; the files of the others are never edited."""
    assert {it.stem for it in HISTORIES.iterdir()} == {f"definition_{it}" for it in DEFINITIONS}
    assert max(DEFINITIONS) == CURRENT


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_a_checkout_of_an_older_workflow_version_continues_by_that_version(definition: int) -> None:
    checkout = Checkout.empty(CHECKOUT)

    for version, row in enumerate(kept(definition), start=1):
        body = json.dumps(row["body"]).encode()
        read_fact(row["type"], row["schema_version"], body, CHECKOUT, version, NOW, MESSAGES).mutate(checkout)
        assert (checkout.definition, checkout.next_step()) == (definition, row["next"]), (
            f"after version {version}"
        )

    assert checkout.status == "completed"
