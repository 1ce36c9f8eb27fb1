"""Customers who come by an offer: they take and decline what is proposed, use codes, sign in with a guest's
cart, choose a way of shipping, and check out what they were shown."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from tests.proofs.async_shop import CURRENCY, Shop
from tests.proofs.caller import Json, Response
from tests.proofs.chaos.buyers import LOOK_AGAIN, TOKENS, to_its_end
from tests.proofs.chaos.offer_goods import CODE, DESTINATIONS, SLUG, TENANT, OfferGoods
from tests.proofs.chaos.shown_sales import ShownSale, quote_lines, shown_in

ATTEMPTS = 3
LOOKS = 3
"""How often a quote is compared before a checkout until it is the same as the cart's price."""
REFUSALS = {"PRICE_CHANGED", "INVALID_DISCOUNT_CODE", "PROMOTION_LIMIT_REACHED"}
"""After which a customer looks again, gives up the code, and tries once more."""
NOT_AVAILABLE = "OFFER_NOT_AVAILABLE"
USED_UP = "INVALID_DISCOUNT_CODE"


@dataclass
class Attempt:
    """A checkout of the cart as it was ``agreed``. ``end``: None if it was refused with ``code``."""

    agreed: ShownSale
    end: Json | None = None
    code: str = ""


@dataclass
class OfferPurchase:
    """What one customer wants to do, and what they were shown."""

    number: int
    customer_id: str
    token: str
    wants: frozenset[str]
    """Some of ``CHANCES``."""
    country: str
    cart_id: str = ""
    lines: Counter[str] = field(default_factory=Counter)
    """Quantities by product, as they were confirmed."""
    attempts: list[Attempt] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    """What they were answered and should not have been."""
    quotes: Counter[str] = field(default_factory=Counter)
    over: bool = False

    @property
    def name(self) -> str:
        """Their session, and a part of the names of their requests."""
        return f"{TENANT}-{self.number}"

    @property
    def sold(self) -> Attempt | None:
        found = [it for it in self.attempts if it.end and it.end["status"] == "completed"]
        return found[0] if found else None

    def add(self, *product_ids: str) -> None:
        self.lines.update(product_ids)


CHANCES = {
    "referral": 0.5,
    "mug": 0.6,
    "decline": 0.5,
    "print": 0.5,
    "code": 0.6,
    "guest": 0.3,
    "courier": 0.3,
    "cancel": 0.1,
}


def planned(number: int, chance: random.Random, customers: int, token: str | None = None) -> OfferPurchase:
    """``customers``: how many there are; those who come twice use a code and a referral once."""
    return OfferPurchase(
        number=number,
        customer_id=f"{TENANT}-customer-{number % customers}",
        token=token or chance.choices(list(TOKENS), list(TOKENS.values()))[0],
        wants=frozenset(it for it, part in CHANCES.items() if chance.random() < part),
        country=chance.choice(DESTINATIONS),
    )


async def play(it: OfferPurchase, shop: Shop, goods: OfferGoods) -> None:
    """It is over when every checkout of it has ended."""
    await _Visit(it, shop, goods).play()
    it.over = True


