"""A checkout is judged by its present deadline, and a hold by its present end, however both were moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from verify.check import Check, run_check
from verify.checks.sagas import S1
from verify.checks.stock import K3
from verify.dataset.dataset import Dataset

CHECKOUT, RESERVATION = (f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2))
NOW = 1_800_000_000.0
HELD = {"checkout_id": CHECKOUT, "held": [{"product_id": "p", "quantity": 1}]}


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("horizon", [("now", NOW), ("settled", 1e18)])
        yield found
    finally:
        found.close()


def violations(
    into: Dataset, by: Check, stream: str, *facts: tuple[str, int], timer: str | None = None, more: Any = None
) -> list[str]:
    """``facts``: types, each with the seconds from now to the end that it sets."""
    for at, (kind, seconds) in enumerate(facts, start=1):
        until = datetime.fromtimestamp(NOW + seconds, UTC).isoformat()
        place = (
            "a service",
            at,
            stream,
            at,
            str(at),
            "fact",
            "demo",
            "topic",
            stream,
            kind,
            "0",
            NOW - 9_000,
        )
        into.add("log", [(*place, b"", CHECKOUT, None, json.dumps({"expires_at": until, **(more or {})}))])
    if timer:
        into.add("timer", [("a service", stream, timer, "demo", NOW, 0)])
    into.derive()
    return [str(row["what"]) for row in run_check(by, into).rows]


@pytest.mark.parametrize(
    ("moved", "timer", "found"),
    [
        ((), None, 1),
        ((), "checkout_deadline", 0),
        ((3_600,), None, 0),
        ((3_600, -600), None, 1),
        ((3_600, -600), "checkout_deadline", 0),
    ],
    ids=["not moved", "with a timer", "later", "and earlier again", "and earlier again with a timer"],
)
def test_a_checkout_is_past_its_deadline_if_it_is_past_the_present_one(
    dataset: Dataset, moved: tuple[int, ...], timer: str | None, found: int
) -> None:
    facts = [("checkout.started", -1_200), *(("checkout.deadline_moved", it) for it in moved)]
    assert len(violations(dataset, S1, CHECKOUT, *facts, timer=timer)) == found


@pytest.mark.parametrize(
    ("extended", "found"), [((), 1), ((3_600,), 0), ((-600,), 1)], ids=["not extended", "later", "over again"]
)
def test_units_are_held_too_long_if_the_last_extension_is_over(
    dataset: Dataset, extended: tuple[int, ...], found: int
) -> None:
    facts = [("reservation.made", -1_200), *(("reservation.extended", it) for it in extended)]
    assert len(violations(dataset, K3, RESERVATION, *facts, more=HELD)) == found
