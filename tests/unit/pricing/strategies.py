"""Hypothesis strategies for baskets, promotions, shipping and taxes."""

from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from contracts.promotion import Terms
from pricing.basket import Basket, Line
from pricing.from_contracts import promotion_of
from pricing.promotions import Promotion, Stack
from pricing.rounding import Level, Mode, Rounding
from pricing.shipping import ChosenShipping, FallbackShipping, Shipping, ShippingRate
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
                draw(st.one_of(st.integers(1, 5), st.integers(1, 1000))),
                draw(AMOUNTS),
                category=draw(CATEGORIES),
                tax_category=draw(CATEGORIES),
                units=draw(st.integers(1, 3)),
                upsell_id=draw(st.sampled_from([None, "u1", "u2"])),
                weight_grams=draw(st.sampled_from([None, 100, 700])),
                requires_shipping=draw(EITHER),
                free_shipping_threshold=draw(st.sampled_from([None, 0, 500, 10**15])),
            )
            for line_id in ids
        ),
    )


SELECTORS = st.builds(lambda it: {"categories": it}, st.sampled_from([[], ["books"], ["food", "books"]]))
PERCENTS = st.integers(1, 10_000).map(lambda it: f"{it / 100:.2f}")
SMALL = st.integers(1, 4)
FIXED = st.integers(1, 10**12)
TIERS = st.lists(st.tuples(st.integers(1, 500), st.one_of(PERCENTS, FIXED)), min_size=1, max_size=3).map(
    lambda tiers: [
        {"from": start, ("amount" if isinstance(off, int) else "percent"): off}
        for start, off in sorted(dict(tiers).items())
    ]
)
PARTS = st.fixed_dictionaries({"selector": SELECTORS, "quantity": SMALL})
AT_MOST = st.one_of(st.none(), SMALL)
KIND_TERMS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "percentage": st.fixed_dictionaries({"value": PERCENTS}),
    "fixed_amount": st.fixed_dictionaries({"value": FIXED.map(str)}),
    "free_shipping": st.just({"value": "0"}),
    "volume": st.fixed_dictionaries(
        {
            "value": st.just("0"),
            "rule": st.fixed_dictionaries({"basis": st.sampled_from(["quantity", "value"]), "tiers": TIERS}),
        }
    ),
    "bundle": st.fixed_dictionaries(
        {
            "value": PERCENTS.map(lambda it: it.split(".")[0]).filter(lambda it: it != "0"),
            "value_type": st.sampled_from(["percentage", "fixed_amount", "fixed_price"]),
            "rule": st.fixed_dictionaries(
                {
                    "items": st.lists(PARTS, min_size=2, max_size=3),
                    "most_sets": AT_MOST,
                }
            ),
        }
    ),
    "buy_x_get_y": st.fixed_dictionaries(
        {
            "value": PERCENTS,
            "rule": st.fixed_dictionaries(
                {
                    "buy": PARTS,
                    "get": PARTS,
                    "select": st.sampled_from(["cheapest", "dearest"]),
                    "most_applications": AT_MOST,
                }
            ),
        }
    ),
    "multi_upsell": st.fixed_dictionaries(
        {
            "value": PERCENTS.map(lambda it: it.split(".")[0]).filter(lambda it: it != "0"),
            "value_type": st.sampled_from(["percentage", "fixed_amount"]),
        }
    ),
}
IDS = {name: UUID(int=number) for number, name in enumerate("uvwxyz", 1)}


@st.composite
def _promotion(draw: st.DrawFn, modes: st.SearchStrategy[Stack]) -> Promotion:
    kind = draw(st.sampled_from(sorted(KIND_TERMS)))
    conditions = {
        "minimum_subtotal": draw(st.one_of(st.just(0), AMOUNTS)),
        "categories": draw(st.sampled_from([[], ["books"], ["food"]])),
    }
    stacking = {
        "mode": draw(modes),
        "priority": draw(st.integers(0, 2)),
        "cap": draw(st.one_of(st.none(), AMOUNTS)),
    }
    terms = {"kind": kind, "currency": "USD", "conditions": conditions, "stacking": stacking}
    return promotion_of(
        draw(st.sampled_from([*IDS.values()])),
        Terms.model_validate({**terms, **draw(KIND_TERMS[kind])}),
    )


def promotions(
    modes: st.SearchStrategy[Stack] = ANY_MODE,
) -> st.SearchStrategy[list[Promotion]]:
    """Up to four promotions of all kinds."""
    return st.lists(_promotion(modes), max_size=4, unique_by=lambda it: it.promotion_id)


RATES = st.builds(
    ShippingRate,
    rate_id=st.just(UUID(int=7)),
    name=st.just("Post"),
    currency=st.just("USD"),
    brackets=st.sampled_from([((None, 490),), ((500, 490), (9_000, 790)), ((0, 0), (None, 9))]),
    free_from=st.one_of(st.none(), AMOUNTS),
)
SHIPPINGS: st.SearchStrategy[Shipping | None] = st.one_of(
    st.none(),
    st.builds(ChosenShipping, st.lists(RATES, max_size=1).map(tuple), st.just(Destination("DE"))),
    st.just(FallbackShipping(None, "Shipping", 300)),
)


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
