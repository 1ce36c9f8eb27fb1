"""Parts of the facts of checkouts: that an attempt to pay is screened, and the fraud rules that held."""

from uuid import UUID

from contracts.envelope import Part


class Screening(Part):
    """That an attempt to pay is screened, and what it is recognised by: a pseudonym for each dimension."""

    mode: str
    """``on``, or ``monitor``: what is decided is recorded and not acted on."""
    values: dict[str, UUID]
    """``instrument``, ``customer``, ``address`` and ``device``, as far as they are known."""
    email_mismatch: bool | None = None
    """Whether another customer has the address of the request in the shop's register."""


class HoldingRule(Part):
    """A fraud rule that held, with what it counted and from how many on it holds."""

    id: str
    dimension: str
    count: int
    threshold: int
