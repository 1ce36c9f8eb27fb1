"""Operators of the simulation settle what waits for them, and its rules find what nothing settles."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_saga.payments.domain.entries import Entry, EntryKind
from checkout_saga.reconciliation.domain.judging import Verdict, judge
from checkout_saga.reconciliation.use_cases import comparing
from tests.proofs.simulation.operators import Operators
from tests.proofs.simulation.outcome import Outcome, outcome
from tests.proofs.simulation.schedules import JOURNEYS

VOID_REFUSED = JOURNEYS["declined in a review, and the void refused"]
CLAIMED = JOURNEYS["said to be released, and not"]


def shows(it: Outcome, *parts: str) -> bool:
    return any(all(part in line.what for part in parts) for line in it.trace_lines)


def test_an_operator_settles_a_refused_void_after_a_retry() -> None:
    settled = outcome(VOID_REFUSED, {}, telling=True)
    assert settled.violations == []
    assert shows(settled, "checkout.operator_retried")
    assert shows(settled, "checkout.operator_resolved", '"outcome":"done"')


def test_without_operators_a_refused_void_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async def idle(*_: Any) -> None:
        return

    monkeypatch.setattr(Operators, "_see_to", idle)
    assert {"left", "late"} <= outcome(VOID_REFUSED, {}).rules


def test_a_false_statement_of_an_operator_is_found_by_a_reconciliation_and_put_right() -> None:
    found = outcome(CLAIMED, {}, telling=True)
    assert found.violations == []
    assert shows(found, "reconciliation.difference_found", "NOT_GIVEN_BACK")
    assert shows(found, "reconciliation.difference_resolved")


def test_an_authorization_that_reconciliations_overlook_is_held_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def overlooking(entry: Entry, *known: Any) -> Verdict:
        return Verdict.MATCHED if entry.kind is EntryKind.AUTHORIZATION else judge(entry, *known)

    monkeypatch.setattr(comparing, "judge", overlooking)
    assert {"R1", "M4"} <= outcome(CLAIMED, {}).rules
