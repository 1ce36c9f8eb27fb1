"""The commands to the offer service, and the facts of offers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.checkout_requests import CheckoutCommand
from contracts.envelope import Fact, Part
from contracts.product import Media
from contracts.sale import Sale
from contracts.upsell import Origin


class Wanted(Part):
    product_id: UUID
    quantity: int


class ReserveStock(CheckoutCommand):
    """Hold these units for the checkout, all of them or none."""

    TYPE = "offer.reserve_stock"
    wanted: tuple[Wanted, ...]


class ExtendReservation(CheckoutCommand):
    """Hold the units that the checkout holds until this time at least. Repeated, it is answered as before."""

    TYPE = "offer.extend_reservation"
    until: datetime


class ReleaseStock(CheckoutCommand):
    """Release the units that the checkout holds. It is answered also if it holds none."""

    TYPE = "offer.release_stock"


class ConfirmStock(CheckoutCommand):
    """Sell of the units that the checkout holds, or held until they expired, the wanted ones."""

    TYPE = "offer.confirm_stock"
    wanted: tuple[Wanted, ...]


class ReceiveStock(CheckoutCommand):
    """Put units that the checkout has bought back into stock. Each step does so once."""

    TYPE = "offer.receive_stock"
    received: tuple[Wanted, ...]


class ReferralUse(Part):
    rule_id: UUID
    attribution_id: UUID


class CampaignUse(Part):
    """What the sale costs the campaign, in minor units of its budget's currency."""

    campaign_id: UUID
    amount: int


class ReservePromotions(CheckoutCommand):
    """Hold one use of each promotion and referral rule, and the budget of each campaign, for the checkout's
    customer, all of them or none."""

    TYPE = "offer.reserve_promotions"
    promotion_ids: tuple[UUID, ...]
    customer_id: str
    referrals: tuple[ReferralUse, ...] = ()
    campaigns: tuple[CampaignUse, ...] = ()
    sale: Sale | None = None
    """The sale's discounts, which may cost campaigns; with referrals all of it, for their snapshots. None if
    the command is older than the field."""


class ReleasePromotions(CheckoutCommand):
    """Release the uses of promotions that the checkout holds or has redeemed."""

    TYPE = "offer.release_promotions"


class RedeemPromotions(CheckoutCommand):
    """Make the uses of promotions that the checkout holds final."""

    TYPE = "offer.redeem_promotions"


class ConfirmPrice(CheckoutCommand):
    """Compare the cart's amounts with the catalogue's current prices, promotions and taxes."""

    TYPE = "offer.confirm_price"
    customer_id: str
    sale: Sale
    origin: Origin | None = None
    """The proposal that is bought: the sale is compared with it, and not with the catalogue."""


class ProposeUpsells(CheckoutCommand):
    """Say which upsells of the sale's offers its buyer is proposed now. It is answered also if there are
    none."""

    TYPE = "offer.propose_upsells"
    order_id: UUID
    customer_id: str
    segments: tuple[str, ...] = ()
    """Those of the customer."""
    sale: Sale


OfferCommand = (
    ReserveStock
    | ExtendReservation
    | ReleaseStock
    | ConfirmStock
    | ReceiveStock
    | ReservePromotions
    | ReleasePromotions
    | RedeemPromotions
    | ConfirmPrice
    | ProposeUpsells
)


class Component(Part):
    """A product of the offer; ``quantity`` units of it are in one offer."""

    product_id: UUID
    quantity: int = 1
    required: bool = True
    position: int


class OfferPrice(Part):
    """Amounts are in minor units of ``currency``. ``discount`` counts inside its window."""

    currency: str
    base: int
    discount: int | None = None
    discount_starts_at: datetime | None = None
    discount_ends_at: datetime | None = None


class OfferShipping(Part):
    requires_shipping: bool
    shipping_class: str | None = None
    free_shipping_threshold: int | None = None
    """The value of goods from which the offer's lines ship free; None: never."""


class OfferDetails(Part):
    """An offer's data, without its status."""

    slug: str
    name: str
    type: str
    """A type of product, or ``funnel``."""
    description: str | None = None
    media: tuple[Media, ...] = ()
    products: tuple[Component, ...]
    price: OfferPrice
    automatic_promotions: tuple[str, ...] = ()
    """Codes that are tried when the offer is put into a cart, in this order."""
    configuration: dict[str, Any] = {}
    shipping: OfferShipping
    layout: dict[str, Any] = {}


class Created(Fact):
    """The offer exists, as a draft."""

    TYPE = "offer.created"
    details: OfferDetails


class Changed(Fact):
    """``details`` are the complete details after the change."""

    TYPE = "offer.changed"
    details: OfferDetails


class Published(Fact):
    TYPE = "offer.published"


class Paused(Fact):
    TYPE = "offer.paused"


class Archived(Fact):
    """The offer is not sold any more, for good."""

    TYPE = "offer.archived"


class PriceChanged(Fact):
    """The price that the offer itself has, ``current``, may have changed by a write, by the window of the
    discount or by a campaign. ``old`` and ``new`` are equal unless a write is the reason."""

    TYPE = "offer.price_changed"
    old: OfferPrice
    new: OfferPrice
    previous_current: int
    current: int
    currency: str
    reason: str
    """``admin``, ``window`` or ``campaign``."""


class CreationFailed(Fact):
    """A command that would have made an offer was refused. A stream of one fact."""

    TYPE = "offer.creation_failed"
    correlation_id: str
    command: str
    """``create`` or ``from_product``."""
    slug: str | None = None
    code: str
    detail: str


class Viewed(Fact):
    """A storefront showed the offer. A stream of one fact."""

    TYPE = "offer.viewed"
    offer_id: UUID
    session_id: str | None = None
    variant_id: UUID | None = None


class VariantSelected(Fact):
    """The session's first exposure to the experiment; its stream is derived from both. ``session_id``: None
    if the exposure was first seen in a cart, whose lines name the stream alone."""

    TYPE = "offer.variant_selected"
    offer_id: UUID
    experiment_id: UUID
    variant_id: UUID
    session_id: str | None = None


class VariantConverted(Fact):
    """The first paid order of an exposed session."""

    TYPE = "offer.variant_converted"
    offer_id: UUID
    experiment_id: UUID
    variant_id: UUID
    session_id: str | None = None
    order_id: UUID


class UpsellTriggered(Fact):
    """The upsell was proposed for the cart for the first time. A stream of one fact."""

    TYPE = "offer.upsell_triggered"
    offer_id: UUID
    upsell_id: UUID
    cart_id: UUID


OfferFact = Created | Changed | Published | Paused | Archived | PriceChanged
ExposureFact = VariantSelected | VariantConverted
