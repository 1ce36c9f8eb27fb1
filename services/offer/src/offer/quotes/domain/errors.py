"""The refusals of quotes. Each docstring stands in docs/errors.md."""

from kernel.domain import Refused


class InvalidQuantity(Refused):
    """The quantity is less than can be bought."""

    code = "INVALID_QUANTITY"


class MaxItemQuantityExceeded(Refused):
    """The quantity is more than can be bought of one item."""

    code = "MAX_ITEM_QUANTITY_EXCEEDED"


class CurrencyNotPriced(Refused):
    """The product has no price in this currency."""

    code = "CURRENCY_NOT_PRICED"


class ShippingAddressRequired(Refused):
    """A shipping option is chosen, and no destination is known."""

    code = "SHIPPING_ADDRESS_REQUIRED"


class ShippingOptionNotAvailable(Refused):
    """The goods cannot be shipped to the destination by this option."""

    code = "SHIPPING_OPTION_NOT_AVAILABLE"
