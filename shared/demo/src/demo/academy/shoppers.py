"""The academy's shoppers: how each comes to a cart, and what they buy."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from demo.academy.opening import LOWER, SEATS, SLUG, THIRD_BOOK, Academy
from demo.figures import poll_until
from demo.shopping.api import Api, Refusal
from demo.shopping.shop import CURRENCY, Buyer, Goods, Shop
from devstack.process_group import run_concurrently

VISITORS = 8
ONLY_LOOKING = 2
"""So many of the visitors leave their carts."""
REFEREES = 2
REFERRER = "regular"
Cart = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """A paid order. ``variant_id``: of the offer's experiment, and ``offer_price``, if the offer is in it.
    ``promotions``: codes, or the kinds of those without a code."""

    order_id: str
    total: int
    variant_id: str | None
    offer_price: int
    promotions: tuple[str, ...]
    is_referred: bool


@dataclass(frozen=True, slots=True)
class Trade:
    """What the shoppers did. ``failures``: a text for each that did not go as it should. ``sessions``: those
    that were shown the offer."""

    orders: list[Order]
    sessions: set[str]
    failures: list[str]


class Shoppers:
    """They come at the same time, each in a session of their own."""

    def __init__(self, api: Api, academy: Academy) -> None:
        self._api = api
        self._shop = Shop(api)
        self._academy = academy
        self._trade = Trade([], set(), [])

    async def come(self) -> Trade:
        await self._wait_for_the_offer()
        shoppers: list[tuple[str, Callable[[str], Awaitable[None]]]] = [
            *((f"visitor-{number}", self._buy_offer) for number in range(VISITORS - ONLY_LOOKING)),
            *((f"referee-{number}", self._buy_by_referral) for number in range(REFEREES)),
            ("follower", self._follow_the_flow),
            ("reader", self._buy_books),
            ("team", self._buy_seats),
            ("subscriber", self._subscribe),
            ("guest", self._sign_in_with_a_cart),
            ("beginner", self._be_refused_a_certificate),
            ("analyst", self._learn_and_get_certified),
        ]
        looking = [self._visit(f"looking-{number}") for number in range(ONLY_LOOKING)]
        await run_concurrently([*(self._attempt(*it) for it in shoppers), *looking])
        return self._trade

    async def _attempt(self, name: str, act: Callable[[str], Awaitable[None]]) -> None:
        try:
            await act(name)
        except (Refusal, TimeoutError, Unexpected) as failure:
            self._trade.failures.append(f"{name}: {failure or 'the checkout did not end'}")

    async def _wait_for_the_offer(self) -> None:
        """The first visitors come until carts know all that belongs to the offer."""

        visits = iter(range(10**6))

        async def visit() -> bool:
            try:
                found = await self._visit(f"early-{next(visits)}")
            except Refusal:
                return False
            main = found["main_item"]
            by_campaign = main["unit_price"]["amount"] < LOWER
            return all((by_campaign, "variant_id" in main, found["order_bumps"], found["promotions"]))

        if not await poll_until(visit, bool):
            self._trade.failures.append("carts do not know the whole offer")

    async def _visit(self, name: str) -> dict[str, Any]:
        """Look at the offer, and put it into the session's cart."""
        await self._look(name)
        wanted = {"slug": SLUG, "session_id": name, "customer_id": name}
        return await self._post("carts/from-offer", f"offer-{name}", wanted)

    async def _look(self, name: str) -> None:
        path = f"/v1/public/offers/{SLUG}"
        await self._api.get("offer", path, "storefront", session_id=name)
        self._trade.sessions.add(name)

    async def _buy_offer(self, name: str) -> None:
        await self._check_out(name, (await self._visit(name))["cart"])

    async def _buy_by_referral(self, name: str) -> None:
        people = {"program_id": self._academy.program_id, "referee_id": name, "referrer_id": REFERRER}
        await self._api.post("offer", "/v1/referral/attributions", "service", f"referral-{name}", people)
        cart = await self._shop.fill_cart(name, name, Goods(self._academy.products.sql))
        await self._check_out(name, await self._discounted(cart))

    async def _follow_the_flow(self, name: str) -> None:
        """From preferences to the review: decline the coaching, and take the chat in its place."""
        await self._look(name)
        wanted = {"slug": SLUG, "session_id": name, "customer_id": name}
        flow_id = str((await self._post("flows", f"flow-{name}", wanted))["flow_id"])
        await self._step(flow_id, "user_preferences", {"experience_level": "beginner"})
        await self._step(flow_id, "package_selection", {"offer_id": self._academy.offer_id})
        declined = {"declined": [self._academy.coaching]}
        answer = await self._step(flow_id, "upsell_selection", declined)
        chat = [it["upsell_id"] for it in answer["downsells"]]
        await self._step(flow_id, "upsell_selection", {"accepted": chat, **declined})
        review = (await self._step(flow_id, "review", {}))["final_review"]
        if self._academy.chat not in {it.get("upsell_id") for it in review["items"]}:
            raise Unexpected("the downsell is not in the cart")
        await self._check_out(name, review)
        path = f"/v1/flows/{flow_id}"
        flow = await poll_until(
            lambda: self._api.get("cart", path, "storefront"), lambda it: bool(it["status"] == "completed")
        )
        if flow["status"] != "completed":
            raise Unexpected(f"the flow is {flow['status']}")

    async def _buy_books(self, name: str) -> None:
        books = Goods(self._academy.products.workbook, 3)
        await self._check_out(name, await self._shop.fill_cart(name, name, books, code=THIRD_BOOK))

    async def _buy_seats(self, name: str) -> None:
        cart = await self._shop.fill_cart(name, name, Goods(self._academy.products.team, SEATS))
        await self._check_out(name, await self._discounted(cart))

    async def _subscribe(self, name: str) -> None:
        cart = await self._shop.fill_cart(name, name, Goods(self._academy.products.library))
        await self._check_out(name, cart)

    async def _sign_in_with_a_cart(self, name: str) -> None:
        """A guest fills a cart, signs in, and finds it in the cart of an earlier visit."""
        products = self._academy.products
        own = await self._shop.fill_cart(f"{name}-before", name, Goods(products.python))
        guest = {"session_id": name, "currency": CURRENCY}
        guest_id = str((await self._post("carts", f"cart-{name}", guest))["cart_id"])
        await self._post(f"carts/{guest_id}/items", f"item-{name}", Goods(products.workbook)._asdict())
        into = f"carts/{own['cart_id']}/merge"
        merged = await self._post(into, f"merge-{name}", {"guest_cart_id": guest_id, "strategy": "merge"})
        if len(merged["cart"]["items"]) != 2:  # the course and the book
            raise Unexpected("the merged cart has not both products")
        await self._check_out(name, merged["cart"])

    async def _be_refused_a_certificate(self, name: str) -> None:
        try:
            await self._shop.fill_cart(name, name, Goods(self._academy.products.certificate))
        except Refusal as refusal:
            if refusal.code == "PREREQUISITES_NOT_MET":
                return
            raise
        raise Unexpected("a certification was sold without its prerequisites")

    async def _learn_and_get_certified(self, name: str) -> None:
        products = self._academy.products
        course = await self._shop.fill_cart(f"{name}-learns", name, Goods(products.sql))
        await self._check_out(f"{name}-learns", course, customer_id=name)

        tries = iter(range(10**6))

        async def try_to_add() -> Cart | None:
            """Carts learn of the course a moment after its purchase."""
            attempt = f"{name}-{next(tries)}"
            try:
                return await self._shop.fill_cart(attempt, name, Goods(products.certificate))
            except Refusal as refusal:
                if refusal.code != "PREREQUISITES_NOT_MET":
                    raise
                return None

        cart = await poll_until(try_to_add, bool)
        if cart is None:
            raise Unexpected("the certification is refused after its course")
        await self._check_out(name, cart)

    async def _discounted(self, cart: Cart) -> Cart:
        """The cart once it shows the discount that belongs to it: a moment after it was granted."""
        path = f"/v1/carts/{cart['cart_id']}"
        return await poll_until(
            lambda: self._api.get("cart", path, "service"),
            lambda it: bool(it["totals"]["discount"]["amount"]),
        )

    async def _check_out(self, name: str, cart: Cart, *, customer_id: str | None = None) -> None:
        checkout = await self._shop.check_out(name, cart, Buyer(customer_id or name, "tok_ok"))
        if checkout["status"] != "completed":
            raise Unexpected(str(checkout["failure"]))
        order = await self._shop.order(str(checkout["order_id"]))
        variants = (it["variant_id"] for it in cart["items"] if "variant_id" in it)
        of_offer = (it["unit_price"]["amount"] for it in order["lines"] if it["offer_id"])
        self._trade.orders.append(
            Order(
                str(order["order_id"]),
                order["totals"]["total"]["amount"],
                next(variants, None),
                sum(of_offer),
                tuple(it["code"] or it["kind"] for it in order["discounts"] if not it["referral"]),
                any(it["referral"] for it in order["discounts"]),
            )
        )

    async def _step(self, flow_id: str, step: str, data: dict[str, Any]) -> dict[str, Any]:
        key = f"{flow_id}-{step}-{len(data)}"
        return await self._post(f"flows/{flow_id}/steps", key, {"step": step, "data": data})

    async def _post(self, path: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._api.post("cart", f"/v1/{path}", "storefront", key, body)


class Unexpected(Exception):
    """A shopper was answered, but not as it should be."""
