"""The names of a checkout's steps and their order, by version."""

LOCK_CART = "lock_cart"
RESERVE_STOCK = "reserve_stock"
RESERVE_PROMOTIONS = "reserve_promotions"
CONFIRM_PRICE = "confirm_price"
RESOLVE_CUSTOMER = "resolve_customer"
AUTHORIZE = "authorize_payment"
CREATE_ORDER = "create_order"
CAPTURE = "capture_payment"
CONFIRM_STOCK = "confirm_stock"
FULFILL = "fulfill_order"
COMPLETE = "complete"

Stage = tuple[str, ...]

DEFINITIONS: dict[int, tuple[Stage, ...]] = {
    1: (
        ("lock_cart",),
        ("reserve_stock",),
        ("reserve_promotions",),
        ("confirm_price",),
        ("resolve_customer",),
        ("authorize_payment",),
        ("create_order",),
        ("capture_payment",),
        ("confirm_stock",),
        ("fulfill_order",),
        ("complete",),
    ),
    2: (
        ("lock_cart",),
        ("reserve_stock", "reserve_promotions", "confirm_price"),
        ("resolve_customer",),
        ("authorize_payment",),
        ("create_order",),
        ("capture_payment",),
        ("confirm_stock",),
        ("fulfill_order",),
        ("complete",),
    ),
}
"""The stages, by version. A checkout keeps the version that it started with, so each version is written out
and never changed. The steps of a stage are started together; the next stage starts when all are completed.
The capture is the pivot: steps before it can be compensated; after it the checkout only goes forward, or is
refunded where it cannot."""
CURRENT = 2


def steps_of(definition: int) -> list[str]:
    """All steps of this version, in the order in which they are started."""
    return [step for stage in DEFINITIONS[definition] for step in stage]
