# ruff: noqa: S608 - statements put together of our own words
"""Violations to plant into the dataset's tables of money."""

from tests.end_to_end.verify.plants import ABSENT, DECLINED, SOLD, UNKNOWN, first, plant, renamed, rewritten


def entry(payment: str, operation: str, status: str, amount: str = "700", currency: str = "'USD'") -> str:
    """One more entry of the gateway's ledger, under an unknown key."""
    return f"""
        INSERT INTO operation SELECT merchant, 'planted ' || '{operation}', '{operation}', payment_id,
               1000000, '{status}', NULL, {amount}, {currency}, 'planted'
        FROM payment WHERE payment_id = ({payment});
    """


PAID_CHECKOUT = "(SELECT checkout_id FROM log WHERE type = 'payment.captured' LIMIT 1)"
LOCKED = f"type = 'cart.locked' AND checkout_id = {PAID_CHECKOUT}"
BOUGHT = f"type = 'checkout.started' AND stream_id = {PAID_CHECKOUT}"
UPSELL = "json_object('kind', 'upsell', 'order_id', 'o', 'upsell_id', 'u', 'attempt', 1)"
TAKEN = "SELECT payment_id FROM payment WHERE authorized = 700 AND captured = 700"

MONEY = (
    plant(
        "a capture for a checkout that was never begun",
        "M1",
        f"INSERT INTO payment VALUES ('demo', {UNKNOWN}, {ABSENT}, 'captured', 'USD', 700, 700, 0);"
        + entry(UNKNOWN, "authorize", "authorized")
        + entry(UNKNOWN, "capture", "captured"),
    ),
    plant(
        "a capture for a checkout that failed",
        "M1 M6 L3",
        "UPDATE payment SET status = 'captured', authorized = 700, captured = 700"
        f" WHERE payment_id = ({DECLINED});"
        + entry(TAKEN, "authorize", "authorized")
        + entry(TAKEN, "capture", "captured"),
    ),
    plant("a second capture of one payment", "M2 M6", entry(SOLD, "capture", "captured", amount="captured")),
    plant(
        "a capture beyond its authorization",
        "M2 M6",
        f"UPDATE operation SET amount = 1 WHERE operation = 'authorize' AND payment_id = ({SOLD});",
    ),
    plant(
        "a standing order that the gateway was never paid for",
        "M3 M4 M6 L3",
        f"UPDATE payment SET status = 'authorized', captured = 0 WHERE payment_id = ({SOLD});"
        f"DELETE FROM operation WHERE operation = 'capture' AND payment_id = ({SOLD});",
    ),
    plant(
        "the order of a failed checkout that was left standing",
        "M3 P1",
        renamed("type = 'order.cancelled'"),
    ),
    plant(
        "an order that was handed over and then paid for",
        "E2 M3",
        "".join(
            f"UPDATE {table} SET version = 5 - version"
            " WHERE version IN (2, 3) AND type IN ('order.paid', 'order.fulfilled') AND stream_id IN"
            f" (SELECT stream_id FROM {table} WHERE version = 3 AND type = 'order.fulfilled');"
            for table in ("record", "log")
        ),
    ),
    plant("a payment that was captured and voided", "M4 M6", entry(SOLD, "void", "voided")),
    plant(
        "money that is held for a checkout that has failed",
        "M4",
        "UPDATE payment SET status = 'authorized' WHERE status = 'declined';",
    ),
    plant(
        "more given back than was taken",
        "M5 M6",
        entry(SOLD, "refund", "refunded", amount="1000000"),
    ),
    plant(
        "an entry that names another reference than ours",
        "M6",
        "UPDATE operation SET reference = 'another' WHERE status = 'captured';",
    ),
    plant(
        "a payment that says another sum than its entries",
        "M6 L3",
        f"UPDATE payment SET refunded = refunded + 1 WHERE payment_id = ({SOLD});",
    ),
    plant(
        "a refund of the order that the gateway does not know",
        "M6 O2",
        rewritten("$.amount", "1", first("order.refunded")),
    ),
    plant(
        "a refund whose shares give back more of a line than was charged for it",
        "O2 P3",
        rewritten("$.allocation[0].amount", "1000000", first("order.refunded")),
    ),
    plant(
        "a refund that has not ended, and that nothing asks for",
        "O3 L2",
        rewritten("$.refund_id", ABSENT, first("order.refunded")),
    ),
    plant(
        "a refund that the gateway has done besides what an operator has said of it",
        "M6 P1",
        renamed(first("order.refund_requested"), "order.refund_resolved")
        + "UPDATE operation SET reference = 'another' WHERE key LIKE '%:refund:' || ("
        "SELECT json_extract(body, '$.refund_id') FROM log WHERE type = 'order.refund_resolved') || ':%';",
    ),
    plant(
        "a refund that was paid twice, and is in no operator's list",
        "O3 P1",
        renamed(first("order.refund_requested"), "order.refund_paid_twice"),
    ),
    plant(
        "a cent that is missing in the ledger",
        "L1",
        "UPDATE ledger_entry SET amount = amount + 1 WHERE rowid ="
        " (SELECT min(rowid) FROM ledger_entry WHERE account = 'sales.items');",
    ),
    plant(
        "money that the ledger holds though it was captured",
        "L2",
        "DELETE FROM ledger_entry WHERE type = 'payment.captured' AND account LIKE 'holds%';",
    ),
    plant(
        "a refund that the ledger does not owe",
        "L2",
        "DELETE FROM ledger_entry WHERE type = 'order.refund_requested';",
    ),
    plant(
        "captured money that the ledger leaves in clearing",
        "L2",
        "DELETE FROM ledger_entry WHERE type = 'order.paid';",
    ),
    plant(
        "a refund of the gateway that the ledger says the bank has paid",
        "L3",
        "UPDATE ledger_entry SET account = 'bank'"
        " WHERE type = 'payment.refunded' AND account LIKE 'gateway.%';",
    ),
    plant(
        "a line that the order counts as handed over, and that waits for the shop",
        "F1",
        renamed(first("fulfillment.succeeded"), "fulfillment.pending"),
    ),
    plant(
        "a line of goods that is under way, and that nothing tries",
        "F1 F2",
        renamed(first("fulfillment.succeeded"), "fulfillment.requested"),
    ),
    plant(
        "a shipment with more units than were sold",
        "F2",
        rewritten("$.units[0].quantity", "1000", first("shipment.dispatched")),
    ),
    plant(
        "a product's revenue that is off by a cent",
        "P3",
        "UPDATE product_revenue SET revenue = revenue + 1"
        " WHERE rowid = (SELECT min(rowid) FROM product_revenue);",
    ),
    plant(
        "a cart that was locked for more than it had shown",
        "O4",
        rewritten("$.shown", "1", first("cart.locked")),
    ),
    plant(
        "an order for more than its cart was locked for",
        "B1 O4",
        rewritten("$.sale.totals.total", "1", LOCKED) + rewritten("$.shown", "1", LOCKED),
    ),
    plant(
        "an order of another line than its cart was locked with",
        "O4",
        rewritten(
            "$.sale.lines[0].line_id", ABSENT, f"type = 'order.created' AND checkout_id = {PAID_CHECKOUT}"
        ),
    ),
    plant(
        "an order for more than was agreed to",
        "O4",
        rewritten("$.expected_total", """json('{"amount": 1, "currency": "USD"}')""", BOUGHT),
    ),
    plant(
        "an order for another place than was named",
        "O4",
        rewritten("$.destination", """json('{"country": "PT"}')""", BOUGHT),
    ),
    plant(
        "an upsell that was never proposed to the order after which it was bought",
        "O5",
        rewritten("$.origin", UPSELL, f"type = 'order.created' AND checkout_id = {PAID_CHECKOUT}"),
    ),
    plant(
        "an upsell that two checkouts bought",
        "O5",
        rewritten("$.origin", UPSELL, "type = 'checkout.started'"),
    ),
    plant(
        "an order that was paid something else",
        "M6 O1",
        rewritten("$.amount", "1", first("order.paid")),
    ),
)
