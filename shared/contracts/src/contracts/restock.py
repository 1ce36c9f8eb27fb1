"""The facts of the units of one checkout that went back into stock. The effect on each stock is a fact in
``stock``."""

from contracts.checkout_requests import CheckoutReply
from contracts.offer import Wanted


class Made(CheckoutReply):
    """``received`` are the units that went back: no more than the checkout has bought from stocks."""

    TYPE = "restock.made"
    received: tuple[Wanted, ...]
