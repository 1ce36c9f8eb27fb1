# ruff: noqa: S608 - statements put together of our own words
"""Violations to plant into a correct dataset, each with exactly the checks that must find it."""

from __future__ import annotations

from typing import NamedTuple


class Plant(NamedTuple):
    what: str
    caught_by: frozenset[str]
    sql: str


def plant(what: str, caught_by: str, sql: str) -> Plant:
    return Plant(what, frozenset(caught_by.split()), sql)


SOLD = "SELECT payment_id FROM operation WHERE status = 'captured' ORDER BY number LIMIT 1"
DECLINED = "SELECT payment_id FROM payment WHERE status = 'declined' LIMIT 1"
WAITING = """
    SELECT stream_id FROM log WHERE type = 'checkout.action_required' AND stream_id NOT IN (
        SELECT stream_id FROM log WHERE type IN ('checkout.compensation_started', 'checkout.completed'))
    LIMIT 1
"""
DEADLINES = "('checkout.started', 'checkout.deadline_moved')"
WITHOUT_DEADLINE_TIMERS = "UPDATE timer SET kind = 'confirm' WHERE kind = 'checkout_deadline';"
"""Their checkouts still have a timer."""
FAILED = "SELECT stream_id FROM log WHERE type = 'checkout.failed' ORDER BY position LIMIT 1"
UNDONE = """
    SELECT stream_id FROM log
    WHERE (type = 'checkout.step_compensation_started' AND json_extract(body, '$.step') = 'reserve_stock')
       OR (type = 'checkout.compensation_started' AND json_extract(body, '$.undoing') LIKE '%reserve_stock%')
    LIMIT 1
"""
LONG_AGO, FAR_AHEAD = "'2020-01-01T00:00:00Z'", "'2999-01-01T00:00:00Z'"
UNKNOWN = "'00000000-0000-4000-8000-000000000001'"
ABSENT = "'00000000-0000-4000-8000-000000000002'"


def renamed(where: str, to: str = "another.thing") -> str:
    """Hide these facts, in the log and on the topic, by another type."""
    return f"""
        UPDATE record SET type = '{to}' WHERE (stream_id, version) IN (
            SELECT stream_id, version FROM log WHERE {where});
        UPDATE log SET type = '{to}' WHERE {where};
    """


def rewritten(path: str, value: str, where: str) -> str:
    """Replace a value in the body of a fact."""
    return f"UPDATE log SET body = json_set(body, '{path}', {value}) WHERE {where};"


def first(type_: str) -> str:
    return f"(service, position) = (SELECT service, position FROM log WHERE type = '{type_}' LIMIT 1)"


def recorded(number: int, type_: str, body: str, checkout: str = "NULL") -> str:
    """Add a fact of the offer service, with this number in a stream of its own. ``body`` is SQL."""
    fact_id = f"'00000000-0000-4000-8000-0000000001{number:02}'"
    return f"""
        INSERT INTO log SELECT 'offer', {1_000_000 + number}, {ABSENT}, {number}, {fact_id}, 'fact', tenant,
               'offer.events', {ABSENT}, '{type_}', {UNKNOWN}, recorded_at, x'00', {checkout}, NULL, {body}
        FROM log WHERE {first("order.created")};
    """


def moved_deadline(to: str) -> str:
    """Add to the waiting checkout the fact that its deadline was moved. ``to`` is SQL."""
    return added_last(
        "checkout.deadline_moved", WAITING, f"json_object('expires_at', {to}, 'why', 'payment')"
    )


def added_last(type_: str, stream: str, body: str) -> str:
    """Add a fact at the end of a stream. ``stream`` and ``body`` are SQL."""
    return f"""
        INSERT INTO log SELECT service, 1000000, stream_id, version + 1, {ABSENT}, 'fact', tenant, topic, key,
               '{type_}', {UNKNOWN}, recorded_at, x'00', checkout_id, NULL, {body}
        FROM log WHERE stream_id = ({stream}) ORDER BY version DESC LIMIT 1;
    """


def details(name: str, value: str) -> str:
    return f"json_object('details', json_object('{name}', json_object({value})))"


