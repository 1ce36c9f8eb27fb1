"""Parts of the facts of checkouts: that an attempt to pay is screened, and the fraud rules that held."""

from uuid import UUID

from contracts.envelope import Part

PRICE_MEMBERS = frozenset({"price", "unit_price", "amount", "total", "discount"})
"""A request to buy, or about an item of a cart, that names a price of its own does so by one of these. Prices
are the shop's, so none of them is a member of such a request."""


class Screening(Part):
    """That an attempt to pay is screened, and what it is recognised by: a pseudonym for each dimension."""

    mode: str
    """``on``, or ``monitor``: what is decided is recorded and not acted on."""
    values: dict[str, UUID]
    """``instrument``, ``customer``, ``address`` and ``device``, as far as they are known."""
    email_mismatch: bool | None = None
    """Whether another customer has the address of the request in the shop's register."""
    cart_address: UUID | None = None
    """Of a checkout's first attempt, the client address by the pseudonym under which carts note what they
    refuse."""


class HoldingRule(Part):
    """A fraud rule that held, with what it counted and from how many on it holds."""

    id: str
    dimension: str
    count: int
    threshold: int
