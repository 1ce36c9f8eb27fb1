"""The facts of customers."""

from contracts.envelope import Fact


class Created(Fact):
    """``personal`` is encrypted under the customer's own key."""

    TYPE = "customer.created"
    personal: str
    guest: bool
    customer_id: str | None = None
    """Without it: created by a checkout, whose facts name the customer. With it: registered by the shop, and
    no other customer can have the address."""


class Changed(Fact):
    """What the shop knows of the person. ``personal`` is encrypted under the customer's own key."""

    TYPE = "customer.changed"
    customer_id: str
    personal: str
    registered: bool = False
    """Whether no other customer can have the address of this one."""


class ProfileChanged(Fact):
    """What prices and promotions depend on; the complete profile after the change."""

    TYPE = "customer.profile_changed"
    customer_id: str
    segments: tuple[str, ...] = ()
    qualifications: tuple[str, ...] = ()
    """Product ids or outside keys that fulfil prerequisites."""
    email_verified: bool = False
    automatic: tuple[str, ...] = ()
    """Those of the segments that follow from paid orders."""
    assigned: tuple[str, ...] | None = None
    """Those that the shop has set, where some are automatic; without it: all segments."""


class PreferencesChanged(Fact):
    """Which kinds of messages the customer wants; the complete choice after the change."""

    TYPE = "customer.preferences_changed"
    customer_id: str
    preferences: dict[str, bool]


class ContactSet(Fact):
    """The address for messages about carts. ``personal`` is encrypted under the customer's own key."""

    TYPE = "customer.contact_set"
    customer_id: str
    personal: str
    recovery: bool
    """Whether the customer wants messages about abandoned carts."""
    locale: str | None = None
    """The language and country of messages, such as ``pt-BR``."""


class Linked(Fact):
    """A guest is the same person as this account: their orders and their uses of limits count together."""

    TYPE = "customer.linked"
    customer_id: str
    """The account's."""
    guest_id: str
    """A pseudonym; the address that it follows from stands in no fact."""


class Joined(Fact):
    """The other side of ``customer.linked``, in the stream of the guest: two accounts cannot both link it."""

    TYPE = "customer.joined"
    customer_id: str
    """The guest's."""
    account_id: str


class Erased(Fact):
    """The key of the customer's personal data was destroyed, for good; copies of the profile go with it."""

    TYPE = "customer.erased"
    customer_id: str
    ids: tuple[str, ...] = ()
    """All ids of the person, which were erased together: each has this fact in its own stream."""
    reason: str | None = None


CustomerFact = Created | Changed | ProfileChanged | PreferencesChanged | ContactSet | Linked | Joined | Erased
