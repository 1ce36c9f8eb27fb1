"""The commands to the offer service."""

from uuid import UUID

from contracts.checkout_requests import CheckoutCommand
from contracts.envelope import Part
from contracts.sale import Sale


class Wanted(Part):
    product_id: UUID
    quantity: int


class ReserveStock(CheckoutCommand):
    """Hold these units for the checkout, all of them or none."""

    TYPE = "offer.reserve_stock"
    wanted: tuple[Wanted, ...]


class ReleaseStock(CheckoutCommand):
    """Release the units that the checkout holds. It is answered also if it holds none."""

    TYPE = "offer.release_stock"


class ConfirmStock(CheckoutCommand):
    """Sell the units that the checkout holds, or if they have expired, the wanted units."""

    TYPE = "offer.confirm_stock"
    wanted: tuple[Wanted, ...]


class ReservePromotions(CheckoutCommand):
    """Hold one use of each promotion for the checkout's customer, all of them or none."""

    TYPE = "offer.reserve_promotions"
    promotion_ids: tuple[UUID, ...]
    customer_id: str


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


OfferCommand = (
    ReserveStock
    | ReleaseStock
    | ConfirmStock
    | ReservePromotions
    | ReleasePromotions
    | RedeemPromotions
    | ConfirmPrice
)
