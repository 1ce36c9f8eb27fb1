"""The facts of customers."""

from contracts.envelope import Fact


class Created(Fact):
    """``personal`` is encrypted under the customer's own key."""

    TYPE = "customer.created"
    personal: str
    guest: bool


CustomerFact = Created
