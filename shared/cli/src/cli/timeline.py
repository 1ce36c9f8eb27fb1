"""A checkout as a person reads it: what happened when, and what was taken back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

STYLES = {"completed": "green", "failed": "red", "started": "yellow", "pending": "dim"}


def sagas_table(checkouts: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("checkout", "status", "phase", "customer", "expires")
    for it in checkouts:
        table.add_row(it["checkout_id"], it["status"], it["phase"], it["customer_id"], it["expires_at"])
    return table


def refunds_table(refunds: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("order", "refund", "since", "code", "tries")
    for it in refunds:
        table.add_row(it["order_id"], it["id"], it["since"], it["code"], str(it["tries"]))
    return table


def heading(checkout: Mapping[str, Any]) -> list[str]:
    lines = [
        f"checkout {checkout['checkout_id']}: {checkout['status']}",
        f"cart {checkout['cart_id']}, customer {checkout['customer_id']}",
    ]
    if checkout["order_id"]:
        lines.append(f"order {checkout['order_id']}")
    if failure := checkout["failure"]:
        lines.append(f"failed in {failure['phase']}: {failure['code']} ({failure['detail']})")
    if checkout.get("action_url"):
        lines.append(f"waits for the customer at {checkout['action_url']}")
    return lines


def timeline(steps: Iterable[Mapping[str, Any]]) -> Table:
    """The steps in their order; times count from the first one's start."""
    known = list(steps)
    starts = [at for it in known if (at := moment(it["started_at"]))]
    table = Table("step", "begun after", "took", "status", "taken back", "")
    for it in known:
        began, ended = moment(it["started_at"]), moment(it["finished_at"])
        table.add_row(
            it["name"],
            span(min(starts), began) if began else "",
            span(began, ended) if began and ended else "",
            Text(it["status"], STYLES.get(it["status"], "")),
            it.get("compensation") or "",
            ", ".join(f"{name}: {value}" for name, value in (it.get("data") or {}).items()),
        )
    return table


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def span(since: datetime, until: datetime) -> str:
    seconds = (until - since).total_seconds()
    return f"{1000 * seconds:,.0f} ms" if seconds < 10 else f"{seconds:,.1f} s"