REFUNDED = "FROM log WHERE type = 'order.refunded' AND tenant = 'demo' ORDER BY position LIMIT 1"


def rewarded(number: int, order: str = UNKNOWN, line: str = "'1'") -> str:
    """A reward of 100 for a base of 100."""
    body = f"'amount', 100, 'base', 100, 'order_id', {order}, 'line_ids', json_array({line})"
    return recorded(number, "reward.granted", f"json_object({body})")


GONE = "SELECT stream_id FROM log WHERE type = 'order.cancelled' LIMIT 1"
SOLD_CHECKOUT = "(SELECT checkout_id FROM log WHERE type = 'payment.captured' LIMIT 1)"


def of_line(number: int, order: str, line: str) -> str:
    """The line was handed over."""
    body = f"json_object('order_id', {order}, 'line_id', {line})"
    return recorded(number, "fulfillment.requested", body) + recorded(
        number + 1, "fulfillment.succeeded", "'{}'"
    )


LOG = (
    plant(
        "a snapshot of another history",
        "E5",
        f"INSERT INTO snapshot SELECT service, stream_id, tenant, version, {UNKNOWN}, '{{}}'"
        " FROM log WHERE type = 'cart.item_added' LIMIT 1;",
    ),
    plant(
        "a snapshot of a stock with more than its facts",
        "E5",
        "INSERT INTO snapshot SELECT service, stream_id, tenant, version, message_id,"
        ' \'{"on_hand": 987654, "allow_backorders": false, "holds": ["dict", []]}\''
        " FROM log WHERE type = 'stock.adjusted' LIMIT 1;",
    ),
    plant(
        "a fact that never came to its topic",
        "E1",
        "DELETE FROM record WHERE (topic, part, off) ="
        " (SELECT topic, part, off FROM record WHERE type = 'checkout.completed' LIMIT 1);",
    ),
    plant(
        "a fact that came after its successors",
        "E2",
        "UPDATE record SET off = 1000000 WHERE (topic, part, off) ="
        " (SELECT r.topic, r.part, r.off FROM record r JOIN record next"
        " ON next.stream_id = r.stream_id AND next.version = r.version + 1"
        " WHERE r.type = 'cart.item_added' AND r.version = 2 LIMIT 1);",
    ),
    plant(
        "a fact that was taken out of the log",
        "E3 E4 B1 P1",
        "DELETE FROM log WHERE (service, position) ="
        " (SELECT service, position FROM log WHERE type = 'cart.item_added' LIMIT 1);",
    ),
    plant(
        "one id for two messages",
        "E3 E4",
        f"UPDATE log SET message_id = (SELECT message_id FROM log WHERE {first('cart.created')})"
        f" WHERE {first('cart.item_added')};",
    ),
    plant(
        "a record of a fact that was never recorded",
        "E4",
        f"""
        INSERT INTO record SELECT topic, part, 1000000, kind, {ABSENT}, 1, {ABSENT}, {ABSENT}, tenant, type,
               source, generation, recorded_at, digest, 0 FROM record WHERE type = 'order.paid' LIMIT 1;
        """,
    ),
    plant(
        "a record whose body is another than the recorded one",
        "E4",
        "UPDATE record SET digest = x'00' WHERE type = 'order.paid';",
    ),
    plant(
        "a fact that a read model has applied twice",
        "P1",
        "UPDATE read_model SET applied_count = applied_count + 1 WHERE rowid = 1;",
    ),
    plant(
        "a fact that was taken for a repetition of a stranger's that is discarded",
        "P1",
        """
        INSERT INTO parked SELECT 'projections', 1, 'projections.products', topic, part, off, tenant, type,
               stream_id, version, 'failed', 0, 'discarded', 'of a stranger'
        FROM record WHERE type = 'order.paid' LIMIT 1;
        UPDATE read_model SET applied_count = applied_count - 1 WHERE name = 'products'
            AND (topic, part) = (SELECT topic, part FROM parked);
        """,
    ),
    plant(
        "a read model that claims more than was read",
        "P1",
        "UPDATE read_model SET last_offset = 1000000 WHERE rowid = 1;",
    ),
    plant(
        "an answer that was passed over and not noted",
        "P1",
        "DELETE FROM seen WHERE grp = 'checkout-saga' AND stream_id ="
        " (SELECT stream_id FROM log WHERE type = 'reservation.confirmed' LIMIT 1);",
    ),
    plant(
        "a stream of its own families that a selective group has passed over and not noted",
        "P1",
        "DELETE FROM seen WHERE grp = 'cart.counts' AND stream_id ="
        " (SELECT stream_id FROM log WHERE type = 'stock.reserved' LIMIT 1);",
    ),
)

