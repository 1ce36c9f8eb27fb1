"""What shoppers do with carts and offers, as the facts that the services publish of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts import cart, checkout
from contracts.cart import ProposedUpsell
from contracts.envelope import Fact
from contracts.sale import Exposure, Sale, Totals
from contracts.upsell import Origin
from tests.support.purchases import NAMES, RECORDED, Happening

HOUR = timedelta(hours=1)


def named(name: str) -> UUID:
    return uuid5(NAMES, name)


class Story:
    """Facts one after the other: ``at`` is when the next one occurs, and ``late`` how long after that it is
    recorded."""

    def __init__(self, at: datetime = RECORDED, tenant: str = "demo", late: timedelta = timedelta()) -> None:
        self.at = at
        self.late = late
        self.tenant = tenant
        self.happened: list[Happening] = []
        self._versions: dict[UUID, int] = {}

    def later(self, **time: float) -> None:
        self.at += timedelta(**time)

    def tell(self, kind: type[Fact], stream: UUID, **fields: Any) -> None:
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        envelope: dict[str, Any] = {"originator_id": stream, "originator_version": version}
        fact = kind(**envelope, timestamp=self.at + self.late, **fields)
        self.happened.append(Happening(fact, self.tenant, self.at))


class CartStory(Story):
    """A cart, from its creation on."""

    def __init__(
        self,
        name: str = "cart",
        at: datetime = RECORDED,
        tenant: str = "demo",
        late: timedelta = timedelta(),
    ) -> None:
        super().__init__(at, tenant, late)
        self.cart_id = named(f"{tenant} {name}")
        self.checkouts = 0
        self.reminders = 0
        self.merged = False
        """Into another cart."""
        self._of_cart(
            cart.Created, session_id=name, currency="USD", cart_type="standard", expires_at=at + 72 * HOUR
        )

    @property
    def checkout_id(self) -> UUID:
        """The latest checkout's."""
        return named(f"{self.cart_id} {self.checkouts}")

    def add(
        self,
        item: str = "mug",
        offer_id: UUID | None = None,
        upsell_id: UUID | None = None,
        experiment: Exposure | None = None,
    ) -> None:
        product: dict[str, Any] = {"product_type": "physical", "sku": item, "name": item, "quantity": 1}
        ids: dict[str, Any] = {"item_id": named(f"{self.cart_id} {item}"), "product_id": named(item)}
        source: dict[str, Any] = {"offer_id": offer_id, "upsell_id": upsell_id, "experiment": experiment}
        self._of_cart(cart.ItemAdded, **ids, **product, **source, unit_price=1_000)

    def remove(self, item: str = "mug") -> None:
        self._of_cart(cart.ItemRemoved, item_id=named(f"{self.cart_id} {item}"))

    def apply(self, code: str) -> None:
        self._of_cart(cart.DiscountApplied, code=code, promotion_id=named(code))

    def offer_upsells(self, *upsells: tuple[UUID, UUID]) -> None:
        """Each by its offer and its own id."""
        proposed = tuple(ProposedUpsell(offer_id=of, upsell_id=upsell) for of, upsell in upsells)
        self._of_cart(cart.UpsellsOffered, upsells=proposed)

    def start(self, origin: Origin | None = None) -> None:
        """A checkout of its own, each time."""
        self.checkouts += 1
        sealed = {"personal": "sealed", "payment_token": "sealed", "payment_method": "card"}
        times = {"started_at": self.at, "expires_at": self.at + HOUR}
        who: dict[str, Any] = {"customer_id": "a-customer", "guest": False, "gateway": "simulated"}
        more: dict[str, Any] = {"cart_id": self.cart_id, "definition": 1, "origin": origin}
        self.tell(checkout.Started, self.checkout_id, **sealed, **times, **who, **more)

    def lock(self) -> None:
        totals = Totals(subtotal=1_000, discount=0, shipping=0, tax=0, total=1_000)
        sale = Sale(currency="USD", lines=(), totals=totals)
        reply = {"checkout_id": self.checkout_id, "step": "lock_cart"}
        self._of_cart(cart.Locked, **reply, session_id="s", lock_expires_at=self.at + HOUR, sale=sale)

    def hold(self) -> None:
        self._of_cart(cart.Held, checkout_id=self.checkout_id, step="hold_cart")

    def give_back(self) -> None:
        """The checkout failed."""
        reply = {"checkout_id": self.checkout_id, "step": "lock_cart"}
        self._of_cart(cart.Unlocked, **reply, reason="declined")
        failed = {"phase": "authorize_payment", "code": "PAYMENT_DECLINED", "detail": "no"}
        self.tell(checkout.Failed, self.checkout_id, cart_id=self.cart_id, **failed)

    def complete(self, total: int = 1_000) -> None:
        """The checkout that was started last."""
        self.tell(
            checkout.Completed,
            self.checkout_id,
            order_id=named(f"order {self.checkout_id}"),
            cart_id=self.cart_id,
            customer_id="a-customer",
            currency="USD",
            total=total,
        )

    def buy(self, total: int = 1_000) -> None:
        self.start()
        self.lock()
        self.hold()
        self.complete(total)

    def abandon(self, value: int = 1_000) -> None:
        self._of_cart(cart.Abandoned, currency="USD", value=value, items=1, last_activity_at=self.at)

    def remind(self, attempt: int) -> None:
        totals = Totals(subtotal=1_000, discount=0, shipping=0, tax=0, total=1_000)
        shown: dict[str, Any] = {"currency": "USD", "totals": totals, "lines": ()}
        due: dict[str, Any] = {"attempt": attempt, "customer_id": "c", "expires_at": self.at + HOUR}
        self._of_cart(cart.RecoveryDue, **due, **shown)

    def recover(self, by: str = "activity") -> None:
        self._of_cart(cart.Recovered, by=by)

    def expire(self) -> None:
        self._of_cart(cart.Expired)

    def merge_into(self, other: CartStory) -> None:
        merged: dict[str, Any] = {
            "guest_cart_id": self.cart_id,
            "into_cart_id": other.cart_id,
            "strategy": "merge",
        }
        self.merged = True
        self._of_cart(cart.Merged, **merged)
        other._of_cart(cart.Merged, **merged)

    def _of_cart(self, kind: type[Fact], **fields: Any) -> None:
        self.tell(kind, self.cart_id, **fields)
