"""What was decided on each path of a checkout when its file was stored is decided on it today."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.checkout.domain.checkout import Checkout
from contracts.topics import MESSAGES
from kernel.store.upcasting import read_fact
from tests.support.scenario import NOW
from tests.unit.checkout_saga.examples import CHECKOUT
from tests.unit.checkout_saga.stored_paths import FILES, PATHS, Decisions, decisions, file_of


def stored(name: str) -> list[dict[str, Any]]:
    return [json.loads(it) for it in file_of(name).read_text().splitlines()]


def test_each_path_is_stored_and_each_file_is_replayed() -> None:
    assert {it.name for it in FILES.iterdir()} == {file_of(it).name for it in PATHS}


@pytest.mark.parametrize(("name", "path"), PATHS.items(), ids=PATHS)
def test_the_same_facts_commands_and_timers_are_decided_as_then(
    name: str, path: Callable[[], Decisions]
) -> None:
    """Facts and commands are compared whole: a new field that is not empty shows here."""
    assert list(decisions(path)) == stored(name)


@pytest.mark.parametrize("name", PATHS)
def test_the_stored_facts_of_a_path_still_lead_to_the_same_status(name: str) -> None:
    checkout, version = Checkout.empty(CHECKOUT), 0
    for row in stored(name):
        for fact in (it for it in row["facts"] if UUID(it["stream"]) == CHECKOUT):
            version += 1
            body = json.dumps(fact["body"]).encode()
            read_fact(fact["type"], fact["schema_version"], body, CHECKOUT, version, NOW, MESSAGES).mutate(
                checkout
            )
        assert checkout.status == row["status"]
    assert checkout.ended
