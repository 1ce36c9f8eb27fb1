"""What the offer service can be asked by a checkout."""

from uuid import UUID

from contracts.checkout_requests import CheckoutCommand
from contracts.envelope import Part
from contracts.sale import Sale


class Wanted(Part):
    product_id: UUID
    quantity: int


class ReserveStock(CheckoutCommand):
    """Hold these units for the checkout, all of them or none; each product stands once."""

    TYPE = "offer.reserve_stock"
    wanted: tuple[Wanted, ...]


class ReleaseStock(CheckoutCommand):
    """Give back whatever the checkout holds; also when it never held anything."""

    TYPE = "offer.release_stock"


class ConfirmStock(CheckoutCommand):
    """What the checkout holds is sold."""

    TYPE = "offer.confirm_stock"
    wanted: tuple[Wanted, ...]


class ReservePromotions(CheckoutCommand):
    """Hold one use of each promotion for the checkout's customer, all of them or none."""

    TYPE = "offer.reserve_promotions"
    promotion_ids: tuple[UUID, ...]
    customer_id: str


class ReleasePromotions(CheckoutCommand):
    TYPE = "offer.release_promotions"


class RedeemPromotions(CheckoutCommand):
    TYPE = "offer.redeem_promotions"


class ConfirmPrice(CheckoutCommand):
    """Check, by the catalogue itself, that what the cart says is what it costs now."""

    TYPE = "offer.confirm_price"
    customer_id: str
    sale: Sale


OfferCommand = (
    ReserveStock
    | ReleaseStock
    | ConfirmStock
    | ReservePromotions
    | ReleasePromotions
    | RedeemPromotions
    | ConfirmPrice
)
