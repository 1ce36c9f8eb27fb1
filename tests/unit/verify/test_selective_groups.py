"""Consumers are held to every stream of their topics, selective groups to those of their own families."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts import promotion, redemption, reservation, stock
from verify.check import run_check
from verify.checks.read_models import P1
from verify.dataset.dataset import Dataset

CLUSTER, TOPIC = "one", "offer.events"
OWN, LEFT_OUT, REFUSED = "a stock", "a reservation", "a refused reservation"
STREAMS = {
    OWN: (stock.Received.TYPE, stock.Reserved.TYPE),
    LEFT_OUT: (reservation.Made.TYPE, redemption.Made.TYPE),
    REFUSED: (stock.ReservationRefused.TYPE, promotion.ReservationRefused.TYPE),
}


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("broker", [(CLUSTER,)])
        found.add("part", [(TOPIC, 0, 1, 0, 6)])
        facts = [
            (it, version, type_) for it, types in STREAMS.items() for version, type_ in enumerate(types, 1)
        ]
        for off, (stream, version, type_) in enumerate(facts):
            it = (stream, version, f"message {off}")
            into_topic = (stream, "demo", type_, "/feira/offer", 1, 0.0, b"", 0)
            found.add("record", [(TOPIC, 0, off, "fact", *it, *into_topic)])
            logged = ("fact", "demo", TOPIC, stream, type_, "a cause", 0.0, b"", None, None, None)
            found.add("log", [("offer", off + 1, *it, *logged)])
        yield found
    finally:
        found.close()


def passed_over(found: Dataset, service: str, group: str, noted: set[str]) -> set[str]:
    """The streams that the check finds, where the group has read everything and noted only these."""
    found.add("place", [(service, group, TOPIC, 0, CLUSTER, 1, len(STREAMS) * 2)])
    found.add("seen", [(service, group, it, len(STREAMS[it])) for it in noted])
    found.derive()
    return {str(it["stream_id"]) for it in run_check(P1, found).rows}


def test_a_selective_group_notes_no_streams_of_other_families(dataset: Dataset) -> None:
    assert passed_over(dataset, "cart", "cart.counts", {OWN}) == set()


def test_a_stream_of_its_own_families_is_not_passed_over_by_a_selective_group(dataset: Dataset) -> None:
    assert passed_over(dataset, "cart", "cart.counts", set()) == {OWN}


def test_a_group_that_is_not_selective_notes_all_streams(dataset: Dataset) -> None:
    assert passed_over(dataset, "cart", "cart.catalogue", {OWN}) == {LEFT_OUT, REFUSED}
