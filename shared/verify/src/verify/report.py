"""Result of a verification: counts of compared items, counts of items in flight, check results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from verify.check import Result
from verify.dataset.dataset import Dataset

GRACE_SECONDS = 60

COMPARED: Mapping[str, str] = MappingProxyType(
    {
        "log_rows": "SELECT count(*) FROM log",
        "records": "SELECT count(*) FROM record",
        "checkouts": "SELECT count(*) FROM judged",
        "orders": "SELECT count(*) FROM orders",
        "payments": "SELECT count(*) FROM payment",
        "ledger_entries": "SELECT count(*) FROM operation",
        "reservations": "SELECT count(*) FROM reservation",
        "tenants": "SELECT count(DISTINCT tenant) FROM log",
    }
)
IN_FLIGHT: Mapping[str, str] = MappingProxyType(
    {
        "open_checkouts": "SELECT count(*) FROM checkout WHERE ended IS NULL",
        "needing_an_operator": "SELECT count(*) FROM checkout WHERE ended IS NULL AND flagged",
        "ended_too_lately": """
            SELECT count(*) FROM checkout WHERE ended IS NOT NULL
              AND checkout_id NOT IN (SELECT checkout_id FROM judged)
        """,
        "settled_by_hand": "SELECT count(*) FROM by_hand",
        "commands": "SELECT count(*) FROM under_way",
        "checkouts_with_answers": "SELECT count(*) FROM answer_under_way",
        "refunds": "SELECT sum(refunding) FROM order_money",
        "unpublished": """
            SELECT count(*) FROM log l JOIN relay_now r USING (service)
            WHERE NOT r.intact OR l.position > r.position
        """,
        "facts_for_read_models": """
            SELECT count(*) FROM log l JOIN read_model_type m USING (type)
            LEFT JOIN seen s ON s.stream_id = l.stream_id AND s.grp = 'projections.' || m.name
            WHERE l.version > coalesce(s.version, 0)
        """,
        "parked": "SELECT count(*) FROM parked WHERE is_open",
        "overdue_timers": f"""
            SELECT count(*) FROM timer
            WHERE due_at < (SELECT value FROM horizon WHERE name = 'now') - {GRACE_SECONDS}
        """,  # noqa: S608  # a constant
        "commands_of_others": """
            SELECT count(*) FROM record WHERE kind = 'command' AND source NOT LIKE '/feira/%'
        """,
    }
)


@dataclass
class Report:
    compared: dict[str, int]
    in_flight: dict[str, int]
    results: list[Result]
    seconds: float

    @property
    def holds(self) -> bool:
        return all(it.holds for it in self.results)

    def as_reported(self) -> dict[str, Any]:
        """Counts and verdicts alone: no row, tenant or id, for `POST /v1/verifications`."""
        return {
            "seconds": round(self.seconds, 2),
            "checks": [
                {
                    "check": it.check,
                    "rule": it.rule,
                    "verdict": it.verdict,
                    "compared": it.compared,
                    "violations": it.violations,
                }
                for it in self.results
            ],
            "compared": self.compared,
            "in_flight": self.in_flight,
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "holds": self.holds,
            "compared": self.compared,
            "in_flight": self.in_flight,
            "checks": [it.as_json() for it in self.results],
            "seconds": round(self.seconds, 2),
        }


def counts(dataset: Dataset, queries: Mapping[str, str]) -> dict[str, int]:
    return {name: dataset.number(query) for name, query in queries.items()}
