"""Export of one checkout as JSON without personal data, for replay in the simulation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias
from uuid import UUID

from cli.database import connected
from cli.errors import StackError
from contracts.topology import READING_ORDER
from kernel.ids import derive_id

FORMAT = "feira.saga/1"
LOGS = READING_ORDER
"""The checkout's own log first: the other logs are searched for what follows from it."""
DERIVED_STREAMS = ("order", "payment", "reservation", "redemption", "price", "cart lock")
"""The other streams of a checkout; their ids are derived from the checkout's id and these names."""

STREAMS = """
    SELECT position, kind, stream_id, version, type, schema_version, key, tenant, recorded_at, body FROM log
    WHERE stream_id = ANY($1) ORDER BY position
"""
COMMANDS = """
    SELECT position, kind, stream_id, version, type, schema_version, key, tenant, recorded_at, body FROM log
    WHERE position >= $1 AND kind = 'command' AND key = ANY($2)
      AND convert_from(body, 'UTF8')::jsonb ->> 'checkout_id' = $3
    ORDER BY position
"""
TIMERS = """
    SELECT subject, kind, due_at, payload::text, attempts FROM timers
    WHERE subject = ANY($1) OR payload ->> 'order_id' = $2 ORDER BY due_at, kind
"""
NOW = "SELECT now() + shift FROM clock"
"""The services' time. ``feira_now()`` would not do: this connection is not one of an environment."""

KEPT_FIELDS = frozenset(
    {
        *("begun", "cart_id", "cart_status", "cart_type", "checkout_id", "code", "currency", "digest"),
        *("expires_at", "gateway", "held_by", "item_id", "key", "kind", "line_id", "lock_expires_at", "name"),
        *("number", "offer_id", "operation", "order_id", "outcome", "payment_id", "payment_method", "phase"),
        *("priced_at", "product_id", "product_ids", "product_type", "promotion_id", "promotion_ids"),
        *("refund_id", "result", "rounding_mode", "sku", "started_at", "step", "steps", "tax_rounding"),
        *("campaign_id", "country", "experiment_id", "exposure_id", "option_id", "plan_id", "region"),
        *("add_on_id", "undoing", "undone", "upsell_id", "variant_id"),
        *("action", "method", "reason_code", "stage", "status", "type", "waiting_for"),
        *("decision", "mode", "removed_lines"),
    }
)
"""Text fields that are exported unchanged. All others may contain personal data."""
ID_FIELDS = frozenset(
    {
        *(
            "about",
            "account_id",
            "add_on_id",
            "address",
            "after",
            "attribution_id",
            "bought_any",
            "bought_none",
            "channel_id",
            "course_ids",
            "declined_any",
            "failed",
        ),
        *("flow_id", "guest_cart_id", "into_cart_id", "last_cart_id", "offer_ids", "program_id"),
        *("rate_id", "request_id", "required_products", "restock_id", "return_id", "reward_id", "rule_id"),
        *("rule_ids", "secrets_id", "shipment_id", "step_id", "subscription_id", "variant_of", "winner"),
        *("cart_address", "customer", "device", "instrument", "values"),
    }
)
"""Fields that are ids in some messages, and may be text in others: exported unchanged if they are UUIDs.
These are ids of Feira's own, never of a person; the last ones are pseudonyms in a screening."""
PSEUDONYMISED_FIELDS = frozenset({"customer_id", "session_id"})
EMPTIED_FIELDS = frozenset({"metadata", "options"})
REMOVED = "removed"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
"""A time with its zone, as messages and timers write it. A date alone, such as a day of birth, is none."""
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Redactor:
    """Removes personal data. Ids of persons are replaced by pseudonyms, equal for equal ids."""

    def __init__(self) -> None:
        self._people: dict[str, str] = {}

    def body(self, value: Any, name: str = "") -> Any:
        match value:
            case dict() if name in EMPTIED_FIELDS:
                return {}
            case dict():
                return {key: self.body(it, key) for key, it in value.items()}
            case list():
                return [self.body(it, name) for it in value]
            case str() if name in PSEUDONYMISED_FIELDS:
                return self._people.setdefault(value, f"person-{len(self._people) + 1}")
            case str() if name not in KEPT_FIELDS and not _is_typed(value, name):
                return REMOVED
        return value


def _is_typed(value: str, name: str) -> bool:
    """Whether the text is a time, or an id where ids are expected: it must remain one for the message to be
    read again, and it says nothing about a person."""
    return bool(TIME.fullmatch(value)) or (name in ID_FIELDS and bool(ID.fullmatch(value)))


Rows: TypeAlias = "Sequence[Mapping[str, Any]]"


async def export(databases: Mapping[str, str], checkout_id: UUID) -> dict[str, Any]:
    """Read the checkout's rows and timers from all logs, checkout-saga first. Raises ``StackError``."""
    order_id = str(derive_id(checkout_id, DERIVED_STREAMS[0]))
    streams = [checkout_id, *(derive_id(checkout_id, it) for it in DERIVED_STREAMS)]
    rows: dict[str, Rows] = {}
    timers: dict[str, Rows] = {}
    async with connected(LOGS[0], databases[LOGS[0]]) as connection:
        now: datetime = await connection.fetchval(NOW)
        own = [dict(it) for it in await connection.fetch(STREAMS, streams)]
        cart_id, begun = _started(own, checkout_id)
        asked = await connection.fetch(COMMANDS, begun, [checkout_id, cart_id], str(checkout_id))
        rows[LOGS[0]] = sorted([*own, *map(dict, asked)], key=itemgetter("position"))
        timers[LOGS[0]] = [dict(it) for it in await connection.fetch(TIMERS, streams, order_id)]
    for service in LOGS[1:]:
        async with connected(service, databases[service]) as connection:
            theirs = [*streams, cart_id]
            rows[service] = [dict(it) for it in await connection.fetch(STREAMS, theirs)]
            timers[service] = [dict(it) for it in await connection.fetch(TIMERS, theirs, order_id)]
    return saga_file(checkout_id, now, rows, timers)


def saga_file(
    checkout_id: UUID,
    now: datetime,
    rows: Mapping[str, Rows],
    timers: Mapping[str, Rows],
) -> dict[str, Any]:
    """The export. ``rows`` and ``timers`` are the database rows by service."""
    redactor = Redactor()
    return {
        "form": FORMAT,
        "checkout_id": str(checkout_id),
        "tenant": rows[LOGS[0]][0]["tenant"],
        "now": now.isoformat(),
        "messages": [
            {
                "service": service,
                "kind": it["kind"],
                "type": it["type"],
                "stream_id": str(it["stream_id"]),
                "version": it["version"],
                "key": str(it["key"]),
                "schema_version": it["schema_version"],
                "recorded_at": it["recorded_at"].isoformat(),
                "body": redactor.body(json.loads(it["body"])),
            }
            for service, found in rows.items()
            for it in found
        ],
        "timers": [
            {
                "service": service,
                "subject": str(it["subject"]),
                "kind": it["kind"],
                "due_at": it["due_at"].isoformat(),
                "attempts": it["attempts"],
                "payload": redactor.body(json.loads(it["payload"])),
            }
            for service, found in timers.items()
            for it in found
        ],
    }


def _started(found: Rows, checkout_id: UUID) -> tuple[UUID, int]:
    """The checkout's cart id, and the log position of its start."""
    for it in found:
        if it["stream_id"] == checkout_id and it["type"] == "checkout.started":
            return UUID(json.loads(it["body"])["cart_id"]), it["position"]
    raise StackError(f"There is no checkout {checkout_id}.")
