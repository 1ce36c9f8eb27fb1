"""Team licences, certificates and files: what is taken of them exists, and invitations end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.check import Check, run_check
from verify.checks.licenses import F5, F6, F7
from verify.dataset.dataset import Dataset

LICENSE = "00000000-0000-7000-8000-000000000001"
NOW = 1_800_000_000.0
Row = tuple[str, dict[str, Any]]
"""Type and body."""
MADE: Row = ("license.created", {"seats": 1})


def seat(what: str, number: int) -> Row:
    return f"license.seat_{what}", {"number": number}


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("horizon", [("now", NOW), ("settled", 1e18)])
        yield found
    finally:
        found.close()


def violations(into: Dataset, *rows: Row, timers: int = 0, by: Check = F5) -> list[str]:
    for at, (kind, body) in enumerate([MADE, *rows], start=1):
        place = ("checkout-saga", at, LICENSE, at, str(at), "fact", "demo", "topic", LICENSE)
        into.add("log", [(*place, kind, "0", NOW - 40 * 86400, b"", None, None, json.dumps(body))])
    into.add("timer", [("checkout-saga", str(it), "seat_invitation", "demo", NOW, 0) for it in range(timers)])
    into.derive()
    return [str(row["what"]) for row in run_check(by, into).rows]


def test_a_seat_that_is_free_again_is_given_once_more(dataset: Dataset) -> None:
    ended = (seat("invited", 1), seat("expired", 1), seat("invited", 2), seat("revoked", 2))
    assert violations(dataset, *ended, seat("invited", 3), seat("accepted", 3)) == []


def test_one_seat_too_many_is_found(dataset: Dataset) -> None:
    rows = (seat("invited", 1), seat("accepted", 1), seat("invited", 2), seat("accepted", 2))
    assert violations(dataset, *rows) == ["more seats taken than there are"]


def test_fewer_seats_after_a_refund_count(dataset: Dataset) -> None:
    rows = (seat("invited", 1), seat("accepted", 1), ("license.seats_changed", {"seats": 0}))
    assert violations(dataset, *rows) == ["more seats taken than there are"]


@pytest.mark.parametrize(("timers", "found"), [(1, 0), (0, 1)], ids=["a timer", "no timer"])
def test_an_open_invitation_has_a_timer(dataset: Dataset, timers: int, found: int) -> None:
    assert len(violations(dataset, seat("invited", 1), timers=timers)) == found


@pytest.mark.parametrize("codes", ["A", "AB"], ids=["one", "two"])
def test_a_second_certificate_is_found(dataset: Dataset, codes: str) -> None:
    rows: list[Row] = [("certification.issued", {"code": it}) for it in codes]
    found = ["a second certificate, or one after it was revoked"] * (len(codes) - 1)
    assert violations(dataset, *rows, by=F6) == found


GRANTED: Row = ("download.granted", {"uses": 2})
USES: list[Row] = [("download.used", {"number": it}) for it in (1, 2, 3)]
TAKEN_BACK: Row = ("download.revoked", {})


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (USES[:2], []),
        (USES, ["fetched more often than granted"]),
        ([USES[0], TAKEN_BACK], []),
        ([TAKEN_BACK, USES[0]], ["fetched after it was taken back"]),
    ],
    ids=["as granted", "once more", "taken back", "once more then"],
)
def test_a_file_that_is_fetched_too_often_is_found(
    dataset: Dataset, rows: list[Row], found: list[str]
) -> None:
    assert violations(dataset, GRANTED, *rows, by=F7) == found
