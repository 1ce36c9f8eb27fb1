"""What `feira verify` copies of a log."""

import json
from collections.abc import Mapping
from hashlib import md5
from typing import Any
from uuid import UUID, uuid4

from devstack.databases import Database
from tests.support.database import execute
from verify.dataset.dataset import open_dataset
from verify.dataset.logs import copy_log

CHECKOUT = UUID(int=1)
ENTER = """
    INSERT INTO log (stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
                     correlation_id, causation_id, actor, recorded_at)
    VALUES ($1, $2, $3, 'fact', 'demo', 'checkout.events', $1, $4, 1, $5, 'c', 'c', 'tester', now())
"""


async def copied(database: Database, service: str, facts: Mapping[str, Any], prefix: str = "") -> list[Any]:
    """The bodies that are copied of facts of these types."""
    for version, (name, body) in enumerate(facts.items(), 1):
        row = (CHECKOUT, version, uuid4(), f"{prefix}{name}", json.dumps(body).encode())
        await execute(database.superuser_url, ENTER, *row)
    with open_dataset() as found:
        await copy_log(service, database.superuser_url, len(facts), found, lambda _: None)
        rows = found.sql.execute("SELECT json(body) FROM log ORDER BY position").fetchall()
    return [json.loads(it[0]) for it in rows]


async def test_of_what_a_checkout_did_the_steps_are_copied_and_not_their_results(database: Database) -> None:
    results = {"sale": {"lines": []}, "email": "ann@example.test"}
    facts: dict[str, dict[str, Any]] = {
        "started": {"personal": "sealed", "payment_token": "sealed", "customer_id": "ann", "cart_id": "c"},
        "step_started": {"step": "lock_cart", "attempt": 1},
        "step_completed": {"step": "lock_cart", "data": results},
        "advanced": {
            "begun": ["confirm_price"],
            "done": [{"step": "reserve_stock", "data": results}, {"step": "reserve_promotions", "data": {}}],
            "refused": None,
            "undone": [],
        },
        "compensation_started": {"phase": "confirm_price", "undoing": ["reserve_stock", "lock_cart"]},
    }
    assert await copied(database, "checkout-saga", facts, "checkout.") == [
        {"cart_id": "c"},
        facts["step_started"],
        {"step": "lock_cart"},
        facts["advanced"] | {"done": [{"step": "reserve_stock"}, {"step": "reserve_promotions"}]},
        facts["compensation_started"],
    ]


async def test_of_the_catalogue_that_is_copied_which_sales_are_worked_out_from(database: Database) -> None:
    prices = [{"amount": 1999, "currency": "USD"}]
    price = {"currency": "USD", "base": 6900}
    rate = {"country": "PT", "rate": "23", "inclusive": False, "name": "IVA"}
    discount = {"rule_id": "r", "promotion_id": "p", "reward": {"type": "percentage", "value": "10"}}
    person = {"customer_id": "ann", "referrer_id": "bob"}
    facts: dict[str, dict[str, Any]] = {
        "product.created": {"details": {"prices": prices, "metadata": {"k": "v"}, "name": "A mug"}},
        "offer.created": {"details": {"price": price, "description": "Long", "layout": {}}},
        "tax_rate.set": rate,
        "referral.applied": {"snapshots": [{**person, "discounts": [{**discount, "code": "r-ann"}]}]},
    }
    assert await copied(database, "offer", facts) == [
        {"details": {"prices": prices}},
        {"details": {"price": price}},
        rate,
        {"discounts": [discount]},
    ]


async def test_of_a_link_the_ids_are_copied_as_hashes(database: Database) -> None:
    ids = {"customer_id": "ann", "guest_id": "guest"}
    row = (uuid4(), 1, uuid4(), "customer.linked", json.dumps(ids).encode())
    await execute(database.superuser_url, ENTER, *row)
    with open_dataset() as found:
        await copy_log("checkout-saga", database.superuser_url, 1, found, lambda _: None)
        ((account, body),) = found.sql.execute("SELECT customer, json(body) FROM log").fetchall()
    assert (account, json.loads(body)) == (_hash("ann"), {"guest": _hash("guest")})


def _hash(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
