"""All that can happen to a customer, as the checkout knows them."""

from contracts.envelope import Fact


class Created(Fact):
    """``personal`` is encrypted under the customer's own key."""

    TYPE = "customer.created"
    personal: str
    guest: bool


CustomerFact = Created
