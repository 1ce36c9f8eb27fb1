"""Tables and lines about offers, promotions and carts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.table import Column, Table

INDENT = "  "
View = Mapping[str, Any]


def money(amount: View) -> str:
    """Minor units and their currency, as the interfaces name them."""
    return f"{amount['amount']} {amount['currency']}"


def offers_table(offers: Iterable[View]) -> Table:
    table = Table(Column("offer", no_wrap=True), "slug", "status", "base", "now", "name")
    for offer in offers:
        price = offer["price"]
        table.add_row(
            offer["offer_id"],
            offer["slug"],
            offer["status"],
            money(price["base"]),
            money(price["current"]),
            offer["name"],
        )
    return table


def lines_of_offer(offer: View) -> list[str]:
    price = offer["price"]
    lines = [
        f"offer {offer['offer_id']}: {offer['status']}, {offer['slug']}, {offer['name']}",
        f"base {money(price['base'])}, now {money(price['current'])}",
    ]
    for it in offer["products"]:
        optional = "" if it["required"] else ", optional"
        lines.append(f"product {it['product_id']}: {it['quantity']}{optional}")
    if codes := offer["automatic_promotions"]:
        lines.append(f"automatic promotions: {', '.join(codes)}")
    return lines


def proposals_table(upsells: Iterable[View]) -> Table:
    table = Table(Column("upsell", no_wrap=True), "type", "off", "added by itself", "name")
    for it in upsells:
        off, added = it["discount"], "yes" if it.get("auto_add") else ""
        sign = " %" if off["type"] == "percentage" else ""
        table.add_row(it["upsell_id"], it["type"], f"{off['value']}{sign}", added, it["name"])
    return table


def plans_table(plans: Iterable[View]) -> Table:
    """A price is for one period."""
    table = Table(Column("plan", no_wrap=True), "code", "status", "terms", "every", "prices", "trial days")
    for it in plans:
        cycle = it["billing_cycle"]
        table.add_row(
            *(it["plan_id"], it["code"], it["status"], str(it["terms_version"])),
            f"{cycle['count']} {cycle['interval']}",
            ", ".join(f"{price['amount']} {price['currency']}" for price in it["prices"]),
            str(it["trial_days"]),
        )
    return table


def promotions_table(promotions: Iterable[View]) -> Table:
    table = Table(Column("promotion", no_wrap=True), "code", "kind", "value", "status", "uses", "of")
    for it in promotions:
        limit = it["limits"]["total"]
        table.add_row(
            it["promotion_id"],
            it["code"] or "automatic",
            it["kind"],
            str(it["value"]),
            it["status"],
            str(it["uses"]),
            "" if limit is None else str(limit),
        )
    return table


def rewards_table(rewards: Iterable[View]) -> Table:
    """Nothing in it tells who the people are."""
    table = Table(
        Column("reward", no_wrap=True), "order", "status", "amount", "reversed", "left", "debt", "code"
    )
    for reward in rewards:
        issued = reward["issued"] or {}
        table.add_row(
            *(reward[name] for name in ("reward_id", "order_id", "status")),
            f"{reward['amount']} {reward['currency']}",
            *(str(reward[name]) for name in ("reversed", "left", "debt")),
            issued.get("code"),
        )
    return table


def spend_table(spent: Iterable[View]) -> Table:
    table = Table(Column("day", no_wrap=True), "channel", Column("amount", justify="right"), "recorded at")
    for it in spent:
        table.add_row(it["day"], it["channel"], money(it["amount"]), it["recorded_at"])
    return table


def lines_of_cart(cart: View) -> list[str]:
    """A cart in short, without whose it is."""
    totals = cart["totals"]
    parts = ", ".join(
        f"{name} {totals[name]['amount']}" for name in ("subtotal", "discount", "shipping", "tax")
    )
    lines = [
        f"cart {cart['cart_id']}: {cart['status']}, version {cart['version']}",
        f"total {money(totals['total'])}: {parts}",
    ]
    for it in cart["discounts"]:
        why = f" ({it['reason']})" if it.get("reason") else ""
        lines.append(f"discount {it['code'] or it['kind']}: {money(it['amount'])}, {it['status']}{why}")
    return lines


def lines_table(items: Iterable[View]) -> Table:
    table = Table("product", "quantity", "unit price", "from", "discount", "tax", "total")
    for it in items:
        table.add_row(
            it["name"],
            str(it["quantity"]),
            money(it["unit_price"]),
            it["price_source"],
            *(str(it[name]["amount"]) for name in ("discount", "tax", "total")),
        )
    return table


def derivation_lines(node: View, depth: int = 0) -> Iterator[str]:
    """The tree of amounts, the parts of each one below it."""
    yield f"{INDENT * depth}{node['name']}: {money(node['amount'])}, {node['how']}"
    for child in node["children"]:
        yield from derivation_lines(child, depth + 1)


def sync_line(run: View) -> str:
    """How far a run is that brings the current prices into carts."""
    counts = ", ".join(f"{run[name]} {name}" for name in ("processed", "updated", "errors"))
    return f"{run['status']}: {counts}"
