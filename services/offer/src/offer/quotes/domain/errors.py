"""The refusals of quotes. Each docstring stands in docs/errors.md."""

from kernel.domain import Refused


class InvalidQuantity(Refused):
    """The quantity is less than can be bought."""

    code = "INVALID_QUANTITY"


class MaxItemQuantityExceeded(Refused):
    """The quantity of one item is more than ``maximum``."""

    code = "MAX_ITEM_QUANTITY_EXCEEDED"


class CourseQuantityLimit(Refused):
    """An order holds a course only once."""

    code = "COURSE_QUANTITY_LIMIT"


class DuplicateCourse(Refused):
    """The course is in the cart already."""

    code = "DUPLICATE_COURSE_IN_CART"


class SubscriptionQuantityLimit(Refused):
    """An order holds only one subscription."""

    code = "SUBSCRIPTION_QUANTITY_LIMIT"


class MultipleSubscriptions(Refused):
    """There is a subscription in the cart already."""

    code = "MULTIPLE_SUBSCRIPTIONS_NOT_ALLOWED"


class PrerequisitesNotMet(Refused):
    """The customer lacks qualifications for a certification: ``missing`` says which."""

    code = "PREREQUISITES_NOT_MET"


class CurrencyNotPriced(Refused):
    """The product has no price in this currency."""

    code = "CURRENCY_NOT_PRICED"


class ShippingAddressRequired(Refused):
    """A shipping option is chosen, and no destination is known."""

    code = "SHIPPING_ADDRESS_REQUIRED"


class ShippingOptionNotAvailable(Refused):
    """The goods cannot be shipped to the destination, or not by this option."""

    code = "SHIPPING_OPTION_NOT_AVAILABLE"
