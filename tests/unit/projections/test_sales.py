"""Sales by customer, offer and campaign, and figures as they were known on a day."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

from kernel.projections.counters import Measures
from kernel.projections.folding import RowKey
from projections.models.conversion.model import CONVERSION
from projections.models.orders.model import ORDERS
from tests.support.purchases import PRODUCTS, RECORDED, Purchase
from tests.unit.projections.expected_rows import facts_of, table

MARCH = RECORDED
SOLD, AFTER = date(2026, 3, 1), date(2026, 3, 2)
OFFER, CAMPAIGN = UUID(int=1), UUID(int=2)
LINES = (("mug", 2, 2000), ("cap", 1, 1000), ("mug", 1, 900))
TERMS = {
    "mug": {"offer_id": OFFER, "discount": 50, "tax": 10},
    "cap": {"campaign_id": CAMPAIGN, "campaign_saving": 200},
}


def purchase(day: datetime = MARCH) -> Purchase:
    return Purchase(1, day, LINES, shipping=100, customer_id="c1", terms=TERMS)


def rows(name: str, *purchases: Purchase, known: date = date.max) -> dict[RowKey, Measures]:
    found = table(ORDERS, facts_of(*purchases), name, known)
    return {key[1:]: measures for key, measures in found.items()}


def test_an_order_counts_for_its_customer_with_everything_that_was_charged() -> None:
    sold = (1, 4, 4000, 0, 100, 20, 100)
    assert rows("sales", purchase().bought()) == {("c1", "USD", SOLD): sold}


def test_a_product_with_several_lines_is_sold_once_to_the_customer_less_what_is_refunded() -> None:
    refunded = purchase().bought().later(days=1).give_back(("0", 1, 1000), (None, 0, 100))
    found = rows("product_customers", refunded)
    mug, cap = PRODUCTS["mug"], PRODUCTS["cap"]
    assert found == {
        (mug, "c1", "USD", SOLD): (1, 3, 2900),
        (cap, "c1", "USD", SOLD): (1, 1, 1000),
        (mug, "c1", "USD", AFTER): (0, 0, -1000),
    }


def test_what_customers_bought_of_a_product_adds_up_to_what_was_sold_of_it() -> None:
    other = Purchase(2, MARCH, LINES, customer_id="c2").bought()
    cancelled = Purchase(3, MARCH, LINES, customer_id="c2").begin().lock().order().capture()
    purchases = purchase().bought(), other, cancelled.later(days=1).refund(3900).cancel_order()
    of_products: Counter[tuple[object, ...]] = Counter()
    of_customers: Counter[tuple[object, ...]] = Counter()
    for (day, currency, product_id, *_), measures in rows("product_sales", *purchases).items():
        for nth, measure in enumerate(measures):
            of_products[product_id, currency, day, nth] += measure
    for (product_id, _, currency, day), measures in rows("product_customers", *purchases).items():
        for nth, measure in enumerate(measures):
            of_customers[product_id, currency, day, nth] += measure
    assert of_customers == of_products


def test_two_orders_of_a_day_add_up_and_those_of_others_stand_apart() -> None:
    other = Purchase(2, MARCH, (("mug", 1, 500),), customer_id="c1").bought()
    guest = Purchase(3, MARCH, (("mug", 1, 500),), customer_id="guest-8f1c").bought()
    euros = Purchase(4, MARCH, (("mug", 1, 500),), customer_id="c1", currency="EUR").bought()
    found = rows("sales", purchase().bought(), other, guest, euros)
    assert {key: measures[:3] for key, measures in found.items()} == {
        ("c1", "USD", SOLD): (2, 5, 4500),
        ("guest-8f1c", "USD", SOLD): (1, 1, 500),
        ("c1", "EUR", SOLD): (1, 1, 500),
    }


def test_a_free_order_counts_without_money() -> None:
    free = Purchase(1, MARCH, (("pen", 2, 0),), customer_id="c1").begin().lock().order().fulfill()
    assert rows("sales", free) == {("c1", "USD", SOLD): (1, 2, 0, 0, 0, 0, 0)}


def test_a_refund_counts_as_refunded_on_its_own_day_with_its_share_of_shipping() -> None:
    refunded = purchase().bought().later(days=1).give_back(("0", 1, 1000), (None, 0, 100))
    assert rows("sales", refunded)["c1", "USD", AFTER] == (0, 0, 0, 1100, 0, 0, 0)
    assert rows("offer_sales", refunded)[OFFER, "USD", AFTER] == (0, 0, -1000, 0)


def test_a_refund_whose_success_is_taken_back_is_taken_off_on_that_day() -> None:
    refunded = purchase().bought().later(days=1).give_back(("0", 1, 1000)).later(days=1)
    taken_back = refunded.fail_refund()
    assert [it[3] for it in rows("sales", taken_back).values()] == [0, 1000, -1000]
    assert [it[2] for it in rows("offer_sales", taken_back).values()] == [2900, -1000, 1000]


def test_an_order_cancelled_after_payment_is_taken_off_the_day_of_its_sale() -> None:
    cancelled = purchase().begin().lock().order().capture().later(days=1).refund(4000).cancel_order()
    assert rows("sales", cancelled) == {
        ("c1", "USD", SOLD): (0, 0, 4000, 0, 0, 20, 100),
        ("c1", "USD", AFTER): (0, 0, 0, 4000, 0, 0, 0),
    }


def test_an_order_is_one_conversion_of_an_offer_with_several_lines_of_it() -> None:
    assert rows("offer_sales", purchase().bought()) == {(OFFER, "USD", SOLD): (1, 3, 2900, 100)}


def test_a_campaign_counts_the_lines_that_have_its_price_and_what_that_costs() -> None:
    assert rows("campaign_sales", purchase().bought()) == {(CAMPAIGN, "USD", SOLD): (1, 1000, 200)}


def test_an_order_of_two_campaigns_counts_once_for_that_of_its_last_line() -> None:
    other = UUID(int=3)
    terms = {**TERMS, "mug": {"campaign_id": other, "campaign_saving": 100}}
    sold = Purchase(1, MARCH, LINES, customer_id="c1", terms=terms).bought()
    assert rows("campaign_sales", sold) == {
        (CAMPAIGN, "USD", SOLD): (0, 1000, 200),
        (other, "USD", SOLD): (1, 2900, 200),
    }


def test_march_as_known_on_1_april_is_not_changed_by_a_later_refund_or_a_late_fact() -> None:
    in_march = purchase().bought()
    reported_late = Purchase(2, MARCH, (("mug", 1, 700),), customer_id="c2").later(days=40)
    reported_late.day = MARCH
    reported_late.bought()
    as_reported = rows("sales", in_march)
    in_march.later(days=45)
    in_march.day = MARCH + timedelta(days=20)  # a refund of 21 March that is recorded in April
    in_march.refund(500)
    everything = in_march, reported_late
    assert rows("sales", *everything, known=date(2026, 4, 1)) == as_reported
    now = rows("sales", *everything)
    assert (sum(it[2] for it in now.values()), sum(it[3] for it in now.values())) == (4700, 500)


def test_a_cancellation_is_known_since_its_own_day_only() -> None:
    cancelled = purchase().bought().later(days=3).cancel_order()
    counted = [rows("sales", cancelled, known=SOLD + timedelta(days=n)) for n in (-1, 0, 2, 3)]
    assert [it.get(("c1", "USD", SOLD), (None,))[0] for it in counted] == [None, 1, 1, 0]


def test_a_sale_is_known_since_the_later_of_its_creation_and_its_payment() -> None:
    paid_late = purchase().begin().lock().order().later(days=2).capture()
    (sold,) = rows("sales", paid_late)
    assert sold == ("c1", "USD", SOLD + timedelta(days=2))
    assert rows("sales", paid_late, known=AFTER) == {}


def test_a_checkout_is_known_as_completed_since_that_was_recorded() -> None:
    facts = facts_of(purchase().begin().lock().order().capture().fulfill().later(days=1).complete())
    key = "demo", SOLD, "USD"
    assert table(CONVERSION, facts, known=SOLD) == {key: (1, 0, 0, 4000)}
    assert table(CONVERSION, facts) == {key: (1, 1, 4000, 4000)}
