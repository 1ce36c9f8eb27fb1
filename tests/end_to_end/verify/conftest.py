"""A shop with every kind of checkout, and the result of `feira verify`."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
from rich.console import Console

from kernel.messaging.connection import KafkaConnection
from tests.end_to_end.funnel import open_funnel
from tests.end_to_end.plans import monthly_plan
from tests.end_to_end.shop_client import Json, Shop
from tests.support.stack import PROGRAM, RunningStack, running_stack
from verify.dataset.dataset import Dataset, open_dataset
from verify.dataset.topics import open_topics
from verify.progress import Progress
from verify.quiescence import wait_for_quiescence
from verify.rebuilds import Rebuilds
from verify.run import all_results, gather

Result: TypeAlias = "tuple[int, Json]"
Verify: TypeAlias = "Callable[..., Result]"
SETTLE = 20.0
PAGE = 100
"""Small, so that everything is read in many pages."""


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack of its own, so that the history holds only these purchases."""
    with running_stack(tmp_path_factory.mktemp("verified"), {"FEIRA_SNAPSHOT_FACTS": "2"}) as running:
        yield running


@pytest.fixture(scope="package")
def shop(stack: RunningStack) -> Iterator[Shop]:
    with Shop(stack.addresses.urls) as shop:
        yield shop


@pytest.fixture(scope="package")
def history(shop: Shop) -> Shop:
    """Sold, free, refunded, taken back into stock, failed in every way, cancelled, waiting for its customer,
    sent back by its customer, with seats of a licence, a certificate, a file and a subscription,
    sold by an offer with a campaign, an experiment and a referral, and sold with shipping and tax; for two
    tenants."""
    for tenant in ("demo", "rival"):
        of_tenant = shop.of(tenant)
        counted, unlimited = of_tenant.product(1999, on_hand=10), of_tenant.product(500)
        for token in ("tok_ok", "tok_flaky", "tok_declined", "tok_capture_fails"):
            of_tenant.buy(
                of_tenant.cart((counted, 1), (unlimited, 2), code=of_tenant.code(10, total=5)), token
            )
        order = of_tenant.buy(of_tenant.cart((unlimited, 1)))["order_id"]
        refund = {"reason": "came back", "amount": 100}
        path = f"/v1/orders/{order}/refunds"
        of_tenant.post("checkout-saga", path, "admin", refund, Idempotency_Key=order)
        take_back(of_tenant)
        send_back(of_tenant)
        give_seats(of_tenant)
        certify(of_tenant)
        bought_line(of_tenant, "digital_product", 1, asset="a.pdf")
        bought_line(of_tenant, "subscription", 1, plan_id=monthly_plan(of_tenant, 700)["plan_id"])
        of_tenant.buy(of_tenant.cart((of_tenant.product(0), 1)))
        of_tenant.buy(of_tenant.cart((counted, 10)))
        of_tenant.try_checkout(of_tenant.cart())
        cancelled = of_tenant.buy(of_tenant.cart((counted, 1)), "tok_action")["checkout_id"]
        of_tenant.post("checkout-saga", f"/v1/checkouts/{cancelled}/cancel")
        of_tenant.settled(cancelled)
        of_tenant.buy(of_tenant.cart((counted, 1)), "tok_action")
        funnel = open_funnel(of_tenant)
        for customer, token in (("a buyer", "tok_ok"), ("a buyer without money", "tok_declined")):
            funnel.refer(customer)
            funnel.buy(funnel.fill_cart(customer), token)
        buy_abroad(of_tenant)
    return shop


def take_back(shop: Shop) -> None:
    """Sell two units and refund one, which goes back into stock."""
    product = shop.product(300, on_hand=5)
    order = shop.buy(shop.cart((product, 2)))["order_id"]
    (line,) = shop.get("checkout-saga", f"/v1/orders/{order}")["lines"]
    units = [{"line_id": line["line_id"], "quantity": 1}]
    refund = {"reason": "came back", "lines": units, "restock": True}
    shop.post("checkout-saga", f"/v1/orders/{order}/refunds", "admin", refund, Idempotency_Key=order)
    shop.until(lambda: {"stock": shop.stock(product)}, lambda it: it["stock"] == (4, 0))


def bought_line(
    shop: Shop, type_: str, quantity: int, on_hand: int | None = None, **fields: str
) -> tuple[Json, str]:
    """The order of so many units of a new product, and the id of its line, once it was handed over."""
    product = shop.product(700, on_hand=on_hand, type=type_, **fields)
    path = f"/v1/orders/{shop.buy(shop.cart((product, quantity)))['order_id']}"
    order = shop.until(lambda: shop.get("checkout-saga", path), lambda it: it["status"] == "fulfilled")
    return order, order["lines"][0]["line_id"]


