"""Hypothesis strategies for purchases with any outcome."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import strategies as st

from tests.support.purchases import Purchase

DAYS = tuple(datetime(2026, 1, day, 22, tzinfo=UTC) for day in (1, 2, 3))
TERMS = {
    "cap": {"offer_id": UUID(int=1), "discount": 3},
    "pen": {"offer_id": UUID(int=1), "campaign_id": UUID(int=2), "campaign_saving": 20},
}
OUTCOMES = ("bought", "free", "declined", "capture refused", "not in stock", "in progress", "cart not locked")

lines = st.lists(
    st.tuples(st.sampled_from(["mug", "cap", "pen"]), st.integers(1, 5), st.integers(0, 5000)),
    min_size=1,
    max_size=4,
)


@st.composite
def purchases(draw: st.DrawFn, *, shipped: bool = True) -> list[Purchase]:
    return [_purchase(draw, n, shipped=shipped) for n in range(draw(st.integers(1, 5)))]


def _purchase(draw: st.DrawFn, number: int, *, shipped: bool) -> Purchase:
    purchase = Purchase(
        number,
        draw(st.sampled_from(DAYS)),
        draw(lines),
        tenant=draw(st.sampled_from(["demo", "rival"])),
        currency=draw(st.sampled_from(["USD", "EUR"])),
        shipping=draw(st.sampled_from([0, 499])) if shipped else 0,
        customer_id=draw(st.sampled_from(["one", "another"])),
        terms=TERMS,
    )
    hours = draw(st.integers(0, 30))
    match draw(st.sampled_from(OUTCOMES)):
        case "bought":
            purchase.begin().lock().later(hours=hours).order().capture().fulfill().complete()
            if purchase.total and draw(st.booleans()):
                purchase.later(hours=hours).refund(draw(st.integers(1, purchase.total)))
        case "free":
            purchase.lines = [(sku, quantity, 0) for sku, quantity, _ in purchase.lines]
            purchase.shipping = 0
            purchase.begin().lock().order().later(hours=hours).fulfill().complete()
        case "declined":
            purchase.begin().lock().fail("authorize_payment", "PAYMENT_DECLINED")
        case "capture refused":
            purchase.begin().lock().order().cancel_order().advance("reserve_stock")
            purchase.fail("capture_payment", "X")
        case "not in stock":
            purchase.begin().lock().order().capture().later(hours=hours)
            purchase.refund(purchase.total).cancel_order().compensate("capture_payment").fail(
                "confirm_stock", "Y"
            )
        case "in progress":
            purchase.begin().lock().order()
        case "cart not locked":
            purchase.begin().fail("lock_cart", "EMPTY_CART")
    return purchase
