"""The amounts of a sale add up by themselves, without the catalogue: every sum is made of its own parts."""

from __future__ import annotations

from verify.checks.sales.sale import SHIPPING, Difference, Sale


def arithmetic_difference(sale: Sale) -> Difference | None:
    """The first amount that does not add up, if there is one. Parts that a sale is too old to have are not
    judged."""
    return _line_difference(sale) or _discount_difference(sale) or _total_difference(sale)


def _line_difference(sale: Sale) -> Difference | None:
    for line in sale.lines:
        gross = line["unit_price"] * line["quantity"]
        net = gross - line["discount"]
        if line["quantity"] < 1 or min(line["unit_price"], line["discount"], line["tax"], net) < 0:
            return Difference("a line of less than nothing", line["line_id"])
        if line["total"] not in {net, net + line["tax"]}:
            wrong = "a line's total is not what is left of its price, with the tax"
            return Difference(wrong, line["line_id"], line["total"], net)
    return None


def _discount_difference(sale: Sale) -> Difference | None:
    shares = {it["line_id"]: 0 for it in sale.lines} | {SHIPPING: 0}
    for discount in sale.discounts:
        if "allocation" not in discount:
            return None
        allocation, of = discount["allocation"], discount["promotion_id"]
        if sum(allocation.values()) != discount["amount"]:
            wrong = "a discount is not allocated to the last minor unit"
            return Difference(wrong, of, discount["amount"], sum(allocation.values()))
        if allocation.keys() - shares.keys() or min(allocation.values(), default=0) < 0:
            return Difference("a discount on what is not in the sale", of)
        for key, share in allocation.items():
            shares[key] += share
    for line in sale.lines:
        if line["discount"] != shares[line["line_id"]]:
            wrong = "the discount of a line is not the sum of its shares"
            return Difference(wrong, line["line_id"], line["discount"], shares[line["line_id"]])
    shipped = (sale.shipping or {}).get("discount", 0)
    if shipped != shares[SHIPPING]:
        wrong = "the discount on shipping is not the sum of its shares"
        return Difference(wrong, SHIPPING, shipped, shares[SHIPPING])
    return None


def _total_difference(sale: Sale) -> Difference | None:
    totals, shipping = sale.body["totals"], sale.shipping
    if shipping is None:
        net = total = totals["shipping"]
        tax = 0
    else:
        net, tax = shipping["price"] - shipping.get("discount", 0), shipping.get("tax", 0)
        total = shipping["total"]
    if min(net, tax) < 0 or total not in {net, net + tax}:
        return Difference("the total of shipping is not its price, with the tax", SHIPPING, total, net)
    expected = {
        "subtotal": sum(it["unit_price"] * it["quantity"] for it in sale.lines),
        "discount": sum(it["discount"] for it in sale.lines),
        "shipping": net,
        "tax": sum(it["tax"] for it in sale.lines) + tax,
        "total": sum(it["total"] for it in sale.lines) + total,
    }
    for name, amount in expected.items():
        if totals[name] != amount:
            wrong = f"the {name} of the sale is not the sum of its parts"
            return Difference(wrong, name, totals[name], amount)
    return None
