"""Example products, promotions and facts about them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID, uuid5

from contracts import offer as commands
from contracts import product, promotion, reservation, stock
from contracts.offer import Wanted
from kernel import ids
from offer.inventory.use_cases.seats import keep_seats
from offer.plans.use_cases.joining import PLANS
from tests.support.scenario import NOW, stamp

NAMES = UUID("00000000-0000-4000-8000-000000000000")
HOLD_FOR = timedelta(minutes=30)
EXPIRY_TIME = NOW + HOLD_FOR


def named(name: str) -> UUID:
    return uuid5(NAMES, name)


CD, BOOK = sorted((named("cd"), named("book")))
CHECKOUT, OTHER_CHECKOUT = named("checkout"), named("other checkout")
CUSTOMER = "customer-1"
PORTS = keep_seats, PLANS
"""What the use cases of products ask of other slices."""
TEN_PERCENT, FIVE_OFF = sorted((named("ten percent"), named("five off")))


def details(sku: str = "CD-1", amount: int = 1999, currency: str = "USD", **other: object) -> product.Details:
    fields = {"name": f"The {sku}", "type": "physical_product", **other}
    return product.Details.model_validate(
        {"sku": sku, "prices": [{"amount": amount, "currency": currency}], **fields}
    )


def created(product_id: UUID = CD, of: product.Details | None = None) -> product.Created:
    return product.Created(**stamp(product_id), details=of or details(), status="draft")


def activated(product_id: UUID = CD) -> product.Activated:
    return product.Activated(**stamp(product_id))


def archived(product_id: UUID = CD) -> product.Archived:
    return product.Archived(**stamp(product_id))


def on_sale(product_id: UUID = CD, amount: int = 1999) -> tuple[product.Created, product.Activated]:
    return created(product_id, details(f"SKU-{product_id}", amount)), activated(product_id)


def stock_of(product_id: UUID) -> UUID:
    return ids.derive_id(product_id, "stock")


def counted(product_id: UUID, on_hand: int, *, allow_backorders: bool = False) -> stock.Adjusted:
    return stock.Adjusted(
        **stamp(stock_of(product_id)),
        product_id=product_id,
        on_hand=on_hand,
        allow_backorders=allow_backorders,
    )


def units(product_id: UUID, quantity: int) -> Wanted:
    return Wanted(product_id=product_id, quantity=quantity)


RESERVATION = ids.derive_id(CHECKOUT, "reservation")
REDEMPTION = ids.derive_id(CHECKOUT, "redemption")


def reserve(*wanted: Wanted, checkout_id: UUID = CHECKOUT) -> commands.ReserveStock:
    return commands.ReserveStock(checkout_id=checkout_id, step="reserve_stock", wanted=wanted)


def confirm(*wanted: Wanted, checkout_id: UUID = CHECKOUT) -> commands.ConfirmStock:
    return commands.ConfirmStock(checkout_id=checkout_id, step="confirm_stock", wanted=wanted)


def release(checkout_id: UUID = CHECKOUT) -> commands.ReleaseStock:
    return commands.ReleaseStock(checkout_id=checkout_id, step="reserve_stock")


def held(
    product_id: UUID, quantity: int, checkout_id: UUID = CHECKOUT, expires_at: datetime = EXPIRY_TIME
) -> stock.Reserved:
    return stock.Reserved(
        **stamp(stock_of(product_id)),
        product_id=product_id,
        checkout_id=checkout_id,
        quantity=quantity,
        expires_at=expires_at,
    )


def sold(product_id: UUID, quantity: int, checkout_id: UUID = CHECKOUT) -> stock.Confirmed:
    return stock.Confirmed(
        **stamp(stock_of(product_id)), product_id=product_id, checkout_id=checkout_id, quantity=quantity
    )


def released(product_id: UUID, quantity: int, checkout_id: UUID = CHECKOUT) -> stock.Released:
    return stock.Released(
        **stamp(stock_of(product_id)), product_id=product_id, checkout_id=checkout_id, quantity=quantity
    )


def expired(product_id: UUID, quantity: int, checkout_id: UUID = CHECKOUT) -> stock.Expired:
    return stock.Expired(
        **stamp(stock_of(product_id)), product_id=product_id, checkout_id=checkout_id, quantity=quantity
    )


def made(
    *wanted: Wanted,
    expires_at: datetime = EXPIRY_TIME,
    asked: tuple[Wanted, ...] | None = None,
    courses: Mapping[UUID, tuple[UUID, ...]] = MappingProxyType({}),
) -> reservation.Made:
    """``asked``: None, by an earlier release, or repeated."""
    of_bundles = tuple(
        reservation.CoursesOfBundle(product_id=bundle, course_ids=it) for bundle, it in courses.items()
    )
    return reservation.Made(
        **stamp(RESERVATION),
        checkout_id=CHECKOUT,
        step="reserve_stock",
        held=wanted,
        expires_at=expires_at,
        asked=asked,
        courses=None if asked is None else of_bundles,
    )


def reservation_confirmed(*wanted: Wanted) -> reservation.Confirmed:
    return reservation.Confirmed(
        **stamp(RESERVATION), checkout_id=CHECKOUT, step="confirm_stock", held=wanted
    )


def reservation_released() -> reservation.Released:
    return reservation.Released(**stamp(RESERVATION), checkout_id=CHECKOUT, step="reserve_stock")


def reservation_expired() -> reservation.Expired:
    return reservation.Expired(**stamp(RESERVATION))


def terms(code: str | None = "TEN", value: str = "10", **other: object) -> promotion.Terms:
    return promotion.Terms.model_validate({"code": code, "kind": "percentage", "value": value, **other})


def promotion_created(
    promotion_id: UUID = TEN_PERCENT, of: promotion.Terms | None = None
) -> promotion.Created:
    return promotion.Created(**stamp(promotion_id), terms=of or terms())
