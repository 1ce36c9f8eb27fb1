"""Which cells of the matrix of steps and faults a run has met, and which are asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tests.proofs.simulation import matrix
from tests.proofs.simulation.faults import AGAIN, DIES_BEFORE, DOUBLED, UNHEARD
from tests.proofs.simulation.matrix import Cell
from tests.proofs.simulation.outcome import outcome
from tests.proofs.simulation.schedules import BUYS, JOURNEYS


def met(journey: str, faults: dict[str, str]) -> set[str]:
    found = outcome(replace(JOURNEYS[journey], number=1), faults)
    assert found.violations == []
    return set(found.cells)


def test_a_purchase_without_faults_meets_no_cell() -> None:
    assert BUYS in JOURNEYS["happy"].purchases
    assert met("happy", {}) == set()


def test_a_declined_card_is_a_refusal_of_the_authorization() -> None:
    assert met("declined", {}) == {Cell(matrix.AUTHORIZE, matrix.REFUSED).name}


def test_a_capture_without_an_answer_counts_as_one_with_effect() -> None:
    cells = met("happy", {"call capture 1": UNHEARD})
    assert Cell(matrix.CAPTURE, matrix.EFFECT).name in cells
    assert Cell(matrix.CAPTURE, matrix.NO_EFFECT).name not in cells


def test_a_death_before_the_first_call_is_a_crash_before_it() -> None:
    assert Cell(matrix.AUTHORIZE, matrix.CRASH_BEFORE).name in met("happy", {"call authorize 1": DIES_BEFORE})


def test_a_command_that_is_sent_twice_is_answered_twice() -> None:
    cells = met("happy", {"publish checkout-saga 1": AGAIN})
    assert Cell(matrix.LOCK, matrix.TWICE).name in cells
    assert met("happy", {"deliver cart.commands 1": DOUBLED}) == set()


def test_what_no_run_has_met_is_named_but_for_what_none_or_hardly_any_can() -> None:
    missing = matrix.never_met(Counter())
    assert len(missing) == len(list(matrix.cells())) - len({*matrix.NOT_REACHABLE, *matrix.SELDOM})
    assert matrix.never_met(Counter(it.name for it in missing)) == []


def test_the_table_has_a_row_for_each_step() -> None:
    lines = list(matrix.table(Counter({Cell(matrix.LOCK, matrix.REFUSED).name: 7})))
    assert len(lines) == 1 + len(matrix.STEPS)
    assert lines[1].split() == ["lock_cart", "7", "0", "0", "0", "0", "0", "0"]


def test_instructions_for_a_pix_without_an_answer_count_to_its_own_row() -> None:
    cells = met("pix", {"call authorize 1": UNHEARD})
    assert Cell(matrix.PUSH, matrix.EFFECT).name in cells
    assert not {it for it in cells if it.startswith(f"{matrix.AUTHORIZE} /")}


def test_money_that_is_seen_only_after_the_checkout_was_given_up_is_a_late_pix() -> None:
    assert Cell(matrix.PUSH, matrix.LATE).name in met("pix paid and cancelled", {})


def test_a_pix_that_is_declined_at_the_bank_is_refused() -> None:
    assert met("pix declined at the bank", {}) == {Cell(matrix.PUSH, matrix.REFUSED).name}


def test_a_void_that_is_refused_ends_once_an_operator_has_released_the_money() -> None:
    cells = met("a void refused", {"call authorize 1": UNHEARD})
    assert Cell(matrix.UNDOING, matrix.REFUSED).name in cells
