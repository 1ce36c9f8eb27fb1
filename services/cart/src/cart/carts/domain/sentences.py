"""The history of a cart in words: one English sentence for each fact."""

from __future__ import annotations

from typing import assert_never

from cart.carts.domain.cart_state import CartState
from contracts import cart as facts
from contracts.sale import Totals
from pricing.money import show


def sentence(fact: facts.CartFact, before: CartState) -> str:  # noqa: PLR0912  # one case per fact
    """What the fact did to the cart, which was as ``before``."""
    match fact:
        case facts.Created(cart_type=cart_type, currency=currency):
            return f"Cart of type {cart_type} created in {currency}"
        case facts.ItemAdded(quantity=quantity, name=name, unit_price=price):
            return f"{quantity} × {name} added at {_money(price, before)}"
        case facts.ItemQuantityChanged(item_id=item_id, quantity=quantity):
            line = before.lines[item_id]
            return f"Quantity of {line.name} changed from {line.quantity} to {quantity}"
        case facts.ItemRemoved(item_id=item_id):
            line = before.lines[item_id]
            return f"{line.quantity} × {line.name} removed"
        case facts.Cleared():
            return "All items removed"
        case facts.DiscountApplied(code=code):
            return f"Code {code} applied"
        case facts.DiscountRemoved(code=code):
            return f"Code {code} removed"
        case facts.CustomerSet():
            return "Customer set"
        case facts.DestinationSet(country=country, region=region):
            return f"Destination set to {country}" + (f", {region}" if region else "")
        case facts.Repriced(items=items, reason=reason):
            changes = (
                f"{before.lines[it.item_id].name} from {_money(it.previous_price, before)}"
                f" to {_money(it.unit_price, before)}"
                for it in items
            )
            return f"Price changed ({reason.replace('_', ' ')}): {'; '.join(changes)}"
        case facts.ShippingSelected(name=name, automatic=automatic):
            return f"Shipping by {name} chosen" + (" automatically" if automatic else "")
        case facts.UpsellsOffered(upsells=upsells):
            return _counted(len(upsells), "upsell") + " offered"
        case facts.UpsellDeclined():
            return "Upsell declined"
        case facts.FlowJoined():
            return "Reached by a funnel's flow"
        case facts.Abandoned(items=items, value=value):
            return f"Abandoned with {_counted(items, 'item')} worth {_money(value, before)}"
        case facts.RecoveryDue(attempt=attempt):
            return f"Recovery message {attempt} requested"
        case facts.RecoverySkipped(attempt=attempt):
            return f"Recovery message {attempt} left out: the customer is unknown"
        case facts.Recovered(by=by):
            return f"Recovered by {by}"
        case facts.Merged(into_cart_id=into, strategy=strategy, not_merged=left):
            if into != before.id:
                return "Merged into the customer's cart"
            rest = f"; {_counted(len(left), 'line')} not taken" if left else ""
            return f"Guest's cart taken in ({strategy}){rest}"
        case facts.ReferralApplied(snapshots=snapshots):
            return (
                f"Referral discount of {_money(sum(it.total_discount for it in snapshots), before)} applied"
            )
        case facts.ReferralRemoved():
            return "Referral discount removed"
        case facts.Locked(sale=sale):
            return f"Locked for a checkout at {_total(sale.totals, before)}"
        case facts.Held():
            return "Lock kept for a payment"
        case facts.Unlocked(reason=reason):
            return f"Unlocked: {reason}"
        case facts.Expired():
            return "Expired"
        case facts.Converted():
            return "Converted into an order"
        case _:
            assert_never(fact)


def _money(amount: int, cart: CartState) -> str:
    return show(amount, cart.currency)


def _total(totals: Totals, cart: CartState) -> str:
    return _money(totals.total, cart)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
