"""Tables of checkouts, refunds, differences, and the steps of one checkout with their compensations."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from cli.shop_tables import money

STYLES = {"completed": "green", "failed": "red", "started": "yellow", "pending": "dim"}


def sagas_table(checkouts: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("checkout", "status", "phase", "customer", "expires")
    for checkout in checkouts:
        table.add_row(
            checkout["checkout_id"],
            checkout["status"],
            checkout["phase"],
            checkout["customer_id"],
            checkout["expires_at"],
        )
    return table


def refunds_table(refunds: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("order", "refund", "since", "code", "tries")
    for refund in refunds:
        table.add_row(refund["order_id"], refund["id"], refund["since"], refund["code"], str(refund["tries"]))
    return table


def differences_table(differences: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("difference", "found", "gateway", "code", "kind", "reference", "theirs", "ours")
    for it in differences:
        amounts = (money(it[side]) if it[side] else "-" for side in ("theirs", "ours"))
        table.add_row(
            it["difference_id"],
            it["found_at"],
            it["gateway"],
            it["code"],
            it["kind"],
            it["reference"],
            *amounts,
        )
    return table


def reviews_table(reviews: Iterable[Mapping[str, Any]]) -> Table:
    table = Table(Column("checkout", no_wrap=True), "amount", "since", "until", "rules")
    for it in reviews:
        rules = ", ".join(f"{rule['id']} ({rule['count']})" for rule in it["rules"])
        amount = f"{it['amount']} {it['currency']}"
        table.add_row(it["checkout_id"], amount, it["since"], it["until"], rules)
    return table


def heading(checkout: Mapping[str, Any]) -> list[str]:
    lines = [
        f"checkout {checkout['checkout_id']}: {checkout['status']}, workflow {checkout['workflow_version']}",
        f"cart {checkout['cart_id']}, customer {checkout['customer_id']}",
    ]
    if checkout["order_id"]:
        lines.append(f"order {checkout['order_id']}")
    if failure := checkout["failure"]:
        lines.append(f"failed in {failure['phase']}: {failure['code']} ({failure['detail']})")
    if checkout.get("action_url"):
        lines.append(f"waiting for the customer at {checkout['action_url']}")
    return lines


def timeline(steps: Iterable[Mapping[str, Any]]) -> Table:
    """The steps in order; times are relative to the start of the first. Names are not cut on a narrow
    terminal."""
    known = list(steps)
    starts = [at for it in known if (at := moment(it["started_at"]))]
    table = Table(Column("step", no_wrap=True), "started after", "duration", "status", "compensation", "")
    for step in known:
        began, ended = moment(step["started_at"]), moment(step["finished_at"])
        table.add_row(
            step["name"],
            span(min(starts), began) if began else "",
            span(began, ended) if began and ended else "",
            Text(step["status"], STYLES.get(step["status"], "")),
            step.get("compensation") or "",
            ", ".join(f"{name}: {value}" for name, value in (step.get("data") or {}).items()),
        )
    return table


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def span(since: datetime, until: datetime) -> str:
    seconds = (until - since).total_seconds()
    return f"{1000 * seconds:,.0f} ms" if seconds < 10 else f"{seconds:,.1f} s"