STOCK = (
    plant("a count that cannot have been", "K1", rewritten("$.on_hand", "0", first("stock.adjusted"))),
    plant("more sold than was held", "K1 K2", rewritten("$.quantity", "77", first("stock.confirmed"))),
    plant(
        "a reservation that sold other units than the stock",
        "K2",
        rewritten("$.held[0].quantity", "77", first("reservation.confirmed")),
    ),
    plant(
        "an order of a counted product that took nothing from the stock",
        "K2",
        f"""
        INSERT INTO log SELECT 'offer', 1000000, {ABSENT}, 1, {ABSENT}, 'fact', tenant, 'offer.events',
               {ABSENT}, 'stock.received', {UNKNOWN}, recorded_at - 1000, x'00', NULL, NULL,
               json_object('quantity', 5, 'product_id', (
                   SELECT json_extract(e.value, '$.product_id')
                   FROM log o, json_each(o.body, '$.sale.lines') e
                   WHERE o.type = 'order.created' AND json_extract(o.body, '$.sale.totals.total') = 500))
        FROM log WHERE {first("order.created")};
        """,
    ),
    plant(
        "units that are held for a checkout that has failed",
        "K3",
        renamed(f"type IN ('reservation.released', 'stock.released') AND checkout_id = ({FAILED})"),
    ),
    plant(
        "units that are held beyond their time, and no timer",
        "K3",
        "DELETE FROM timer WHERE kind = 'reservation_expiry';"
        + rewritten(
            "$.expires_at",
            LONG_AGO,
            f"type IN ('reservation.made', 'reservation.extended') AND checkout_id = ({WAITING})",
        ),
    ),
    plant(
        "a restock of other units than the stock has received",
        "K4",
        rewritten("$.received[0].quantity", "77", first("restock.made")),
    ),
    plant(
        "units of a refund that nothing has put back",
        "K4",
        rewritten("$.step", "'cancel:another'", first("offer.receive_stock")),
    ),
    plant(
        "a promotion that was used beyond its limit",
        "C1",
        rewritten("$.terms.limits.total", "0", first("promotion.created")),
    ),
    plant(
        "a use that its failed checkout has kept",
        "C1",
        renamed("type = 'promotion.released'"),
    ),
    plant(
        "a referral rule that was used beyond its limit",
        "C2",
        recorded(1, "referral_rule.created", details("limits", "'per_referrer', 1"))
        + recorded(2, "referral_rule.use_held", "json_object('referrer', 'r')", UNKNOWN)
        + recorded(3, "referral_rule.use_held", "json_object('referrer', 'r')", ABSENT),
    ),
    plant(
        "a referral's use that its failed checkout has kept",
        "C2",
        recorded(1, "referral_rule.created", details("limits", ""))
        + recorded(2, "referral_rule.use_held", "json_object('referrer', 'r')", f"({FAILED})"),
    ),
    plant(
        "a reward that was reversed by more than it was",
        "C5",
        rewarded(1) + recorded(2, "reward.reversed", "json_object('amount', 101)"),
    ),
    plant(
        "a reward that was issued as more than is left of it",
        "C5",
        rewarded(1)
        + recorded(2, "reward.reversed", "json_object('amount', 40)")
        + recorded(3, "reward.issued", "json_object('amount', 100)"),
    ),
    plant(
        "an order with two rewards",
        "C5",
        rewarded(1) + rewarded(2),
    ),
    plant(
        "a reward that a refund has not reversed",
        "C5",
        rewarded(
            1,
            f"(SELECT stream_id {REFUNDED})",
            f"(SELECT json_extract(body, '$.allocation[0].line_id') {REFUNDED})",
        ),
    ),
    plant(
        "a referrer who owes another amount than rewards have added",
        "C5",
        recorded(1, "reward.debt_changed", "json_object('currency', 'USD', 'amount', 5, 'debt', 6)"),
    ),
    plant(
        "a reward that was confirmed before its time",
        "C5",
        recorded(1, "reward.granted", "json_object('confirm_at', '2999-01-01T00:00:00Z', 'order_id', 'o')")
        + recorded(2, "reward.confirmed", "'{}'"),
    ),
    plant(
        "a reward that was issued without being confirmed",
        "C5",
        rewarded(1) + recorded(2, "reward.issued", "json_object('amount', 100)"),
    ),
    plant(
        "a reward that was confirmed while a refund was open",
        "C5",
        rewarded(1)
        + recorded(2, "reward.refund_opened", "json_object('refund_id', 'r')")
        + recorded(3, "reward.confirmed", "'{}'"),
    ),
    plant(
        "units that went back, and that no stock has received",
        "K4",
        recorded(
            1,
            "restock.made",
            f"json_object('checkout_id', {SOLD_CHECKOUT}, 'step', 'refund:r',"
            " 'received', json_array(json_object('product_id', 'p', 'quantity', 1)))",
            SOLD_CHECKOUT,
        ),
    ),
    plant(
        "units that were to go back, though nothing was refunded or cancelled",
        "K4",
        recorded(
            1,
            "offer.receive_stock",
            f"json_object('checkout_id', {SOLD_CHECKOUT}, 'step', 'refund:r')",
            SOLD_CHECKOUT,
        ),
    ),
    plant(
        "a line that was handed over twice",
        "F4",
        of_line(1, UNKNOWN, "'1'") + recorded(3, "fulfillment.succeeded", "'{}'"),
    ),
    plant(
        "a line that was handed over after it was taken back",
        "F4",
        recorded(1, "fulfillment.requested", f"json_object('order_id', {UNKNOWN}, 'line_id', '1')")
        + recorded(2, "fulfillment.revoked", "'{}'")
        + recorded(3, "fulfillment.succeeded", "'{}'"),
    ),
    plant(
        "a course that was given twice",
        "F4",
        recorded(1, "enrollment.granted", "'{}'") + recorded(2, "enrollment.granted", "'{}'"),
    ),
    plant(
        "a line of a cancelled order that the customer still has",
        "F4",
        of_line(
            1,
            f"({GONE})",
            "(SELECT json_extract(body, '$.sale.lines[0].line_id') FROM log"
            f" WHERE type = 'order.created' AND stream_id = ({GONE}))",
        ),
    ),
    plant(
        "a campaign that was overspent",
        "C3",
        recorded(1, "campaign.created", details("budget", "'amount', 2969, 'currency', 'USD'"))
        + recorded(2, "campaign.budget_held", "json_object('amount', 1485)", UNKNOWN)
        + recorded(3, "campaign.budget_held", "json_object('amount', 1485)", ABSENT),
    ),
    plant(
        "a campaign's budget that a failed checkout has kept",
        "C3",
        recorded(1, "campaign.budget_held", "json_object('amount', 1485)", f"({FAILED})"),
    ),
    plant(
        "a plan with a product that does not name it",
        "C6",
        recorded(1, "plan.product_joined", f"json_object('product_id', {UNKNOWN})"),
    ),
    plant(
        "a session that converted by a variant that it never saw",
        "C4",
        recorded(1, "offer.variant_selected", "json_object('variant_id', 'a')")
        + recorded(2, "offer.variant_converted", "json_object('variant_id', 'b')"),
    ),
)

