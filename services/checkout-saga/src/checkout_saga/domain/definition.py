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

DEFINITIONS = {
    1: (
        LOCK_CART,
        RESERVE_STOCK,
        RESERVE_PROMOTIONS,
        CONFIRM_PRICE,
        RESOLVE_CUSTOMER,
        AUTHORIZE,
        CREATE_ORDER,
        CAPTURE,
        CONFIRM_STOCK,
        FULFILL,
        COMPLETE,
    )
}
"""The order of the steps, by version: a checkout keeps the one that it began with. What stands before the
capture can be taken back; behind it there is only forward, and a refund where forward is impossible."""
CURRENT = 1
