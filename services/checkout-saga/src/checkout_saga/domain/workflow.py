"""The names of a checkout's steps, and in which order they are taken."""

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
"""The stages, by version: a checkout keeps those that it began with, so each version is spelt out and none is
ever changed. The steps of a stage are begun together, and the next stage when all of them are done. What
stands before the capture can be taken back; behind it there is only forward, and a refund where forward is
impossible."""
CURRENT = 2


def steps_of(definition: int) -> list[str]:
    """In the order in which they are begun."""
    return [step for stage in DEFINITIONS[definition] for step in stage]
