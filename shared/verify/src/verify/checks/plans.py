"""Products of subscription plans: they follow the plan's terms."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from verify.check import Check, Row, ViolationQuery
from verify.dataset.dataset import Dataset

FACTS = """
    SELECT stream_id, tenant, type, body FROM log
    WHERE type IN ('plan.created', 'plan.changed', 'plan.product_joined', 'plan.product_left',
                   'product.created', 'product.changed')
    ORDER BY tenant, stream_id, version
"""


def products(dataset: Dataset) -> Iterator[Row]:
    """What the last facts say, folded independently of the offer service's code."""
    terms: dict[str, list[Any]] = {}
    plans: defaultdict[str, set[str]] = defaultdict(set)
    """Those that have the product, by product."""
    details: dict[str, dict[str, Any]] = {}
    tenants: dict[str, str] = {}
    for row in dataset.sql.execute(FACTS):
        stream, body = row["stream_id"], json.loads(row["body"])
        match row["type"]:
            case "plan.created" | "plan.changed":
                terms[stream] = _prices(body["terms"])
            case "plan.product_joined":
                plans[body["product_id"]].add(stream)
                tenants[body["product_id"]] = row["tenant"]
            case "plan.product_left":
                plans[body["product_id"]].discard(stream)
            case _:
                details[stream], tenants[stream] = body["details"], row["tenant"]
    for product_id, tenant in tenants.items():
        known = details.get(product_id, {})
        named = known.get("plan_id")
        follows = named is None or _prices(known) == terms.get(named)
        if plans[product_id] != ({named} if named else set()) or not follows:
            yield {
                "tenant": tenant,
                "product_id": product_id,
                "plan_id": named,
                "of_plans": ", ".join(sorted(plans[product_id])),
                "prices": json.dumps(known.get("prices")),
            }


def _prices(of: dict[str, Any]) -> list[Any]:
    return sorted(
        [it["currency"], it["amount"], it.get("region") or "", it.get("segment") or ""] for it in of["prices"]
    )


C6 = Check(
    "C6",
    "A product of a subscription plan has the plan's prices, and the plan has it among its products.",
    "SELECT count(*) FROM log WHERE type = 'plan.product_joined'",
    (ViolationQuery("it does not follow its plan", products),),
)

CHECKS = (C6,)
