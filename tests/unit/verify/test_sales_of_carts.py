"""The sale of a converted cart is compared with the cart's own stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.check import Result, run_check
from verify.checks.carts import B1
from verify.dataset.dataset import Dataset

CART, ATTEMPT = "00000000-0000-7000-8000-00000000000a", "00000000-0000-5000-8000-00000000000b"
CHECKOUT = "00000000-0000-7000-8000-000000000001"
LINE = {"line_id": "line", "quantity": 2, "unit_price": 1999, "discount": 0, "tax": 0, "total": 3998}
TOTALS = {"subtotal": 3998, "discount": 0, "shipping": 0, "tax": 0, "total": 3998}
LOCKED = ("cart.locked", {"sale": {"lines": [LINE], "discounts": [], "totals": TOTALS}})
CONVERTED: tuple[str, dict[str, Any]] = ("cart.converted", {})
BOUGHT: list[tuple[str, dict[str, Any]]] = [
    ("cart.created", {}),
    ("cart.item_added", {"item_id": "line", "quantity": 2, "unit_price": 1999}),
    LOCKED,
    CONVERTED,
]


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    dataset = Dataset(Path(":memory:"))
    dataset.begin()
    yield dataset
    dataset.close()


def judged(dataset: Dataset, **streams: list[tuple[str, dict[str, Any]]]) -> Result:
    position = 0
    for stream_id, facts in streams.items():
        for version, (type_, fact) in enumerate(facts, 1):
            position += 1
            columns = {
                "service": "cart",
                "position": position,
                "stream_id": stream_id,
                "version": version,
                "message_id": str(position),
                "kind": "fact",
                "tenant": "demo",
                "topic": "cart.events",
                "key": stream_id,
                "type": type_,
                "causation_id": "",
                "recorded_at": 0.0,
                "digest": b"",
                "checkout_id": CHECKOUT,
                "customer": None,
                "body": json.dumps(fact),
            }
            dataset.add("log", [list(columns.values())])
    return run_check(B1, dataset)


def test_a_sale_that_its_cart_adds_up_to_is_right(dataset: Dataset) -> None:
    found = judged(dataset, **{CART: BOUGHT})

    assert (found.violations, found.compared) == (0, 1)


def test_a_sale_without_the_cart_s_line_is_found(dataset: Dataset) -> None:
    found = judged(dataset, **{CART: [it for it in BOUGHT if it[0] != "cart.item_added"]})

    assert [(it["cart_id"], it["wrong"]) for it in found.rows] == [(CART, "the lines differ")]


def test_answers_to_commands_that_came_again_are_not_taken_for_carts(dataset: Dataset) -> None:
    """They have a stream of their own, with facts of the same types, which a restored log gets many of."""
    found = judged(dataset, **{CART: BOUGHT, ATTEMPT: [LOCKED, CONVERTED], f"{ATTEMPT}-2": [CONVERTED]})

    assert (found.violations, found.compared) == (0, 1)