def send_back(shop: Shop) -> None:
    """Of three units of goods one is sent back and refunded, and one is on its way back."""
    order, line_id = bought_line(shop, "physical_product", 3, on_hand=5)
    unit = {"line_id": line_id, "quantity": 1}
    asked = {"lines": [{**unit, "reason_code": "defective"}]}
    paths = []
    for _ in range(2):
        wanted = shop.post("checkout-saga", f"/v1/orders/{order['order_id']}/returns", body=asked)
        paths.append(f"/v1/returns/{wanted['return_id']}")
        shop.post("checkout-saga", f"{paths[-1]}/approve", "admin")
    back = {"lines": [{**unit, "condition": "sellable"}]}
    shop.post("checkout-saga", f"{paths[0]}/receive", "admin", back)
    shop.until(lambda: shop.get("checkout-saga", paths[0], "admin"), lambda it: it["status"] == "closed")


def give_seats(shop: Shop) -> None:
    """Of three seats one is taken, and one is offered."""
    order, _ = bought_line(shop, "team_license", 3)
    path = f"/v1/licenses/{order['lines'][0]['fulfillment']['reference']}/seats"
    seats = [
        shop.post("checkout-saga", path, "admin", {"email": f"{it}@example.com"}) for it in ("ben", "eve")
    ]
    accept = f"{path}/{seats[0]['seat_id']}/accept"
    shop.post("checkout-saga", accept, "admin", {"customer_id": f"ben-{order['order_id']}"})


def certify(shop: Shop) -> None:
    order, _ = bought_line(shop, "certification", 1)
    reference = order["lines"][0]["fulfillment"]["reference"]
    shop.post("checkout-saga", f"/v1/certifications/{reference}/issue", "admin")


def buy_abroad(shop: Shop) -> None:
    """Ship goods to a destination with a tax. The rate goes afterwards: while a tenant has any, goods are
    sold to known destinations alone."""
    place = {"country": "PT", "region": "11"}
    shop.post("offer", "/v1/tax-rates", "admin", {**place, "rate": 23, "inclusive": False, "name": "IVA"})
    rate = {"name": "Post", "currency": "USD", "countries": ["PT"], "brackets": [{"amount": 490}]}
    rate_id = shop.post("offer", "/v1/shipping-rates", "admin", rate)["rate_id"]
    cart = shop.cart((shop.sold(1_001), 3))
    path = f"/v1/carts/{cart['cart_id']}/shipping-address"
    shop.until(
        lambda: dict(shop.call("PUT", "cart", path, body=place).json()),
        lambda it: "shipping" in it and bool(it["totals"]["tax"]["amount"]),
    )
    address = {"line1": "Rua Nova 1", "city": "Lisbon", "postal_code": "1100-001", **place}
    assert shop.buy(cart, more={"shipping_address": address})["status"] == "completed"
    shop.call("DELETE", "offer", f"/v1/shipping-rates/{rate_id}", "admin")
    nowhere = shop.cart((shop.sold(1), 1))
    shop.until(lambda: {"is_taken": shop.try_checkout(nowhere).is_success}, lambda it: bool(it["is_taken"]))


@pytest.fixture(scope="package")
def verify(stack: RunningStack) -> Verify:
    """Run the command: its exit code and its JSON output."""

    def run(*options: str) -> Result:
        command = (PROGRAM, "verify", "--json", "--page", str(PAGE), *options)
        done = subprocess.run(command, env=stack.environment, capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return run


@pytest.fixture(scope="package")
async def gathered(history: Shop, stack: RunningStack) -> AsyncIterator[Dataset]:
    """The dataset of the running stack, before anything is derived."""
    addresses = stack.addresses
    with open_dataset() as found, Progress(Console(quiet=True)) as silent:
        async with open_topics(KafkaConnection(addresses.kafka)) as source:
            await wait_for_quiescence(addresses.databases, source, SETTLE, silent.say)
            rebuilds = Rebuilds(addresses.urls["projections"], "demo-ops")
            await asyncio.to_thread(rebuilds.begin)
            await gather(addresses, source, found, silent, PAGE)
        found.add("read_model_type", rebuilds.types())
        found.sql.commit()
        yield found


@contextmanager
def copied(original: Dataset, path: Path) -> Iterator[Dataset]:
    copy = Dataset(path)
    original.sql.backup(copy.sql)
    try:
        yield copy
    finally:
        copy.close()


def broken(found: Dataset) -> dict[str, list[Json]]:
    """The violating rows by check."""
    found.derive()
    with Progress(Console(quiet=True)) as silent:
        results = all_results(found, silent)
    return {it.check: [dict(row) for row in it.rows] for it in results if it.violations}


def changed(found: sqlite3.Connection, statements: str) -> int:
    """How many rows the statements have changed."""
    before = found.total_changes
    found.executescript(statements)
    return found.total_changes - before
