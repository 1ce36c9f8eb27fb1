"""The CPU time of pricing a cart of 50 lines with 100 automatic promotions, of which none, some or all match.

Carts and price checks do this on every write, so that promotions for other products should cost nothing.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from uuid import UUID

from benchmarks.figures import Figure, Goal
from contracts.product import Details
from contracts.promotion import Terms
from pricing.from_contracts import Item, line_of, price_items, promotion_of
from pricing.promotion_index import PromotionIndex
from pricing.promotions import Promotion
from pricing.tax import Destination, TaxRate, TaxTable

LINES, PROMOTIONS = 50, 100
REPETITIONS, ROUNDS = 20, 15
AT = datetime(2026, 3, 1, tzinfo=UTC)
TAXES = TaxTable((TaxRate("DE", Fraction(19, 100), "VAT"),), Destination("DE"))
GOALS = {0: 1.1, 5: 1.6, PROMOTIONS: 10.0}
"""Number of promotions that match to the limit in milliseconds."""


async def figures(_home: Path) -> AsyncIterator[Figure]:
    items = [_item(number) for number in range(LINES)]
    for matching, limit in GOALS.items():
        index = PromotionIndex(_promotion(number, number < matching) for number in range(PROMOTIONS))
        name = f"price {LINES} lines, {matching} of {PROMOTIONS} promotions match"
        yield Figure(name, _milliseconds(items, index), "ms", goal=Goal("<=", limit))


def _milliseconds(items: Sequence[Item], index: PromotionIndex) -> float:
    """The least of several rounds: others may use the processor as well."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(REPETITIONS):
            price_items("EUR", items, index.matching([line_of(item) for item in items]), AT, TAXES)
        seconds.append((time.process_time() - began) / REPETITIONS)
    return 1000 * min(seconds)


def _item(number: int) -> Item:
    amount = 1999 + number
    details = Details.model_validate(
        {
            "sku": f"SKU-{number}",
            "name": f"Product {number}",
            "type": "physical_product",
            "prices": [{"amount": amount, "currency": "EUR"}],
            "category": f"category-{number % 10}",
            "collections": [f"collection-{number % 7}"],
        }
    )
    return Item(str(number), UUID(int=number), details, 1 + number % 3, amount)


def _promotion(number: int, is_for_the_cart: bool) -> Promotion:
    categories = [f"category-{it}" for it in range(10)] if is_for_the_cart else [f"other-{number}"]
    terms = {"kind": "percentage", "value": "1", "conditions": {"categories": categories}}
    return promotion_of(UUID(int=number), Terms.model_validate(terms))
