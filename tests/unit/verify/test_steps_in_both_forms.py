"""The rules about checkouts read steps from ``checkout.advanced``, from the facts of single steps in older
streams, and from streams that have both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from verify.check import run_check
from verify.checks.sagas import S1, S5
from verify.dataset.dataset import Dataset

CHECKOUT = "00000000-0000-7000-8000-000000000001"
NOW = 1_800_000_000.0
Fact: TypeAlias = tuple[str, dict[str, Any]]


def started(step: str) -> Fact:
    return "step_started", {"step": step, "attempt": 1}


def completed(step: str) -> Fact:
    return "step_completed", {"step": step}


def failed(step: str) -> Fact:
    return "step_failed", {"step": step, "code": "GONE", "detail": "no"}


def going_back(*undoing: str) -> Fact:
    return "compensation_started", {"phase": "confirm_price", "code": "GONE", "undoing": undoing}


def undo_started(step: str) -> Fact:
    return "step_compensation_started", {"step": step}


def undo_completed(step: str) -> Fact:
    return "step_compensated", {"step": step}


def advanced(
    *begun: str, done: Sequence[str] = (), refused: str | None = None, undone: Sequence[str] = ()
) -> Fact:
    return "advanced", {
        "begun": begun,
        "done": [{"step": it} for it in done],
        "refused": refused and {"step": refused, "code": "GONE", "detail": "no", "data": {}},
        "undone": undone,
    }


def undone(step: str) -> Fact:
    return advanced(undone=[step])


BEGUN_SINGLY = (
    started("lock_cart"),
    completed("lock_cart"),
    started("reserve_stock"),
    started("reserve_promotions"),
    completed("reserve_stock"),
    completed("reserve_promotions"),
    started("confirm_price"),
)
BEGUN_TOGETHER = (
    advanced("lock_cart"),
    advanced("reserve_stock", "reserve_promotions", done=["lock_cart"]),
    advanced(done=["reserve_stock"]),
    advanced("confirm_price", done=["reserve_promotions"]),
)
REFUSED_SINGLY = (
    failed("confirm_price"),
    going_back(),
    undo_started("reserve_promotions"),
    undo_started("reserve_stock"),
    undo_started("lock_cart"),
)
REFUSED_TOGETHER = (
    advanced(refused="confirm_price"),
    going_back("reserve_promotions", "reserve_stock", "lock_cart"),
)
FORWARD = pytest.mark.parametrize("begun", [BEGUN_SINGLY, BEGUN_TOGETHER], ids=["singly", "together"])
"""How the steps were begun."""
BACK = pytest.mark.parametrize("refused", [REFUSED_SINGLY, REFUSED_TOGETHER], ids=["singly", "together"])
"""How they were begun to be undone; with the other, also in streams that have both forms."""
UNDO = pytest.mark.parametrize(
    "undo", [undo_completed, lambda it: advanced(undone=[it])], ids=["singly", "together"]
)


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("horizon", [("now", NOW), ("settled", 1e18)])
        yield found
    finally:
        found.close()


def record(into: Dataset, facts: Sequence[Fact], ended: bool = True) -> None:
    """The stream of one checkout, whose deadline was in 2020."""
    begin = ("started", {"cart_id": CHECKOUT, "expires_at": "2020-01-01T00:00:00Z"})
    end = [("failed", {"code": "GONE"})] if ended else []
    for at, (name, body) in enumerate([begin, *facts, *end], start=1):
        message = ("checkout-saga", at, CHECKOUT, at, str(at), "fact", "demo", "checkout.events", CHECKOUT)
        content = (f"checkout.{name}", "0", NOW, b"", None, None, json.dumps(body))
        into.add("log", [(*message, *content)])
    into.derive()


def violations(found: Dataset) -> dict[str, list[str]]:
    """The steps that S5 names, by what is wrong with them."""
    named: dict[str, list[str]] = {}
    for row in run_check(S5, found).rows:
        named.setdefault(str(row["what"]), []).append(str(row["step"]))
    return {what: sorted(steps) for what, steps in named.items()}


@FORWARD
@BACK
@UNDO
def test_a_checkout_that_has_undone_every_step_once_is_no_violation(
    dataset: Dataset, begun: Any, refused: Any, undo: Any
) -> None:
    undos = [undo(it) for it in ("lock_cart", "reserve_stock", "reserve_promotions")]
    record(dataset, [*begun, *refused, *undos])
    assert violations(dataset) == {}


@FORWARD
@BACK
@UNDO
def test_a_step_that_was_never_undone_is_found(dataset: Dataset, begun: Any, refused: Any, undo: Any) -> None:
    record(dataset, [*begun, *refused, undo("lock_cart"), undo("reserve_promotions")])
    assert violations(dataset) == {
        "begun to be taken back, and not finished; or more than once": ["reserve_stock"],
        "begun, and never taken back": ["reserve_stock"],
    }


@FORWARD
@UNDO
def test_a_step_that_was_begun_and_not_even_begun_to_be_undone_is_found(
    dataset: Dataset, begun: Any, undo: Any
) -> None:
    record(dataset, [*begun, going_back("lock_cart"), undo("lock_cart")])
    assert violations(dataset) == {"begun, and never taken back": ["reserve_promotions", "reserve_stock"]}


@FORWARD
@BACK
@UNDO
def test_a_step_that_was_undone_twice_is_found(dataset: Dataset, begun: Any, refused: Any, undo: Any) -> None:
    undos = [undo(it) for it in ("lock_cart", "reserve_stock", "reserve_promotions", "lock_cart")]
    record(dataset, [*begun, *refused, *undos])
    assert violations(dataset) == {
        "begun to be taken back, and not finished; or more than once": ["lock_cart"]
    }


@FORWARD
@pytest.mark.parametrize(
    "refused",
    [
        (going_back(), *map(undo_started, ("lock_cart", "reserve_stock", "reserve_promotions"))),
        (going_back("lock_cart", "reserve_stock", "reserve_promotions"),),
    ],
    ids=["singly", "together"],
)
def test_steps_that_are_undone_in_the_order_in_which_they_were_begun_are_found(
    dataset: Dataset, begun: Any, refused: Any
) -> None:
    undos = [undone(it) for it in ("lock_cart", "reserve_stock", "reserve_promotions")]
    record(dataset, [*begun, *refused, *undos])
    early = ["lock_cart", "lock_cart", "reserve_stock"]
    assert violations(dataset) == {"taken back before what was begun behind it": early}


@pytest.mark.parametrize(
    "paid",
    [
        (started("authorize_payment"), completed("authorize_payment"), started("create_order")),
        (advanced("authorize_payment"), advanced(done=["authorize_payment", "create_order"])),
    ],
    ids=["singly", "together"],
)
@pytest.mark.parametrize(
    ("undoing", "early"),
    [
        (("create_order", "authorize_payment"), []),
        (("authorize_payment", "create_order"), ["authorize_payment"]),
    ],
)
def test_a_step_that_was_done_without_having_been_begun_is_undone_in_its_turn(
    dataset: Dataset, paid: Sequence[Fact], undoing: Sequence[str], early: list[str]
) -> None:
    record(dataset, [*paid, going_back(*undoing), *map(undone, undoing)])
    assert violations(dataset).get("taken back before what was begun behind it", []) == early


@pytest.mark.parametrize(
    ("facts", "late"),
    [
        (BEGUN_SINGLY, True),
        (BEGUN_TOGETHER, True),
        ([*BEGUN_SINGLY, started("capture_payment")], False),
        ([*BEGUN_SINGLY, advanced("capture_payment", done=["confirm_price"])], False),
        ([*BEGUN_TOGETHER, completed("capture_payment")], False),
        ([*BEGUN_TOGETHER, advanced(done=["confirm_price", "capture_payment"])], False),
        ([*BEGUN_TOGETHER, going_back("lock_cart")], False),
    ],
)
def test_an_open_checkout_is_late_only_before_its_capture(
    dataset: Dataset, facts: Sequence[Fact], late: bool
) -> None:
    record(dataset, facts, ended=False)
    assert bool(run_check(S1, dataset).rows) == late
