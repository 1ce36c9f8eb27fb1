"""Hypothesis strategies for baskets, promotions and taxes."""

from fractions import Fraction

from hypothesis import strategies as st

from pricing.basket import Basket, Line
from pricing.promotion_kinds.fixed_amount import FIXED_AMOUNT
from pricing.promotion_kinds.percentage import HUNDRED_PERCENT, PERCENTAGE
from pricing.promotions import Conditions, Promotion, Stack, Stacking
from pricing.rounding import Level, Mode, Rounding
from pricing.tax import Destination, TaxRate, TaxTable

# Small prices show rounding, huge ones show that nothing is a float.
AMOUNTS = st.one_of(st.integers(0, 300), st.integers(0, 10**15))
CATEGORIES = st.sampled_from([None, "books", "food"])
REGIONS = st.sampled_from([None, "north", "south"])
ANY_MODE = st.sampled_from(Stack)
EITHER = st.booleans()

ROUNDINGS = st.builds(Rounding, st.sampled_from(Mode), st.sampled_from(Level))


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    ids = draw(st.lists(st.sampled_from("abcdefgh"), max_size=8, unique=True))
    return Basket(
        "USD",
        tuple(
            Line(
                line_id,
                draw(st.sampled_from(["p1", "p2", "p3"])),
                draw(st.integers(1, 1000)),
                draw(AMOUNTS),
                category=draw(CATEGORIES),
                tax_category=draw(CATEGORIES),
            )
            for line_id in ids
        ),
    )


def promotions(
    modes: st.SearchStrategy[Stack] = ANY_MODE,
) -> st.SearchStrategy[list[Promotion]]:
    percentages = st.tuples(st.just(PERCENTAGE), st.integers(1, HUNDRED_PERCENT))
    amounts = st.tuples(st.just(FIXED_AMOUNT), AMOUNTS)
    promotion = st.builds(
        lambda promotion_id, kind_and_value, conditions, stacking: Promotion(
            promotion_id,
            kind_and_value[0],
            kind_and_value[1],
            currency="USD",
            conditions=conditions,
            stacking=stacking,
        ),
        st.sampled_from("uvwxyz"),
        st.one_of(percentages, amounts),
        st.builds(
            Conditions,
            minimum_subtotal=st.one_of(st.just(0), AMOUNTS),
            categories=st.frozensets(st.sampled_from(["books", "food"])),
        ),
        st.builds(Stacking, modes, st.integers(0, 2), st.one_of(st.none(), AMOUNTS)),
    )
    return st.lists(promotion, max_size=4, unique_by=lambda it: it.promotion_id)


def tax_tables(inclusive: st.SearchStrategy[bool] = EITHER) -> st.SearchStrategy[TaxTable]:
    rate = st.builds(
        TaxRate,
        country=st.just("DE"),
        rate=st.builds(Fraction, st.integers(0, 30_000), st.just(100_000)),
        name=st.sampled_from(["VAT", "reduced"]),
        inclusive=inclusive,
        region=REGIONS,
        tax_category=CATEGORIES,
    )
    destination = st.one_of(st.none(), st.builds(Destination, st.just("DE"), REGIONS))
    return st.builds(TaxTable, st.lists(rate, max_size=6).map(tuple), destination)
