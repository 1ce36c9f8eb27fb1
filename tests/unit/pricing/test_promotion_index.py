"""Finding promotions by the lines that they are for."""

from hypothesis import given
from hypothesis import strategies as st

from pricing.basket import Line
from pricing.promotion_index import PromotionIndex
from pricing.promotions import Conditions, Promotion
from tests.unit.pricing.examples import percent_off

SOME = st.frozensets(st.sampled_from("abc"), max_size=2)


@st.composite
def shops(draw: st.DrawFn) -> tuple[list[Promotion], list[Line]]:
    parts = st.builds(Conditions, product_ids=SOME, categories=SOME, collections=SOME)
    rules = [percent_off(1, str(number), conditions=it) for number, it in enumerate(draw(st.lists(parts)))]
    category = st.one_of(st.none(), st.sampled_from("abc"))
    lines = [
        Line(str(number), draw(st.sampled_from("abcd")), 1, 1, draw(category), draw(SOME))
        for number in range(draw(st.integers(0, 3)))
    ]
    return rules, lines


@given(shops())
def test_exactly_the_promotions_are_found_that_are_for_a_line(
    shop: tuple[list[Promotion], list[Line]],
) -> None:
    rules, lines = shop
    found = PromotionIndex(rules).matching(lines)
    expected = [it for it in rules if any(map(it.conditions.selects, lines))]
    assert sorted(it.promotion_id for it in found) == sorted(it.promotion_id for it in expected)
