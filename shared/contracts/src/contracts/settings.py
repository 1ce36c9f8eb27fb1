"""The fact of a tenant's settings of checkouts and orders."""

from contracts.envelope import Fact


class Changed(Fact):
    """The complete settings after the change."""

    TYPE = "settings.changed"
    fulfillment: dict[str, str] = {}
    """Product type to ``auto`` or ``manual``; types that are left out are ``auto``."""
    on_fulfillment_failure: str = "operator"
    """``operator`` or ``refund``: what happens to a line that cannot be handed over."""
    return_days: int = 30
    """How long after goods have left they may be sent back; 0: never."""
    action_minutes: int = 15
    """How long a customer has to act on a payment, or to choose another way to pay."""
    pix_minutes: int = 30
    boleto_days: int = 3
    """How long such payments may be made; a boleto until the end of that day in Brazil."""
    hold_stock: dict[str, bool] = {}
    """By payment method: whether stock is held meanwhile; methods that are left out hold it."""
    upsell_minutes: int = 10
    """How long after a purchase its upsells may be bought."""
    locale: str = "en"
    """The language of messages to customers whose own is not known, and to the shop."""
    storefront_url: str | None = None
    """Where the pages are to which links in messages lead."""
    mail_from: str | None = None
    mail_name: str | None = None
    """From whom mails come; None: as the operator has set it."""
    review_hours: int = 24
    """How long a payment may wait for a fraud review."""
    review_timeout: str = "decline"
    """``decline`` or ``approve``: how a review ends if nothing is decided in that time."""


SettingsFact = Changed
