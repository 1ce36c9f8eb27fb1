"""An order with all that belongs to it; who has bought it is for the shop's own services and people alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import BaseModel

from checkout_saga.fulfillment.domain.shipment import Shipment
from checkout_saga.orders.domain.goods_return import GoodsReturn
from checkout_saga.orders.schemas.returns import ReturnView, show_return
from checkout_saga.orders.schemas.shipments import ShipmentView, show_shipment
from checkout_saga.orders.schemas.upsells import UpsellView
from checkout_saga.orders.schemas.views import OrderView, show_order
from checkout_saga.orders.use_cases.reading import OrderWithPayment
from kernel.http.descriptions import Word, euros


class BuyerView(BaseModel):
    email: str
    name: str | None = None


class AddressView(BaseModel):
    name: str | None = None
    line1: str
    line2: str | None = None
    postal_code: str | None = None
    district: str | None = None
    city: str | None = None
    region: str | None = None
    country: str


class InstrumentView(BaseModel):
    brand: str | None = None
    last4: str | None = None


class OrderDetailsView(OrderView):
    returns: list[ReturnView]
    shipments: list[ShipmentView]
    customer: BuyerView | None = None
    billing_address: AddressView | None = None
    shipping_address: AddressView | None = None
    instrument: InstrumentView | None = None


PERSONAL = frozenset({"customer", "billing_address", "shipping_address", "instrument"})


class OrderDetails(NamedTuple):
    """``personal`` and ``instrument`` are decrypted. ``personal`` is None where the caller may not see it,
    and empty where it is not known any more. ``upsells``: with their tokens for those who may buy."""

    found: OrderWithPayment
    returns: Sequence[GoodsReturn]
    shipments: Sequence[Shipment]
    upsells: list[UpsellView]
    personal: Mapping[str, Any] | None
    instrument: Mapping[str, Any]

    @property
    def version(self) -> int:
        return self.found.version


def show_details(details: OrderDetails, now: datetime) -> Mapping[str, Any]:
    person = details.personal or {}
    order = show_order(details.found, now).model_copy(update={"upsells": details.upsells})
    view = OrderDetailsView(
        **order.model_dump(),
        returns=[show_return(it, now) for it in details.returns],
        shipments=[show_shipment(it, now) for it in details.shipments],
        customer=BuyerView(**_known(BuyerView, person["customer"])) if "customer" in person else None,
        billing_address=_address(person.get("billing_address")),
        shipping_address=_address(person.get("shipping_address")),
        instrument=InstrumentView(**details.instrument) if details.instrument else None,
    )
    return view.model_dump(mode="json", exclude=None if details.personal is not None else set(PERSONAL))


def _address(given: Mapping[str, Any] | None) -> AddressView | None:
    return AddressView(**_known(AddressView, given)) if given else None


def _known(view: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is kept of a person, what is shown here."""
    return {name: it for name, it in values.items() if name in view.model_fields}


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "OrderDetailsView": Word(
            "An order with its payments, refunds, returns and shipments. The roles service and admin see also"
            " who has bought it; what an erasure has made unreadable is null."
        ),
        "OrderDetailsView.status": Word(
            "created, paid, fulfilled, partially_fulfilled, failed, refunded or cancelled.", "paid"
        ),
        "OrderDetailsView.shipping": Word("The chosen way of shipping; null if nothing is shipped."),
        "OrderDetailsView.refundable": Word("What can still be refunded in all.", euros(1800)),
        "returns": Word("The order's returns, oldest first: the first 100."),
        "shipments": Word("The order's shipments, oldest first: the first 100."),
        "OrderDetailsView.customer": Word("Who has bought it."),
        "BuyerView": Word("Who has bought an order."),
        "BuyerView.email": Word("The e-mail address.", "ana@example.com"),
        "BuyerView.name": Word("The name, if it is known.", "Ana Silva"),
        "list_orders.status": Word("The status of the orders; the list is at most a second behind.", "paid"),
        "AddressView.name": Word("Who lives there.", "Ana Silva"),
        "AddressView": Word("A postal address, as the checkout named it."),
        "instrument": Word("What it was paid with, if the provider tells."),
        "InstrumentView": Word("What an order was paid with."),
        "brand": Word("The brand of the card.", "visa"),
        "last4": Word("Its last digits.", "4242"),
    }
)
