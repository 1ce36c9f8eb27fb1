"""The rules by which a cart refuses a request."""

from kernel.domain import NotFound, Refused


class CartNotFound(NotFound):
    """There is no such cart."""

    code = "CART_NOT_FOUND"


class ItemNotFound(NotFound):
    """There is no such item in the cart."""

    code = "ITEM_NOT_FOUND"


class DiscountNotFound(NotFound):
    """This code is not on the cart."""

    code = "DISCOUNT_NOT_FOUND"


class ProductNotFound(NotFound):
    """There is no such product, or it is not for sale."""

    code = "PRODUCT_NOT_FOUND"


class OfferNotFound(NotFound):
    """There is no such offer, or it is not published."""

    code = "OFFER_NOT_FOUND"


class UpsellNotFound(NotFound):
    """There is no such upsell."""

    code = "UPSELL_NOT_FOUND"


class OfferNotAvailable(Refused):
    """The offer cannot be delivered at present: ``reason`` says why."""

    code = "OFFER_NOT_AVAILABLE"


class UpsellNotEligible(Refused):
    """The upsell is not proposed for this cart: ``reason`` says why."""

    code = "UPSELL_NOT_ELIGIBLE"


class UpsellExpired(Refused):
    """The time in which the upsell could be taken is over."""

    code = "UPSELL_EXPIRED"


class CartNotActive(Refused):
    """The cart is locked, converted, expired or merged: ``cart_status`` says which."""

    code = "CART_NOT_ACTIVE"


class CheckoutInProgress(Refused):
    """Another checkout holds the cart: ``checkout_id`` says which."""

    code = "CHECKOUT_IN_PROGRESS"


class CurrencyNotPriced(Refused):
    """The product has no price in this currency."""

    code = "CURRENCY_NOT_PRICED"


class InvalidQuantity(Refused):
    """The quantity is less than can be bought."""

    code = "INVALID_QUANTITY"


class MaxItemQuantityExceeded(Refused):
    """The quantity of one item is more than ``maximum``."""

    code = "MAX_ITEM_QUANTITY_EXCEEDED"


class MaxCartItemsExceeded(Refused):
    """The cart has ``maximum`` items already."""

    code = "MAX_CART_ITEMS_EXCEEDED"


class CourseQuantityLimit(Refused):
    """An order holds a course only once."""

    code = "COURSE_QUANTITY_LIMIT"


class DuplicateCourseInCart(Refused):
    """The course is in the cart already."""

    code = "DUPLICATE_COURSE_IN_CART"


class SubscriptionQuantityLimit(Refused):
    """An order holds only one subscription."""

    code = "SUBSCRIPTION_QUANTITY_LIMIT"


class MultipleSubscriptionsNotAllowed(Refused):
    """There is a subscription in the cart already."""

    code = "MULTIPLE_SUBSCRIPTIONS_NOT_ALLOWED"


class PrerequisitesNotMet(Refused):
    """The customer lacks qualifications for a certification: ``missing`` says which."""

    code = "PREREQUISITES_NOT_MET"


class DiscountAlreadyApplied(Refused):
    """The code is on the cart already."""

    code = "DISCOUNT_ALREADY_APPLIED"


class MaxDiscountCodesExceeded(Refused):
    """The cart has ``maximum`` discount codes already."""

    code = "MAX_DISCOUNT_CODES_EXCEEDED"


class InvalidDiscountCode(Refused):
    """The code cannot be used: ``reason`` says why."""

    code = "INVALID_DISCOUNT_CODE"


class SyncNotFound(NotFound):
    """There is no such run."""

    code = "SYNC_NOT_FOUND"


class MergedIntoItself(Refused):
    """A cart cannot be merged into itself."""

    code = "INVALID_REQUEST"


class CartHasCustomer(Refused):
    """The cart belongs to another customer: ``customer_id`` says which."""

    code = "CART_HAS_CUSTOMER"


class PriceChanged(Refused):
    """The cart costs more ``now`` than it ``was`` shown at, or than the caller agreed to."""

    code = "PRICE_CHANGED"


class WrongCurrency(Refused):
    """The amount that the caller agreed to is in another currency than the cart."""

    code = "INVALID_REQUEST"


class ShippingAddressRequired(Refused):
    """Something in the cart is shipped, and no destination is known."""

    code = "SHIPPING_ADDRESS_REQUIRED"


class ShippingOptionNotAvailable(Refused):
    """The goods cannot be shipped to the cart's destination, or not by this option."""

    code = "SHIPPING_OPTION_NOT_AVAILABLE"


class EmptyCart(Refused):
    """There is nothing in the cart."""

    code = "EMPTY_CART"


class MinOrderAmountNotMet(Refused):
    """The total is less than the minimum of an order."""

    code = "MIN_ORDER_AMOUNT_NOT_MET"


class MaxOrderAmountExceeded(Refused):
    """The total is more than the maximum of an order."""

    code = "MAX_ORDER_AMOUNT_EXCEEDED"
