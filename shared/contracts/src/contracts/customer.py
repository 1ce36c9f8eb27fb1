"""The facts of customers."""

from contracts.envelope import Fact


class Created(Fact):
    """``personal`` is encrypted under the customer's own key."""

    TYPE = "customer.created"
    personal: str
    guest: bool


class ProfileChanged(Fact):
    """What prices and promotions depend on; the complete profile after the change."""

    TYPE = "customer.profile_changed"
    customer_id: str
    segments: tuple[str, ...] = ()
    qualifications: tuple[str, ...] = ()
    """Product ids or outside keys that fulfil prerequisites."""
    email_verified: bool = False


class ContactSet(Fact):
    """The address for messages about carts. ``personal`` is encrypted under the customer's own key."""

    TYPE = "customer.contact_set"
    customer_id: str
    personal: str
    recovery: bool
    """Whether the customer wants messages about abandoned carts."""
    locale: str | None = None
    """The language and country of messages, such as ``pt-BR``."""


class Erased(Fact):
    """The key of the customer's personal data was destroyed, for good; copies of the profile go with it."""

    TYPE = "customer.erased"
    customer_id: str


CustomerFact = Created | ProfileChanged | ContactSet | Erased
