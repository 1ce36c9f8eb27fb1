"""Snapshots: each belongs to its log, and those of stocks are what their facts add up to.

The format of a state is read here without the services' code; other kinds are compared by their tests.
"""

import json
from collections.abc import Iterator
from typing import Any

from verify.check import Check, Row, ViolationQuery
from verify.checks.stock_replay import StockReplay
from verify.dataset.dataset import Dataset

STOCKS = """
    SELECT service, stream_id, tenant, version, state FROM snapshot s
    WHERE EXISTS (SELECT 1 FROM log l WHERE l.message_id = s.message_id AND l.type LIKE 'stock.%')
"""
FACTS = "SELECT type, body FROM log WHERE stream_id = ? AND service = ? AND version <= ? ORDER BY version"


def wrong_stocks(dataset: Dataset) -> Iterator[Row]:
    for row in dataset.sql.execute(STOCKS).fetchall():
        replay = StockReplay()
        for fact in dataset.sql.execute(FACTS, (row["stream_id"], row["service"], row["version"])):
            replay.apply(fact["type"], json.loads(fact["body"]))
        state = json.loads(row["state"])
        stored = state["on_hand"], state["allow_backorders"], held(state["holds"])
        if stored != (replay.on_hand, replay.backorders, replay.holds):
            yield {
                "tenant": row["tenant"],
                "stream_id": row["stream_id"],
                "version": row["version"],
                "on_hand": state["on_hand"],
                "on_hand_by_facts": replay.on_hand,
                "reserved": sum(held(state["holds"]).values()),
                "reserved_by_facts": sum(replay.holds.values()),
            }


def held(holds: Any) -> dict[str, int]:
    """Units by checkout: ``["dict", [[["uuid", hex], [class, ["dict", [["quantity", units], …]]]], …]]``."""
    return {_dashed(checkout[1]): dict(hold[1][1])["quantity"] for checkout, hold in holds[1]}


def _dashed(uuid: str) -> str:
    return "-".join((uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:]))


E5 = Check(
    "E5",
    "The log holds the fact of each snapshot, and the snapshot of a stock is what its facts add up to.",
    "SELECT count(*) FROM snapshot",
    (
        ViolationQuery(
            "a snapshot that the log does not confirm",
            """
            SELECT service, tenant, stream_id, version FROM snapshot s
            WHERE NOT EXISTS (SELECT 1 FROM log l WHERE l.message_id = s.message_id
                AND l.service = s.service AND l.stream_id = s.stream_id AND l.version = s.version
                AND l.tenant = s.tenant)
            """,
        ),
        ViolationQuery("a snapshot of a stock that differs from its facts", wrong_stocks),
    ),
)

CHECKS = (E5,)