SAGAS = (
    plant(
        "a checkout that is past its deadline, and no timer to stop it",
        "S1",
        rewritten("$.expires_at", LONG_AGO, f"type IN {DEADLINES} AND stream_id = ({WAITING})")
        + WITHOUT_DEADLINE_TIMERS,
    ),
    plant(
        "a checkout that is past the time to which its deadline was moved, and no timer to stop it",
        "S1",
        moved_deadline(LONG_AGO) + WITHOUT_DEADLINE_TIMERS,
    ),
    plant(
        "a call that fails for ever, and no operator was notified",
        "S2",
        f"INSERT INTO timer SELECT 'checkout-saga', ({WAITING}), 'void', 'demo', 0, 9;",
    ),
    plant(
        "an open checkout that nothing will move on",
        "S3",
        f"DELETE FROM timer WHERE subject = ({WAITING});",
    ),
    plant(
        "a failed checkout that has not taken a step back",
        "S5",
        rewritten("$.step", "'another'", f"type = 'checkout.step_compensated' AND stream_id = ({FAILED})")
        + rewritten("$.undone", "json('[]')", f"type = 'checkout.advanced' AND stream_id = ({FAILED})"),
    ),
    plant(
        "a failed checkout that has taken back its first step first",
        "S5",
        f"""
        UPDATE log SET body = replace(replace(replace(
            body, 'lock_cart', 'the other'), 'reserve_stock', 'lock_cart'), 'the other', 'reserve_stock')
        WHERE type IN ('checkout.step_compensation_started', 'checkout.compensation_started')
          AND stream_id = ({UNDONE});
        """,
    ),
    plant(
        "a cart that a failed checkout has kept",
        "S6",
        renamed(f"type = 'cart.unlocked' AND checkout_id = ({FAILED})"),
    ),
    plant(
        "a cart that was sold and stayed a cart",
        "S6",
        renamed(first("cart.converted")),
    ),
    plant(
        "an answered key without its checkout",
        "I1",
        f"INSERT INTO idempotency VALUES ('demo', '/v1/checkouts', 'k', {ABSENT});",
    ),
    plant(
        "a mail that was sent without a recorded transfer",
        "N1",
        recorded(1, "notification.sent", "json_object('kind', 'cart_recovery')"),
    ),
    plant(
        "a mail that nothing will send",
        "N1",
        recorded(1, "notification.requested", "json_object('kind', 'cart_recovery')"),
    ),
    plant(
        "one checkout under two keys",
        "I1",
        "INSERT INTO idempotency SELECT tenant, route, 'another', subject FROM idempotency LIMIT 1;",
    ),
    plant(
        "one cart that was sold twice",
        "I1",
        rewritten(
            "$.cart_id",
            f"(SELECT json_extract(body, '$.cart_id') FROM log WHERE {first('order.created')})",
            "type = 'checkout.started' AND stream_id IN"
            " (SELECT stream_id FROM log WHERE type = 'checkout.completed' AND tenant = 'demo')",
        ),
    ),
    plant(
        "a line that costs something else",
        "O1 P3",
        rewritten("$.sale.lines[0].total", "1", first("order.created")),
    ),
    plant(
        "a sale of more than was put into its cart",
        "B1",
        rewritten(
            "$.quantity",
            "7",
            "type = 'cart.item_added'"
            " AND stream_id IN (SELECT stream_id FROM log WHERE type = 'cart.converted')",
        ),
    ),
    plant(
        "a discount that lost a cent on its way to the lines",
        "B1 B2",
        rewritten(
            "$.sale.discounts[0].amount",
            "json_extract(body, '$.sale.discounts[0].amount') + 1",
            "type = 'cart.locked' AND json_array_length(body, '$.sale.discounts') > 0",
        ),
    ),
    plant(
        "a total that the catalogue did not confirm",
        "O1",
        rewritten("$.totals.total", "1", first("price.confirmed")),
    ),
    plant(
        "a timer of another tenant than its checkout",
        "T1",
        "UPDATE belonging SET tenant = 'rival' WHERE what = 'timer checkout_deadline';",
    ),
    plant(
        "an answer in another tenant's name",
        "T1",
        "".join(
            f"UPDATE {table} SET tenant = 'rival' WHERE stream_id ="
            " (SELECT stream_id FROM log WHERE type = 'price.confirmed' AND tenant = 'demo' LIMIT 1);"
            for table in ("record", "log")
        ),
    ),
)