class _Visit:
    def __init__(self, it: OfferPurchase, shop: Shop, goods: OfferGoods) -> None:
        self._it = it
        self._shop = shop
        self._goods = goods
        self._quotes = count()

    async def play(self) -> None:
        if "referral" in self._it.wants:
            await self._be_referred()
        if not await self._come_by_the_offer():
            return
        await self._choose()
        if "guest" in self._it.wants:
            await self._sign_in_with_a_cart()
        if "code" in self._it.wants:
            await self._enter_code()
        await self._be_shipped()
        for number in range(ATTEMPTS):
            if await self._check_out(f"{self._it.name}/{number}"):
                return
            if self._it.attempts[-1].code != "PRICE_CHANGED":
                await self._write("DELETE", f"discounts/{CODE}", None, number)

    async def _be_referred(self) -> None:
        """With one key for all visits of the customer: all get the same answer."""
        people = {"program_id": self._goods.program_id, "referrer_id": "a friend"}
        await self._shop.caller.post(
            "offer",
            "/v1/referral/attributions",
            {**people, "referee_id": self._it.customer_id},
            f"refer {self._it.customer_id}",
            "service",
        )

    async def _come_by_the_offer(self) -> bool:
        """Returns False if the offer is sold out, as far as carts know."""
        it, products = self._it, self._goods.products
        wanted = {"slug": SLUG, "session_id": it.name, "customer_id": it.customer_id}
        response = await self._shop.caller.write(
            "POST", "cart", "/v1/carts/from-offer", wanted, f"offer {it.name}"
        )
        if not response.ok:
            if response.code != NOT_AVAILABLE:
                it.troubles.append(f"the offer was refused: {response.body}")
            return False
        it.cart_id = response.body["cart"]["cart_id"]
        it.add(products["board"], products["sensor"], products["sticker"])
        return True

    async def _choose(self) -> None:
        """Take the mug; decline the frame, and perhaps take what is proposed in its place."""
        it, upsells = self._it, self._goods.upsells
        if "mug" in it.wants:
            await self._take("mug")
        if "decline" in it.wants:
            answer = await self._post(f"upsells/{upsells['frame']}/decline", None)
            proposed = [one["upsell_id"] for one in answer["downsells"]]
            if proposed != [upsells["print"]]:
                it.troubles.append(f"in place of the frame {proposed} was proposed")
            elif "print" in it.wants:
                await self._take("print")

    async def _take(self, name: str) -> None:
        await self._post("items", {"upsell_id": self._goods.upsells[name]}, name)
        self._it.add(self._goods.products[name])

    async def _sign_in_with_a_cart(self) -> None:
        """Merge a guest's cart into the own one, and once more under another key."""
        it, book = self._it, self._goods.products["book"]
        guest = await self._shop.cart(f"{it.name} guest", {book: 1})
        into = {"guest_cart_id": guest.body["cart_id"], "strategy": "merge"}
        first, again = [await self._post("merge", into, time) for time in ("once", "again")]
        if (first["merged"], first["not_merged"]) != (again["merged"], again["not_merged"]):
            it.troubles.append(f"the same merge had two outcomes: {first} and {again}")
        it.add(book)

    async def _enter_code(self) -> None:
        response = await self._write("POST", "discounts", {"code": CODE})
        if not response.ok and response.code != USED_UP:
            self._it.troubles.append(f"the code was refused: {response.body}")

    async def _be_shipped(self) -> None:
        ways = [("shipping-address", {"country": self._it.country})]
        if "courier" in self._it.wants:
            ways.append(("shipping-option", {"option_id": self._goods.rates["courier"]}))
        for path, body in ways:
            response = await self._write("PUT", path, body)
            if not response.ok:
                self._it.troubles.append(f"{path} was refused: {response.body}")

    async def _check_out(self, name: str) -> bool:
        """Returns whether the visit is over; otherwise it is worth another attempt."""
        it = self._it
        cart = await self._compared_with_a_quote()
        attempt = Attempt(shown_in(cart, "items"))
        it.attempts.append(attempt)
        response = await self._shop.check_out(name, cart, it.token, it.customer_id)
        if not response.ok:
            attempt.code = response.code
            if attempt.code not in REFUSALS:
                it.troubles.append(f"the checkout was refused: {response.body}")
            return attempt.code not in REFUSALS
        if "cancel" in it.wants:
            await self._shop.press(response.body["checkout_id"], "cancel", name)
        attempt.end = await to_its_end(self._shop, name, response.body["checkout_id"])
        attempt.code = (attempt.end["failure"] or {}).get("code", "")
        return attempt.code not in REFUSALS

    async def _compared_with_a_quote(self) -> Json:
        """The cart as it is shown. A quote of the same sale must have the same price. It is another sale for
        a while, if the cart has not heard yet of what others use."""
        for _ in range(LOOKS):
            cart, quote = await self._both()
            if not compare(self._it, cart, quote):
                self._it.quotes["the same"] += 1
                break
            self._it.quotes["another sale"] += 1
            await asyncio.sleep(LOOK_AGAIN)
        return cart

    async def _both(self) -> tuple[Json, Json]:
        return await cart_and_quote(self._it, self._shop, f"{next(self._quotes)}")

    async def _post(self, path: str, body: Json | None, name: str = "") -> Json:
        of_cart = f"/v1/carts/{self._it.cart_id}/{path}"
        return await self._shop.caller.post("cart", of_cart, body, f"{path} {self._it.name} {name}")

    async def _write(self, method: str, path: str, body: Json | None, name: object = "") -> Response:
        of_cart, key = f"/v1/carts/{self._it.cart_id}/{path}", f"{method} {path} {self._it.name} {name}"
        return await self._shop.caller.write(method, "cart", of_cart, body, key)


async def cart_and_quote(it: OfferPurchase, shop: Shop, name: str) -> tuple[Json, Json]:
    """The customer's cart, and a quote for what is in it. ``name`` is new for each quote."""
    cart = await shop.caller.read("cart", f"/v1/carts/{it.cart_id}")
    wanted: Json = {
        "currency": CURRENCY,
        "lines": quote_lines(cart["items"]),
        "codes": [one["code"] for one in cart["discounts"] if one["code"] == CODE],
        "customer": {"id": it.customer_id},
        "session_id": it.name,
        "destination": cart.get("destination"),
        "shipping_option_id": (cart.get("shipping") or {}).get("option_id"),
    }
    return cart, await shop.caller.post("offer", "/v1/quotes", wanted, f"quote {it.name} {name}", "service")


def compare(it: OfferPurchase, cart: Json, quote: Json) -> str:
    """Returns what differs, or nothing. Other amounts of the same sale are a trouble of the customer."""
    shown, quoted = shown_in(cart, "items"), shown_in(quote)
    if shown.contradicts(quoted):
        it.troubles.append(f"cart {it.cart_id} shows {shown}, and a quote of the same says {quoted}")
    return "" if shown == quoted else f"{shown} is {quoted} in a quote"
