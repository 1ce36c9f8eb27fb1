"""The cart aggregate: its decisions. The state that they read is in ``cart_state``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cart.carts.domain.cart_in_checkout import CartInCheckout
from cart.carts.domain.cart_over_time import CartOverTime
from cart.carts.domain.cart_state import CATALOGUE
from cart.carts.domain.errors import (
    CartHasCustomer,
    CartNotActive,
    CheckoutInProgress,
    CurrencyNotPriced,
    DiscountAlreadyApplied,
    DiscountNotFound,
    ItemNotFound,
    MaxCartItemsExceeded,
    MaxDiscountCodesExceeded,
)
from cart.carts.domain.line import Line
from cart.carts.domain.new_item import NewItem
from cart.carts.domain.prices import UnitPrice
from cart.carts.domain.restrictions import (
    check_combination,
    check_gift_seats,
    check_prerequisites,
    check_quantity,
)
from cart.carts.domain.status import Status
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.products import Product
from contracts import cart as facts
from contracts.referral import Snapshot
from contracts.sale import Destination
from pricing.codes import key_of

MAX_LINES = 50
MAX_CODES = 20


class Cart(CartOverTime, CartInCheckout):
    def must_be_active(self, now: datetime) -> None:
        """An abandoned cart is open, too: ``reactivate`` it. Raises CartNotActive."""
        status = self.status_at(now)
        if status not in {Status.ACTIVE, Status.ABANDONED}:
            raise CartNotActive(f"The cart is {status}.", cart_status=status)

    def must_be_lockable(self, now: datetime) -> None:
        """Raises CheckoutInProgress, CartNotActive."""
        if self.status_at(now) is Status.LOCKED:
            raise CheckoutInProgress("Another checkout holds the cart.", checkout_id=self.holder)
        self.must_be_active(now)

    def must_belong_to(self, customer_id: str | None) -> None:
        """Raises CartHasCustomer if the cart has another customer. None passes: the command is older than the
        field."""
        if customer_id is not None and self.customer_id not in {None, customer_id}:
            raise CartHasCustomer("The cart belongs to another customer.", customer_id=self.customer_id)

    def create(
        self,
        *,
        session_id: str,
        customer_id: str | None,
        currency: str,
        cart_type: str,
        metadata: dict[str, Any],
        expires_at: datetime,
    ) -> None:
        self.record(
            facts.Created(
                session_id=session_id,
                customer_id=customer_id,
                currency=currency,
                cart_type=cart_type,
                metadata=metadata,
                expires_at=expires_at,
            )
        )

    def check_item(self, new: NewItem, excerpt: CatalogueExcerpt) -> UnitPrice:
        """It may be added, at this price. Raises CurrencyNotPriced, MaxCartItemsExceeded, and the refusals of
        ``restrictions``."""
        product, price = new.product, new.price
        if price is None:
            raise CurrencyNotPriced(f"{product.details.sku} has no price in {self.currency}.")
        item_id = new.item_id_in(self.id)
        line = self.lines.get(item_id)
        check_combination(product, self.lines.values(), excerpt.products, item_id)
        check_quantity(product.details, (new.quantity + (line.quantity if line else 0)) * new.units)
        check_prerequisites([product], excerpt.customer(self.customer_id))
        check_gift_seats(product.details, new.gift_seats, new.quantity)
        if line is None and len(self.lines) >= MAX_LINES:
            raise MaxCartItemsExceeded(f"A cart holds at most {MAX_LINES} items.", maximum=MAX_LINES)
        return price

    def add_item(self, new: NewItem, excerpt: CatalogueExcerpt) -> None:
        """Raises the refusals of ``check_item``."""
        product, price = new.product, self.check_item(new, excerpt)
        self.record(
            facts.ItemAdded(
                item_id=new.item_id_in(self.id),
                product_id=product.product_id,
                product_type=product.details.type,
                sku=product.details.sku,
                name=product.details.name,
                quantity=new.quantity,
                unit_price=price.amount,
                options=new.options,
                offer_id=new.offer_id,
                upsell_id=new.upsell_id,
                units=new.units,
                gift_seats=new.gift_seats,
                experiment=new.experiment,
                campaign_id=price.campaign_id,
                plan_id=product.details.plan_id,
            )
        )

    def line(self, item_id: UUID) -> Line:
        """Raises ItemNotFound."""
        line = self.lines.get(item_id)
        if line is None:
            raise ItemNotFound("There is no such item in the cart.")
        return line

    def change_quantity(
        self, item_id: UUID, product: Product, quantity: int, gift_seats: int | None = None
    ) -> None:
        """``gift_seats``: None leaves them as they are, as far as they fit.

        Raises ItemNotFound, and the refusals of ``check_quantity`` and ``check_gift_seats``.
        """
        line = self.line(item_id)
        check_quantity(product.details, quantity * line.units)
        if gift_seats is not None:
            check_gift_seats(product.details, gift_seats, quantity)
        if quantity != line.quantity or gift_seats not in {None, line.gift_seats}:
            self.record(facts.ItemQuantityChanged(item_id=item_id, quantity=quantity, gift_seats=gift_seats))

    def remove_item(self, item_id: UUID) -> None:
        """Raises ItemNotFound."""
        self.line(item_id)
        self.record(facts.ItemRemoved(item_id=item_id))

    def clear(self) -> None:
        if self.lines:
            self.record(facts.Cleared())

    def must_take_code(self, key: str | None) -> None:
        """Raises DiscountAlreadyApplied, MaxDiscountCodesExceeded."""
        if key is not None and any(key_of(code) == key for code in self.codes.values()):
            raise DiscountAlreadyApplied("This code is on the cart already.")
        if len(self.codes) >= MAX_CODES:
            raise MaxDiscountCodesExceeded(f"A cart takes at most {MAX_CODES} codes.", maximum=MAX_CODES)

    def apply_discount(self, promotion_id: UUID, code: str) -> None:
        self.record(facts.DiscountApplied(code=code, promotion_id=promotion_id))

    def remove_discount(self, typed: str) -> None:
        """Raises DiscountNotFound."""
        key = key_of(typed)
        code = next((code for code in self.codes.values() if key_of(code) == key), None)
        if code is None:
            raise DiscountNotFound("This code is not on the cart.")
        self.record(facts.DiscountRemoved(code=code))

    def set_customer(self, customer_id: str) -> None:
        self.record(facts.CustomerSet(customer_id=customer_id))

    def set_destination(self, destination: Destination) -> None:
        if destination != self.destination:
            self.record(facts.DestinationSet(country=destination.country, region=destination.region))

    def offer_upsells(self, upsells: Sequence[facts.ProposedUpsell]) -> None:
        if upsells:
            self.record(facts.UpsellsOffered(upsells=tuple(upsells)))

    def show_referrals(self, snapshots: Sequence[Snapshot]) -> None:
        """Record the referral discounts that the price contains, if they are of other rules than before."""
        before, after = (
            [(it.attribution_id, it.rule_ids) for it in both] for both in (self.referrals, snapshots)
        )
        if before == after:
            return
        if snapshots:
            self.record(facts.ReferralApplied(snapshots=tuple(snapshots)))
        else:
            self.record(facts.ReferralRemoved(snapshots=self.referrals))

    def decline_upsell(self, offer_id: UUID, upsell_id: UUID) -> None:
        if upsell_id not in self.declined:
            self.record(facts.UpsellDeclined(offer_id=offer_id, upsell_id=upsell_id))

    def choose_shipping(
        self, option_id: UUID | None, name: str, *, automatic: bool = False, fallback: bool = False
    ) -> None:
        """``automatic``: the caller has not asked for this option."""
        chosen = self.shipping
        if chosen is None or (chosen.option_id, chosen.fallback) != (option_id, fallback):
            self.record(
                facts.ShippingSelected(option_id=option_id, name=name, automatic=automatic, fallback=fallback)
            )

    def join_flow(self, flow_id: UUID) -> None:
        if flow_id not in self.flow_ids:
            self.record(facts.FlowJoined(flow_id=flow_id))

    def price_changes(self, prices: Mapping[UUID, UnitPrice | None]) -> tuple[facts.RepricedItem, ...]:
        """The lines whose price differs from ``prices``, which are by line. A line without a price keeps its
        old one."""
        return tuple(
            facts.RepricedItem(
                item_id=line.item_id,
                unit_price=price.amount,
                previous_price=line.unit_price,
                campaign_id=price.campaign_id,
            )
            for line in self.lines.values()
            if (price := prices.get(line.item_id)) is not None
            and (price.amount != line.unit_price or price.campaign_id != line.campaign_id)
        )

    def reprice(self, changes: tuple[facts.RepricedItem, ...], reason: str = CATALOGUE) -> None:
        if changes:
            self.record(facts.Repriced(items=changes, reason=reason))
