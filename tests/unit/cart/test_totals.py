"""Properties of every cart's totals."""

from typing import Any
from uuid import UUID

from hypothesis import given as for_any
from hypothesis import strategies as st

from cart.carts.use_cases.shopping import AddItem, RemoveItem, add_item, remove_item, show_cart
from cart.catalogue.domain.products import Product
from cart.catalogue.domain.promotions import KnownPromotion
from contracts.envelope import Fact
from contracts.sale import Sale
from tests.support.scenario import given
from tests.unit.cart.catalogues import FakeCatalogue, product, promotion
from tests.unit.cart.facts import CART, created, discount_applied, item, item_added

PRODUCTS = tuple(UUID(int=100 + number) for number in range(6))
PROMOTIONS = tuple(UUID(int=200 + number) for number in range(4))
NEW_PRODUCT = UUID(int=99)

prices = st.integers(0, 100_000)
percentages = st.builds(
    lambda hundredths: {"kind": "percentage", "value": f"{hundredths / 100:.2f}"}, st.integers(1, 10_000)
)
amounts = st.builds(lambda value: {"kind": "fixed_amount", "value": str(value)}, st.integers(1, 300_000))
stackings = st.builds(
    lambda mode, priority, cap: {"stacking": {"mode": mode, "priority": priority, "cap": cap}},
    st.sampled_from(["exclusive", "best_of", "stackable"]),
    st.integers(0, 2),
    st.none() | st.integers(1, 5_000),
)
conditions = st.builds(lambda minimum: {"conditions": {"minimum_subtotal": minimum}}, st.integers(0, 50_000))
terms = st.builds(
    lambda value, stacking, condition: value | stacking | condition,
    percentages | amounts,
    stackings,
    conditions,
)
lines = st.lists(
    st.tuples(st.sampled_from(PRODUCTS), st.integers(1, 10), prices),
    unique_by=lambda line: line[0],
    max_size=6,
)
promotions = st.lists(st.tuples(terms, st.booleans()), max_size=4)


def filled(
    chosen: list[tuple[UUID, int, int]], offered: list[tuple[dict[str, Any], bool]]
) -> tuple[list[Fact], FakeCatalogue]:
    """The facts of a cart with these lines, and the catalogue that they come from; some promotions go by a
    code."""
    past: list[Fact] = [created()]
    catalogue: list[Product | KnownPromotion] = [product(NEW_PRODUCT, 777)]
    for product_id, quantity, price in chosen:
        catalogue.append(product(product_id, price))
        past.append(item_added(quantity, price, product_id))
    for promotion_id, (promotion_terms, by_code) in zip(PROMOTIONS, offered, strict=False):
        code = f"code-{promotion_id.int}" if by_code else None
        catalogue.append(promotion(promotion_id, code=code, **promotion_terms))
        if code:
            past.append(discount_applied(code, promotion_id))
    return past, FakeCatalogue(*catalogue)


@for_any(chosen=lines, offered=promotions)
def test_the_lines_add_up_to_the_totals_and_nothing_is_ever_negative(
    chosen: list[tuple[UUID, int, int]], offered: list[tuple[dict[str, Any], bool]]
) -> None:
    past, catalogue = filled(chosen, offered)
    sale: Sale = given(*past).when(show_cart, CART, catalogue).result.sale
    totals = sale.totals
    assert sum(line.total for line in sale.lines) + totals.shipping == totals.total
    assert sum(line.quantity * line.unit_price for line in sale.lines) == totals.subtotal
    assert sum(line.discount for line in sale.lines) == totals.discount
    assert sum(discount.amount for discount in sale.discounts) == totals.discount
    assert all(sum(it.allocation.values()) == it.amount for it in sale.discounts)
    assert all(line.total >= 0 and line.discount >= 0 and line.tax >= 0 for line in sale.lines)
    assert totals.total >= 0


@for_any(chosen=lines, offered=promotions, quantity=st.integers(1, 10))
def test_adding_and_removing_an_item_leaves_the_totals_as_they_were(
    chosen: list[tuple[UUID, int, int]], offered: list[tuple[dict[str, Any], bool]], quantity: int
) -> None:
    past, catalogue = filled(chosen, offered)
    before = given(*past).when(show_cart, CART, catalogue).result.sale
    scenario = given(*past).when(add_item, AddItem(CART, NEW_PRODUCT, quantity, {}), catalogue)
    scenario.when(remove_item, RemoveItem(CART, item(NEW_PRODUCT)), catalogue)
    assert scenario.result.sale == before


@for_any(chosen=lines, offered=promotions, order=st.randoms(use_true_random=False))
def test_the_order_of_adding_changes_no_amount(
    chosen: list[tuple[UUID, int, int]], offered: list[tuple[dict[str, Any], bool]], order: Any
) -> None:
    past, catalogue = filled(chosen, offered)
    shuffled = order.sample(past[1:], len(past) - 1)
    in_order: Sale = given(*past).when(show_cart, CART, catalogue).result.sale
    in_other_order: Sale = given(past[0], *shuffled).when(show_cart, CART, catalogue).result.sale
    assert in_order.totals == in_other_order.totals
    assert {line.line_id: line for line in in_order.lines} == {
        line.line_id: line for line in in_other_order.lines
    }
