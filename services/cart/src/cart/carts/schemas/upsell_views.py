"""The response bodies about offers and upsells in carts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict

from cart.carts.domain.upsells import Proposal
from cart.carts.schemas.views import CartView, ItemView, view
from cart.carts.use_cases.from_offer import ORDER_BUMP, CartFromOffer, Skipped
from cart.carts.use_cases.offers import Proposed
from contracts.views import Money, money
from kernel.instants import text_of


class UpsellView(TypedDict):
    """``unit_price`` is what it costs beside the offer, ``original_price`` what it costs alone; after
    ``hide_at`` it is not proposed any more."""

    upsell_id: str
    offer_id: str
    type: str
    product_id: str
    name: str
    unit_price: Money
    original_price: Money
    position: str
    design: dict[str, Any]
    hide_at: NotRequired[str]


class UpsellsView(TypedDict):
    items: list[UpsellView]


class DeclinedView(TypedDict):
    downsells: list[UpsellView]
    version: int


class OrderBumpView(TypedDict):
    upsell_id: str
    item_id: str
    name: str
    unit_price: Money


class AppliedPromotionView(TypedDict):
    code: str
    amount: Money


class SkippedOrderBumpView(TypedDict):
    kind: str
    id: str
    reason: str


class SkippedPromotionView(TypedDict):
    kind: str
    code: str
    reason: str


class CartFromOfferView(TypedDict):
    cart: CartView
    main_item: ItemView
    items: list[ItemView]
    order_bumps: list[OrderBumpView]
    promotions: list[AppliedPromotionView]
    skipped: list[SkippedOrderBumpView | SkippedPromotionView]
    next_step: str
    version: int


def show_proposal(proposal: Proposal) -> UpsellView:
    upsell, currency = proposal.upsell, proposal.currency
    body = UpsellView(
        upsell_id=str(upsell.upsell_id),
        offer_id=str(upsell.offer_id),
        type=upsell.details.type,
        product_id=str(upsell.details.product_id),
        name=upsell.details.name,
        unit_price=money(proposal.price.amount, currency),
        original_price=money(proposal.original.amount, currency),
        position=upsell.details.position,
        design=upsell.details.design,
    )
    if proposal.hide_at is not None:
        body["hide_at"] = text_of(proposal.hide_at)
    return body


def show_upsells(proposed: Proposed, now: datetime) -> UpsellsView:  # noqa: ARG001  # as every view
    return UpsellsView(items=[show_proposal(it) for it in proposed.upsells])


def show_downsells(proposed: Proposed, now: datetime) -> DeclinedView:  # noqa: ARG001  # as every view
    return DeclinedView(downsells=[show_proposal(it) for it in proposed.upsells], version=proposed.version)


def show_from_offer(made: CartFromOffer, now: datetime) -> CartFromOfferView:
    cart = view(made.priced, now)
    items = {it["item_id"]: it for it in cart["items"]}
    amounts = {it.promotion_id: it.amount for it in made.priced.sale.discounts}
    return CartFromOfferView(
        cart=cart,
        main_item=items[str(made.items[0])],
        items=[items[str(it)] for it in made.items],
        order_bumps=[
            OrderBumpView(
                upsell_id=str(upsell_id),
                item_id=str(item_id),
                name=items[str(item_id)]["name"],
                unit_price=items[str(item_id)]["unit_price"],
            )
            for upsell_id, item_id in made.order_bumps.items()
        ],
        promotions=[
            AppliedPromotionView(code=code, amount=money(amounts.get(promotion_id, 0), cart["currency"]))
            for promotion_id, code in made.codes.items()
        ],
        skipped=[_skipped(it) for it in made.skipped],
        next_step=made.next_step,
        version=made.version,
    )


def _skipped(it: Skipped) -> SkippedOrderBumpView | SkippedPromotionView:
    if it.kind == ORDER_BUMP:
        return SkippedOrderBumpView(kind=it.kind, id=it.name, reason=it.reason)
    return SkippedPromotionView(kind=it.kind, code=it.name, reason=it.reason)
