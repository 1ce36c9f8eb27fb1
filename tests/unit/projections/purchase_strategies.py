"""Any number of purchases that go any way they can go."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from tests.support.purchases import Purchase

DAYS = tuple(datetime(2026, 1, day, 22, tzinfo=UTC) for day in (1, 2, 3))
ENDS = ("bought", "free", "declined", "capture refused", "not in stock", "under way", "turned away")

lines = st.lists(
    st.tuples(st.sampled_from(["mug", "cap", "pen"]), st.integers(1, 5), st.integers(0, 5000)),
    min_size=1,
    max_size=4,
)


@st.composite
def purchases(draw: st.DrawFn, *, shipped: bool = True) -> list[Purchase]:
    return [_lived(draw, n, shipped=shipped) for n in range(draw(st.integers(1, 5)))]


def _lived(draw: st.DrawFn, number: int, *, shipped: bool) -> Purchase:
    it = Purchase(
        number,
        draw(st.sampled_from(DAYS)),
        draw(lines),
        tenant=draw(st.sampled_from(["demo", "rival"])),
        currency=draw(st.sampled_from(["USD", "EUR"])),
        shipping=draw(st.sampled_from([0, 499])) if shipped else 0,
    )
    hours = draw(st.integers(0, 30))
    match draw(st.sampled_from(ENDS)):
        case "bought":
            it.begin().lock().later(hours=hours).order().capture().fulfill().complete()
            if it.total and draw(st.booleans()):
                it.later(hours=hours).refund(draw(st.integers(1, it.total)))
        case "free":
            it.lines = [(sku, quantity, 0) for sku, quantity, _ in it.lines]
            it.shipping = 0
            it.begin().lock().order().later(hours=hours).fulfill().complete()
        case "declined":
            it.begin().lock().fail("authorize_payment", "PAYMENT_DECLINED")
        case "capture refused":
            it.begin().lock().order().cancel_order().compensate("reserve_stock").fail("capture_payment", "X")
        case "not in stock":
            it.begin().lock().order().capture().later(hours=hours)
            it.refund(it.total).cancel_order().compensate("capture_payment").fail("confirm_stock", "Y")
        case "under way":
            it.begin().lock().order()
        case "turned away":
            it.begin().fail("lock_cart", "EMPTY_CART")
    return it
