"""The history of a cart in words."""

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import pytest

from cart.carts.domain.cart_state import CartState
from cart.carts.domain.sentences import sentence
from contracts import cart as facts
from contracts.sale import Sale, Totals
from kernel.ids import new_id

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
CART, CHECKOUT, ITEM, OTHER, PRODUCT = (new_id() for _ in range(5))
TOTALS = Totals(subtotal=3998, discount=0, shipping=0, tax=0, total=3998)
CREATED = facts.Created(session_id="s", currency="USD", cart_type="standard", expires_at=AT)
ADDED = facts.ItemAdded(
    item_id=ITEM,
    product_id=PRODUCT,
    product_type="physical_product",
    sku="MUG",
    name="Mug",
    quantity=2,
    unit_price=1999,
)
DECLINED = facts.UpsellDeclined(offer_id=PRODUCT, upsell_id=OTHER)
OFFERED = facts.UpsellsOffered(upsells=(facts.ProposedUpsell(offer_id=PRODUCT, upsell_id=OTHER),))
LOCKED = facts.Locked(
    checkout_id=CHECKOUT,
    step="lock_cart",
    session_id="s",
    lock_expires_at=AT,
    sale=Sale(currency="USD", lines=(), totals=TOTALS),
)
NOT_TAKEN = facts.NotMergedLine(product_id=PRODUCT, quantity=3, reason="MAX_ITEM_QUANTITY_EXCEEDED")
ABANDONED = facts.Abandoned(currency="USD", value=3998, items=1, last_activity_at=AT)
DUE = facts.RecoveryDue(attempt=2, customer_id="c", currency="USD", totals=TOTALS, lines=(), expires_at=AT)

SENTENCES: list[tuple[facts.CartFact, str]] = [
    (CREATED, "Cart of type standard created in USD"),
    (ADDED, "2 × Mug added at 19.99 USD"),
    (facts.ItemQuantityChanged(item_id=ITEM, quantity=5), "Quantity of Mug changed from 2 to 5"),
    (facts.ItemRemoved(item_id=ITEM), "2 × Mug removed"),
    (facts.Cleared(), "All items removed"),
    (facts.DiscountApplied(code="SPRING", promotion_id=OTHER), "Code SPRING applied"),
    (facts.DiscountRemoved(code="SPRING"), "Code SPRING removed"),
    (facts.CustomerSet(customer_id="c-1"), "Customer set"),
    (facts.DestinationSet(country="DE"), "Destination set to DE"),
    (facts.DestinationSet(country="US", region="NY"), "Destination set to US, NY"),
    (
        facts.Repriced(items=(facts.RepricedItem(item_id=ITEM, unit_price=2499, previous_price=1999),)),
        "Price changed (catalogue): Mug from 19.99 USD to 24.99 USD",
    ),
    (
        facts.ShippingSelected(option_id=OTHER, name="Post", automatic=True),
        "Shipping by Post chosen automatically",
    ),
    (OFFERED, "1 upsell offered"),
    (DECLINED, "Upsell declined"),
    (facts.FlowJoined(flow_id=OTHER), "Reached by a funnel's flow"),
    (ABANDONED, "Abandoned with 1 item worth 39.98 USD"),
    (DUE, "Recovery message 2 requested"),
    (facts.RecoverySkipped(attempt=1), "Recovery message 1 left out: the customer is unknown"),
    (facts.Recovered(by="link", attempt=2), "Recovered by link"),
    (
        facts.Merged(guest_cart_id=OTHER, into_cart_id=CART, strategy="merge", not_merged=(NOT_TAKEN,)),
        "Guest's cart taken in (merge); 1 line not taken",
    ),
    (
        facts.Merged(guest_cart_id=CART, into_cart_id=OTHER, strategy="merge"),
        "Merged into the customer's cart",
    ),
    (facts.ReferralApplied(snapshots=()), "Referral discount of 0.00 USD applied"),
    (facts.ReferralRemoved(snapshots=()), "Referral discount removed"),
    (LOCKED, "Locked for a checkout at 39.98 USD"),
    (facts.Held(checkout_id=CHECKOUT, step="hold_cart"), "Lock kept for a payment"),
    (facts.Unlocked(checkout_id=CHECKOUT, step="lock_cart", reason="expired"), "Unlocked: expired"),
    (facts.Expired(), "Expired"),
    (facts.Converted(checkout_id=CHECKOUT, step="complete", order_id=OTHER), "Converted into an order"),
]


def mug_cart(cart_id: UUID = CART) -> CartState:
    cart = CartState.empty(cart_id)
    for fact in (CREATED.unrecorded(), ADDED.unrecorded()):
        cart.record(fact)
    return cart


@pytest.mark.parametrize(("fact", "words"), SENTENCES, ids=[words for _, words in SENTENCES])
def test_each_fact_is_told_in_one_sentence(fact: facts.CartFact, words: str) -> None:
    assert sentence(fact, mug_cart()) == words


def test_every_kind_of_fact_has_its_sentence() -> None:
    assert {type(fact) for fact, _ in SENTENCES} == set(get_args(facts.CartFact))
