"""What `feira verify` copies of a log."""

import json
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
    for version, (name, body) in enumerate(facts.items(), 1):
        row = (CHECKOUT, version, uuid4(), f"checkout.{name}", json.dumps(body).encode())
        await execute(database.superuser_url, ENTER, *row)
    with open_dataset() as found:
        await copy_log("checkout-saga", database.superuser_url, len(facts), found, lambda _: None)
        copied = found.sql.execute("SELECT json(body) FROM log ORDER BY position").fetchall()
    assert [json.loads(it[0]) for it in copied] == [
        {"cart_id": "c"},
        facts["step_started"],
        {"step": "lock_cart"},
        facts["advanced"] | {"done": [{"step": "reserve_stock"}, {"step": "reserve_promotions"}]},
        facts["compensation_started"],
    ]
