"""Refund shares of old facts that were recorded without an allocation."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from contracts.order import RefundedUnits, RefundShare
from pricing.inferred_refunds import infer_shares
from pricing.refunds import Remainder

HISTORIES = """
    SELECT stream_id, version, type, body FROM log
    WHERE type IN ('order.refund_requested', 'order.refund_failed', 'order.refunded')
      AND stream_id IN (SELECT stream_id FROM log
                        WHERE type = 'order.refunded' AND json_extract(body, '$.allocation') IS NULL)
    ORDER BY stream_id, version
"""
CHARGED = "SELECT line_id, quantity, amount, tax FROM order_line WHERE order_id = ?"


def missing_refund_shares(sql: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Rows of ``given_back``, computed by the pricing rule for refund shares."""
    for order_id, history in groupby(sql.execute(HISTORIES).fetchall(), key=itemgetter("stream_id")):
        charged = [RefundShare.read(dict(it)) for it in sql.execute(CHARGED, (order_id,))]
        yield from _of_order(order_id, Remainder(charged), list(history))


def _of_order(order_id: str, remainder: Remainder, history: list[sqlite3.Row]) -> Iterator[tuple[Any, ...]]:
    requested: dict[str | None, tuple[RefundShare, ...]] = {}
    for row in history:
        body: dict[str, Any] = orjson.loads(row["body"])
        refund_id = body.get("refund_id")
        shares = tuple(RefundShare.read(it) for it in body.get("allocation", ()))
        units = [RefundedUnits.read(it) for it in body.get("units", ())]
        match row["type"]:
            case "order.refund_requested":
                requested[refund_id] = shares or infer_shares(body["amount"], units, remainder)
                remainder.deduct(requested[refund_id])
            case "order.refund_failed":
                remainder.restore(requested.pop(refund_id, ()))
            case _ if not shares:
                for share in requested.get(refund_id) or infer_shares(body["amount"], (), remainder):
                    yield order_id, row["version"], share.line_id, share.quantity, share.amount, share.tax
