"""Random subscriptions and orders cost what the rules say, worked out a second time in exact fractions."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.billing.oracle.cases import draw_case
from tests.unit.billing.oracle.comparison import compare

CASES = 200


def test_cases_of_all_kinds_come_to_what_the_oracle_says() -> None:
    """``make proof-billing`` compares many more."""
    for seed in range(CASES):
        compare(draw_case(Random(seed)))


@given(st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_no_case_that_hypothesis_finds_comes_to_anything_else(random: Random) -> None:
    compare(draw_case(random))
