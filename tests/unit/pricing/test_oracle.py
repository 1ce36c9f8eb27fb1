"""Random carts cost what the rules say, worked out a second time in exact fractions."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.pricing.oracle.carts import draw_cart
from tests.unit.pricing.oracle.comparison import compare

CARTS = 300


def test_carts_of_all_kinds_cost_what_the_oracle_says() -> None:
    """``make proof-prices`` compares many more."""
    for seed in range(CARTS):
        compare(draw_cart(Random(seed)))


@given(st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_no_cart_that_hypothesis_finds_costs_anything_else(random: Random) -> None:
    compare(draw_cart(random))
