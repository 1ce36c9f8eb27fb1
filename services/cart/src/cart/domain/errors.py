"""The rules a cart may refuse by."""

from kernel.domain import NotFound, Refused


class CartNotFound(NotFound):
    code = "CART_NOT_FOUND"


class ItemNotFound(NotFound):
    code = "ITEM_NOT_FOUND"


class DiscountNotFound(NotFound):
    code = "DISCOUNT_NOT_FOUND"


class ProductNotFound(NotFound):
    code = "PRODUCT_NOT_FOUND"


class CartNotActive(Refused):
    """``cart_status`` says what the cart is instead; ``status`` is the HTTP answer's."""

    code = "CART_NOT_ACTIVE"


class CheckoutInProgress(Refused):
    """``checkout_id`` is the one that holds the cart."""

    code = "CHECKOUT_IN_PROGRESS"


class CurrencyNotPriced(Refused):
    status = 422
    code = "CURRENCY_NOT_PRICED"


class InvalidQuantity(Refused):
    status = 422
    code = "INVALID_QUANTITY"


class MaxItemQuantityExceeded(Refused):
    status = 422
    code = "MAX_ITEM_QUANTITY_EXCEEDED"


class MaxCartItemsExceeded(Refused):
    status = 422
    code = "MAX_CART_ITEMS_EXCEEDED"


class CourseQuantityLimit(Refused):
    code = "COURSE_QUANTITY_LIMIT"


class DuplicateCourseInCart(Refused):
    code = "DUPLICATE_COURSE_IN_CART"


class SubscriptionQuantityLimit(Refused):
    code = "SUBSCRIPTION_QUANTITY_LIMIT"


class MultipleSubscriptionsNotAllowed(Refused):
    code = "MULTIPLE_SUBSCRIPTIONS_NOT_ALLOWED"


class DiscountAlreadyApplied(Refused):
    code = "DISCOUNT_ALREADY_APPLIED"


class InvalidDiscountCode(Refused):
    """``reason`` says why."""

    status = 422
    code = "INVALID_DISCOUNT_CODE"


class CartHasCustomer(Refused):
    """``customer_id`` is the cart's own."""

    code = "CART_HAS_CUSTOMER"


class PriceChanged(Refused):
    """It costs more ``now`` than it ``was`` said to."""

    code = "PRICE_CHANGED"


class WrongCurrency(Refused):
    """The caller has agreed to an amount in a currency that the cart does not have."""

    status = 422
    code = "INVALID_REQUEST"


class EmptyCart(Refused):
    status = 422
    code = "EMPTY_CART"


class MinOrderAmountNotMet(Refused):
    status = 422
    code = "MIN_ORDER_AMOUNT_NOT_MET"


class MaxOrderAmountExceeded(Refused):
    status = 422
    code = "MAX_ORDER_AMOUNT_EXCEEDED"
