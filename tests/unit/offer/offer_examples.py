"""Example offers and facts about them."""

from datetime import UTC, datetime
from uuid import UUID

from contracts import offer as facts
from contracts.campaign import CampaignChange
from contracts.offer import OfferPrice
from offer.offers.domain.offer import Offer, RunningCampaigns
from offer.offers.domain.shipping import ShippingWish
from offer.offers.use_cases.offers import CreateOffer
from tests.support.scenario import stamp
from tests.unit.offer.examples import BOOK, CD, named

OFFER, CAMPAIGN = named("offer"), named("campaign")
MARCH_1, MARCH_8 = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)
PRICE = OfferPrice(currency="USD", base=9900)
DISCOUNTED = OfferPrice(
    currency="USD", base=9900, discount=7900, discount_starts_at=MARCH_1, discount_ends_at=MARCH_8
)
FIFTEEN_PERCENT_OFF = CampaignChange(type="percentage", value="15")


class FakeCampaigns:
    """Implements ``Campaigns``."""

    def __init__(self, *running: tuple[UUID, CampaignChange]) -> None:
        self.running = running
        self.added: list[tuple[UUID, UUID]] = []

    async def running_for(self, offer_id: UUID, work: object) -> RunningCampaigns:
        return self.running

    async def add_offer(self, campaign_id: UUID, offer: Offer, work: object) -> None:
        self.added.append((campaign_id, offer.id))


def component(product_id: UUID, quantity: int = 1, position: int = 0, **other: bool) -> facts.Component:
    return facts.Component(product_id=product_id, quantity=quantity, position=position, **other)


def details(slug: str = "spring-kit", price: OfferPrice = PRICE, **other: object) -> facts.OfferDetails:
    fields = {
        "name": "Spring kit",
        "type": "physical_product",
        "products": (component(CD), component(BOOK, 2, 1)),
        "shipping": facts.OfferShipping(requires_shipping=True, free_shipping_threshold=10_000),
    }
    return facts.OfferDetails.model_validate({**fields, "slug": slug, "price": price, **other})


def new_offer(slug: str = "spring-kit", price: OfferPrice = PRICE, **other: object) -> CreateOffer:
    of = details(slug, price, **other)
    fields = {name: getattr(of, name) for name in facts.OfferDetails.model_fields if name != "shipping"}
    return CreateOffer(fields, ShippingWish())


def offer_created(of: facts.OfferDetails | None = None, offer_id: UUID = OFFER) -> facts.Created:
    return facts.Created(**stamp(offer_id), details=of or details())


def published(offer_id: UUID = OFFER) -> facts.Published:
    return facts.Published(**stamp(offer_id))


def paused(offer_id: UUID = OFFER) -> facts.Paused:
    return facts.Paused(**stamp(offer_id))


def offer_archived(offer_id: UUID = OFFER) -> facts.Archived:
    return facts.Archived(**stamp(offer_id))


def price_changed(
    old: OfferPrice, new: OfferPrice, before: int, after: int, reason: str
) -> facts.PriceChanged:
    return facts.PriceChanged(
        **stamp(OFFER),
        old=old,
        new=new,
        previous_current=before,
        current=after,
        currency=new.currency,
        reason=reason,
    )
