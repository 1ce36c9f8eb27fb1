"""How the amounts of a priced basket were computed, as a tree for people; a digest for comparison."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from pricing.basket import SHIPPING
from pricing.priced import AppliedDiscount, Priced, PricedLine
from pricing.rounding import Level, Rounding, percent_text
from pricing.tax import TaxRate


@dataclass(frozen=True, slots=True)
class Node:
    """An amount, how it was computed, and the amounts that it is made of."""

    name: str
    amount: int
    how: str
    children: tuple["Node", ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "amount": self.amount,
            "how": self.how,
            "children": [child.as_dict() for child in self.children],
        }


def derive(priced: Priced) -> Node:
    """Explain the total. Built on demand, because most priced baskets are never explained."""
    totals = priced.totals
    added = totals.total - (totals.subtotal - totals.discount + totals.shipping)
    shipping_with_tax = priced.shipping.total if priced.shipping else 0
    return Node(
        "total",
        totals.total,
        f"subtotal {totals.subtotal} - discount {totals.discount}"
        f" + shipping {totals.shipping} + added tax {added}",
        (
            _sum("subtotal", totals.subtotal, (_subtotal(line) for line in priced.lines)),
            _sum("discount", totals.discount, (_discount(it) for it in priced.discounts if not _ships(it))),
            _shipping(priced),
            _sum("tax", totals.tax, _taxes(priced)),
            _sum("lines", totals.total - shipping_with_tax, (_line(line) for line in priced.lines)),
        ),
    )


def digest(priced: Priced) -> str:
    """SHA-256 over the amounts, independent of the order of the lines: equal digests mean equal amounts."""
    amounts: dict[str, Any] = {
        "currency": priced.currency,
        "lines": sorted(
            [line.line_id, line.quantity, line.unit_price, line.discount, line.tax, line.total]
            for line in priced.lines
        ),
        "discounts": [[it.promotion_id, it.amount, dict(it.allocation)] for it in priced.discounts],
        "totals": asdict(priced.totals),
        "rounding": asdict(priced.rounding),
    }
    if shipped := priced.shipping:
        amounts["shipping"] = [shipped.charge.price, shipped.discount, shipped.tax, shipped.total]
    canonical = json.dumps(amounts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _sum(name: str, amount: int, children: Iterable[Node]) -> Node:
    parts = tuple(children)
    return Node(name, amount, " + ".join(str(part.amount) for part in parts) or "nothing", parts)


def _subtotal(line: PricedLine) -> Node:
    source = f", {line.price_source}" if line.price_source else ""
    return Node(f"line {line.line_id}", line.subtotal, f"{line.quantity} x {line.unit_price}{source}")


def _ships(applied: AppliedDiscount) -> bool:
    return SHIPPING in applied.allocation


def _shipping(priced: Priced) -> Node:
    """The price of the option; discounts on it are negative."""
    shipped = priced.shipping
    if shipped is None:
        return Node("shipping", 0, "no shipping is charged")
    charge = shipped.charge
    source = ", the default rate because its calculation failed" if charge.fallback else ""
    how = f"{charge.name} {charge.price}{source}"
    if not shipped.discount:
        return Node("shipping", shipped.taxable, how)
    reductions = (
        Node(f"promotion {it.promotion_id}", -it.amount, f"less {_formula(it)}")
        for it in priced.discounts
        if _ships(it)
    )
    parts = (Node("option", charge.price, how), *reductions)
    return Node("shipping", shipped.taxable, f"{charge.price} - discount {shipped.discount}", parts)


def _discount(applied: AppliedDiscount) -> Node:
    shares = applied.allocation.items()
    return Node(
        f"promotion {applied.promotion_id}",
        applied.amount,
        f"{_formula(applied)}; shared by largest remainder",
        tuple(Node(f"line {line_id}", share, f"share of {applied.amount}") for line_id, share in shares),
    )


def _formula(applied: AppliedDiscount) -> str:
    formula = applied.how
    if applied.cap is not None:
        formula += f", at most {applied.cap}"
    if applied.granted > applied.basis:
        formula += f", not above the {applied.basis} left of its lines"
    return formula


def _taxes(priced: Priced) -> Iterable[Node]:
    """One node for each rate, with its lines."""
    groups: dict[tuple[str, Fraction, bool], list[_Taxed]] = {}
    for taxed in _all_taxed(priced):
        groups.setdefault(taxed.rate.group, []).append(taxed)
    for group in groups.values():
        if priced.rounding.level is Level.TOTAL:
            yield _tax_of_group(group, priced.rounding)
        else:
            nodes = [
                Node(it.name, it.tax, _tax_formula(it.taxable, it.rate, priced.rounding)) for it in group
            ]
            yield _sum(_rate_name(group[0].rate), sum(node.amount for node in nodes), nodes)


class _Taxed(NamedTuple):
    """A line, or the shipping, on which tax is due."""

    name: str
    taxable: int
    tax: int
    rate: TaxRate


def _all_taxed(priced: Priced) -> Iterator[_Taxed]:
    for line in priced.lines:
        if line.rate is not None:
            yield _Taxed(f"line {line.line_id}", line.taxable, line.tax, line.rate)
    if priced.shipping and priced.shipping.rate is not None:
        yield _Taxed("shipping", priced.shipping.taxable, priced.shipping.tax, priced.shipping.rate)


def _tax_of_group(group: list[_Taxed], rounding: Rounding) -> Node:
    rate = group[0].rate
    taxable = sum(it.taxable for it in group)
    return Node(
        _rate_name(rate),
        sum(it.tax for it in group),
        _tax_formula(taxable, rate, rounding) + "; shared by largest remainder",
        tuple(Node(it.name, it.tax, f"share for {it.taxable} of {taxable}") for it in group),
    )


def _tax_formula(taxable: int, rate: TaxRate, rounding: Rounding) -> str:
    percent = percent_text(rate.rate)
    if rate.inclusive:
        return f"{taxable} - {taxable} / (1 + {percent}), the quotient rounded {rounding.mode}"
    return f"{taxable} x {percent}, rounded {rounding.mode}"


def _rate_name(rate: TaxRate) -> str:
    return f"{rate.name} {percent_text(rate.rate)}"


def _line(line: PricedLine) -> Node:
    added = line.total - line.taxable
    return Node(f"line {line.line_id}", line.total, f"{line.subtotal} - {line.discount} + added tax {added}")
