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

STEPS = (
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
"""In the order in which they are begun. What stands before the capture can be taken back; behind it there is
only forward, and a refund where forward is impossible."""

ASKED_TOGETHER = (RESERVE_STOCK, RESERVE_PROMOTIONS, CONFIRM_PRICE)
"""All of the offer service, which obeys what it is asked for one checkout in the order of the asking."""

Stage = tuple[str, ...]

DEFINITIONS: dict[int, tuple[Stage, ...]] = {
    1: tuple((it,) for it in STEPS),
    2: (
        (LOCK_CART,),
        ASKED_TOGETHER,
        (RESOLVE_CUSTOMER,),
        (AUTHORIZE,),
        (CREATE_ORDER,),
        (CAPTURE,),
        (CONFIRM_STOCK,),
        (FULFILL,),
        (COMPLETE,),
    ),
}
"""The stages, by version: a checkout keeps those that it began with. The steps of a stage are begun together,
and the next stage when all of them are done."""
CURRENT = 2
