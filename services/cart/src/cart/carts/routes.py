"""The routes of carts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from fastapi import Query, Response

from cart.carts.domain.errors import (
    CartNotActive,
    CartNotFound,
    CourseQuantityLimit,
    CurrencyNotPriced,
    DiscountAlreadyApplied,
    DiscountNotFound,
    DuplicateCourseInCart,
    InvalidDiscountCode,
    InvalidQuantity,
    ItemNotFound,
    MaxCartItemsExceeded,
    MaxDiscountCodesExceeded,
    MaxItemQuantityExceeded,
    MultipleSubscriptionsNotAllowed,
    OfferNotAvailable,
    OfferNotFound,
    PrerequisitesNotMet,
    ProductNotFound,
    SubscriptionQuantityLimit,
    UpsellExpired,
    UpsellNotEligible,
    UpsellNotFound,
)
from cart.carts.domain.status import Status
from cart.carts.refused_codes import Guess, RefusedCodes
from cart.carts.refused_requests import RefusedRequests
from cart.carts.schemas.requests import NewCart, NewDiscount, NewItem, NewQuantity
from cart.carts.schemas.views import CartView, view, view_explained
from cart.carts.sessions import run_in_session
from cart.carts.use_cases import abandonment, discounts, offers, shopping
from cart.carts.use_cases.abandonment import BY_CALL, RecoverCart
from cart.carts.use_cases.cart_access import PricedCart, open_cart
from cart.carts.use_cases.index_keys import CUSTOMER_CART, SESSION_CART, listed_under
from cart.carts.use_cases.policy import Policy
from cart.carts.writing import Writer
from cart.catalogue.domain.excerpt import Catalogue
from contracts.roles import LISTERS, SHOPPERS, STOREFRONT
from kernel.http.client_address import ClientAddress
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute
from kernel.http.lists import list_by_key
from kernel.http.openapi import limited
from kernel.http.paging import Page, Paged
from kernel.http.problems import invalid
from kernel.http.requests import Currency, OwnerId, PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore
from kernel.store.unique_keys import UniqueKey
from kernel.unit_of_work import UnitOfWork

Owner: TypeAlias = Annotated[OwnerId | None, Query()]
Statuses: TypeAlias = Annotated[tuple[Status, ...], Query()]
Currencies: TypeAlias = Annotated[tuple[Currency, ...], Query()]
Explain: TypeAlias = Annotated[bool, Query()]


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    catalogue: Catalogue
    policy: Policy
    writer: Writer
    refused_codes: RefusedCodes
    """A cart or an address that has exceeded it may not try another code, so that codes cannot be guessed."""
    refused_requests: RefusedRequests

    async def create_cart(self, body: NewCart, write: Write) -> Response:
        """Create a cart, or return the open one that the session has already."""
        command = shopping.CreateCart(
            body.session_id, body.customer_id, body.currency, body.type, body.metadata
        )

        async def act(work: UnitOfWork) -> Result:
            priced, is_new = await shopping.create_cart(command, work, self.catalogue, self.policy)
            if not is_new:
                write.check(priced.cart)
            return Result(view(priced, work.now), priced.version, status=201 if is_new else 200)

        return await run_in_session(write, act, self.store, self.catalogue, self.policy)

    async def list_carts(
        self,
        read: Read,
        paging: Paged,
        session_id: Owner = None,
        customer_id: Owner = None,
        status: Statuses = (),
        currency: Currencies = (),
        explain: Explain = False,
    ) -> Response:
        """List the carts of a session or of a customer, the oldest first. Open are those that are active or
        abandoned."""
        index, owner = _owner(session_id, customer_id)

        def keep(priced: PricedCart) -> bool:
            cart = priced.cart
            return cart.status in (status or Status) and (not currency or cart.currency in currency)

        async def load(keys: Sequence[UniqueKey], work: UnitOfWork) -> Sequence[PricedCart]:
            return await shopping.list_carts([key.owner for key in keys], work, self.catalogue)

        shown = view_explained if explain else view
        return await list_by_key(read, paging, index, load, shown, prefix=listed_under(owner), keep=keep)

    async def add_item(self, cart_id: PathId, body: NewItem, write: Write) -> Response:
        """Add a product, an offer or an upsell to the cart. Stock is neither checked nor reserved."""
        return await self.writer.change(write, cart_id, _adding(cart_id, body))

    async def change_quantity(
        self, cart_id: PathId, item_id: PathId, body: NewQuantity, write: Write
    ) -> Response:
        """Change the quantity of an item; 0 removes it."""
        command = shopping.ChangeQuantity(cart_id, item_id, body.quantity, body.gift_seats)
        return await self.writer.change(write, cart_id, partial(shopping.change_quantity, command))

    async def remove_item(self, cart_id: PathId, item_id: PathId, write: Write) -> Response:
        """Remove an item from the cart."""
        command = shopping.RemoveItem(cart_id, item_id)
        return await self.writer.change(write, cart_id, partial(shopping.remove_item, command))

    async def clear_items(self, cart_id: PathId, write: Write) -> Response:
        """Remove all items from the cart."""
        return await self.writer.change(write, cart_id, partial(shopping.clear_items, cart_id))

    async def apply_discount(
        self, cart_id: PathId, body: NewDiscount, write: Write, address: ClientAddress
    ) -> Response:
        """Apply a discount code to the cart."""
        command = discounts.ApplyDiscount(cart_id, body.code)
        # of a shop's backend the address is the backend's own
        own = address if write.principal.role == STOREFRONT else None
        guess = Guess(self.refused_codes, self.refused_requests, write.context.tenant, cart_id, own)

        async def try_code(work: UnitOfWork) -> PricedCart:
            await guess.check()
            try:
                priced = await discounts.apply_discount(command, work, self.catalogue)
            except InvalidDiscountCode:
                await guess.count()
                raise
            # concurrent requests: no code is confirmed once too many others have been refused
            await guess.check()
            return priced

        return await self.writer.respond(write, cart_id, try_code)

    async def remove_discount(self, cart_id: PathId, code: str, write: Write) -> Response:
        """Remove a discount code from the cart."""
        command = discounts.RemoveDiscount(cart_id, code)
        return await self.writer.change(write, cart_id, partial(discounts.remove_discount, command))

    async def recover_cart(self, cart_id: PathId, write: Write) -> Response:
        """Make an abandoned cart active again. One that is active stays as it is."""
        command = RecoverCart(cart_id, BY_CALL)
        recover = partial(abandonment.recover_cart, command, catalogue=self.catalogue, policy=self.policy)
        return await execute(write, open_cart, cart_id, recover, view)


def _adding(cart_id: UUID, body: NewItem) -> Callable[..., Awaitable[PricedCart]]:
    match body:
        case NewItem(upsell_id=UUID() as upsell_id):
            return partial(offers.take_upsell, offers.TakeUpsell(cart_id, upsell_id, body.quantity))
        case NewItem(offer_id=UUID() as offer_id, quantity=int() as quantity):
            return partial(offers.add_offer, offers.AddOffer(cart_id, offer_id, quantity, body.include))
        case NewItem(product_id=UUID() as product_id, quantity=int() as quantity):
            item = shopping.AddItem(cart_id, product_id, quantity, body.options, body.gift_seats)
            return partial(shopping.add_item, item)
    raise TypeError("the body has been checked to name something")


def _owner(session_id: str | None, customer_id: str | None) -> tuple[str, str]:
    if session_id is not None and customer_id is None:
        return SESSION_CART, session_id
    if customer_id is not None and session_id is None:
        return CUSTOMER_CART, customer_id
    raise invalid("Name either a session_id or a customer_id.", "/session_id", "query")


ALL = "/v1/carts"
BY_ID = f"{ALL}/{{cart_id}}"
ITEMS, ITEM = f"{BY_ID}/items", f"{BY_ID}/items/{{item_id}}"
CODES, CODE = f"{BY_ID}/discounts", f"{BY_ID}/discounts/{{code}}"
OF_QUANTITY = (InvalidQuantity, MaxItemQuantityExceeded, CourseQuantityLimit, SubscriptionQuantityLimit)
OF_COMBINATION = (
    *(MaxCartItemsExceeded, DuplicateCourseInCart, MultipleSubscriptionsNotAllowed),
    PrerequisitesNotMet,
)
OF_CART = (CartNotFound, CartNotActive)
OF_OFFER = (OfferNotFound, OfferNotAvailable)
OF_UPSELL = (UpsellNotFound, UpsellNotEligible, UpsellExpired)
OF_LINE = (ProductNotFound, CurrencyNotPriced, *OF_QUANTITY, *OF_COMBINATION)
OF_NEW_ITEM = (*OF_CART, *OF_LINE, *OF_OFFER, *OF_UPSELL)
OF_ITEM = (*OF_CART, ItemNotFound)
OF_NEW_CODE = (*OF_CART, DiscountAlreadyApplied, InvalidDiscountCode, MaxDiscountCodesExceeded)
OF_CODE = (*OF_CART, DiscountNotFound)
OPEN_CART: Mapping[int | str, Any] = {
    200: {"model": CartView, "description": "The open cart that the session has already"}
}


def table(
    store: EventStore, writer: Writer, refused_codes: RefusedCodes, refused_requests: RefusedRequests
) -> RouteTable:
    do = _Handlers(store, writer.catalogue, writer.policy, writer, refused_codes, refused_requests)
    note_price = refused_requests.note_price
    return RouteTable(
        "carts",
        (
            Route("POST", ALL, do.create_cart, SHOPPERS, CartView, status=201, responses=OPEN_CART),
            Route("GET", ALL, do.list_carts, LISTERS, Page[CartView]),
            Route("POST", ITEMS, do.add_item, SHOPPERS, CartView, OF_NEW_ITEM, on_invalid=note_price),
            Route("DELETE", ITEMS, do.clear_items, SHOPPERS, CartView, OF_CART),
            Route(
                "PATCH",
                ITEM,
                do.change_quantity,
                SHOPPERS,
                CartView,
                (*OF_ITEM, *OF_QUANTITY),
                on_invalid=note_price,
            ),
            Route("DELETE", ITEM, do.remove_item, SHOPPERS, CartView, OF_ITEM),
            Route("POST", f"{BY_ID}/recover", do.recover_cart, SHOPPERS, CartView, OF_CART),
            Route("POST", CODES, do.apply_discount, SHOPPERS, CartView, OF_NEW_CODE, responses=limited()),
            Route("DELETE", CODE, do.remove_discount, SHOPPERS, CartView, OF_CODE),
        ),
    )
