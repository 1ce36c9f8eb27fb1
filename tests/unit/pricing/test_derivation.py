"""Rules for explaining and comparing priced baskets."""

import json
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given

from pricing.basket import Basket, Line
from pricing.derivation import Node, derive, digest
from pricing.promotions import Promotion
from pricing.rounding import Level, Mode, Rounding
from pricing.tax import TaxTable
from tests.unit.pricing.examples import (
    NO_TAX,
    amount_off,
    basket,
    percent_off,
    priced,
    tax,
    to_germany,
)
from tests.unit.pricing.strategies import ROUNDINGS, baskets, promotions, tax_tables

SHOP = Basket("USD", (Line("a", "cd", 2, 1999), Line("b", "pen", 1, 550)))


def below(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from below(child)


def explained(node: Node, *path: str) -> tuple[int, str]:
    """The amount and the explanation of a node, found by the start of each name on the way."""
    for name in path:
        node = next(child for child in node.children if child.name.startswith(name))
    return node.amount, node.how


def test_every_amount_is_explained_by_its_formula() -> None:
    tree = derive(priced(SHOP, percent_off(15, cap=9999), taxes=to_germany(tax("8.875"))))
    assert explained(tree) == (4210, "subtotal 4548 - discount 682 + shipping 0 + added tax 344")
    assert explained(tree, "subtotal", "line a") == (3998, "2 x 1999")
    assert explained(tree, "discount", "promotion percent") == (
        682,
        "15 % of 4548, rounded half_up, at most 9999; shared by largest remainder",
    )
    assert explained(tree, "discount", "promotion percent", "line b") == (82, "share of 682")
    assert explained(tree, "tax", "VAT 8.875", "line a") == (302, "3398 x 8.875 %, rounded half_up")
    assert explained(tree, "lines", "line b") == (510, "550 - 82 + added tax 42")


def test_a_fixed_amount_that_exceeds_its_lines_is_explained() -> None:
    formula = "700, not above the 500 left of its lines; shared by largest remainder"
    assert explained(derive(priced(basket(500), amount_off(700))), "discount", "promotion") == (500, formula)


def test_tax_within_the_price_is_explained() -> None:
    tree = derive(priced(basket(1190), taxes=to_germany(tax("19", inclusive=True))))
    assert explained(tree)[1] == "subtotal 1190 - discount 0 + shipping 0 + added tax 0"
    formula = "1190 - 1190 / (1 + 19 %), the quotient rounded half_up"
    assert explained(tree, "tax", "VAT 19", "line a") == (190, formula)


def test_tax_rounded_for_the_total_is_explained_for_the_total() -> None:
    policy = Rounding(Mode.HALF_EVEN, Level.TOTAL)
    tree = derive(priced(basket(5, 5, 5), taxes=to_germany(tax("10")), rounding=policy))
    assert explained(tree, "tax", "VAT 10") == (
        2,
        "15 x 10 %, rounded half_even; shared by largest remainder",
    )
    assert explained(tree, "tax", "VAT 10", "line c") == (0, "share for 5 of 15")


@given(baskets(), promotions(), tax_tables(), ROUNDINGS)
def test_every_amount_is_the_sum_of_its_children(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable, rounding: Rounding
) -> None:
    result = priced(the_basket, *rules, taxes=taxes, rounding=rounding)
    tree = derive(result)
    parts = {child.name: child.amount for child in tree.children}
    totals = result.totals
    assert tree.amount == totals.total == parts["lines"] + parts["shipping"]
    assert (parts["subtotal"], parts["discount"], parts["tax"]) == (
        totals.subtotal,
        totals.discount,
        totals.tax,
    )
    for node in below(tree):
        assert node.how
        assert not node.children or node.amount == sum(child.amount for child in node.children)


@given(baskets(), promotions(), tax_tables(), ROUNDINGS)
def test_an_explanation_goes_through_json_unchanged(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable, rounding: Rounding
) -> None:
    tree = derive(priced(the_basket, *rules, taxes=taxes, rounding=rounding)).as_dict()
    assert json.loads(json.dumps(tree)) == tree


def test_equal_amounts_have_equal_digests() -> None:
    assert digest(priced(SHOP, percent_off(15))) == digest(priced(SHOP, percent_off(15)))
    other_order = replace(SHOP, lines=SHOP.lines[::-1])
    assert digest(priced(other_order, percent_off(15))) == digest(priced(SHOP, percent_off(15)))


def test_a_rejected_promotion_does_not_change_the_digest() -> None:
    assert digest(priced(SHOP, Promotion("later", "lottery", None))) == digest(priced(SHOP))


def test_any_changed_amount_changes_the_digest() -> None:
    different = [
        priced(SHOP),
        priced(SHOP, percent_off(15)),
        priced(SHOP, percent_off(15, "another")),
        priced(SHOP, taxes=to_germany(tax("19"))),
        priced(SHOP, taxes=to_germany(tax("19", inclusive=True))),
        priced(SHOP, taxes=NO_TAX, rounding=Rounding(Mode.HALF_EVEN)),
        priced(replace(SHOP, currency="EUR")),
        priced(Basket("USD", (Line("a", "cd", 1, 3998), Line("b", "pen", 1, 550)))),
    ]
    assert len({digest(result) for result in different}) == len(different)
